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
        ("accepted", "merged"): "merged",
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
        ("accepted", "rejected"): "rejected",
        ("waiting", "replaced"): "replaced",
        ("waiting", "cancelled"): "cancelled",
    },
)

CHOICE = StateTable(
    subject="choice",
    initial="open",
    moves={
        ("open", "wait"): "waiting",
        ("open", "cancel"): "cancelled",
        ("open", "substitute"): "substituted",
        ("open", "serve"): "served",
        ("open", "expire"): "expired",
        ("waiting", "wait"): "waiting",
        ("waiting", "cancel"): "cancelled",
        ("waiting", "substitute"): "substituted",
        ("waiting", "serve"): "served",
        ("waiting", "expire"): "expired",
    },
)

ORDER_STATES = (
    "placed", "waiting", "accepted", "partly_shipped", "shipped", "delivered", "cancelled",
)  # fmt: skip

# A seller that says one of these has lost the goods: its stock is corrected, not given back.
GOODS_ARE_GONE = frozenset({"out_of_stock", "damaged", "lost"})
# Goods that were promised do not come any more, or only later: nobody refused them.
BROKEN = frozenset({"not_coming", "late"})
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


class Withdrawal(NamedTuple):
    """Accepted units that a seller cannot deliver after all."""

    allocation_id: uuid.UUID
    quantity: int
    reason: str


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


class Due(NamedTuple):
    """What somebody pays towards a quantity that came to cost more."""

    payer_id: uuid.UUID
    amount_minor: int


def dues_of(
    *, landed_minor: int, replaced_minor: int, dues: Sequence[Due], payer_id: uuid.UUID | None
) -> list[Due]:
    """Who pays what of a replacement that costs ``landed_minor`` instead of ``replaced_minor``.

    Laws: what was due for the replaced units stays due while it is needed, the oldest first; the
    rest of what they cost more is the new payer's, or the storefront's without one; dues never
    exceed what the replacement costs more than the storefront bargained for.
    """
    bargained = replaced_minor - sum(due.amount_minor for due in dues)
    needed = max(0, landed_minor - bargained)
    told: list[Due] = []
    for due in dues:
        part = min(due.amount_minor, needed)
        needed -= part
        told += [Due(due.payer_id, part)] if part else []
    return [*told, Due(payer_id, needed)] if needed and payer_id else told
