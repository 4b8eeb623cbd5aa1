"""What a manufacturer allows sellers to ask: a floor, and a corridor around recommended prices."""

from dataclasses import dataclass
from fractions import Fraction

from app.kernel.money import BASIS_POINTS, UnitPrice

BELOW_FLOOR, BELOW_CORRIDOR, ABOVE_CORRIDOR = "below_floor", "below_corridor", "above_corridor"

BREACHES = {
    BELOW_FLOOR: "Below the manufacturer's floor price",
    BELOW_CORRIDOR: "Further below the recommended price than the manufacturer allows",
    ABOVE_CORRIDOR: "Further above the recommended price than the manufacturer allows",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """The manufacturer's floor and recommended price for a quantity, and the corridor's width."""

    floor: UnitPrice | None = None
    recommended: UnitPrice | None = None
    below_bps: int | None = None
    above_bps: int | None = None

    @property
    def lowest(self) -> UnitPrice | None:
        """The least that may be asked, in whole minor units; none: as little as one likes."""
        least = self._share(-(self.below_bps or 0)) if self.below_bps is not None else None
        known = [each for each in (self.floor, least) if each is not None]
        return max(known, key=_value, default=None)

    @property
    def highest(self) -> UnitPrice | None:
        """The most that may be asked; none: as much as one likes."""
        return None if self.above_bps is None else self._share(self.above_bps)

    def _share(self, bps: int) -> UnitPrice | None:
        """The recommended price and so much of it; rounded to what is allowed."""
        if self.recommended is None:
            return None
        exact = self.recommended.amount_minor * (BASIS_POINTS + bps)
        amount = -(-exact // BASIS_POINTS) if bps < 0 else exact // BASIS_POINTS
        return UnitPrice(amount, self.recommended.per_quantity)

    def breach(self, price: UnitPrice) -> str | None:
        """How a price breaks them, if it does."""
        if self.floor and _less(price, self.floor, BASIS_POINTS):
            return BELOW_FLOOR
        if self.recommended is None:
            return None
        if self.below_bps is not None and _less(
            price, self.recommended, BASIS_POINTS - self.below_bps
        ):
            return BELOW_CORRIDOR
        if self.above_bps is not None and _more(
            price, self.recommended, BASIS_POINTS + self.above_bps
        ):
            return ABOVE_CORRIDOR
        return None


def _value(price: UnitPrice) -> Fraction:
    return Fraction(price.amount_minor, price.per_quantity)


def _less(price: UnitPrice, bound: UnitPrice, share_bps: int) -> bool:
    asked, allowed = _common(price, bound, share_bps)
    return asked < allowed


def _more(price: UnitPrice, bound: UnitPrice, share_bps: int) -> bool:
    asked, allowed = _common(price, bound, share_bps)
    return asked > allowed


def _common(price: UnitPrice, bound: UnitPrice, share_bps: int) -> tuple[int, int]:
    """Both over the same denominator, exactly."""
    return (
        price.amount_minor * bound.per_quantity * BASIS_POINTS,
        bound.amount_minor * share_bps * price.per_quantity,
    )
