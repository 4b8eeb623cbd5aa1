"""What time brings: promises that units became free for, lots that have expired.

Laws: goods that come are given to waiting promises by the database, in the statement that brings
them; the sweep is for units that become free otherwise. What has expired leaves stock on the day
after its last one, as its location counts days, as far as no order holds it.
"""

from datetime import datetime

from sqlalchemy import text

from app.infra.db import DbSession

_FILL = text("""
WITH waiting AS (
    SELECT location_id, variant_id FROM inventory_stock
    WHERE promised > 0 AND on_hand - reserved - safety > 0
    ORDER BY location_id, variant_id LIMIT :limit FOR NO KEY UPDATE SKIP LOCKED
)
SELECT count(*), inventory_fill(array_agg(location_id), array_agg(variant_id)) FROM waiting
HAVING count(*) > 0
""")

_EXPIRE = text("""
WITH due AS (
    SELECT l.id, l.location_id, l.variant_id, l.code, l.on_hand, l.expires_on
    FROM inventory_lots l
    JOIN inventory_locations p ON p.id = l.location_id
    JOIN inventory_stock s ON s.location_id = l.location_id AND s.variant_id = l.variant_id
     AND s.on_hand > s.reserved
    WHERE l.on_hand > 0 AND l.expires_on <= CAST(:now AS date)
      AND l.expires_on < CAST(CAST(:now AS timestamptz) AT TIME ZONE p.time_zone AS date)
    ORDER BY l.expires_on, l.id LIMIT :limit
),
locked AS MATERIALIZED (
    SELECT s.location_id, s.variant_id, s.on_hand - s.reserved AS free
    FROM inventory_stock s
    WHERE (s.location_id, s.variant_id) IN (SELECT location_id, variant_id FROM due)
      AND s.on_hand > s.reserved
    ORDER BY s.location_id, s.variant_id
    FOR NO KEY UPDATE SKIP LOCKED
),
going AS (
    SELECT d.*, k.free, sum(d.on_hand) OVER (
        PARTITION BY d.location_id, d.variant_id ORDER BY d.expires_on, d.id) - d.on_hand AS before
    FROM due d JOIN locked k USING (location_id, variant_id)
)
INSERT INTO inventory_movements
    (location_id, variant_id, quantity, lot_id, reason, code, reference, at)
SELECT location_id, variant_id, -LEAST(on_hand, free - before), id, 'expiry', 'expired', code, :now
FROM going WHERE before < free
ORDER BY location_id, variant_id, before
RETURNING 1
""")


def fill_promises(session: DbSession, *, now: datetime, limit: int) -> int:
    """Give free units to orders that were promised some; how many rows had any."""
    del now  # promises are filled in the order in which they were made
    row = session.execute(_FILL, {"limit": limit}).one_or_none()
    return 0 if row is None else int(row[0])


def expire_lots(session: DbSession, *, now: datetime, limit: int) -> int:
    """Write off what has expired and nobody was promised; how many lots."""
    return len(session.execute(_EXPIRE, {"now": now, "limit": limit}).all())
