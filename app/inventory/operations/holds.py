"""Carts keep units from others for a while: all that a cart wants, or what it kept before.

What is in stock is kept by holds, what is still to come by promises with a time limit, whose order
is the cart; they are judged, filled when goods come, and counted as those of orders are.

Laws: holds are in ``reserved``, so what is held can be sold to nobody else and is never oversold;
stock rows are locked before holds, in the order that reservations use; a hold that is due goes, in
any sweep that finds its stock row free. When a cart becomes an order, its holds are let go in the
transaction that reserves for the order, while their stock rows are locked: there is no gap.
"""

import uuid
from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import text

from app.infra.db import DbSession, array_of
from app.inventory.errors import StockTaken
from app.inventory.operations.reservations import Wanted, lock_stock, reserve
from app.kernel.ids import public_id

Place = tuple[uuid.UUID, uuid.UUID]

_HOLD = text("""
WITH wanted AS (
    SELECT location_id, variant_id, sum(quantity)::integer AS quantity FROM unnest(
        CAST(:location_ids AS uuid[]), CAST(:variant_ids AS uuid[]), CAST(:quantities AS integer[])
    ) AS w (location_id, variant_id, quantity) GROUP BY 1, 2
),
had AS MATERIALIZED (
    SELECT location_id, variant_id, quantity FROM inventory_holds WHERE cart_id = :cart_id
),
locked AS MATERIALIZED (
    SELECT s.location_id, s.variant_id, s.on_hand, s.reserved, s.safety FROM inventory_stock s
    WHERE (s.location_id, s.variant_id) IN (
        SELECT location_id, variant_id FROM wanted
        UNION SELECT location_id, variant_id FROM had
    )
    ORDER BY s.location_id, s.variant_id
    FOR NO KEY UPDATE
),
judged AS MATERIALIZED (
    SELECT location_id, variant_id, l.on_hand, COALESCE(w.quantity, 0) AS quantity,
           l.reserved - COALESCE(h.quantity, 0) AS others,
           COALESCE(l.on_hand - l.reserved - l.safety, 0) + COALESCE(h.quantity, 0) AS available
    FROM locked l
    FULL JOIN wanted w USING (location_id, variant_id)
    LEFT JOIN had h USING (location_id, variant_id)
),
short AS MATERIALIZED (
    SELECT location_id, variant_id, quantity, GREATEST(available, 0) AS available FROM judged
    WHERE quantity > 0 AND quantity > available
),
held AS (
    UPDATE inventory_stock s SET on_hand = j.on_hand, reserved = j.others + j.quantity
    FROM judged j
    WHERE s.location_id = j.location_id AND s.variant_id = j.variant_id
      AND NOT EXISTS (SELECT FROM short)
),
kept AS (
    INSERT INTO inventory_holds (cart_id, location_id, variant_id, quantity, expires_at)
    SELECT CAST(:cart_id AS uuid), location_id, variant_id, quantity,
           CAST(:expires_at AS timestamptz)
    FROM wanted WHERE NOT EXISTS (SELECT FROM short)
    ON CONFLICT (cart_id, location_id, variant_id) DO UPDATE
    SET quantity = EXCLUDED.quantity, expires_at = EXCLUDED.expires_at
),
gone AS (
    DELETE FROM inventory_holds h USING had
    WHERE h.cart_id = :cart_id AND h.location_id = had.location_id
      AND h.variant_id = had.variant_id AND NOT EXISTS (SELECT FROM short)
      AND NOT EXISTS (
          SELECT FROM wanted w
          WHERE w.location_id = h.location_id AND w.variant_id = h.variant_id
      )
)
SELECT location_id, variant_id, quantity, available FROM short
""")

_PLACES = text("""
SELECT location_id, variant_id, false AS is_promised FROM inventory_holds WHERE cart_id = :cart_id
UNION ALL
SELECT location_id, variant_id, true FROM inventory_reservations
WHERE order_id = :cart_id AND expires_at IS NOT NULL
""")

_LET_GO = text("""
WITH holds AS (
    DELETE FROM inventory_holds WHERE cart_id = :cart_id
    RETURNING location_id, variant_id, quantity
),
promises AS (
    DELETE FROM inventory_reservations
    WHERE order_id = :cart_id AND expires_at IS NOT NULL
      AND allocation_id <> ALL (CAST(:spared AS uuid[]))
    RETURNING location_id, variant_id, quantity - promised AS held, promised
),
gone AS (
    SELECT location_id, variant_id, sum(held) AS held, sum(promised) AS promised FROM (
        SELECT location_id, variant_id, quantity AS held, 0 AS promised FROM holds
        UNION ALL SELECT location_id, variant_id, held, promised FROM promises
    ) each GROUP BY 1, 2
),
freed AS (
    UPDATE inventory_stock s SET reserved = s.reserved - g.held, promised = s.promised - g.promised
    FROM gone g WHERE s.location_id = g.location_id AND s.variant_id = g.variant_id
)
SELECT COALESCE(sum(held + promised), 0) FROM gone
""")

