"""What came and left, what is to come, in which lots; the seller's (and the operator's) to know."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, text

from app.infra.auth import Caller
from app.infra.db import DbSession
from app.inventory.queries.stock import get_location
from app.kernel.paging import Page, PageRequest, page_of

# Newest first: a cursor is the last one seen.
_MOVEMENTS = text("""
SELECT m.id, m.location_id, m.variant_id, m.quantity, m.reason, m.code, m.reference, m.actor_id,
       m.at, v.sku, v.name, l.lots
FROM inventory_movements m
JOIN catalog_variants v ON v.id = m.variant_id
LEFT JOIN LATERAL (
    SELECT jsonb_agg(jsonb_build_object('code', l.code, 'quantity', x.quantity)
                     ORDER BY l.expires_on, l.code) AS lots
    FROM inventory_lot_movements x JOIN inventory_lots l ON l.id = x.lot_id
    WHERE x.movement_id = m.id
) l ON true
WHERE m.location_id = :location_id
  AND (CAST(:variant_id AS uuid) IS NULL OR m.variant_id = :variant_id)
  AND (CAST(:reason AS text) IS NULL OR m.reason = :reason)
  AND (CAST(:after AS uuid) IS NULL OR m.id < :after)
ORDER BY m.id DESC LIMIT CAST(:limit AS integer)
""")

_INCOMING = text("""
SELECT i.id, i.location_id, i.variant_id, i.reference, i.due_on, i.quantity, i.received,
       i.updated_at, v.sku, v.name, GREATEST(i.quantity - i.received, 0) AS open
FROM inventory_incoming i JOIN catalog_variants v ON v.id = i.variant_id
WHERE i.location_id = :location_id AND (CAST(:after AS uuid) IS NULL OR i.id > :after)
  AND i.received < i.quantity
ORDER BY i.id LIMIT CAST(:limit AS integer)
""")

_LOTS = text("""
SELECT l.id, l.location_id, l.variant_id, l.code, l.expires_on, l.on_hand, v.sku, v.name
FROM inventory_lots l JOIN catalog_variants v ON v.id = l.variant_id
WHERE l.location_id = :location_id AND (CAST(:after AS uuid) IS NULL OR l.id > :after)
  AND (CAST(:variant_id AS uuid) IS NULL OR l.variant_id = :variant_id) AND l.on_hand > 0
ORDER BY l.id LIMIT CAST(:limit AS integer)
""")

_HOLDS = text("""
SELECT location_id, variant_id, quantity, expires_at FROM inventory_holds
WHERE cart_id = :cart_id ORDER BY location_id, variant_id
""")


@dataclass(frozen=True, slots=True, kw_only=True)
class MovementFilter:
    """Which movements of a location."""

    variant_id: uuid.UUID | None = None
    reason: str | None = None


def list_movements(
    session: DbSession,
    *,
    caller: Caller,
    location_id: uuid.UUID,
    wanted: MovementFilter,
    page: PageRequest,
) -> Page[Any]:
    """The movements at a location of the caller's, the newest first.

    Raises:
        LocationNotFound: there is none that the caller may know of.
    """
    more = {"variant_id": wanted.variant_id, "reason": wanted.reason}
    return _page(session, _MOVEMENTS, caller, location_id, page, more)


def list_incoming(
    session: DbSession, *, caller: Caller, location_id: uuid.UUID, page: PageRequest
) -> Page[Any]:
    """What is still to come to a location of the caller's.

    Raises:
        LocationNotFound: there is none that the caller may know of.
    """
    return _page(session, _INCOMING, caller, location_id, page, {})


def list_lots(
    session: DbSession,
    *,
    caller: Caller,
    location_id: uuid.UUID,
    variant_id: uuid.UUID | None,
    page: PageRequest,
) -> Page[Any]:
    """The lots at a location of the caller's that are not empty.

    Raises:
        LocationNotFound: there is none that the caller may know of.
    """
    return _page(session, _LOTS, caller, location_id, page, {"variant_id": variant_id})


def list_holds(session: DbSession, *, cart_id: uuid.UUID) -> Sequence[Row[Any]]:
    """What a cart keeps from others; for who may see the cart."""
    return session.execute(_HOLDS, {"cart_id": cart_id}).all()


def _page(
    session: DbSession,
    statement: Any,  # noqa: ANN401 - a text with these binds
    caller: Caller,
    location_id: uuid.UUID,
    page: PageRequest,
    more: dict[str, Any],
) -> Page[Any]:
    get_location(session, caller=caller, location_id=location_id)
    binds = {"location_id": location_id, "after": page.after, "limit": page.limit + 1, **more}
    rows = session.execute(statement, binds).all()
    return page_of(rows, limit=page.limit, key=lambda row: row.id)


_LOG = text("""
SELECT m.at, l.code, v.sku, m.quantity, m.reason, m.code AS why, m.reference
FROM inventory_movements m
JOIN inventory_locations l ON l.id = m.location_id
JOIN network_organizations o ON o.id = l.seller_id
JOIN catalog_variants v ON v.id = m.variant_id
WHERE o.code = :seller AND (CAST(:location AS text) IS NULL OR l.code = :location)
  AND (CAST(:sku AS text) IS NULL OR v.sku = :sku)
ORDER BY m.id DESC LIMIT :limit
""")


_HAS_LOCATION = text(
    "SELECT id FROM inventory_locations WHERE seller_id = :seller_id AND code = :code"
)


def list_log(
    session: DbSession, *, seller_code: str, location_code: str | None, sku: str | None, limit: int
) -> Sequence[Any]:
    """What came and left at a seller's locations, the newest first, by codes. For terminals."""
    binds = {"seller": seller_code, "location": location_code, "sku": sku, "limit": limit}
    return session.execute(_LOG, binds).all()


def has_location(session: DbSession, *, seller_id: uuid.UUID, code: str) -> bool:
    """Whether a seller has a location of that code. For terminals."""
    binds = {"seller_id": seller_id, "code": code}
    return session.scalar(_HAS_LOCATION, binds) is not None
