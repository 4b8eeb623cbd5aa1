"""What is asked of pricing: which price, by whom, where and when."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

SALE, TRANSFER, RECOMMENDED, FLOOR = "sale", "transfer", "list", "floor"
PURPOSES = (SALE, TRANSFER, RECOMMENDED, FLOOR)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """One price that is wanted; ``price_list_id`` names the only list that counts."""

    line_no: int
    owner_id: uuid.UUID
    purpose: str
    variant_id: uuid.UUID
    quantity: int
    price_list_id: uuid.UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """Who asks, where, in which currency and when.

    ``territory_ids`` are those that the place of delivery lies in, ``unit_ids`` the buyer's unit
    and all above it, the root first.
    """

    storefront_id: uuid.UUID | None
    buyer_id: uuid.UUID | None
    customer_group: str | None
    currency: str
    at: datetime
    territory_ids: frozenset[uuid.UUID] = frozenset()
    unit_ids: tuple[uuid.UUID, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """Many asks in one context; ``line_no`` is unique among them.

    The place of delivery (``country``, ``subdivision``, ``postal_code``, the point) decides which
    territories' lists apply; an unknown place lies in none.
    """

    asks: Sequence[Ask]
    currency: str
    storefront_id: uuid.UUID | None = None
    buyer_id: uuid.UUID | None = None
    unit_id: uuid.UUID | None = None
    customer_group: str | None = None
    country: str | None = None
    subdivision: str | None = None
    postal_code: str | None = None
    latitude: float | None = None
    longitude: float | None = None
