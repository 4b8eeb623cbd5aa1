"""A policy's document as a form: what each field is called and means, and the way there and back.

A field is named by its place in the document, such as ``terms.split_minor``.
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
    """A field: its place, how it is entered, and its words."""

    name: str
    kind: str
    label: str
    help: str = ""
    choices: tuple[str, ...] = ()


def _number(name: str, label: str, help_: str) -> Field:
    return Field(name, "number", label, help_)


def _switch(name: str, label: str, help_: str) -> Field:
    return Field(f"rules.{name}.on", "switch", label, help_)


GROUPS: tuple[tuple[str, tuple[Field, ...]], ...] = (
    (
        "What costs how much (minor units: 250 is 2.50)",
        (
            _number("terms.goods_percent", "Goods, %", "100 counts what sellers charge as it is"),
            _number("terms.freight_percent", "Freight, %", "100 counts freight as it is"),
            _number("terms.split_minor", "Each consignment", "Raise it for fewer parcels"),
            _number("terms.lead_time_minor_per_day", "A day until shipment", "For each unit"),
            _number("terms.priority_minor", "A step of priority", "For each seller order"),
            _number("terms.rating_minor_per_star", "A star below five", "For each consignment"),
            _number("terms.margin_percent", "Margin forgone, %", "Against the line's best margin"),
            _number("terms.distance_minor_per_km", "A kilometre", "For each consignment"),
            _number("terms.load_balance.minor", "Above a seller's share", "Empty: no balance"),
            Field("terms.load_balance.counted", "choice", "Shares are of", "", ("units", "orders")),
            _number("terms.load_balance.days", "Shares of the last days", "One to 92 days"),
            Field(
                "terms.load_balance.shares_bps", "lines", "Quotas",
                "A line each: org_… = ten-thousandths; the others share the rest alike",
            ),
            _number("terms.carbon.g_per_tonne_km", "CO2e, g per tonne-km", "Empty: not counted"),
            _number("terms.carbon.minor_per_kg", "A kilogram of CO2e", "What it costs"),
        ),
    ),
    (
        "What counts first",
        (
            Field("mode", "choice", "How terms are weighed",
                  "Weighted: in money. Lexicographic: levels first, each settled before the next",
                  MODES),
            *(
                Field(f"levels.{n}", "choice", f"Level {n + 1}", "", ("", *AIMS))
                for n in range(_LEVELS)
            ),
        ),
    ),
    (
        "Hard rules",
        (
            _switch("below_minimum_order", "Minimum order values", "Sellers' minimums are kept"),
            _switch("over_capacity", "Daily capacity", "What sellers take in a day is kept"),
            _switch("seller_closed", "Blackout dates", "Closed sellers are left out"),
            _switch("beyond_credit", "Credit with sellers", "Of buyers with an account there"),
            _switch("breaks_pack", "Whole packs", "No part of a line breaks a pack"),
            _switch("substitute_dearer", "Substitutes not dearer", "For the buyer"),
            _switch("hazardous_unfit", "Hazardous goods", "From locations that handle them"),
            Field("rules.hazardous_unfit.attribute", "text", "Attribute of hazardous goods",
                  "A boolean attribute's code"),
            _switch("oversize_unfit", "Oversize goods", "From locations that handle them"),
            _number("rules.oversize_unfit.longest_mm", "Oversize from, mm", "The longest side"),
            _number("rules.oversize_unfit.weight_g", "Oversize from, g", "A unit's weight"),
        ),
    ),
    (
        "Limits and manners",
        (
            Field("strategy", "strategy", "Strategy", "How a plan is found"),
            _number("limits.work_ms", "Work, ms", "Spent on one decision at most"),
            _number("limits.most_sellers", "Most sellers", "Empty: as many as it takes"),
            _number("limits.most_deliveries", "Most deliveries", "Empty: as many as it takes"),
            _number("limits.attempts", "Attempts", "Empty: as the storefront says"),
            _number("limits.answer_hours", "Hours to answer", "Empty: as the storefront says"),
            Field("substitutes", "choice", "Substitutes", "If the buyer allows them", SUBSTITUTES),
            Field("kits", "choice", "Parts of kits ship", "", KITS),
            Field("backorders", "choice", "Goods still to come", "What is announced, or ordered "
                  "beyond stock, as offers allow it", BACKORDERS),
            Field("price_difference", "choice", "A dearer replacement is paid by",
                  "Empty: as the storefront says", ("", *PAYERS)),
            Field("last_resort", "choice", "When nobody is left", "Empty: as the storefront says",
                  ("", *LAST_RESORTS)),
            Field("reoptimize", "answer", "Better plans later", "While sellers have not answered",
                  ("", *_ANSWERS)),
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
        return _whole(field.label, text)
    return text


def _whole(label: str, text: str) -> int:
    if not text.isdecimal():
        raise Malformed(f"{label}: write a whole number, not {text}")
    return int(text)


def _shares(text: str) -> dict[str, int]:
    pairs = [line.partition("=") for line in text.splitlines() if line.strip()]
    return {seller.strip(): _whole("Quotas", share.strip()) for seller, _, share in pairs}
