"""Quantities: whole base units; packs convert by integers."""

from dataclasses import dataclass

MAX_QUANTITY = 10_000_000


@dataclass(frozen=True, slots=True)
class OrderingRule:
    """What quantities an offer may be bought in: from a minimum, in steps, up to a maximum."""

    minimum: int = 1
    step: int = 1
    maximum: int | None = None

    def admits(self, quantity: int) -> bool:
        """Whether the quantity may be ordered as it is."""
        if quantity < self.minimum or (self.maximum is not None and quantity > self.maximum):
            return False
        return quantity % self.step == 0
