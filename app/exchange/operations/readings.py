"""How the text of a cell becomes a value, by the kind of its field, in SQL.

A reading is two expressions over the cell's text: the value, NULL where it cannot be read, and the
code that says why. Whole numbers and amounts go through exact numerics; no float is near.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from app.exchange.rules import fields as f
from app.exchange.rules.mapping import ColumnMapping

TYPES: Mapping[str, str] = MappingProxyType(
    {f.WHOLE: "integer", f.MONEY: "bigint", f.KILO: "integer", f.MOMENT: "timestamptz"}
)
_SPACES = " \u00a0\u202f'"
_DAY = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
_TIME = r"[0-9]{2}:[0-9]{2}(:[0-9]{2}([.][0-9]{1,6})?)?( ?(Z|[+-][0-9]{2}(:?[0-9]{2})?))?"
_ISO = f"^{_DAY}([T ]{_TIME})?$"
_ORDERED = r"^([0-9]{1,2})[./-]([0-9]{1,2})[./-]([0-9]{4})(.*)$"
_ORDERS = {"dmy": r"\3-\2-\1\4", "mdy": r"\3-\1-\2\4"}
_SCIENTIFIC = r"^[+]?[0-9]+([.,][0-9]+)?[eE][+]?[0-9]+$"
_PLAIN = "^[0-9]{1,9}$"  # most numbers are: they are read without the patterns of all others
_CODE = "^[A-Za-z0-9][A-Za-z0-9._/-]*$"


@dataclass(slots=True)
class Reader:
    """How one file is written, and the values that its statement binds."""

    mapping: ColumnMapping
    exponent: int = 2
    binds: dict[str, Any] = field(default_factory=dict)

    def bind(self, value: str) -> str:
        """A text of the statement, bound."""
        name = f"r{len(self.binds)}"
        self.binds[name] = value
        return f"CAST(:{name} AS text)"

    def read(self, each: f.Field, cell: str) -> tuple[str, str]:
        """The value and the fault of a cell; ``cell`` names its column."""
        return _READINGS[each.kind](self, each, cell)

    @property
    def groups(self) -> str:
        """A pattern of whole digits, grouped by thousands or not."""
        marks = re.escape(self.mapping.thousands_mark) + _SPACES
        return rf"([0-9]{{1,3}}([{marks}][0-9]{{3}})+|[0-9]{{1,15}})"

    @property
    def mark(self) -> str:
        """A pattern of the decimal mark."""
        return f"[{self.mapping.decimal_mark}]"

    def number(self, cell: str) -> str:
        """The cell as digits with a point."""
        unwanted = self.mapping.thousands_mark + _SPACES
        bare = f"translate({cell}, {self.bind(unwanted)}, '')"
        return f"translate({bare}, {self.bind(self.mapping.decimal_mark)}, '.')"


def _text(_: Reader, each: f.Field, cell: str) -> tuple[str, str]:
    return f"CASE WHEN length({cell}) <= {each.most} THEN {cell} END", "'too_long'"


def _code(reader: Reader, each: f.Field, cell: str) -> tuple[str, str]:
    fits = f"length({cell}) <= {each.most} AND {cell} ~ {reader.bind(_CODE)}"
    return f"CASE WHEN {fits} THEN {cell} END", "'not_a_code'"


def _unit(_: Reader, __: f.Field, cell: str) -> tuple[str, str]:
    return f"CASE WHEN upper({cell}) ~ '^[A-Z0-9]{{2,3}}$' THEN upper({cell}) END", "'not_a_unit'"


def _digits(reader: Reader, each: f.Field, cell: str) -> tuple[str, str]:
    bare = f"translate({cell}, '. -', '')"
    pattern = reader.bind(f"^[0-9]{{{each.least},{each.most}}}$")
    return f"CASE WHEN {bare} ~ {pattern} THEN {bare} END", "'not_digits'"


def _gtin(reader: Reader, _: f.Field, bare: str) -> tuple[str, str]:
    padded = f"lpad({bare}, CASE WHEN length({bare}) <= 8 THEN 8 ELSE 12 END, '0')"
    short = f"{bare} ~ '^[1-9][0-9]{{4,10}}$' AND catalog_gtin_is_valid({padded})"
    fault = f"""CASE WHEN {bare} ~ {reader.bind(_SCIENTIFIC)} THEN 'gtin_scientific'
        WHEN {short} THEN 'gtin_zeros_lost'
        WHEN {bare} ~ '^([0-9]{{8}}|[0-9]{{12,14}})$' THEN 'gtin_check_digit'
        ELSE 'gtin_shape' END"""
    value = f"CASE WHEN catalog_gtin_is_valid({bare}) THEN {bare}"
    if reader.mapping.pad_gtins:
        value += f" WHEN {short} THEN {padded}"
    return f"{value} END", fault


def _whole(reader: Reader, each: f.Field, cell: str) -> tuple[str, str]:
    shape = f"{cell} ~ {reader.bind(f'^-?{reader.groups}({reader.mark}0*)?$')}"
    number = f"CAST({reader.number(cell)} AS numeric)"
    value = f"""CASE
        WHEN {cell} ~ '{_PLAIN}' THEN CASE WHEN CAST({cell} AS integer)
            BETWEEN {each.least} AND {each.most} THEN CAST({cell} AS integer) END
        WHEN {shape} THEN CASE WHEN {number} BETWEEN {each.least} AND {each.most}
            THEN CAST({number} AS integer) END END"""
    return value, f"CASE WHEN {shape} THEN 'out_of_range' ELSE 'not_whole' END"


def _scaled(reader: Reader, each: f.Field, cell: str, digits: int) -> tuple[str, str]:
    shape = f"{cell} ~ {reader.bind(f'^{reader.groups}({reader.mark}[0-9]*)?$')}"
    number = f"CAST({reader.number(cell)} AS numeric) * {10**digits}"
    plain = reader.bind(rf"^[0-9]{{1,9}}{reader.mark}[0-9]{{{digits}}}$")
    minor = f"CAST(translate({cell}, {reader.bind(reader.mapping.decimal_mark)}, '') AS bigint)"
    value = f"""CASE WHEN {cell} ~ {plain} THEN CAST({minor} AS {TYPES[each.kind]})
        WHEN {shape} THEN CASE WHEN {number} = trunc({number})
        THEN CAST({number} AS {TYPES[each.kind]}) END END"""
    return value, f"CASE WHEN {shape} THEN 'too_many_decimals' ELSE 'not_an_amount' END"


def _money(reader: Reader, each: f.Field, cell: str) -> tuple[str, str]:
    return _scaled(reader, each, cell, reader.exponent)


def _kilo(reader: Reader, each: f.Field, cell: str) -> tuple[str, str]:
    shape = f"{cell} ~ {reader.bind(f'^[0-9]{{1,5}}({reader.mark}[0-9]*)?$')}"
    value, fault = _scaled(reader, each, cell, 3)
    return (
        f"CASE WHEN {shape} THEN {value} END",
        f"CASE WHEN {shape} THEN {fault} ELSE 'not_an_amount' END",
    )


def _moment(reader: Reader, _: f.Field, cell: str) -> tuple[str, str]:
    order = _ORDERS.get(reader.mapping.date_format)
    iso = cell
    if order:
        iso = f"regexp_replace({cell}, {reader.bind(_ORDERED)}, {reader.bind(order)})"
    loose = _ISO.replace("{4}-[0-9]{2}-[0-9]{2}", "{4}-[0-9]{1,2}-[0-9]{1,2}")
    fits = f"{iso} ~ {reader.bind(loose)} AND pg_input_is_valid({iso}, 'timestamptz')"
    return f"CASE WHEN {fits} THEN CAST({iso} AS timestamptz) END", "'not_a_date'"


def _choice(reader: Reader, each: f.Field, cell: str) -> tuple[str, str]:
    known = " ".join(
        f"WHEN {reader.bind(word)} THEN '{choice}'"
        for choice, words in each.choices.items()
        for word in words
    )
    return f"CASE lower({cell}) {known} END", "'not_a_choice'"


_READINGS: Mapping[str, Callable[[Reader, f.Field, str], tuple[str, str]]] = MappingProxyType(
    {
        f.TEXT: _text,
        f.VALUE: _text,
        f.CODE: _code,
        f.UNIT: _unit,
        f.DIGITS: _digits,
        f.GTIN: _gtin,
        f.WHOLE: _whole,
        f.MONEY: _money,
        f.KILO: _kilo,
        f.MOMENT: _moment,
        f.CHOICE: _choice,
    }
)
