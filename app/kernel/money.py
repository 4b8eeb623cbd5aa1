"""Money: integer minor units with a currency; prices per N units; exact shares.

Laws: two currencies are never added; a line is extended and rounded once; a total is the sum of
rounded lines; a split hands out every unit it was given, no more and no less.
"""

from collections.abc import Sequence
from dataclasses import dataclass

BASIS_POINTS = 10_000

# ISO 4217 minor-unit exponents that differ from two (the currencies a network may trade in).
_EXPONENTS = {
    "BHD": 3, "BIF": 0, "CLP": 0, "DJF": 0, "GNF": 0, "IQD": 3, "ISK": 0, "JOD": 3, "JPY": 0,
    "KMF": 0, "KRW": 0, "KWD": 3, "LYD": 3, "OMR": 3, "PYG": 0, "RWF": 0, "TND": 3, "UGX": 0,
    "UYI": 0, "VND": 0, "VUV": 0, "XAF": 0, "XOF": 0, "XPF": 0,
}  # fmt: skip


def exponent_of(currency: str) -> int:
    """Decimal digits of the currency's minor unit (ISO 4217)."""
    return _EXPONENTS.get(currency, 2)


def divide_half_up(numerator: int, denominator: int) -> int:
    """Divide integers, rounding halves away from zero (commercial rounding)."""
    assert denominator > 0
    quotient, rest = divmod(abs(numerator), denominator)
    rounded = quotient + (2 * rest >= denominator)
    return rounded if numerator >= 0 else -rounded


def share_of(amount_minor: int, rate_bps: int) -> int:
    """A rate in basis points of an amount, rounded half up, once."""
    return divide_half_up(amount_minor * rate_bps, BASIS_POINTS)


def allocate(amount: int, weights: Sequence[int]) -> list[int]:
    """Split an amount in proportion to weights by largest remainder; ties go to the first.

    The shares sum to the amount exactly and each lies within one unit of its exact share.

    Raises:
        ValueError: no positive weight, or a negative one.
    """
    whole = sum(weights)
    if whole <= 0 or any(weight < 0 for weight in weights):
        raise ValueError("allocation needs non-negative weights and at least one positive")
    sign = 1 if amount >= 0 else -1
    parts = [divmod(abs(amount) * weight, whole) for weight in weights]
    shares = [quotient for quotient, _ in parts]
    by_remainder = sorted(range(len(parts)), key=lambda index: (-parts[index][1], index))
    for index in by_remainder[: abs(amount) - sum(shares)]:
        shares[index] += 1
    return [sign * share for share in shares]


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in minor units of one currency."""

    amount_minor: int
    currency: str

    def __add__(self, other: "Money") -> "Money":
        self._same(other)
        return Money(self.amount_minor + other.amount_minor, self.currency)

    def __sub__(self, other: "Money") -> "Money":
        self._same(other)
        return Money(self.amount_minor - other.amount_minor, self.currency)

    def _same(self, other: "Money") -> None:
        if self.currency != other.currency:
            raise ValueError(f"{self.currency} and {other.currency} are never added")

    def __str__(self) -> str:
        return f"{format_minor(self.amount_minor, self.currency)} {self.currency}"


def format_minor(amount_minor: int, currency: str) -> str:
    """Plain decimal text of an amount: ``123456`` EUR is ``1234.56``."""
    digits = exponent_of(currency)
    sign, units = ("-" if amount_minor < 0 else ""), abs(amount_minor)
    if not digits:
        return f"{sign}{units}"
    return f"{sign}{units // 10**digits}.{units % 10**digits:0{digits}d}"


def parse_minor(text: str, currency: str) -> int:
    """Read a plain decimal text (point as decimal mark) into minor units, exactly.

    Raises:
        ValueError: not a number, or more decimals than the currency has.
    """
    digits = exponent_of(currency)
    whole, _, fraction = text.strip().partition(".")
    negative = whole.startswith("-")
    number = whole.lstrip("-") or "0"
    if not (number + fraction).isascii() or not (number + fraction).isdigit():
        raise ValueError(f"{text!r} is not an amount")
    if len(fraction.rstrip("0")) > digits:
        raise ValueError(f"{text!r} has more decimals than {currency} knows")
    amount: int = int(number) * 10**digits + int((fraction[:digits]).ljust(digits, "0") or "0")
    return -amount if negative else amount


@dataclass(frozen=True, slots=True)
class UnitPrice:
    """A price for N units: ``UnitPrice(3500, 10_000)`` is 35.00 for ten thousand pieces."""

    amount_minor: int
    per_quantity: int = 1

    def extend(self, quantity: int) -> int:
        """The amount of a quantity in minor units, rounded half up, once."""
        return divide_half_up(self.amount_minor * quantity, self.per_quantity)


def portion(amount_minor: int, *, whole: int, before: int, after: int) -> int:
    """What of an amount falls on the units ``before < n <= after`` of ``whole`` units.

    Differences of rounded cumulative amounts, so that any sequence of portions that covers the
    whole sums to the amount exactly.
    """
    upto_after = divide_half_up(amount_minor * after, whole)
    return upto_after - divide_half_up(amount_minor * before, whole)
