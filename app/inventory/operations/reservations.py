"""Hold stock for orders, or promise what is to come: one statement, all of it or nothing.

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
from datetime import date, datetime
from types import MappingProxyType
from typing import Any

from sqlalchemy import TextClause, text

from app.infra.db import DbSession, array_of
from app.inventory.errors import NothingToPromise, StockTaken
from app.inventory.queries.backorders import COMES_SQL
from app.kernel.errors import Conflict
from app.kernel.ids import new_id, public_id


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Units of a variant at a location that an allocation wants to hold.

    ``due_on``: of units to be promised, the day on which they are to come by what is announced.
    """

    allocation_id: uuid.UUID
    location_id: uuid.UUID
    variant_id: uuid.UUID
    quantity: int
    due_on: date | None = None


_LOCK = text("""
SELECT 1 FROM inventory_stock s
JOIN unnest(CAST(:location_ids AS uuid[]), CAST(:variant_ids AS uuid[]))
     AS place(location_id, variant_id) USING (location_id, variant_id)
ORDER BY s.location_id, s.variant_id
FOR NO KEY UPDATE OF s
""")

_RESERVING = """
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
    FOR NO KEY UPDATE OF s {waiting}
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
"""
_RESERVE = text(_RESERVING.format(waiting=""))
_RESERVE_AT_ONCE = text(_RESERVING.format(waiting="SKIP LOCKED"))

_LOCK_AT_ONCE = text("""
SELECT 1 FROM inventory_stock s
JOIN unnest(CAST(:location_ids AS uuid[]), CAST(:variant_ids AS uuid[]))
     AS place(location_id, variant_id) USING (location_id, variant_id)
ORDER BY s.location_id, s.variant_id
FOR NO KEY UPDATE OF s SKIP LOCKED
""")

# Beyond stock: what the seller's offer allows, of what is announced for that day or an earlier one
# and not promised yet.
_PROMISE = text(f"""
WITH wanted AS (
    SELECT * FROM unnest(
        CAST(:ids AS uuid[]), CAST(:allocation_ids AS uuid[]), CAST(:location_ids AS uuid[]),
        CAST(:variant_ids AS uuid[]), CAST(:quantities AS integer[]), CAST(:due_on AS date[])
    ) AS w(id, allocation_id, location_id, variant_id, quantity, due_on)
),
need AS MATERIALIZED (
    SELECT location_id, variant_id, due_on, sum(quantity) AS quantity,
           sum(sum(quantity)) OVER (
               PARTITION BY location_id, variant_id ORDER BY due_on NULLS LAST
           ) AS until
    FROM wanted GROUP BY 1, 2, 3
),
locked AS MATERIALIZED (
    SELECT s.location_id, s.variant_id, s.promised
    FROM inventory_stock s
    WHERE (s.location_id, s.variant_id) IN (SELECT location_id, variant_id FROM need)
    ORDER BY s.location_id, s.variant_id
    FOR NO KEY UPDATE OF s
),
allowed AS MATERIALIZED (
    SELECT n.location_id, n.variant_id, n.due_on, CASE o.backorder
        WHEN 'always' THEN o.backorder_limit
        WHEN 'incoming' THEN LEAST(o.backorder_limit, COALESCE((
            SELECT sum(i.quantity - i.received) FROM inventory_incoming i
            WHERE i.location_id = k.location_id AND i.variant_id = k.variant_id
              AND (n.due_on IS NULL OR i.due_on <= n.due_on) AND {COMES_SQL}
        ), 0))
        ELSE 0 END - k.promised AS units
    FROM need n JOIN locked k USING (location_id, variant_id)
    JOIN inventory_locations l ON l.id = k.location_id
    JOIN offers_offers o ON o.seller_id = l.seller_id AND o.variant_id = k.variant_id
),
short AS MATERIALIZED (
    SELECT n.location_id, n.variant_id, max(n.until) AS quantity,
           min(GREATEST(COALESCE(a.units, 0), 0)) AS available
    FROM need n LEFT JOIN allowed a
      ON a.location_id = n.location_id AND a.variant_id = n.variant_id
     AND a.due_on IS NOT DISTINCT FROM n.due_on
    WHERE COALESCE(a.units, 0) < n.until
    GROUP BY 1, 2
),
held AS (
    UPDATE inventory_stock s SET promised = locked.promised + need.quantity
    FROM locked JOIN (
        SELECT location_id, variant_id, sum(quantity)::integer AS quantity FROM need GROUP BY 1, 2
    ) need USING (location_id, variant_id)
    WHERE s.location_id = need.location_id AND s.variant_id = need.variant_id
      AND NOT EXISTS (SELECT 1 FROM short)
    RETURNING s.location_id, s.variant_id
),
kept AS (
    INSERT INTO inventory_reservations
        (id, order_id, allocation_id, location_id, variant_id, quantity, promised, due_on,
         expires_at, created_at)
    SELECT w.id, CAST(:order_id AS uuid), w.allocation_id, w.location_id, w.variant_id, w.quantity,
           w.quantity, w.due_on, CAST(:expires_at AS timestamptz), CAST(:now AS timestamptz)
    FROM wanted w JOIN held USING (location_id, variant_id)
    RETURNING 1
)
SELECT short.*, (SELECT count(*) FROM kept) AS kept
FROM (VALUES (1)) AS one LEFT JOIN short ON true
""")  # noqa: S608 - composed of constants only


