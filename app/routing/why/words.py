"""Explanations in words: codes and numbers into sentences of one language."""

import uuid
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from operator import itemgetter
from string import Formatter
from typing import Any

from babel.dates import format_date
from babel.numbers import format_currency, format_decimal

from app.kernel.money import exponent_of
from app.routing.explain import Chosen
from app.routing.rules import REASONS
from app.routing.why.texts import FACTS, LANGUAGES, RULES, TEXTS
from app.routing.why.verdicts import Alternative, Change, Difference, Rule, Verdict


@dataclass(frozen=True, slots=True)
class Paid:
    """What a plan comes to."""

    goods_minor: int
    freight_minor: int


@dataclass(frozen=True, slots=True)
class Words:
    """One language, one currency, and how everybody is called."""

    language: str
    currency: str
    names: Mapping[uuid.UUID, str]

    def verdict(self, verdict: Verdict, *, line: int, asked: int, sees_amounts: bool) -> list[str]:
        """What is to be said of a seller and a line, the verdict first."""
        name = _NAMES.get(verdict.code, verdict.code)
        if verdict.code == "eligible":
            if not sees_amounts or not verdict.is_resolved:
                name = "considered"
            elif verdict.difference is None:
                name = "impossible"
        first = self._say(
            name,
            line=line,
            seller=self.name(verdict.seller_id),
            units=self.number(verdict.quantity or verdict.units),
            asked=self.number(asked),
            available=self.number(verdict.available),
            places=", ".join(self.name(place) for place in verdict.location_ids),
            rules="; ".join(self.rule(rule) for rule in verdict.rules),
            difference=self.difference(verdict.difference),
        )
        if verdict.rules and verdict.code != "excluded":
            first += f" ({'; '.join(self.rule(rule) for rule in verdict.rules)})"
        if not sees_amounts or not verdict.is_resolved:
            return [first]
        changes = [self.change(change) for change in verdict.changes]
        return [first, *(changes or [self._say("no_change")])]

    def rule(self, rule: Rule) -> str:
        """A broken rule, with what was measured and required where that is known."""
        facts = {**rule.measured, **rule.required}
        template = self._template(rule.code, facts.keys())
        if template is None:
            return RULES[self.language].get(rule.code) or REASONS.get(rule.code, rule.code)
        return template.format_map({name: self._fact(name, facts[name]) for name in facts})

    def _template(self, code: str, facts: AbstractSet[str]) -> str | None:
        """The one that says most of what is known; of a code there may be several, after a dot."""
        fitting = [
            (len(named), template)
            for name, template in FACTS[self.language].items()
            if name.partition(".")[0] == code and (named := _placeholders(template)) <= facts
        ]
        return max(fitting, key=itemgetter(0))[1] if fitting else None

    def difference(self, told: Difference | None) -> str:
        """How a plan compares with the chosen one; not at all where there is none."""
        if told is None:
            return ""
        said = []
        if told.units:
            code = "serves_less" if told.units < 0 else "serves_more"
            said.append(self._say(code, units=self.number(abs(told.units))))
        level = next((amount for amount in told.levels if amount), 0)
        if level:
            code = "worse_level" if level > 0 else "better_level"
            said.append(self._say(code, amount=self.number(abs(level))))
        said.append(self._costs(told))
        return _joined(said, self.language)

    def change(self, change: Change) -> str:
        """What would make a seller win."""
        if change.kind == "stock":
            return self._say(
                "stock", units=self.number(change.becomes), available=self.number(change.was)
            )
        if change.kind == "freight":
            return self._say("freight_change", by=self.money(change.by))
        per = change.per_quantity
        return self._say(
            "price",
            by=self.money(change.by),
            price=self.money(change.becomes),
            was=self.money(change.was),
            per="" if per == 1 else self._say("per", quantity=self.number(per)),
        )

    def alternative(self, told: Alternative) -> str:
        """One of the next best plans."""
        seller = self.name(told.seller_id) if told.seller_id else ""
        if told.difference is None:
            return self._say(f"{told.kind}_nothing", seller=seller)
        return self._say(told.kind, seller=seller, difference=self.difference(told.difference))

    def plan(self, *, served: int, asked: int, sellers: Sequence[uuid.UUID], paid: Paid) -> str:
        """The chosen plan, in a sentence."""
        return self._say(
            "plan",
            served=self.number(served),
            asked=self.number(asked),
            sellers=", ".join(self.name(seller) for seller in sellers) or "–",
            goods=self.money(paid.goods_minor),
            freight=self.money(paid.freight_minor),
        )

    def proof(self, proof: str, bound_minor: int) -> str:
        """What is proved about it."""
        if proof == "optimal":
            return self._say("proved")
        return self._say("bounded", bound=self.money(bound_minor))

    def not_kept(self) -> str:
        """Why amounts cannot be told."""
        return self._say("not_kept")

    def money(self, amount_minor: int) -> str:
        """An amount as people of the language write it."""
        digits = exponent_of(self.currency)
        major = Decimal(amount_minor).scaleb(-digits)
        return str(format_currency(major, self.currency, locale=self.language))

    def number(self, value: int) -> str:
        """A whole number as people of the language write it."""
        return str(format_decimal(value, locale=self.language))

    def day(self, value: date) -> str:
        """A day as people of the language write it."""
        return str(format_date(value, "medium", locale=self.language))

    def leaving(self, part: Chosen) -> list[str]:
        """When a part leaves; nothing where that is not known."""
        if part.ships_on is None:
            return []
        name = "leaves_later" if part.is_later else "leaves"
        return [self._say(name, units=self.number(part.quantity), day=self.day(part.ships_on))]

    def name(self, party: uuid.UUID) -> str:
        """How somebody is called."""
        return self.names.get(party, "?")

    def _costs(self, told: Difference) -> str:
        amounts = {
            "freight": told.freight_minor, "goods": told.goods_minor, "terms": told.terms_minor
        }  # fmt: skip
        if not any(amounts.values()):
            return self._say("costs_same")
        sign = -1 if told.total_minor < 0 else 1
        parts = [
            self._say(kind, amount=self.money(sign * amount))
            for kind, amount in sorted(amounts.items(), key=lambda item: -sign * item[1])
            if amount
        ]
        code = "costs_less" if sign < 0 else "costs_more"
        return self._say(code, total=self.money(abs(told.total_minor)), parts=", ".join(parts))

    def _fact(self, name: str, value: Any) -> str:  # noqa: ANN401 - a number, a text, an amount
        if value is None:
            return "∞"
        if name in _MONEY:
            return self.money(value)
        if isinstance(value, date):
            return self.day(value)
        if name in _PRICES:
            per = value["per_quantity"]
            said = "" if per == 1 else self._say("per", quantity=self.number(per))
            return self.money(value["amount_minor"]) + said
        if name in _DATES:
            return str(format_date(date.fromisoformat(value), "medium", locale=self.language))
        return self.number(value) if isinstance(value, int) else str(value).replace("_", " ")

    def _say(self, name: str, /, **values: Any) -> str:  # noqa: ANN401 - a template's values
        return TEXTS[self.language][name].format_map(values)


_NAMES = {"eligible": "dearer"}
_MONEY = frozenset({"value", "minimum_order", "credit_left"})
_PRICES = frozenset({"price", "wanted_price", "lowest", "highest"})
_DATES = frozenset({"day", "closed_from", "closed_to"})


@cache
def _placeholders(template: str) -> frozenset[str]:
    return frozenset(name for _, name, _, _ in Formatter().parse(template) if name)


def language_of(asked: str | None) -> str:
    """A language that there are words in, English if it is another."""
    short = (asked or "")[:2].lower()
    return short if short in LANGUAGES else LANGUAGES[0]


def _joined(said: Sequence[str], language: str) -> str:
    if len(said) == 1:
        return said[0]
    return TEXTS[language]["and"].format(first=", ".join(said[:-1]), second=said[-1])
