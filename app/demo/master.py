"""The built-in makers' master data: attributes, texts, packs, customs codes of their products.

An axis of families becomes an attribute of its maker. It is a number when all its values are
numbers of one unit; sizes and sections are texts; anything else is enumerated.
"""

import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Any

from app.catalog.rules import check_digit
from app.demo.assortment import FAMILIES, MAKERS, Family, VariantSpec
from app.demo.vocabulary import names, product_texts, variant_names

_TEXTS = frozenset({"section", "size"})
_FACETS = frozenset({"colour", "type", "finish", "power", "current", "base", "voltage", "size"})
_MEASURED = re.compile(r"(\d+(?:\.\d+)?) ?([A-Za-z]*)")
_UNITS = {
    "mm": "MMT", "cm": "CMT", "m": "MTR", "g": "GRM", "A": "AMP", "mA": "4K", "V": "VLT",
    "W": "WTT", "K": "KEL", "": None,
}  # fmt: skip
# Harmonized System, six digits, by family.
_CUSTOMS = {
    "SC": "854449", "SW": "854449", "CT": "392690", "CO": "391723", "JB": "853690",
    "LS": "853650", "LK": "853669", "LF": "853890", "CB": "853620", "RC": "853630",
    "LL": "853952", "LP": "940511", "WS": "731812", "DS": "731814", "HB": "731815",
    "HN": "731816", "WA": "731822", "TR": "731815", "PL": "392590", "TA": "731819",
    "SB": "820719", "MB": "820750", "HS": "820299", "SD": "820540", "PI": "820320",
    "HM": "820520", "SL": "901530", "CD": "846721", "AG": "846729", "GL": "611610",
    "HE": "650610",
}  # fmt: skip
_BRANDS = {maker.code: maker.brand for maker in MAKERS}


@dataclass(frozen=True, slots=True)
class AttributeSpec:
    """A maker's attribute: an axis of some of its families."""

    axis: str
    kind: str
    unit_code: str | None
    values: tuple[str, ...]
    position: int

    @property
    def code(self) -> str:
        """The axis as a code."""
        return code_of(self.axis)

    def row(self) -> dict[str, Any]:
        """What the catalog keeps of it."""
        options = [
            {"code": code_of(value), "name": value, "translations": names(value)}
            for value in (self.values if self.kind == "enumeration" else ())
        ]
        texts = {
            locale: {"name": _with_capital(text["name"])}
            for locale, text in names(self.axis).items()
        }
        return {
            "code": self.code, "name": texts["en"]["name"], "kind": self.kind,
            "unit_code": self.unit_code, "options": options, "translations": texts,
            "is_facet": self.axis in _FACETS, "position": self.position,
        }  # fmt: skip

    def value_of(self, value: str) -> str | int | float:
        """A chosen value as the attribute keeps it."""
        if self.kind == "number":
            number = Decimal(_measure(value)[0])
            return int(number) if number == number.to_integral() else float(number)
        return code_of(value) if self.kind == "enumeration" else value


def code_of(text: str) -> str:
    """A phrase as a code."""
    return re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_")


@cache
def attributes_of(maker: str) -> Mapping[str, AttributeSpec]:
    """A maker's attributes, by axis."""
    values: dict[str, dict[str, None]] = defaultdict(dict)
    for family in FAMILIES:
        if family.maker == maker:
            for axis, factors in family.axes.items():
                values[axis] |= dict.fromkeys(factors)
    return {
        axis: _attribute(axis, tuple(found), position)
        for position, (axis, found) in enumerate(values.items())
    }


def variant_row(variant: VariantSpec) -> dict[str, Any]:
    """What the catalog keeps of a variant."""
    family = variant.family
    length, width, height = family.size_mm
    defined = attributes_of(family.maker)
    chosen = zip(family.axes, variant.values, strict=True)
    return {
        "sku": variant.sku, "gtin": variant.gtin, "part_number": f"{family.maker[0]}{variant.sku}",
        "name": variant.name, "unit_code": family.unit, "pack_quantity": family.pack,
        "weight_g": variant.weight_g, "length_mm": length, "width_mm": width, "height_mm": height,
        "attributes": {defined[axis].code: defined[axis].value_of(value) for axis, value in chosen},
        "packs": _packs(variant), "customs_code": _CUSTOMS[family.code],
        "translations": variant_names(family.name, variant.values),
    }  # fmt: skip


def product_row(family: Family) -> dict[str, Any]:
    """What the catalog keeps of a family: its texts, its data sheet."""
    texts = product_texts(family.name, _BRANDS[family.maker], list(family.axes))
    sheet = f"https://{family.maker.lower()}.example/data-sheets/{family.code}.pdf"
    return {
        "code": family.code, "name": family.name, "brand": _BRANDS[family.maker],
        "description": texts["en"]["description"], "translations": texts,
        "media": [{
            "url": sheet, "kind": "document", "alt": f"Data sheet: {family.name}", "position": 0,
        }],
    }  # fmt: skip


def _with_capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _measure(value: str) -> tuple[str, str]:
    found = _MEASURED.fullmatch(value)
    return (found[1], found[2]) if found else ("", "no measure")


def _attribute(axis: str, values: tuple[str, ...], position: int) -> AttributeSpec:
    units = {_measure(value)[1] for value in values}
    if axis in _TEXTS:
        return AttributeSpec(axis, "text", None, values, position)
    if len(units) == 1 and units <= set(_UNITS):
        return AttributeSpec(axis, "number", _UNITS[units.pop()], values, position)
    return AttributeSpec(axis, "enumeration", None, values, position)


def _packs(variant: VariantSpec) -> list[dict[str, Any]]:
    """A box (a roll of what is sold by the metre) with a GTIN-14 of its own."""
    if variant.family.pack == 1:
        return []
    unit = "XRO" if variant.family.unit == "MTR" else "XBX"
    body = f"1{variant.gtin[:-1]}"
    gtin = f"{body}{check_digit(body)}"
    return [{"unit_code": unit, "quantity": variant.family.pack, "gtin": gtin}]
