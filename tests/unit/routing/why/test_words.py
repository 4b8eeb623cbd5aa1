"""Explanations have words in every language, for every rule, with the same placeholders."""

import string
import uuid

import pytest

from app.routing.rules import REASONS
from app.routing.why.texts import FACTS, LABELS, LANGUAGES, RULES, TEXTS
from app.routing.why.verdicts import Alternative, Difference
from app.routing.why.words import Words, language_of


def placeholders(template):
    return {name for _, name, _, _ in string.Formatter().parse(template) if name}


class TestTheWords:
    @pytest.mark.parametrize("language", LANGUAGES)
    def test_know_every_rule(self, language):
        assert set(RULES[language]) >= set(REASONS)

    @pytest.mark.parametrize("language", LANGUAGES)
    @pytest.mark.parametrize("catalog", [FACTS, LABELS, RULES, TEXTS])
    def test_say_the_same_in_every_language(self, catalog, language):
        for code, template in catalog["en"].items():
            assert placeholders(catalog[language][code]) == placeholders(template), code
            assert catalog[language][code], code

    def test_of_an_unknown_language_are_english(self):
        assert (language_of("fr"), language_of("de-AT"), language_of(None)) == ("en", "de", "en")


class TestAnAlternative:
    @pytest.mark.parametrize("language", LANGUAGES)
    @pytest.mark.parametrize("kind", ["without", "single", "fewer"])
    def test_that_delivers_nothing_is_not_called_the_best_plan(self, kind, language):
        seller = uuid.UUID(int=1)
        said = Words(language, "EUR", {seller: "Wanda"}).alternative(
            Alternative(kind, seller, difference=None)
        )
        plan = {"en": "plan", "es": "plan", "pt": "plano", "de": "Plan"}[language]
        assert plan not in said
        assert said.endswith(".")


class TestADifference:
    def told(self, language, **parts):
        amounts = {"total": 0, "goods": 0, "freight": 0, "terms": 0} | parts
        return Words(language, "EUR", {}).difference(
            Difference(
                amounts.get("units", 0),
                *(amounts[name] for name in ("total", "goods", "freight", "terms")),
            )
        )

    def test_names_its_parts_the_dearest_first(self):
        assert self.told("en", total=1240, goods=330, freight=910) == (
            "costs €12.40 more: €9.10 freight, €3.30 goods"
        )

    def test_is_written_as_the_language_writes_money(self):
        assert self.told("de", total=1240, goods=330, freight=910) == (
            "kostet 12,40\N{NO-BREAK SPACE}€ mehr: 9,10\N{NO-BREAK SPACE}€ Fracht,"
            " 3,30\N{NO-BREAK SPACE}€ Ware"
        )

    def test_says_what_is_saved_where_it_is_cheaper(self):
        assert self.told("en", total=-100, goods=200, freight=-300) == (
            "costs €1.00 less: €3.00 freight, -€2.00 goods"
        )

    def test_says_first_how_many_units_fewer_are_served(self):
        assert self.told("en", units=-2, total=-800, goods=-800) == (
            "serves 2 units fewer and costs €8.00 less: €8.00 goods"
        )

    def test_of_nothing_is_the_same(self):
        assert self.told("en") == "costs the same"
