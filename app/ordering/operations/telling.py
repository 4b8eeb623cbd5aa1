"""Everybody whom a turn of an order concerns is told: both its sides, who had units, who has them.

Laws: a seller is told of what it had or has, and no amounts but its own; each act tells everybody
once.
"""

import uuid
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import select

from app.infra.db import DbSession
from app.infra.unit_of_work import record
from app.ordering.events import ChoiceEnded, ChoiceWaits, UnitsGivenUp, UnitsTakenBack
from app.ordering.models import Allocation, Choice, Order, SellerOrder


def sellers_of(session: DbSession, *, rows: Iterable[Allocation]) -> list[uuid.UUID]:
    """Whose units these are, or were."""
    part_ids = {row.seller_order_id for row in rows}
    query = select(SellerOrder.seller_id).where(SellerOrder.id.in_(part_ids)).distinct()
    return sorted(session.scalars(query))


def tell_given_up(
    session: DbSession, *, order: Order, rows: Sequence[Allocation], units: int, reason: str,
    now: datetime,
) -> None:  # fmt: skip
    """Who had been asked for units learns that they are given up."""
    sellers = sellers_of(session, rows=rows)
    record(
        session,
        UnitsGivenUp(
            happened_at=now, audience=tuple(sellers), order_id=order.id, units=units, reason=reason
        ),
    )


def tell_taken_back(
    session: DbSession, *, order: Order, rows: Iterable[Allocation], reason: str, now: datetime
) -> None:
    """Each seller learns how many units of each of its parts are its no more."""
    units: Counter[uuid.UUID] = Counter()
    for row in rows:
        units[row.seller_order_id] += row.quantity
    query = select(SellerOrder.id, SellerOrder.seller_id).where(SellerOrder.id.in_(units))
    for part_id, seller_id in session.execute(query.order_by(SellerOrder.id)):
        record(
            session,
            UnitsTakenBack(
                happened_at=now,
                audience=(seller_id, order.owner_id),
                order_id=order.id,
                seller_order_id=part_id,
                units=units[part_id],
                reason=reason,
            ),
        )


def tell_choice_waits(session: DbSession, *, order: Order, choice: Choice, now: datetime) -> None:
    """The buyer waits on."""
    record(
        session,
        ChoiceWaits(
            happened_at=now,
            audience=_concerned(session, order, choice),
            order_id=order.id,
            choice_id=choice.id,
            expires_at=choice.expires_at,
        ),
    )


def tell_choice_ended(session: DbSession, *, order: Order, choice: Choice, now: datetime) -> None:
    """What became of units that waited."""
    record(
        session,
        ChoiceEnded(
            happened_at=now,
            audience=_concerned(session, order, choice),
            order_id=order.id,
            choice_id=choice.id,
            outcome=choice.status,
        ),
    )


def _concerned(session: DbSession, order: Order, choice: Choice) -> tuple[uuid.UUID, ...]:
    """Both sides of the order, and who had the units."""
    row = session.get_one(Allocation, choice.allocation_id)
    return (order.buyer_id, order.owner_id, *sellers_of(session, rows=[row]))
