"""Parsers of single cells: exact, strict, each refusal a sentence.

Amounts go from decimal text to minor units by whole numbers only, never through a float.
"""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from app.kernel.money import parse_minor

Parser = Callable[[str], Any]
CURRENCY = "BRL"
_WHOLE = re.compile(r"[0-9]{1,9}")
_DECIMAL = re.compile(r"-?[0-9]{1,3}(\.[0-9]{1,9})?")
_AMOUNT = re.compile(r"[0-9]{1,12}(\.[0-9]+)?")
_STATE = re.compile(r"[A-Z]{2}")
_KINDS = ("distributor", "wholesaler", "reseller")
_LATITUDE_LIMIT = 90
_LONGITUDE_LIMIT = 180
_RATINGS = range(100, 501)  # hundredths
_GTIN_LENGTHS = (8, 12, 13, 14)


def text(cell: str) -> str:
    """Some text."""
    if not cell.strip():
        raise ValueError("must not be empty")
    return cell


def whole(cell: str) -> int:
    """A whole number from nought on."""
    if not _WHOLE.fullmatch(cell):
        raise ValueError("is not a whole number")
    return int(cell)


def positive(cell: str) -> int:
    """A whole number from one on."""
    number = whole(cell)
    if not number:
        raise ValueError("must be at least 1")
    return number


def amount(cell: str) -> int:
    """An amount of money in minor units."""
    if not _AMOUNT.fullmatch(cell):
        raise ValueError("is not an amount (digits, with a point before the decimals)")
    try:
        return parse_minor(cell, CURRENCY)
    except ValueError:
        raise ValueError(f"has more decimals than {CURRENCY} knows") from None


def millimetres(cell: str) -> int:
    """Whole centimetres as millimetres."""
    return whole(cell) * 10


def rating(cell: str) -> int | None:
    """A rating from 1 to 5 in hundredths, or none yet."""
    if not cell:
        return None
    hundredths = amount(cell)
    if hundredths not in _RATINGS:
        raise ValueError("is not a rating from 1 to 5")
    return hundredths


def latitude(cell: str) -> float:
    """Degrees north."""
    return _degrees(cell, _LATITUDE_LIMIT)


def longitude(cell: str) -> float:
    """Degrees east."""
    return _degrees(cell, _LONGITUDE_LIMIT)


def _degrees(cell: str, limit: int) -> float:
    if not _DECIMAL.fullmatch(cell) or abs(float(cell)) > limit:
        raise ValueError(f"is not a number of degrees between -{limit} and {limit}")
    return float(cell)


def state(cell: str) -> str:
    """The two letters of a state."""
    if not _STATE.fullmatch(cell):
        raise ValueError("is not a state's two capital letters")
    return cell


def states(cell: str) -> tuple[str, ...]:
    """States, separated by spaces."""
    return tuple(state(word) for word in _words(cell))


def names(cell: str) -> tuple[str, ...]:
    """Names, separated by spaces."""
    return _words(cell)


def _words(cell: str) -> tuple[str, ...]:
    words = tuple(cell.split())
    if not words:
        raise ValueError("must not be empty")
    if len(set(words)) < len(words):
        raise ValueError("names something twice")
    return words


def state_or_none(cell: str) -> str:
    """A state, or nothing."""
    return state(cell) if cell else ""


def anything(cell: str) -> str:
    """Text that may be missing."""
    return cell


def kind(cell: str) -> str:
    """What sort of seller."""
    if cell not in _KINDS:
        raise ValueError(f"is not one of {', '.join(_KINDS)}")
    return cell


def gtin(cell: str) -> str:
    """A GTIN whose check digit is right (GS1 General Specifications 7.9)."""
    if len(cell) not in _GTIN_LENGTHS or not (cell.isascii() and cell.isdigit()):
        raise ValueError("is not a GTIN: 8, 12, 13 or 14 digits")
    weighted = sum(
        int(digit) * (3 if position % 2 else 1) for position, digit in enumerate(reversed(cell))
    )
    if weighted % 10:
        raise ValueError("has a wrong check digit")
    return cell


def minute(cell: str) -> datetime:
    """An instant to the minute, taken as UTC."""
    try:
        return datetime.strptime(cell, "%Y-%m-%d %H:%M").replace(tzinfo=UTC)
    except ValueError:
        raise ValueError("is not an instant such as 2010-12-01 08:26") from None
