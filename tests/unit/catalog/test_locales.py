"""In which language a text is read."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.catalog.rules import LIFECYCLE, UNITS, canonical, fallbacks, in_words, localized
from app.catalog.rules.locales import LAST_RESORT

LOCALES = st.from_regex(r"\A[a-z]{2,3}(-[A-Z]{2})?\Z")


class TestFallbacks:
    @pytest.mark.parametrize(
        ("wanted", "places"),
        [
            ([], ()),
            (["de-AT"], ("de-AT", "de", "en")),
            (["en-GB", "fr"], ("en-GB", "en", "fr")),
            (["PT_br"], ("pt-BR", "pt", "en")),
            (["<script>"], ()),
        ],
    )
    def test_go_from_the_wanted_to_english(
        self, wanted: list[str], places: tuple[str, ...]
    ) -> None:
        assert fallbacks(wanted) == places

    @given(st.lists(LOCALES, min_size=1))
    def test_name_each_place_once_and_end_somewhere(self, wanted: list[str]) -> None:
        places = fallbacks(wanted)
        assert len(set(places)) == len(places)
        assert LAST_RESORT in places
        assert set(wanted) <= set(places)


class TestALocalizedText:
    @given(st.dictionaries(LOCALES, st.just({"name": "said"})), st.lists(LOCALES))
    def test_is_the_first_that_there_is_or_the_base(
        self, texts: dict[str, dict[str, str]], wanted: list[str]
    ) -> None:
        places = fallbacks(wanted)
        text, locale = localized(texts, "name", "base", places)
        there = [each for each in places if each in texts]
        assert (text, locale) == (("said", there[0]) if there else ("base", None))

    def test_that_is_empty_counts_as_none(self) -> None:
        assert localized({"de": {"name": ""}}, "name", "base", ("de",)) == ("base", None)


@given(LOCALES)
def test_a_locale_is_canonical_as_it_is_written(locale: str) -> None:
    assert canonical(locale) == locale


class TestAValue:
    class Definition:
        def __init__(self, kind, unit_code=None, options=()):
            self.kind, self.unit_code, self.options = kind, unit_code, options

    WHITE = ({"code": "w", "name": "white", "translations": {"de": {"name": "weiß"}}},)

    @pytest.mark.parametrize(
        ("definition", "value", "words"),
        [
            (None, "as is", "as is"),
            (Definition("number", "WTT"), 12.5, "12.5 W"),
            (Definition("number", "C62"), 3, "3"),
            (Definition("enumeration", options=WHITE), "w", "weiß"),
            (Definition("enumeration", options=WHITE), "gone", "gone"),
            (Definition("localized"), {"en": "on", "de": "an"}, "an"),
            (Definition("localized"), {"fr": "allumé"}, "allumé"),
        ],
    )
    def test_reads_in_words(self, definition: Definition | None, value: object, words: str) -> None:
        assert in_words(definition, value, ("de", "en")) == words


def test_units_are_named_once_each() -> None:
    assert len(UNITS) > 120
    assert len({name.lower() for name in UNITS.values()}) > len(UNITS) - 4


def test_everything_begins_as_a_draft_and_can_be_withdrawn() -> None:
    assert LIFECYCLE.initial == "draft"
    assert set(LIFECYCLE.sources_of("withdrawn")) == {"active", "phase_out"}
