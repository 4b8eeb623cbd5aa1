"""What an order takes is reserved, and what is to come is promised: all of it or none.

Laws: stock rows of both are locked together, in one order, before either; where one is refused
nothing of the other stays. An order without goods to come asks for nothing more than its
reservation.
"""

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from app.infra.db import DbSession
from app.inventory import operations as inventory_operations
from app.inventory.operations import Wanted

Row = Mapping[str, Any]


def reserve(
    session: DbSession,
    *,
    order_id: uuid.UUID,
    rows: Sequence[Row],
    now: datetime,
    cart_id: uuid.UUID | None = None,
) -> None:
    """Reserve or promise the goods of new allocations; what a cart keeps becomes the order's.

    Raises:
        StockTaken: somebody else was faster; nothing is reserved.
    """
    here, coming = _parted(rows)
    if coming:
        _both(session, order_id, here, coming, now, cart_id)
    elif cart_id is None:
        inventory_operations.reserve(session, order_id=order_id, wanted=here, now=now)
    else:
        inventory_operations.take_over(
            session, cart_id=cart_id, order_id=order_id, wanted=here, now=now
        )


def reserve_again(
    session: DbSession, *, order_id: uuid.UUID, rows: Sequence[Row], now: datetime
) -> None:
    """The same for another decision in one transaction, which holds locks already: no waiting.

    Raises:
        StockTaken: somebody else was faster, or works with the stock now; nothing is reserved.
    """
    here, coming = _parted(rows)
    if not coming:
        inventory_operations.reserve_at_once(session, order_id=order_id, wanted=here, now=now)
        return
    with inventory_operations.all_or_none(session):
        inventory_operations.reserve_at_once(session, order_id=order_id, wanted=here, now=now)
        inventory_operations.promise_at_once(session, order_id=order_id, wanted=coming, now=now)


def _both(
    session: DbSession,
    order_id: uuid.UUID,
    here: Sequence[Wanted],
    coming: Sequence[Wanted],
    now: datetime,
    cart_id: uuid.UUID | None,
) -> None:
    if cart_id is not None:
        inventory_operations.take_over_all(
            session, cart_id=cart_id, order_id=order_id, wanted=here, coming=coming, now=now
        )
        return
    places = [(each.location_id, each.variant_id) for each in (*here, *coming)]
    inventory_operations.lock_stock(session, places=places)
    with inventory_operations.all_or_none(session):
        inventory_operations.reserve(session, order_id=order_id, wanted=here, now=now)
        inventory_operations.promise(session, order_id=order_id, wanted=coming, now=now)


def _parted(rows: Sequence[Row]) -> tuple[list[Wanted], list[Wanted]]:
    """What is in stock, and what is to come."""
    parted: dict[bool, list[Wanted]] = {False: [], True: []}
    for row in rows:
        wanted = Wanted(
            allocation_id=row["id"],
            location_id=row["location_id"],
            variant_id=row["variant_id"],
            quantity=row["quantity"],
            due_on=row["due_on"],
        )
        parted[row["is_later"]].append(wanted)
    return parted[False], parted[True]