def lock_stock(session: DbSession, *, places: Iterable[tuple[uuid.UUID, uuid.UUID]]) -> None:
    """Lock stock rows (location, variant) in order, before a transaction changes them in steps."""
    session.execute(_LOCK, _places(places))


def reserve(
    session: DbSession, *, order_id: uuid.UUID, wanted: Sequence[Wanted], now: datetime
) -> None:
    """Hold all of the wanted units, or none.

    Raises:
        StockTaken: somewhere less is available; ``taken`` names every such row.
    """
    _hold(session, _RESERVE, StockTaken, order_id, wanted, now)


def reserve_at_once(
    session: DbSession, *, order_id: uuid.UUID, wanted: Sequence[Wanted], now: datetime
) -> None:
    """Hold all of the wanted units, or none, without waiting for anybody.

    For who holds locks of stock rows already and wants others: waiting out of order could be in a
    circle. A row that somebody else works with counts as taken.

    Raises:
        StockTaken: somewhere less is available at once; ``taken`` names every such row.
    """
    _hold(session, _RESERVE_AT_ONCE, StockTaken, order_id, wanted, now)


def promise(
    session: DbSession,
    *,
    order_id: uuid.UUID,
    wanted: Sequence[Wanted],
    now: datetime,
    expires_at: datetime | None = None,
) -> None:
    """Promise units that are not in stock yet, all of them or none; they are held when they come.

    A reservation like any other, but that nothing of it can be shipped before. ``expires_at``: to a
    cart, for so long.

    Raises:
        NothingToPromise: somewhere fewer may be back-ordered by the day; ``taken`` names every such
            row.
    """
    # Locked before what is announced is read, so that nothing arrives in between.
    lock_stock(session, places=[(each.location_id, each.variant_id) for each in wanted])
    _promise(session, order_id, wanted, now, expires_at)


def promise_at_once(
    session: DbSession, *, order_id: uuid.UUID, wanted: Sequence[Wanted], now: datetime
) -> None:
    """The same for who holds locks of stock rows already: without waiting for anybody.

    Raises:
        NothingToPromise: fewer may be back-ordered at once; a row that somebody else works with
            counts as taken.
    """
    places = {(each.location_id, each.variant_id) for each in wanted}
    if wanted and len(session.execute(_LOCK_AT_ONCE, _places(places)).all()) < len(places):
        raise NothingToPromise(taken=[])
    _promise(session, order_id, wanted, now)


def _promise(
    session: DbSession,
    order_id: uuid.UUID,
    wanted: Sequence[Wanted],
    now: datetime,
    expires_at: datetime | None = None,
) -> None:
    days = {"due_on": [each.due_on for each in wanted], "expires_at": expires_at}
    _hold(session, _PROMISE, NothingToPromise, order_id, wanted, now, days)


def _places(places: Iterable[tuple[uuid.UUID, uuid.UUID]]) -> dict[str, list[uuid.UUID]]:
    pairs = list(places)
    return {
        "location_ids": [pair[0] for pair in pairs],
        "variant_ids": [pair[1] for pair in pairs],
    }


def _hold(
    session: DbSession,
    statement: TextClause,
    refusal: type[Conflict],
    order_id: uuid.UUID,
    wanted: Sequence[Wanted],
    now: datetime,
    told: Mapping[str, Any] = MappingProxyType({}),
) -> None:
    if not wanted:
        return
    rows = session.execute(
        statement,
        {
            **told,
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
        raise refusal(taken=taken)
    assert rows[0].kept == len(wanted), "the rows were locked, so every reservation was written"
