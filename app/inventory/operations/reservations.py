"""Hold stock for orders, give it back, ship it: each is one statement, all of it or nothing.

Laws: nothing is ever oversold; stock rows are locked in the order (location, variant), so that
whoever needs several never waits in a circle; a reservation is only touched by who holds the lock
on its stock row. Each statement first locks, and what it locked is judged and written: an UPDATE
alone would try its conditions and the table's checks on rows as they were when the statement
began, and refuse for want of what was given back while it waited. ``updated_at`` of stock is when
its owner last set it; orders do not touch it.
"""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import TextClause, text

from app.infra.db import DbSession, array_of
from app.inventory.errors import ReservationTooSmall, StockTaken
from app.kernel.ids import new_id, public_id


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Units of a variant at a location that an allocation wants to hold."""

    allocation_id: uuid.UUID
    location_id: uuid.UUID
    variant_id: uuid.UUID
    quantity: int


_LOCK = text("""
SELECT 1 FROM inventory_stock s
JOIN unnest(CAST(:location_ids AS uuid[]), CAST(:variant_ids AS uuid[]))
     AS place(location_id, variant_id) USING (location_id, variant_id)
ORDER BY s.location_id, s.variant_id
FOR NO KEY UPDATE OF s
""")

_RESERVE = text("""
WITH wanted AS (
    SELECT * FROM unnest(
        CAST(:ids AS uuid[]), CAST(:allocation_ids AS uuid[]), CAST(:location_ids AS uuid[]),
        CAST(:variant_ids AS uuid[]), CAST(:quantities AS integer[])
    ) AS w(id, allocation_id, location_id, variant_id, quantity)
),
need AS MATERIALIZED (
    SELECT location_id, variant_id, sum(quantity) AS quantity FROM wanted GROUP BY 1, 2
),
locked AS MATERIALIZED (
    SELECT s.location_id, s.variant_id, s.on_hand, s.reserved,
           s.on_hand - s.reserved - s.safety AS available
    FROM inventory_stock s JOIN need USING (location_id, variant_id)
    ORDER BY s.location_id, s.variant_id
    FOR NO KEY UPDATE OF s
),
short AS MATERIALIZED (
    SELECT location_id, variant_id, need.quantity, COALESCE(locked.available, 0) AS available
    FROM need LEFT JOIN locked USING (location_id, variant_id)
    WHERE COALESCE(locked.available, 0) < need.quantity
),
held AS (
    UPDATE inventory_stock s
    SET on_hand = locked.on_hand, reserved = locked.reserved + need.quantity
    FROM need JOIN locked USING (location_id, variant_id)
    WHERE s.location_id = need.location_id AND s.variant_id = need.variant_id
      AND NOT EXISTS (SELECT 1 FROM short)
    RETURNING s.location_id, s.variant_id
),
kept AS (
    INSERT INTO inventory_reservations
        (id, order_id, allocation_id, location_id, variant_id, quantity, created_at)
    SELECT w.id, CAST(:order_id AS uuid), w.allocation_id, w.location_id, w.variant_id, w.quantity,
           CAST(:now AS timestamptz)
    FROM wanted w JOIN held USING (location_id, variant_id)
    RETURNING 1
)
SELECT short.*, (SELECT count(*) FROM kept) AS kept
FROM (VALUES (1)) AS one LEFT JOIN short ON true
""")

_TAKE_FROM_RESERVATIONS = """
WITH wanted AS (
    SELECT * FROM unnest(CAST(:allocation_ids AS uuid[]), CAST(:quantities AS integer[]))
           AS w(allocation_id, quantity)
),
locked AS MATERIALIZED (
    SELECT s.location_id, s.variant_id FROM inventory_stock s
    WHERE (s.location_id, s.variant_id) IN (
        SELECT r.location_id, r.variant_id
        FROM wanted JOIN inventory_reservations r USING (allocation_id)
    )
    ORDER BY s.location_id, s.variant_id
    FOR NO KEY UPDATE OF s
),
found AS MATERIALIZED (
    SELECT r.id, r.allocation_id, w.quantity, r.quantity - r.consumed - r.released AS held
    FROM wanted w
    JOIN inventory_reservations r USING (allocation_id)
    JOIN locked USING (location_id, variant_id)
    FOR NO KEY UPDATE OF r
),
short AS MATERIALIZED (
    SELECT allocation_id, w.quantity, COALESCE(found.held, 0) AS held
    FROM wanted w LEFT JOIN found USING (allocation_id)
    WHERE COALESCE(found.held, 0) < w.quantity
),
taken AS (
    UPDATE inventory_reservations r SET {taken} = r.{taken} + found.quantity
    FROM found
    WHERE r.id = found.id AND NOT EXISTS (SELECT 1 FROM short)
    RETURNING r.location_id, r.variant_id, found.quantity
),
fallen AS (
    UPDATE inventory_stock s SET {fallen}
    FROM (
        SELECT location_id, variant_id, sum(quantity) AS quantity FROM taken GROUP BY 1, 2
    ) AS t
    WHERE s.location_id = t.location_id AND s.variant_id = t.variant_id
    RETURNING 1
)
SELECT allocation_id, quantity, held FROM short
"""
_RELEASE = text(
    _TAKE_FROM_RESERVATIONS.format(taken="released", fallen="reserved = s.reserved - t.quantity")
)
_CONSUME = text(
    _TAKE_FROM_RESERVATIONS.format(
        taken="consumed",
        fallen="reserved = s.reserved - t.quantity, on_hand = s.on_hand - t.quantity",
    )
)


def lock_stock(session: DbSession, *, places: Iterable[tuple[uuid.UUID, uuid.UUID]]) -> None:
    """Lock stock rows (location, variant) in order, before a transaction changes them in steps."""
    pairs = list(places)
    session.execute(
        _LOCK,
        {"location_ids": [pair[0] for pair in pairs], "variant_ids": [pair[1] for pair in pairs]},
    )


def reserve(
    session: DbSession, *, order_id: uuid.UUID, wanted: Sequence[Wanted], now: datetime
) -> None:
    """Hold all of the wanted units, or none.

    Raises:
        StockTaken: somewhere less is available; ``taken`` names every such row.
    """
    if not wanted:
        return
    rows = session.execute(
        _RESERVE,
        {
            "order_id": order_id,
            "now": now,
            "ids": array_of(new_id() for _ in wanted),
            "allocation_ids": array_of(each.allocation_id for each in wanted),
            "location_ids": array_of(each.location_id for each in wanted),
            "variant_ids": array_of(each.variant_id for each in wanted),
            "quantities": array_of(each.quantity for each in wanted),
        },
    ).all()
    taken = [
        {
            "location_id": public_id("loc", row.location_id),
            "variant_id": public_id("var", row.variant_id),
            "wanted": int(row.quantity),
            "available": row.available,
        }
        for row in rows
        if row.location_id is not None
    ]
    if taken:
        raise StockTaken(taken=taken)
    assert rows[0].kept == len(wanted), "the rows were locked, so every reservation was written"


def release(session: DbSession, *, quantities: Mapping[uuid.UUID, int]) -> None:
    """Give units back to the stock that allocations hold; in part or whole, all or none.

    Raises:
        ReservationTooSmall: an allocation holds less than that.
    """
    _take(session, _RELEASE, quantities)


def consume(session: DbSession, *, quantities: Mapping[uuid.UUID, int]) -> None:
    """Ship units that allocations hold: on hand and reserved fall together, all or none.

    Raises:
        ReservationTooSmall: an allocation holds less than that.
    """
    _take(session, _CONSUME, quantities)


def _take(session: DbSession, statement: TextClause, quantities: Mapping[uuid.UUID, int]) -> None:
    assert all(quantity >= 0 for quantity in quantities.values())
    wanted = {allocation: quantity for allocation, quantity in quantities.items() if quantity}
    if not wanted:
        return
    short = session.execute(
        statement,
        {"allocation_ids": list(wanted), "quantities": list(wanted.values())},
    ).all()
    if short:
        raise ReservationTooSmall(
            allocations=[
                {
                    "allocation_id": public_id("alloc", row.allocation_id),
                    "wanted": row.quantity,
                    "held": row.held,
                }
                for row in short
            ]
        )
