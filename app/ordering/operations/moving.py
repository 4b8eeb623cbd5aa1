"""Seller orders move on: locked together, moved together, counted together.

Laws: orders are locked before their parts, each in the order of their ids; an act on many parts
needs as many statements as an act on one. Each act has its own caller and its own instant, so the
parts of several orders may be acted on in one transaction.
"""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.infra.auth import Caller
from app.infra.db import DbSession
from app.ordering.errors import SellerOrderNotFound
from app.ordering.models import SellerOrder
from app.ordering.rules import SELLER_ORDER

# A part that is none of the seller's locks nothing.
_LOCK_ORDERS = text("""
SELECT o.id, o.owner_id, o.buyer_id FROM ordering_orders o
WHERE o.id IN (
    SELECT s.order_id
    FROM unnest(CAST(:ids AS uuid[]), CAST(:seller_ids AS uuid[])) AS w (id, seller_id)
    JOIN ordering_seller_orders s ON s.id = w.id
    WHERE w.seller_id IS NULL OR w.seller_id = s.seller_id)
ORDER BY o.id FOR UPDATE
""")
_LOCK_PARTS = text("""
SELECT id, order_id, seller_id, status, accept_by, joins_id FROM ordering_seller_orders
WHERE id = ANY(:ids) ORDER BY id FOR UPDATE
""")

_MOVE = text("""
UPDATE ordering_seller_orders s
SET status = n.status, version = s.version + 1,
    accepted_at = CASE WHEN n.status = 'accepted' THEN n.moved_at ELSE s.accepted_at END
FROM unnest(CAST(:ids AS uuid[]), CAST(:statuses AS text[]), CAST(:moved_at AS timestamptz[]))
     AS n (id, status, moved_at)
WHERE s.id = n.id
""")
_SHIP = text("""
UPDATE ordering_allocations a SET shipped_quantity = a.shipped_quantity + q.quantity
FROM unnest(CAST(:ids AS uuid[]), CAST(:quantities AS integer[])) AS q (id, quantity)
WHERE a.id = q.id
""")
_UNDER_WAY = text("""
SELECT DISTINCT seller_order_id FROM ordering_allocations
WHERE seller_order_id = ANY(:ids) AND status = 'accepted' AND delivered_quantity < quantity
""")
_REFRESH_STATUS = text("""
WITH total AS (
    SELECT s.order_id, COALESCE(sum(quantity), 0) AS live,
           COALESCE(sum(quantity) FILTER (WHERE a.status = 'accepted'), 0) AS accepted,
           COALESCE(sum(shipped_quantity), 0) AS shipped,
           COALESCE(sum(delivered_quantity), 0) AS delivered,
           COALESCE(sum(quantity) FILTER (WHERE a.status = 'waiting'), 0) AS waiting
    FROM ordering_seller_orders s LEFT JOIN ordering_allocations a
      ON a.seller_order_id = s.id AND a.status IN ('offered', 'accepted', 'waiting')
    WHERE s.order_id = ANY(:order_ids) GROUP BY s.order_id
)
UPDATE ordering_orders o
SET version = o.version + 1,
    status = CASE WHEN live = 0 THEN 'cancelled' WHEN delivered = live THEN 'delivered'
                  WHEN shipped = live THEN 'shipped' WHEN shipped > 0 THEN 'partly_shipped'
                  WHEN waiting > 0 THEN 'waiting'
                  WHEN accepted = live THEN 'accepted' ELSE 'placed' END
FROM total WHERE o.id = total.order_id
""")


@dataclass(frozen=True, slots=True)
class Act:
    """Somebody does something to a seller order, at an instant."""

    caller: Caller
    seller_order_id: uuid.UUID
    now: datetime


@dataclass(slots=True, eq=False)
class Part:
    """A locked seller order with the sides of its order; ``now`` is when it is acted on."""

    id: uuid.UUID
    order_id: uuid.UUID
    seller_id: uuid.UUID
    owner_id: uuid.UUID
    buyer_id: uuid.UUID
    status: str
    accept_by: datetime
    now: datetime
    joins_id: uuid.UUID | None = None


