"""What a manufacturer allows sellers to ask: a floor, and a corridor around recommended prices."""

from dataclasses import dataclass

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