# Stock rows that somebody works with are left for the next sweep: a hold may stand a bit longer.
_EXPIRE = text("""
WITH due AS (
    SELECT DISTINCT location_id, variant_id FROM (
        (SELECT location_id, variant_id FROM inventory_holds WHERE expires_at <= :now
         ORDER BY expires_at LIMIT :limit)
        UNION ALL
        (SELECT location_id, variant_id FROM inventory_reservations WHERE expires_at <= :now
         ORDER BY expires_at LIMIT :limit)
    ) h
),
locked AS MATERIALIZED (
    SELECT s.location_id, s.variant_id, s.reserved, s.promised
    FROM inventory_stock s JOIN due USING (location_id, variant_id)
    ORDER BY s.location_id, s.variant_id
    FOR NO KEY UPDATE OF s SKIP LOCKED
),
holds AS (
    DELETE FROM inventory_holds h USING locked l
    WHERE h.location_id = l.location_id AND h.variant_id = l.variant_id AND h.expires_at <= :now
    RETURNING h.location_id, h.variant_id, h.quantity
),
promises AS (
    DELETE FROM inventory_reservations r USING locked l
    WHERE r.location_id = l.location_id AND r.variant_id = l.variant_id AND r.expires_at <= :now
    RETURNING r.location_id, r.variant_id, r.quantity - r.promised AS held, r.promised
),
gone AS (
    SELECT location_id, variant_id, quantity AS held, 0 AS promised FROM holds
    UNION ALL SELECT location_id, variant_id, held, promised FROM promises
),
freed AS (
    UPDATE inventory_stock s
    SET reserved = l.reserved - g.held, promised = l.promised - g.promised
    FROM (
        SELECT location_id, variant_id, sum(held) AS held, sum(promised) AS promised
        FROM gone GROUP BY 1, 2
    ) g
    JOIN locked l USING (location_id, variant_id)
    WHERE s.location_id = g.location_id AND s.variant_id = g.variant_id
)
SELECT count(*) FROM gone
""")


def hold(
    session: DbSession,
    *,
    cart_id: uuid.UUID,
    wanted: Sequence[tuple[uuid.UUID, uuid.UUID, int]],
    expires_at: datetime,
) -> None:
    """Keep (location, variant, units) for a cart until an instant, instead of what it kept before.

    The caller holds the cart's lock.

    Raises:
        StockTaken: somewhere less is available; ``taken`` names every such row; nothing changed.
    """
    # Locked before holds are read, so that no sweep takes what this counts as the cart's.
    lock_kept(session, cart_id=cart_id, places=((each[0], each[1]) for each in wanted))
    rows = session.execute(
        _HOLD,
        {
            "cart_id": cart_id,
            "location_ids": array_of(each[0] for each in wanted),
            "variant_ids": array_of(each[1] for each in wanted),
            "quantities": array_of(each[2] for each in wanted),
            "expires_at": expires_at,
        },
    ).all()
    if rows:
        raise StockTaken(
            taken=[
                {
                    "location_id": public_id("loc", row.location_id),
                    "variant_id": public_id("var", row.variant_id),
                    "wanted": row.quantity,
                    "available": row.available,
                }
                for row in rows
            ]
        )


def let_go(session: DbSession, *, cart_id: uuid.UUID) -> int:
    """Give back all that a cart keeps; how many units. The caller holds the cart's lock."""
    lock_kept(session, cart_id=cart_id)
    return let_go_locked(session, cart_id=cart_id)


def lock_kept(session: DbSession, *, cart_id: uuid.UUID, places: Iterable[Place] = ()) -> bool:
    """Lock stock rows of what a cart keeps together with others; whether it keeps promises."""
    kept = session.execute(_PLACES, {"cart_id": cart_id}).all()
    lock_stock(session, places={*places, *((row.location_id, row.variant_id) for row in kept)})
    return any(row.is_promised for row in kept)


def let_go_locked(
    session: DbSession, *, cart_id: uuid.UUID, spared: Iterable[uuid.UUID] = ()
) -> int:
    """The same for who has locked the stock rows; but promises to these allocations stay."""
    binds = {"cart_id": cart_id, "spared": array_of(spared)}
    return int(session.scalar(_LET_GO, binds) or 0)


def take_over(
    session: DbSession,
    *,
    cart_id: uuid.UUID,
    order_id: uuid.UUID,
    wanted: Sequence[Wanted],
    now: datetime,
) -> None:
    """Reserve for an order what its cart kept, and whatever more it wants, without a gap.

    All stock rows are locked first, in one order; what the cart kept and the order does not want
    is free afterwards.

    Raises:
        StockTaken: somewhere less is available; nothing was reserved, and the cart keeps nothing.
    """
    places = ((each.location_id, each.variant_id) for each in wanted)
    lock_kept(session, cart_id=cart_id, places=places)
    let_go_locked(session, cart_id=cart_id)
    reserve(session, order_id=order_id, wanted=wanted, now=now)


def expire_holds(session: DbSession, *, now: datetime, limit: int) -> int:
    """Give back a batch of what is kept no longer; how many rows."""
    return int(session.scalar(_EXPIRE, {"now": now, "limit": limit}) or 0)
