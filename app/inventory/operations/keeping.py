"""What a cart wants is kept for it, in stock or still to come, and becomes an order's as it is.

Laws: all of it or what was kept before; all stock rows are locked first, in one order. A promise
that was kept for a day is passed on for that day, without being judged anew: others may have been
promised what comes later, and take nothing from who was promised earlier.
"""

import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, text

from app.infra.db import DbSession, array_of
from app.inventory.errors import NothingToPromise, StockTaken
from app.inventory.operations.holds import hold, let_go_locked, lock_kept
from app.inventory.operations.reservations import Wanted, promise, reserve


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """Who has promises: a cart until an instant, or an order for good."""

    order_id: uuid.UUID
    expires_at: datetime | None = None


_OWN = text("""
SELECT id, location_id, variant_id, due_on, promised FROM inventory_reservations
WHERE order_id = :cart_id AND expires_at IS NOT NULL AND promised = quantity
ORDER BY id
""")

# What an order wants less of goes back.
_PASS_ON = text("""
WITH passed AS (
    SELECT * FROM unnest(
        CAST(:ids AS uuid[]), CAST(:allocation_ids AS uuid[]), CAST(:quantities AS integer[]),
        CAST(:spare AS integer[])
    ) AS p (id, allocation_id, quantity, spare)
),
moved AS (
    UPDATE inventory_reservations r
    SET order_id = :order_id, allocation_id = p.allocation_id, quantity = p.quantity,
        promised = p.quantity, expires_at = CAST(:expires_at AS timestamptz)
    FROM passed p WHERE r.id = p.id
    RETURNING r.location_id, r.variant_id, p.spare
)
UPDATE inventory_stock s SET promised = s.promised - m.spare
FROM (SELECT location_id, variant_id, sum(spare) AS spare FROM moved GROUP BY 1, 2) m
WHERE s.location_id = m.location_id AND s.variant_id = m.variant_id
""")


def keep(
    session: DbSession,
    *,
    cart_id: uuid.UUID,
    wanted: Sequence[tuple[uuid.UUID, uuid.UUID, int]],
    coming: Sequence[Wanted],
    expires_at: datetime,
    now: datetime,
) -> None:
    """Keep (location, variant, units) in stock and what is to come until an instant.

    Instead of what was kept before. The caller holds the cart's lock.

    Raises:
        StockTaken: somewhere less is available, or comes; nothing changed.
    """
    places = [(each[0], each[1]) for each in wanted]
    places += [(each.location_id, each.variant_id) for each in coming]
    has_promises = lock_kept(session, cart_id=cart_id, places=places)
    if not coming and not has_promises:
        hold(session, cart_id=cart_id, wanted=wanted, expires_at=expires_at)
        return
    to = Kept(order_id=cart_id, expires_at=expires_at)
    with all_or_none(session):
        rest = _pass_on(session, cart_id, to, coming)
        hold(session, cart_id=cart_id, wanted=wanted, expires_at=expires_at)
        promise(session, order_id=cart_id, wanted=rest, now=now, expires_at=expires_at)


def take_over_all(
    session: DbSession,
    *,
    cart_id: uuid.UUID,
    order_id: uuid.UUID,
    wanted: Sequence[Wanted],
    coming: Sequence[Wanted],
    now: datetime,
) -> None:
    """Reserve and promise for an order what its cart kept, and whatever more it wants.

    Raises:
        StockTaken: somewhere less is available, or comes; the cart keeps nothing.
    """
    lock_kept(
        session,
        cart_id=cart_id,
        places=((each.location_id, each.variant_id) for each in (*wanted, *coming)),
    )
    try:
        with all_or_none(session):
            rest = _pass_on(session, cart_id, Kept(order_id=order_id), coming)
            reserve(session, order_id=order_id, wanted=wanted, now=now)
            promise(session, order_id=order_id, wanted=rest, now=now)
    except StockTaken:
        let_go_locked(session, cart_id=cart_id)
        raise


@contextmanager
def all_or_none(session: DbSession) -> Iterator[None]:
    """What is reserved and promised in this block is, or nothing of it.

    Raises:
        StockTaken: a part of it was refused.
    """
    nested = session.begin_nested()
    try:
        yield
    except (StockTaken, NothingToPromise) as refused:
        nested.rollback()
        raise StockTaken(taken=refused.details["taken"]) from refused
    nested.commit()


def _pass_on(
    session: DbSession, cart_id: uuid.UUID, to: Kept, coming: Sequence[Wanted]
) -> list[Wanted]:
    """Pass on the promises that fit, let all else go; what is still to be promised."""
    own = list(session.execute(_OWN, {"cart_id": cart_id}))
    passed, rest = [], []
    for each in coming:
        fits = next((row for row in own if _fits(row, each)), None)
        if fits is None:
            rest.append(each)
        else:
            own.remove(fits)
            passed.append((fits, each))
    if passed:
        session.execute(
            _PASS_ON,
            {
                "order_id": to.order_id,
                "expires_at": to.expires_at,
                "ids": array_of(row.id for row, _ in passed),
                "allocation_ids": array_of(each.allocation_id for _, each in passed),
                "quantities": array_of(each.quantity for _, each in passed),
                "spare": array_of(row.promised - each.quantity for row, each in passed),
            },
        )
    spared = [each.allocation_id for _, each in passed]
    let_go_locked(session, cart_id=cart_id, spared=spared)
    return rest


def _fits(row: Row[Any], wanted: Wanted) -> bool:
    """Whether a promise of the cart is of the same goods for the same day, and enough."""
    promised = (row.location_id, row.variant_id, row.due_on)
    same = promised == (wanted.location_id, wanted.variant_id, wanted.due_on)
    return bool(same and row.promised >= wanted.quantity)
