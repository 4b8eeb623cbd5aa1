"""A seller's stock from a file: staged rows become levels, set-based, never below what is held.

A staged row names ``variant_id, location_code, on_hand, safety``; rows with ``faults`` are left
alone. Verdicts are as in every merge: ``insert``, ``update``, ``same``, ``remove`` (to what orders
hold of it), or ``field:code``. Rows lie in the order in which reservations lock stock.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, text

from app.infra.auth import Caller
from app.infra.db import DbSession
from app.inventory.errors import NotASeller
from app.network.rules import SELLING_KINDS

_JUDGE = """
CREATE UNLOGGED TABLE {judged} AS
SELECT s.row_no, s.location_id, s.variant_id, s.on_hand, s.safety,
       CASE
           WHEN s.location_id IS NULL THEN 'location_code\\:unknown_location'
           WHEN s.twin > 1 THEN 'sku\\:repeated'
           WHEN :mode = 'delete' THEN
               CASE WHEN i.on_hand > i.reserved THEN 'remove' ELSE 'same' END
           WHEN s.on_hand < i.reserved THEN 'on_hand\\:below_reserved'
           WHEN i.variant_id IS NULL THEN 'insert'
           WHEN i.on_hand = s.on_hand AND i.safety = COALESCE(s.safety, i.safety) THEN 'same'
           ELSE 'update'
       END AS verdict
FROM (
    SELECT c.row_no, l.id AS location_id, c.variant_id, c.on_hand, c.safety,
           row_number() OVER (PARTITION BY l.id, c.variant_id ORDER BY c.row_no) AS twin
    FROM {checked} c
    LEFT JOIN inventory_locations l ON l.seller_id = :seller_id AND l.code = c.location_code
    WHERE c.faults IS NULL
) s
LEFT JOIN inventory_stock i ON i.location_id = s.location_id AND i.variant_id = s.variant_id
ORDER BY s.location_id, s.variant_id
"""

# What is new begins with nothing on hand: units come by movements, as everywhere.
_MAKE = """
INSERT INTO inventory_stock (location_id, variant_id, on_hand, safety, updated_at)
SELECT location_id, variant_id, 0, COALESCE(safety, 0), CAST(:now AS timestamptz) FROM {judged}
WHERE ctid >= CAST(:first AS tid) AND ctid < CAST(:last AS tid) AND verdict = 'insert'
ORDER BY location_id, variant_id
ON CONFLICT DO NOTHING
"""

# Orders may have taken more since the verdict: such rows stay as they are and come back.
_MERGE = """
WITH part AS (
    SELECT * FROM {judged}
    WHERE ctid >= CAST(:first AS tid) AND ctid < CAST(:last AS tid)
      AND verdict IN ('insert', 'update', 'remove')
),
locked AS MATERIALIZED (
    SELECT s.location_id, s.variant_id, s.on_hand, s.reserved, s.safety
    FROM inventory_stock s JOIN part USING (location_id, variant_id)
    ORDER BY s.location_id, s.variant_id
    FOR NO KEY UPDATE OF s
),
wanted AS (
    SELECT p.row_no, p.location_id, p.variant_id, p.verdict, k.on_hand AS was,
           p.verdict = 'insert' AND k.safety = COALESCE(p.safety, k.safety) AS is_made,
           CASE WHEN p.verdict = 'remove' THEN k.reserved ELSE p.on_hand END AS on_hand,
           COALESCE(p.safety, k.safety, 0) AS safety,
           p.verdict <> 'remove' AND p.on_hand < k.reserved AS late
    FROM part p JOIN locked k USING (location_id, variant_id)
),
moved AS (
    INSERT INTO inventory_movements (location_id, variant_id, quantity, reason, actor_id, at)
    SELECT location_id, variant_id, on_hand - was, 'import', CAST(:actor_id AS uuid),
           CAST(:now AS timestamptz)
    FROM wanted WHERE late IS NOT TRUE AND on_hand <> was
    ORDER BY location_id, variant_id
),
written AS (
    UPDATE inventory_stock s SET safety = w.safety, updated_at = CAST(:now AS timestamptz)
    FROM wanted w
    WHERE s.location_id = w.location_id AND s.variant_id = w.variant_id AND w.late IS NOT TRUE
      AND NOT w.is_made
    RETURNING 1
)
SELECT count(*) FILTER (WHERE verdict = 'insert' AND late IS NOT TRUE) AS inserted,
       count(*) FILTER (WHERE verdict = 'update' AND late IS NOT TRUE) AS updated,
       count(*) FILTER (WHERE verdict = 'remove' AND late IS NOT TRUE) AS removed,
       array_agg(row_no) FILTER (WHERE late) AS late_rows,
       (SELECT count(*) FROM written) AS written
FROM wanted
"""

_ABSENT = """
    i.location_id IN (SELECT DISTINCT location_id FROM {judged})
    AND i.on_hand > i.reserved
    AND NOT EXISTS (
        SELECT FROM {judged} j WHERE j.location_id = i.location_id AND j.variant_id = i.variant_id
    )
"""


def judge_stock(
    session: DbSession, *, caller: Caller, mode: str, checked: str, judged: str
) -> None:
    """Say of each staged level what would become of it, in a new table.

    Raises:
        NotASeller: the caller sells nothing.
    """
    if not SELLING_KINDS & caller.kinds:
        raise NotASeller
    session.execute(
        text(_JUDGE.format(checked=checked, judged=judged)),
        {"seller_id": caller.organization_id, "mode": mode},
    )


def merge_stock(
    session: DbSession, *, caller: Caller, judged: str, first: str, last: str, now: datetime
) -> Row[Any]:
    """Do what the verdicts say; the counts, and the rows whose stock was taken meanwhile."""
    binds = {"first": first, "last": last, "now": now}
    session.execute(text(_MAKE.format(judged=judged)), binds)
    binds |= {"actor_id": caller.actor_id}
    return session.execute(text(_MERGE.format(judged=judged)), binds).one()


def count_absent_stock(session: DbSession, *, judged: str) -> int:
    """How many levels at the file's locations the file does not name, that are not empty."""
    query = f"SELECT count(*) FROM inventory_stock i WHERE {_ABSENT.format(judged=judged)}"  # noqa: S608
    return session.scalar(text(query)) or 0


def empty_absent_stock(session: DbSession, *, caller: Caller, judged: str, now: datetime) -> int:
    """Set stock at the file's locations that it does not name to what orders hold; how many."""
    statement = f"""
    WITH locked AS MATERIALIZED (
        SELECT i.location_id, i.variant_id, i.on_hand, i.reserved FROM inventory_stock i
        WHERE {_ABSENT.format(judged=judged)}
        ORDER BY i.location_id, i.variant_id FOR NO KEY UPDATE
    ),
    moved AS (
        INSERT INTO inventory_movements (location_id, variant_id, quantity, reason, actor_id, at)
        SELECT location_id, variant_id, reserved - on_hand, 'import', CAST(:actor_id AS uuid), :now
        FROM locked WHERE reserved <> on_hand
    )
    UPDATE inventory_stock i SET updated_at = :now
    FROM locked k WHERE i.location_id = k.location_id AND i.variant_id = k.variant_id
    RETURNING 1
    """  # noqa: S608
    binds = {"now": now, "actor_id": caller.actor_id}
    rows: Sequence[Any] = session.execute(text(statement), binds).all()
    return len(rows)