def lock_parts(session: DbSession, *, acts: Sequence[Act]) -> list[Part]:
    """Lock the orders, then the parts that are acted on, for the sellers that fulfil them.

    Raises:
        SellerOrderNotFound: one of them is none, or another seller's.
    """
    seller_of = {
        act.seller_order_id: None if act.caller.is_operator else act.caller.organization_id
        for act in acts
    }
    assert len(seller_of) == len(acts), "a part is acted on once in a set"
    found = _lock(session, seller_of, {act.seller_order_id: act.now for act in acts})
    for act in acts:
        part = found.get(act.seller_order_id)
        if part is None or not _may(act.caller, part):
            raise SellerOrderNotFound
    return [found[act.seller_order_id] for act in acts]


def lock_known(
    session: DbSession, *, seller_order_ids: Sequence[uuid.UUID], now: datetime
) -> list[Part]:
    """The same for parts that are known to exist, whoever fulfils them."""
    found = _lock(session, dict.fromkeys(seller_order_ids), dict.fromkeys(seller_order_ids, now))
    return [found[key] for key in seller_order_ids]


def _may(caller: Caller, part: Part) -> bool:
    return caller.is_operator or caller.organization_id == part.seller_id


def _lock(
    session: DbSession,
    seller_of: Mapping[uuid.UUID, uuid.UUID | None],
    now_of: Mapping[uuid.UUID, datetime],
) -> dict[uuid.UUID, Part]:
    session.flush()
    ids = list(seller_of)
    orders = session.execute(_LOCK_ORDERS, {"ids": ids, "seller_ids": list(seller_of.values())})
    sides = {row[0]: row for row in orders}
    return {
        row.id: Part(
            id=row.id,
            order_id=row.order_id,
            seller_id=row.seller_id,
            owner_id=sides[row.order_id].owner_id,
            buyer_id=sides[row.order_id].buyer_id,
            status=row.status,
            accept_by=row.accept_by,
            now=now_of[row.id],
            joins_id=row.joins_id,
        )
        for row in session.execute(_LOCK_PARTS, {"ids": ids})
        if row.order_id in sides
    }


def move(session: DbSession, steps: Iterable[tuple[Part, str]]) -> None:
    """Take steps of the seller order's state table: parts, each with what happens to it.

    Raises:
        TransitionNotAllowed: that does not happen to a part in this state.
    """
    moved = []
    for part, action in steps:
        part.status = SELLER_ORDER.step(part.status, action)
        moved.append(part)
    if moved:
        session.execute(
            _MOVE,
            {
                "ids": [part.id for part in moved],
                "statuses": [part.status for part in moved],
                "moved_at": [part.now for part in moved],
            },
        )
        _forget(session, moved)


def _forget(session: DbSession, moved: Iterable[Part]) -> None:
    """Whoever holds a moved part as an object reads it anew."""
    for part in moved:
        held = session.identity_map.get(Session.identity_key(SellerOrder, part.id))
        if held is not None:
            session.expire(held)


def ship_units(
    session: DbSession,
    *,
    quantities: Mapping[uuid.UUID, int],
    remaining: Sequence[tuple[Part, int]],
) -> None:
    """Count shipped units of allocations; parts move on, ``remaining`` units are still to go."""
    session.execute(_SHIP, {"ids": list(quantities), "quantities": list(quantities.values())})
    move(session, [(part, "partly shipped" if units else "shipped") for part, units in remaining])


def deliver_units(session: DbSession, *, parts: Sequence[Part]) -> None:
    """Move parts on of which everything has arrived."""
    under_way = set(session.scalars(_UNDER_WAY, {"ids": [part.id for part in parts]}))
    move(
        session,
        [
            (part, "delivered")
            for part in parts
            if part.status == "shipped" and part.id not in under_way
        ],
    )


def refresh_status(session: DbSession, *, order_ids: Iterable[uuid.UUID]) -> None:
    """Derive orders' statuses from their units."""
    session.flush()
    session.execute(_REFRESH_STATUS, {"order_ids": list(set(order_ids))})
