"""A policy's document as a form: its fields, and the way there and back.

A field is named by its place in the document, such as ``terms.split_minor``; ``policy_texts`` says
what it is called and means.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.kernel.errors import Malformed
from app.routing.rules.policies import (
    AIMS,
    BACKORDERS,
    KITS,
    LAST_RESORTS,
    MODES,
    PAYERS,
    SUBSTITUTES,
)

_LEVELS = 5
_ANSWERS = {"yes": True, "no": False}


@dataclass(frozen=True, slots=True)
class Field:
    """A field: its place, how it is entered, and what it may be."""

    name: str
    kind: str
    choices: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """What its words are kept under; levels share theirs."""
        return "levels" if self.name.startswith("levels.") else self.name

    @property
    def number(self) -> int:
        """Which of several it is, from one on."""
        last = self.name.rpartition(".")[2]
        return int(last) + 1 if last.isdecimal() else 0


def _numbers(*names: str) -> tuple[Field, ...]:
    return tuple(Field(name, "number") for name in names)


def _switches(*names: str) -> tuple[Field, ...]:
    return tuple(Field(f"rules.{name}.on", "switch") for name in names)


GROUPS: tuple[tuple[str, tuple[Field, ...]], ...] = (
    (
        "terms",
        (
            *_numbers(
                "terms.goods_percent", "terms.freight_percent", "terms.split_minor",
                "terms.lead_time_minor_per_day", "terms.priority_minor",
                "terms.rating_minor_per_star", "terms.margin_percent",
                "terms.distance_minor_per_km", "terms.load_balance.minor",
            ),
            Field("terms.load_balance.counted", "choice", ("units", "orders")),
            *_numbers("terms.load_balance.days"),
            Field("terms.load_balance.shares_bps", "lines"),
            *_numbers("terms.carbon.g_per_tonne_km", "terms.carbon.minor_per_kg"),
        ),
    ),
    (
        "first",
        (
            Field("mode", "choice", MODES),
            *(Field(f"levels.{n}", "choice", ("", *AIMS)) for n in range(_LEVELS)),
        ),
    ),
    (
        "rules",
        (
            *_switches(
                "below_minimum_order", "over_capacity", "seller_closed", "beyond_credit",
                "breaks_pack", "substitute_dearer", "hazardous_unfit",
            ),
            Field("rules.hazardous_unfit.attribute", "text"),
            *_switches("oversize_unfit"),
            *_numbers("rules.oversize_unfit.longest_mm", "rules.oversize_unfit.weight_g"),
        ),
    ),
    (
        "limits",
        (
            Field("strategy", "strategy"),
            *_numbers(
                "limits.work_ms", "limits.most_sellers", "limits.most_deliveries",
                "limits.attempts", "limits.answer_hours",
            ),
            Field("substitutes", "choice", SUBSTITUTES),
            Field("kits", "choice", KITS),
            Field("backorders", "choice", BACKORDERS),
            Field("price_difference", "choice", ("", *PAYERS)),
            Field("last_resort", "choice", ("", *LAST_RESORTS)),
            Field("reoptimize", "answer", ("", *_ANSWERS)),
        ),
    ),
)  # fmt: skip
_FIELDS = tuple(field for _, fields in GROUPS for field in fields)
# A part of the document that is not there when this field is empty.
_OPTIONAL = {
    "terms.load_balance.": "terms.load_balance.minor",
    "terms.carbon.": "terms.carbon.g_per_tonne_km",
}


def shown_form(document: Mapping[str, Any]) -> dict[str, str]:
    """The texts of a document's fields; a switch that is off has none."""
    return {field.name: _text(field, _at(document, field.name)) for field in _FIELDS}


def _at(document: Any, name: str) -> Any:  # noqa: ANN401 - JSON
    for part in name.split("."):
        if isinstance(document, list):
            document = document[int(part)] if int(part) < len(document) else None
        else:
            document = (document or {}).get(part)
    return document


def _text(field: Field, value: Any) -> str:  # noqa: ANN401 - JSON
    if field.kind == "answer":
        return next((text for text, meant in _ANSWERS.items() if meant is value), "")
    if value is None or value is False:
        return ""
    if field.kind == "lines":
        return "\n".join(f"{key} = {share}" for key, share in value.items())
    return "on" if value is True else str(value)


def read_form(said: Mapping[str, str]) -> dict[str, Any]:
    """The document that a form's texts say; what is left empty is left out.

    Raises:
        Malformed: a number that is none.
    """
    document: dict[str, Any] = {}
    levels: list[str] = []
    for field in _FIELDS:
        text = said.get(field.name, "").strip()
        if field.name.startswith("levels."):
            levels += [text] if text else []
        elif _is_said(field, text, said):
            *parts, last = field.name.split(".")
            within = document
            for part in parts:
                within = within.setdefault(part, {})
            within[last] = _value(field, text)
    return document | {"levels": levels}


def _is_said(field: Field, text: str, said: Mapping[str, str]) -> bool:
    for beginning, needed in _OPTIONAL.items():
        if field.name.startswith(beginning) and not said.get(needed, "").strip():
            return False
    return bool(text) or field.kind == "switch"


def _value(field: Field, text: str) -> Any:  # noqa: ANN401 - JSON
    if field.kind == "switch":
        return text == "on"
    if field.kind == "answer":
        return _ANSWERS.get(text)
    if field.kind == "lines":
        return _shares(text)
    if field.kind == "number":
        return _whole(field.name, text)
    return text


def _whole(name: str, text: str) -> int:
    if not text.isdecimal():
        pointer = f"/{name.replace('.', '/')}"
        message = f"Write a whole number, not {text}"
        fault = {"pointer": pointer, "code": "not_a_number", "message": message, "text": text}
        raise Malformed(f"{pointer}: {message}", errors=[fault])
    return int(text)


def _shares(text: str) -> dict[str, int]:
    pairs = [line.partition("=") for line in text.splitlines() if line.strip()]
    return {
        seller.strip(): _whole("terms.load_balance.shares_bps", share.strip())
        for seller, _, share in pairs
    }
