"""When stock is scarce: thresholds, and the one event when it falls below or is back above.

Laws: the database notes a row in the statement that makes it scarce, or no longer so; a sweep looks
at what is noted, tells what differs from what was told last, and forgets the note. Who reserves
pays for it only when a threshold is crossed, and a row that recovers meanwhile is not told of.
"""

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import RowMapping, text

from app.infra.auth import Caller
from app.infra.db import DbSession, array_of
from app.infra.unit_of_work import record
from app.inventory.events import StockLow, StockRecovered
from app.inventory.operations.levels import ensure_stock
from app.inventory.operations.owning import require_known

# Stock is locked before its note is taken, as by who notes; what somebody works with waits.
_TELL = text("""
WITH noted AS (
    SELECT location_id, variant_id FROM inventory_watched
    ORDER BY location_id, variant_id LIMIT :limit
),
locked AS MATERIALIZED (
    SELECT s.location_id, s.variant_id, s.low_at, s.is_low AS was_low,
           s.on_hand - s.reserved - s.safety AS available
    FROM inventory_stock s JOIN noted USING (location_id, variant_id)
    ORDER BY s.location_id, s.variant_id
    FOR NO KEY UPDATE OF s SKIP LOCKED
),
taken AS (
    DELETE FROM inventory_watched w USING locked k
    WHERE w.location_id = k.location_id AND w.variant_id = k.variant_id
),
told AS (
    UPDATE inventory_stock s SET is_low = (k.available < k.low_at) IS TRUE
    FROM locked k
    WHERE s.location_id = k.location_id AND s.variant_id = k.variant_id
      AND k.was_low <> ((k.available < k.low_at) IS TRUE)
)
SELECT l.seller_id, k.location_id, k.variant_id, k.low_at, k.available, k.was_low,
       (k.available < k.low_at) IS TRUE AS is_low
FROM locked k JOIN inventory_locations l ON l.id = k.location_id
ORDER BY k.location_id, k.variant_id
""")

_SET = text("""
WITH wanted AS (
    SELECT * FROM unnest(
        CAST(:location_ids AS uuid[]), CAST(:variant_ids AS uuid[]), CAST(:low_at AS integer[])
    ) AS w (location_id, variant_id, low_at)
),
locked AS MATERIALIZED (
    SELECT s.location_id, s.variant_id, w.low_at, l.low_at AS usual
    FROM inventory_stock s JOIN wanted w USING (location_id, variant_id)
    JOIN inventory_locations l ON l.id = s.location_id
    ORDER BY s.location_id, s.variant_id
    FOR NO KEY UPDATE OF s
)
UPDATE inventory_stock s
SET low_at = COALESCE(k.low_at, k.usual), is_low_own = k.low_at IS NOT NULL
FROM locked k WHERE s.location_id = k.location_id AND s.variant_id = k.variant_id
""")

_SET_USUAL = text("""
WITH locked AS MATERIALIZED (
    SELECT location_id, variant_id FROM inventory_stock
    WHERE location_id = :location_id AND NOT is_low_own
    ORDER BY variant_id FOR NO KEY UPDATE
)
UPDATE inventory_stock s SET low_at = :low_at FROM locked k
WHERE s.location_id = k.location_id AND s.variant_id = k.variant_id
""")


class Threshold(NamedTuple):
    """Below how many available units a row is scarce; None: as its location says."""

    location_id: uuid.UUID
    variant_id: uuid.UUID
    low_at: int | None


def set_thresholds(
    session: DbSession, *, caller: Caller, rows: Sequence[Threshold], now: datetime
) -> int:
    """Set thresholds of rows of the caller's; how many.

    Raises:
        StockRowsUnknown: rows name a location or variant that the caller does not have.
    """
    places = [row[:2] for row in rows]
    require_known(session, caller=caller, places=places)
    ensure_stock(session, places=places, now=now)
    session.execute(
        _SET,
        {
            "location_ids": array_of(row.location_id for row in rows),
            "variant_ids": array_of(row.variant_id for row in rows),
            "low_at": array_of("NULL" if row.low_at is None else row.low_at for row in rows),
        },
    )
    return len(rows)


def spread_threshold(session: DbSession, *, location_id: uuid.UUID, low_at: int | None) -> None:
    """What a location says becomes the threshold of all its rows that have none of their own."""
    session.execute(_SET_USUAL, {"location_id": location_id, "low_at": low_at})


def tell_scarcity(session: DbSession, *, now: datetime, limit: int) -> int:
    """Tell of a batch of rows that have become scarce, or no longer are; how many were noted."""
    noted = session.execute(_TELL, {"limit": limit}).mappings().all()
    for row in noted:
        if row["is_low"] != row["was_low"]:
            record(session, _told(row, now))
    return len(noted)


def _told(row: RowMapping, now: datetime) -> StockLow | StockRecovered:
    kind = StockLow if row["is_low"] else StockRecovered
    names = ("location_id", "variant_id", "available", "low_at")
    facts = {name: row[name] for name in names}
    return kind(happened_at=now, audience=(row["seller_id"],), **facts)
