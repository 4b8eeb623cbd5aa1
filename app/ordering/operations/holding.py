"""Units that nobody can serve are kept for the buyer: promised as before, reserved nowhere.

They are one allocation a line that waits, with a choice beside it: the buyer waits, cancels or
takes something else; who does not choose in time gets its money back.
"""

import uuid
from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import select

from app.infra.db import DbSession
from app.infra.unit_of_work import record
from app.kernel.ids import new_id
from app.ordering.events import ChoiceOpened
from app.ordering.models import Allocation, Choice, Order, SellerOrder
from app.ordering.operations import aftercare
from app.ordering.operations.promises import Promise, Promised
from app.storefronts.models import Storefront


def hold(
    session: DbSession,
    *,
    order: Order,
    promises: Mapping[uuid.UUID, Promise],
    storefront: Storefront,
    asks: bool,
    reason: str,
    now: datetime,
) -> None:
    """Keep the rest of promises for the buyer, and ask what shall become of it."""
    for line_id, promise in promises.items():
        units = promise.rest
        promised = promise.take(units)
        choice = _open_choice(session, line_id)
        if choice is None:
            row = _waiting_row(promise.rows[0], units, now)
            session.add(row)
            session.flush()
            choice = _new_choice(order, row, storefront, reason, now, asks=asks)
            session.add(choice)
        else:
            row = session.get_one(Allocation, choice.allocation_id)
            row.quantity += units
        _add(row, promised)
        _tell(session, order, choice, row, promise, now)
    session.flush()


def _open_choice(session: DbSession, line_id: uuid.UUID) -> Choice | None:
    return session.scalars(
        select(Choice).where(Choice.order_line_id == line_id, Choice.ended_at.is_(None))
    ).one_or_none()


def _waiting_row(of: Allocation, units: int, now: datetime) -> Allocation:
    return Allocation(
        id=new_id(),
        order_line_id=of.order_line_id,
        seller_order_id=of.seller_order_id,
        location_id=of.location_id,
        variant_id=of.variant_id,
        quantity=units,
        shipped_quantity=0,
        delivered_quantity=0,
        status="waiting",
        offered_at=now,
        replaces_id=of.id,
        seller_unit_minor=of.seller_unit_minor,
        seller_per_quantity=of.seller_per_quantity,
        buyer_goods_minor=0,
        buyer_freight_minor=0,
        seller_goods_minor=0,
        seller_freight_minor=0,
        hops=[],
        dues=[],
    )


def _add(row: Allocation, promised: Promised) -> None:
    """What more units were promised at, and what the storefront had bargained for them."""
    row.buyer_goods_minor += promised.buyer_goods
    row.buyer_freight_minor += promised.buyer_freight
    row.seller_goods_minor += promised.landed_goods
    row.seller_freight_minor += promised.landed_freight
    row.dues = [
        *row.dues,
        *(
            {"payer_id": str(due.payer_id), "amount_minor": due.amount_minor}
            for due in promised.dues
        ),
    ]


def _new_choice(
    order: Order,
    row: Allocation,
    storefront: Storefront,
    reason: str,
    now: datetime,
    *,
    asks: bool,
) -> Choice:
    return Choice(
        id=new_id(),
        order_id=order.id,
        order_line_id=row.order_line_id,
        allocation_id=row.id,
        status="open" if asks else "waiting",
        reason=reason,
        opened_at=now,
        expires_at=aftercare.choice_ends(storefront, now=now)
        if asks
        else aftercare.waiting_ends(storefront, now=now, until=None),
        tried_at=now,
    )


def _tell(
    session: DbSession,
    order: Order,
    choice: Choice,
    row: Allocation,
    promise: Promise,
    now: datetime,
) -> None:
    refuser = session.get_one(SellerOrder, promise.rows[0].seller_order_id).seller_id
    record(
        session,
        ChoiceOpened(
            happened_at=now,
            audience=tuple(dict.fromkeys((order.buyer_id, order.owner_id, refuser))),
            order_id=order.id,
            choice_id=choice.id,
            units=row.quantity,
            reason=choice.reason,
            expires_at=choice.expires_at,
        ),
    )
