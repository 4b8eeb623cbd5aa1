"""How a value that a product or variant carries reads in a language."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from app.catalog.rules.locales import localized
from app.catalog.rules.units import UNITS

# Units that people know by a sign; the others are called by their name.
_SIGNS: Mapping[str, str] = {
    "MTR": "m", "CMT": "cm", "MMT": "mm", "KMT": "km", "INH": "in", "MTK": "m²", "MMK": "mm²",
    "LTR": "l", "MLT": "ml", "KGM": "kg", "GRM": "g", "TNE": "t", "AMP": "A", "4K": "mA",
    "VLT": "V", "KVT": "kV", "WTT": "W", "KWT": "kW", "HTZ": "Hz", "OHM": "Ω", "LUM": "lm",
    "KEL": "K", "CEL": "°C", "BAR": "bar", "NU": "Nm", "2N": "dB", "AMH": "Ah", "P1": "%",
    "HUR": "h", "MIN": "min", "SEC": "s", "C62": "",
}  # fmt: skip


class Definition(Protocol):
    """What an attribute's definition says."""

    @property
    def kind(self) -> str:
        """Of what kind its values are."""
        ...

    @property
    def unit_code(self) -> str | None:
        """In which unit, when they are numbers."""
        ...

    @property
    def options(self) -> Sequence[Mapping[str, Any]]:
        """Which there are, when they are enumerated."""
        ...


def unit_sign(code: str) -> str:
    """How a unit is written behind a number."""
    return _SIGNS.get(code, UNITS.get(code, code))


def in_words(definition: Definition | None, value: Any, locales: Sequence[str]) -> str:  # noqa: ANN401 - a value of any kind
    """A value as a person reads it; without a definition it is shown as it is."""
    if definition is None or definition.kind == "text":
        return str(value)
    if definition.kind == "enumeration":
        return _option(definition.options, value, locales)
    if definition.kind == "localized" and isinstance(value, dict):
        texts = {locale: {"text": said} for locale, said in value.items()}
        return localized(texts, "text", next(iter(value.values()), ""), locales)[0]
    if definition.kind == "boolean":
        return "✓" if value else "–"
    sign = unit_sign(definition.unit_code) if definition.unit_code else ""
    return f"{value} {sign}".strip()


def _option(options: Sequence[Mapping[str, Any]], value: str, locales: Sequence[str]) -> str:
    found = next((each for each in options if each["code"] == value), None)
    if found is None:
        return str(value)
    return localized(found.get("translations", {}), "name", found["name"], locales)[0]
