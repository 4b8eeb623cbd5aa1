"""Units that will not come: counted on the order's lines, no longer owed, and everybody is told."""

import uuid
from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import text

from app.infra.db import DbSession
from app.infra.unit_of_work import record
from app.ordering.events import UnitsCancelled
from app.ordering.models import Order
from app.ordering.operations import telling
from app.ordering.operations.promises import Promise


def give_up_rest(
    session: DbSession,
    *,
    order: Order,
    rest: Mapping[uuid.UUID, Promise],
    reason: str,
    now: datetime,
) -> None:
    """Give up the units that nobody else can serve; the buyer no longer owes them."""
    units = {line_id: promise.rest for line_id, promise in rest.items()}
    give_up(
        session,
        order=order,
        units=units,
        amount_minor=sum(promise.take(promise.rest).buyer_minor for promise in rest.values()),
        allocation_ids=tuple(row.id for promise in rest.values() for row in promise.rows),
        reason=reason,
        now=now,
    )
    telling.tell_given_up(
        session,
        order=order,
        rows=[row for promise in rest.values() for row in promise.rows],
        units=sum(units.values()),
        reason=reason,
        now=now,
    )


def give_up(
    session: DbSession,
    *,
    order: Order,
    units: dict[uuid.UUID, int],
    amount_minor: int,
    allocation_ids: tuple[uuid.UUID, ...],
    reason: str,
    now: datetime,
) -> None:
    """Count cancelled units on the order's lines and tell everyone."""
    session.flush()
    session.execute(
        text("""
            UPDATE ordering_order_lines l
            SET cancelled_quantity = l.cancelled_quantity + q.units
            FROM unnest(CAST(:ids AS uuid[]), CAST(:units AS integer[])) AS q (id, units)
            WHERE l.id = q.id
        """),
        {"ids": list(units), "units": list(units.values())},
    )
    record(
        session,
        UnitsCancelled(
            happened_at=now,
            audience=(order.buyer_id, order.owner_id),
            order_id=order.id,
            allocation_ids=allocation_ids,
            units=sum(units.values()),
            amount_minor=amount_minor,
            reason=reason,
        ),
    )
