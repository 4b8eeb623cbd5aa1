"""Orders that nobody has accepted anything of, and which of them want the same.

Laws: an order is open while all of its parts are offered and in time, it was decided once, and all
of it comes from stock: what is promised of goods to come stays promised. Orders are locked before
their parts, all stock rows in one order, and after them what sellers take in a day.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, text

from app.infra.db import DbSession
from app.inventory import operations as inventory_operations
from app.ordering import queries
from app.ordering.models import Allocation, Order
from app.ordering.operations import moving
from app.routing import operations as routing_operations
from app.routing import queries as routing_queries
from app.routing.models import RoutingDecision

MOST_ORDERS = 500
MOST_NEIGHBOURS = 40

# Orders of which every part is still offered, and that were decided once: nothing was promised to
# a seller yet. The policy that decided an order says whether it may be planned again, else its
# storefront does. A hash of the moment turns them round, so that all get their turn.
_OPEN = text("""
SELECT o.id, o.storefront_id, array_agg(DISTINCT l.variant_id) AS variant_ids
FROM ordering_orders o
JOIN storefronts_storefronts f ON f.id = o.storefront_id
JOIN ordering_order_lines l ON l.order_id = o.id
LEFT JOIN routing_decisions d ON d.order_id = o.id AND d.attempt = 1
LEFT JOIN routing_policies p ON p.id = d.policy_id
WHERE o.status = 'placed' AND f.is_active AND (
      COALESCE(CAST(p.document ->> 'reoptimize' AS boolean), f.reoptimizes)
      OR CAST(:all_shops AS boolean))
  AND NOT EXISTS (
      SELECT FROM ordering_seller_orders s
      LEFT JOIN ordering_allocations a ON a.seller_order_id = s.id AND a.is_later
      WHERE s.order_id = o.id
        AND (s.status <> 'offered' OR s.accept_by <= :now OR a.id IS NOT NULL))
GROUP BY o.id ORDER BY md5(CAST(o.id AS text) || CAST(:now AS text)) LIMIT :limit
""")
_LOCK = text("""
SELECT id FROM ordering_orders WHERE id = ANY(:ids) AND status = 'placed'
ORDER BY id FOR UPDATE SKIP LOCKED
""")
_SHELVES = text("""
SELECT location_id, variant_id FROM inventory_stock WHERE variant_id = ANY(:variant_ids)
""")


@dataclass(frozen=True, slots=True)
class OpenOrder:
    """An order with its plan, all of it still offered."""

    order: Order
    decision: RoutingDecision
    rows: Sequence[Allocation]


def neighbourhoods(
    session: DbSession, *, now: datetime, all_shops: bool
) -> list[tuple[uuid.UUID, ...]]:
    """Open orders in groups that want the same variants, each of one storefront."""
    binds = {"now": now, "limit": MOST_ORDERS, "all_shops": all_shops}
    found: list[tuple[set[tuple[uuid.UUID, uuid.UUID]], list[uuid.UUID]]] = []
    for order_id, shop, variants in session.execute(_OPEN, binds):
        wanted = {(shop, variant) for variant in variants}
        near = [each for each in found if each[0] & wanted and len(each[1]) < MOST_NEIGHBOURS]
        if near:
            near[0][0].update(wanted)
            near[0][1].append(order_id)
        else:
            found.append((wanted, [order_id]))
    return [tuple(orders) for _, orders in found]


def read_open(
    session: DbSession, *, order_ids: Sequence[uuid.UUID], now: datetime
) -> list[OpenOrder]:
    """Those of the orders that are open, in the order in which they came."""
    found = (_read(session, order_id, now) for order_id in order_ids)
    opened = [each for each in found if each is not None]
    return sorted(opened, key=lambda each: (each.order.placed_at, each.order.id))


def lock_open(
    session: DbSession, *, order_ids: Sequence[uuid.UUID], now: datetime
) -> list[OpenOrder]:
    """The same, locked, with their parts and every shelf that they may be served from."""
    locked = session.scalars(_LOCK, {"ids": list(order_ids)}).all()
    found = read_open(session, order_ids=locked, now=now)
    parts = sorted({row.seller_order_id for each in found for row in each.rows})
    moving.lock_known(session, seller_order_ids=parts, now=now)
    found = read_open(session, order_ids=[each.order.id for each in found], now=now)
    variants = list({row.variant_id for each in found for row in each.rows})
    shelves = session.execute(_SHELVES, {"variant_ids": variants}).all()
    inventory_operations.lock_stock(session, places=[(row[0], row[1]) for row in shelves])
    routing_operations.lock_capacities(session, location_ids={row[0] for row in shelves})
    return found


def _read(session: DbSession, order_id: uuid.UUID, now: datetime) -> OpenOrder | None:
    order = session.get(Order, order_id, populate_existing=True)
    decisions = routing_queries.list_decisions(session, order_id=order_id)
    found = queries.list_parts(session, order_id=order_id)
    offered = all(part.status == "offered" and part.accept_by > now for part in found)
    if order is None or order.status != "placed" or len(decisions) != 1 or not offered:
        return None
    rows = session.scalars(
        select(Allocation)
        .where(Allocation.seller_order_id.in_([part.id for part in found]))
        .order_by(Allocation.id)
        .execution_options(populate_existing=True)
    ).all()
    if not rows or any(row.is_later for row in rows):
        return None
    return OpenOrder(order, decisions[0], rows)


def last_day(decision: RoutingDecision) -> str:
    """The last day on which anything leaves that a decision chose."""
    return max((item.get("ships_on", "") for item in decision.plan["assignments"]), default="")
