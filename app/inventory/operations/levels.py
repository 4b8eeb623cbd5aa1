"""Stock to a level, or by so many units: rows at once, moved in one statement.

Laws: rows are locked in the order that reservations use, then judged, then moved, so that nothing
falls below what is held; what is on hand is only ever written by the movements that are inserted
here. Stock that a row names and that there is not is made first, with nothing on hand.
"""

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Row, TextClause, text

from app.infra.db import DbSession, array_of
from app.inventory.rules.moving import Cause

_ENSURE = text("""
INSERT INTO inventory_stock (location_id, variant_id, on_hand, updated_at)
SELECT DISTINCT location_id, variant_id, 0, CAST(:now AS timestamptz)
FROM unnest(CAST(:location_ids AS uuid[]), CAST(:variant_ids AS uuid[])) AS w
     (location_id, variant_id)
WHERE NOT EXISTS (
    SELECT FROM inventory_stock s
    WHERE s.location_id = w.location_id AND s.variant_id = w.variant_id
)
ORDER BY location_id, variant_id
ON CONFLICT DO NOTHING
""")

_WRITE = """
WITH wanted AS (
    SELECT * FROM unnest(
        CAST(:location_ids AS uuid[]), CAST(:variant_ids AS uuid[]), CAST(:units AS integer[]),
        CAST(:safety AS integer[])
    ) WITH ORDINALITY AS w (location_id, variant_id, units, safety, row_no)
),
locked AS MATERIALIZED (
    SELECT s.location_id, s.variant_id, s.on_hand, s.reserved
    FROM inventory_stock s JOIN wanted USING (location_id, variant_id)
    ORDER BY s.location_id, s.variant_id
    FOR NO KEY UPDATE OF s
),
judged AS MATERIALIZED (
    SELECT w.row_no, location_id, variant_id, l.on_hand, l.reserved, w.safety, {level} AS level
    FROM wanted w JOIN locked l USING (location_id, variant_id)
),
moved AS (
    INSERT INTO inventory_movements
        (location_id, variant_id, quantity, reason, code, reference, actor_id, at)
    SELECT location_id, variant_id, GREATEST(level, reserved) - on_hand, CAST(:reason AS text),
           CAST(:code AS text), CAST(:reference AS text), CAST(:actor_id AS uuid),
           CAST(:now AS timestamptz)
    FROM judged
    WHERE GREATEST(level, reserved) <> on_hand AND {allowed}
    ORDER BY location_id, variant_id
),
said AS (
    UPDATE inventory_stock s
    SET safety = COALESCE(j.safety, s.safety), updated_at = CAST(:now AS timestamptz)
    FROM judged j
    WHERE s.location_id = j.location_id AND s.variant_id = j.variant_id AND {allowed}
)
SELECT row_no - 1 AS row_no, location_id, variant_id, level, reserved FROM judged
WHERE level < reserved ORDER BY row_no
"""
_ALL_OR_NOTHING = "NOT EXISTS (SELECT FROM judged WHERE level < reserved)"
_SET_ALL = text(_WRITE.format(level="w.units", allowed=_ALL_OR_NOTHING))
_SET = text(_WRITE.format(level="w.units", allowed="true"))
_ADD = text(_WRITE.format(level="l.on_hand + w.units", allowed="true"))


class Quantity(NamedTuple):
    """Units of a variant at a location: a level, or a change; ``safety`` None leaves it."""

    location_id: uuid.UUID
    variant_id: uuid.UUID
    units: int
    safety: int | None = None


def ensure_stock(
    session: DbSession, *, places: Sequence[tuple[uuid.UUID, uuid.UUID]], now: datetime
) -> None:
    """Make the stock rows (location, variant) that there are not, with nothing on hand."""
    session.execute(
        _ENSURE,
        {
            "location_ids": array_of(place[0] for place in places),
            "variant_ids": array_of(place[1] for place in places),
            "now": now,
        },
    )


def set_all(
    session: DbSession, *, levels: Sequence[Quantity], cause: Cause, now: datetime
) -> Sequence[Row[Any]]:
    """Bring all rows to their levels, or none; the rows of which orders hold more."""
    return _write(session, _SET_ALL, levels, cause, now)


def set_each(
    session: DbSession, *, levels: Sequence[Quantity], cause: Cause, now: datetime
) -> Sequence[Row[Any]]:
    """Bring rows to their levels, or to what orders hold where that is more: those rows."""
    return _write(session, _SET, levels, cause, now)


def add_each(
    session: DbSession, *, changes: Sequence[Quantity], cause: Cause, now: datetime
) -> Sequence[Row[Any]]:
    """Change rows by so many units, no further than what orders hold; the rows kept there."""
    return _write(session, _ADD, changes, cause, now)


def _write(
    session: DbSession,
    statement: TextClause,
    rows: Sequence[Quantity],
    cause: Cause,
    now: datetime,
) -> Sequence[Row[Any]]:
    ensure_stock(session, places=[row[:2] for row in rows], now=now)
    return session.execute(
        statement,
        {
            "location_ids": array_of(row.location_id for row in rows),
            "variant_ids": array_of(row.variant_id for row in rows),
            "units": array_of(row.units for row in rows),
            "safety": array_of("NULL" if row.safety is None else row.safety for row in rows),
            "reason": cause.reason,
            "code": cause.code,
            "reference": cause.reference,
            "actor_id": cause.actor_id,
            "now": now,
        },
    ).all()
