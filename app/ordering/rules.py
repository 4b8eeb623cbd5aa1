"""State tables and arithmetic of orders; pure."""

import uuid
from collections.abc import Sequence
from typing import NamedTuple

from app.kernel.money import portion
from app.kernel.states import StateTable

SELLER_ORDER = StateTable(
    subject="seller order",
    initial="offered",
    moves={
        ("offered", "accepted"): "accepted",
        ("offered", "rejected"): "rejected",
        ("offered", "expired"): "expired",
        ("offered", "cancelled"): "cancelled",
        ("accepted", "cancelled"): "cancelled",
        ("accepted", "partly shipped"): "partly_shipped",
        ("accepted", "shipped"): "shipped",
        ("partly_shipped", "partly shipped"): "partly_shipped",
        ("partly_shipped", "shipped"): "shipped",
        ("partly_shipped", "cancelled"): "shipped",
        ("shipped", "delivered"): "delivered",
        ("delivered", "closed"): "closed",
    },
)

ALLOCATION = StateTable(
    subject="allocation",
    initial="offered",
    moves={
        ("offered", "accepted"): "accepted",
        ("offered", "rejected"): "rejected",
        ("offered", "expired"): "expired",
        ("offered", "cancelled"): "cancelled",
        ("accepted", "cancelled"): "cancelled",
    },
)

ORDER_STATES = ("placed", "accepted", "partly_shipped", "shipped", "delivered", "cancelled")

# A seller that says one of these has lost the goods: its stock is corrected, not given back.
GOODS_ARE_GONE = frozenset({"out_of_stock", "damaged"})
REJECTION_REASONS = (*sorted(GOODS_ARE_GONE), "capacity", "price", "buyer_refused", "other")


class Amounts(NamedTuple):
    """The four frozen amounts of an allocation, in minor units."""

    buyer_goods: int
    buyer_freight: int
    seller_goods: int
    seller_freight: int

    def part(self, *, whole: int, before: int, after: int) -> "Amounts":
        """What falls on the units ``before < n <= after`` of ``whole``; parts sum exactly."""
        return Amounts(
            *(portion(amount, whole=whole, before=before, after=after) for amount in self)
        )


class Answer(NamedTuple):
    """A seller's answer for one allocation."""

    allocation_id: uuid.UUID
    accepted_quantity: int
    reason: str | None = None


def hops_part(
    hops: Sequence[dict[str, object]], *, whole: int, before: int, after: int
) -> list[dict[str, object]]:
    """A resale chain's amounts for a part of an allocation."""
    parts = []
    for hop in hops:
        amount = hop["amount_minor"]
        assert isinstance(amount, int)
        share = portion(amount, whole=whole, before=before, after=after)
        parts.append({**hop, "amount_minor": share})
    return parts
