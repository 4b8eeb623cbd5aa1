"""Goods that were promised and do not come, or only later: their units are routed anew.

Laws: what cannot be kept is let go first, so that it may be promised again, to whoever else, or by
the same seller for another day; all shelves of its variant are locked for that, in one order, so
nobody takes it in between. The buyer's price stays; it, the storefront's owner and the seller are
told why. A wish for a day of shipment holds for the replacement, too.
"""

import uuid
from datetime import datetime

from sqlalchemy import select, text

from app.infra.db import DbSession
from app.infra.unit_of_work import record
from app.inventory import operations as inventory_operations
from app.inventory import queries as inventory_queries
from app.inventory.queries import BrokenPromise
from app.ordering.events import PromiseBroken
from app.ordering.models import Allocation, Order
from app.ordering.operations import moving, parts
from app.ordering.operations.moving import Part
from app.ordering.operations.promises import Refused
from app.ordering.operations.rerouting import reroute

_SHELVES = text("""
SELECT location_id, variant_id FROM inventory_stock WHERE variant_id = :variant_id
""")


def reroute_broken_promises(session: DbSession, *, now: datetime, limit: int = 20) -> int:
    """Route units anew that do not come as promised; of how many allocations."""
    found = inventory_queries.list_broken_promises(session, now=now, limit=limit)
    return sum(_reroute(session, broken.allocation_id, now) for broken in found)


def _reroute(session: DbSession, allocation_id: uuid.UUID, now: datetime) -> bool:
    row = session.get(Allocation, allocation_id, populate_existing=True)
    assert row is not None, "a reservation is of an allocation"
    [part] = moving.lock_known(session, seller_order_ids=[row.seller_order_id], now=now)
    shelves = session.execute(_SHELVES, {"variant_id": row.variant_id}).all()
    inventory_operations.lock_stock(session, places=[(each[0], each[1]) for each in shelves])
    broken = _still_broken(session, allocation_id, now)
    if broken is None:
        return False
    session.refresh(row)
    ended = parts.split_off(
        session, row, keep=row.quantity - broken.units, status="rejected", reason=broken.why
    )
    session.flush()
    inventory_operations.release(session, quantities={allocation_id: broken.units})
    _move(session, part)
    _tell(session, part, broken)
    order = session.get_one(Order, part.order_id, populate_existing=True)
    reroute(session, order=order, refused=Refused([ended]), trigger=broken.why, now=now)
    moving.refresh_status(session, order_ids=[part.order_id])
    return True


def _still_broken(
    session: DbSession, allocation_id: uuid.UUID, now: datetime
) -> BrokenPromise | None:
    """The same, now that nobody can change it."""
    found = inventory_queries.list_broken_promises(
        session, now=now, limit=1, allocation_id=allocation_id
    )
    return found[0] if found else None


def _move(session: DbSession, part: Part) -> None:
    """A part of which nothing is left to send ends, or has been shipped."""
    left = session.scalars(
        select(Allocation).where(
            Allocation.seller_order_id == part.id, Allocation.status.in_(("offered", "accepted"))
        )
    ).all()
    if part.status == "offered" and not left:
        moving.move(session, [(part, "rejected")])
    elif part.status != "offered" and all(row.shipped_quantity == row.quantity for row in left):
        moving.move(session, [(part, "cancelled")])


def _tell(session: DbSession, part: Part, broken: BrokenPromise) -> None:
    record(
        session,
        PromiseBroken(
            happened_at=part.now,
            audience=(part.buyer_id, part.owner_id, part.seller_id),
            order_id=part.order_id,
            seller_order_id=part.id,
            units=broken.units,
            reason=broken.why,
        ),
    )
