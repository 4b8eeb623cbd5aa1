"""Cancelling before shipment: what has not left is given back; what has left stays sold."""

import uuid
from datetime import datetime

from sqlalchemy import select

from app.infra import audit
from app.infra.auth import Caller
from app.infra.db import DbSession
from app.inventory import operations as inventory_operations
from app.ordering import queries
from app.ordering.errors import AlreadyShipped
from app.ordering.models import Allocation, Choice, Order, SellerOrder
from app.ordering.operations import moving, parts, telling
from app.ordering.operations.giving_up import give_up
from app.ordering.rules import CHOICE

_OPEN = frozenset({"offered", "accepted", "partly_shipped"})


def cancel_order(session: DbSession, *, caller: Caller, order_id: uuid.UUID, now: datetime) -> int:
    """Cancel every unit that has not been shipped; returns how many.

    Raises:
        OrderNotFound: none, or not the caller's business.
        AlreadyShipped: there is nothing left to cancel.
    """
    order = queries.get_order(session, caller=caller, order_id=order_id)
    order = session.scalars(
        select(Order)
        .where(Order.id == order.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()
    locked = moving.lock_known(
        session,
        seller_order_ids=[part.id for part in queries.list_parts(session, order_id=order.id)],
        now=now,
    )
    rows = _unshipped(session, order)
    if not rows:
        raise AlreadyShipped
    waited = {row.id for row in rows if row.status == "waiting"}
    held = {row.id: row.quantity - row.shipped_quantity for row in rows if row.id not in waited}
    ended = [
        parts.split_off(
            session, row, keep=row.shipped_quantity, status="cancelled", reason="cancelled"
        )
        for row in rows
    ]
    session.flush()
    _end_choices(session, order, now)
    inventory_operations.release(session, quantities=held)
    moving.move(session, [(part, "cancelled") for part in locked if part.status in _OPEN])
    units: dict[uuid.UUID, int] = {}
    for row in ended:
        units[row.order_line_id] = units.get(row.order_line_id, 0) + row.quantity
    give_up(
        session,
        order=order,
        units=units,
        amount_minor=sum(row.buyer_goods_minor + row.buyer_freight_minor for row in ended),
        allocation_ids=tuple(row.id for row in ended),
        reason="cancelled",
        now=now,
    )
    taken_back = [row for row in ended if row.id not in waited]
    telling.tell_taken_back(session, order=order, rows=taken_back, reason="cancelled", now=now)
    audit.note(
        session,
        caller=caller,
        action="order.cancelled",
        subject_type="order",
        subject_id=order.id,
        now=now,
        details={"units": sum(units.values())},
    )
    moving.refresh_status(session, order_ids=[order.id])
    return sum(units.values())


def _end_choices(session: DbSession, order: Order, now: datetime) -> None:
    """Units that waited are cancelled with the rest."""
    found = session.scalars(
        select(Choice)
        .where(Choice.order_id == order.id, Choice.ended_at.is_(None))
        .order_by(Choice.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()
    for choice in found:
        choice.status = CHOICE.step(choice.status, "cancel")
        choice.ended_at = now
        choice.version += 1
        telling.tell_choice_ended(session, order=order, choice=choice, now=now)
    session.flush()


def _unshipped(session: DbSession, order: Order) -> list[Allocation]:
    rows = session.scalars(
        select(Allocation)
        .join(SellerOrder, SellerOrder.id == Allocation.seller_order_id)
        .where(
            SellerOrder.order_id == order.id,
            Allocation.status.in_((*queries.LIVE, "waiting")),
            Allocation.shipped_quantity < Allocation.quantity,
        )
        .order_by(Allocation.id)
        .execution_options(populate_existing=True)
    )
    return list(rows)
