"""Many prices at once: staged rows become entries of one list, set-based.

A staged row names ``variant_id, from_quantity, amount_minor, per_quantity, currency, valid_from,
valid_to``; rows with ``faults`` are left alone. ``judge_prices`` writes a verdict a row
(``insert``, ``update``, ``same``, ``remove``, or ``field:code`` of a refusal), ``merge_prices``
does what the verdicts say for a part of the rows, so that a long file is merged in short
transactions, two at once. Rows lie in the order of their lanes (of entries that can contradict
each other) and variants: neighbours among the verdicts are neighbours in the index.
"""

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, text

from app.infra.auth import Caller
from app.infra.db import DbSession
from app.pricing.operations.bounding import refuse_outside_bounds
from app.pricing.operations.lists import lock_own_list, share_own_list

DELETE, FULL = "delete", "full"

_JUDGE = """
CREATE UNLOGGED TABLE {judged} AS
SELECT s.row_no, s.variant_id, s.from_quantity, s.amount_minor, s.per_quantity, s.valid_from,
       s.valid_to,
       CASE
           WHEN s.currency <> :currency THEN 'currency\\:other_currency'
           WHEN s.valid_to <= s.valid_from THEN 'valid_to\\:ends_too_soon'
           WHEN s.twin > 1 THEN 'sku\\:repeated'
           WHEN :mode = 'delete' THEN CASE WHEN e.variant_id IS NULL THEN 'same' ELSE 'remove' END
           WHEN s.ends_before > s.valid_from THEN 'valid_from\\:overlaps'
           WHEN :mode <> 'full' AND {overlaps} THEN 'valid_from\\:overlaps'
           WHEN :breaks = 'graduated' AND (s.per_quantity <> s.first_per OR {mixed})
               THEN 'per_quantity\\:mixed_per_quantity'
           WHEN e.variant_id IS NULL THEN 'insert'
           WHEN (e.amount_minor, e.per_quantity) = (s.amount_minor, s.per_quantity)
            AND e.valid_to IS NOT DISTINCT FROM s.valid_to THEN 'same'
           ELSE 'update'
       END AS verdict
FROM (
    SELECT r.*,
           row_number() OVER (
               PARTITION BY lane, variant_id, from_quantity, valid_from ORDER BY row_no) AS twin,
           max(COALESCE(valid_to, 'infinity')) OVER (
               PARTITION BY lane, variant_id, from_quantity ORDER BY valid_from, row_no
               ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS ends_before,
           first_value(per_quantity) OVER (
               PARTITION BY lane, variant_id ORDER BY from_quantity, valid_from, row_no
           ) AS first_per
    FROM (
        SELECT row_no, pricing_lane(variant_id) AS lane, variant_id,
               COALESCE(from_quantity, 1) AS from_quantity, amount_minor,
               COALESCE(per_quantity, 1) AS per_quantity,
               upper(currency) AS currency,
               COALESCE(valid_from, CAST(:since AS timestamptz)) AS valid_from, valid_to
        FROM {checked} WHERE faults IS NULL
    ) r
) s
LEFT JOIN pricing_entries e
  ON e.price_list_id = :price_list_id AND e.variant_id = s.variant_id
 AND e.from_quantity = s.from_quantity AND e.valid_from = s.valid_from
"""

# A stored entry that holds at the same time, and that no row of the file replaces.
_BESIDE = """EXISTS (
    SELECT FROM pricing_entries o
    WHERE o.price_list_id = :price_list_id AND o.variant_id = s.variant_id
      AND {{which}}
      AND o.valid_from < COALESCE(s.valid_to, 'infinity')
      AND COALESCE(o.valid_to, 'infinity') > s.valid_from
      AND NOT EXISTS (
          SELECT FROM {checked} r
          WHERE r.faults IS NULL AND r.variant_id = o.variant_id
            AND COALESCE(r.from_quantity, 1) = o.from_quantity
            AND COALESCE(r.valid_from, CAST(:since AS timestamptz)) = o.valid_from
      )
)"""
_OVERLAPS = "o.from_quantity = s.from_quantity AND o.valid_from <> s.valid_from"
_MIXED = "o.per_quantity <> s.per_quantity"

# Ends are moved first: what is added may begin where an old entry now ends. Where nothing is to be
# removed or updated, entries are not looked at, whatever statistics say of a table that grows.
_MERGE = """
WITH part AS (
    SELECT * FROM {judged}
    WHERE ctid >= CAST(:first AS tid) AND ctid < CAST(:last AS tid)
),
removed AS (
    DELETE FROM pricing_entries e USING part p
    WHERE EXISTS (SELECT FROM part WHERE verdict = 'remove')
      AND p.verdict = 'remove' AND e.price_list_id = :price_list_id
      AND e.variant_id = p.variant_id AND e.from_quantity = p.from_quantity
      AND e.valid_from = p.valid_from
    RETURNING 1
),
updated AS (
    UPDATE pricing_entries e
    SET amount_minor = p.amount_minor, per_quantity = p.per_quantity, valid_to = p.valid_to
    FROM part p
    WHERE EXISTS (SELECT FROM part WHERE verdict = 'update')
      AND p.verdict = 'update' AND e.price_list_id = :price_list_id
      AND e.variant_id = p.variant_id AND e.from_quantity = p.from_quantity
      AND e.valid_from = p.valid_from
    RETURNING 1
),
inserted AS (
    INSERT INTO pricing_entries (
        price_list_id, variant_id, from_quantity, amount_minor, per_quantity, valid_from, valid_to)
    SELECT CAST(:price_list_id AS uuid), variant_id, from_quantity, amount_minor, per_quantity,
           valid_from, valid_to
    FROM part WHERE verdict = 'insert'
    ORDER BY variant_id  -- neighbours in the index, whatever the order of the file
    ON CONFLICT (variant_id, price_list_id, from_quantity, valid_from) DO UPDATE
    SET amount_minor = EXCLUDED.amount_minor, per_quantity = EXCLUDED.per_quantity,
        valid_to = EXCLUDED.valid_to
    RETURNING 1
)
SELECT (SELECT count(*) FROM inserted) AS inserted, (SELECT count(*) FROM updated) AS updated,
       (SELECT count(*) FROM removed) AS removed
"""

# In a whole list, what the file does not name ends now; what has not begun, or is in the way of
# what the file says, was never meant.
_ABSENT = """
    e.price_list_id = :price_list_id AND COALESCE(e.valid_to, 'infinity') > :now
    AND NOT EXISTS (
        SELECT FROM {judged} j
        WHERE j.variant_id = e.variant_id AND j.from_quantity = e.from_quantity
          AND j.valid_from = e.valid_from
    )
"""
_IN_THE_WAY = """(e.valid_from >= :now OR EXISTS (
    SELECT FROM {judged} j
    WHERE j.variant_id = e.variant_id AND j.from_quantity = e.from_quantity
      AND j.verdict IN ('insert', 'update', 'same')
      AND j.valid_from < COALESCE(e.valid_to, 'infinity')
      AND COALESCE(j.valid_to, 'infinity') > e.valid_from
))"""


def judge_prices(
    session: DbSession,
    *,
    caller: Caller,
    price_list_id: uuid.UUID,
    mode: str,
    checked: str,
    judged: str,
    now: datetime,
) -> None:
    """Say of each staged price what would become of it, in a new table.

    Raises:
        PriceListNotFound: the caller has no such list.
    """
    price_list = lock_own_list(session, caller=caller, price_list_id=price_list_id)
    beside = _BESIDE.format(checked=checked)
    statement = _JUDGE.format(
        checked=checked,
        judged=judged,
        overlaps=beside.format(which=_OVERLAPS),
        mixed=beside.format(which=_MIXED),
    )
    session.execute(
        text(statement),
        {
            "price_list_id": price_list_id,
            "currency": price_list.currency,
            "since": price_list.valid_from,
            "mode": mode,
            "breaks": price_list.breaks,
        },
    )
    refuse_outside_bounds(session, price_list=price_list, judged=judged, now=now)


def count_absent_prices(
    session: DbSession, *, price_list_id: uuid.UUID, judged: str, now: datetime
) -> int:
    """How many entries of the list the file does not name, that hold now or later."""
    query = f"SELECT count(*) FROM pricing_entries e WHERE {_ABSENT.format(judged=judged)}"  # noqa: S608
    binds = {"price_list_id": price_list_id, "now": now}
    return session.scalar(text(query), binds) or 0


def end_absent_prices(
    session: DbSession, *, caller: Caller, price_list_id: uuid.UUID, judged: str, now: datetime
) -> int:
    """End the entries of the list that the file does not name; how many.

    Raises:
        PriceListNotFound: the caller has no such list.
    """
    lock_own_list(session, caller=caller, price_list_id=price_list_id)
    absent, in_the_way = _ABSENT.format(judged=judged), _IN_THE_WAY.format(judged=judged)
    binds = {"price_list_id": price_list_id, "now": now}
    statements = (
        f"DELETE FROM pricing_entries e WHERE {absent} AND {in_the_way}",  # noqa: S608
        f"UPDATE pricing_entries e SET valid_to = :now WHERE {absent}",  # noqa: S608
    )
    return sum(_affected(session, statement, binds) for statement in statements)


def begin_merging_prices(session: DbSession, *, caller: Caller, price_list_id: uuid.UUID) -> None:
    """Hold the list before its parts: who merges all of them at once ends by holding it alone.

    Raises:
        PriceListNotFound: the caller has no such list.
    """
    lock_own_list(session, caller=caller, price_list_id=price_list_id)


def merge_prices(
    session: DbSession,
    *,
    caller: Caller,
    price_list_id: uuid.UUID,
    judged: str,
    first: str,
    last: str,
) -> Row[Any]:
    """Do what the verdicts from one place of the table to another say; the counts.

    Raises:
        PriceListNotFound: the caller has no such list.
    """
    share_own_list(session, caller=caller, price_list_id=price_list_id)
    binds = {"price_list_id": price_list_id, "first": first, "last": last}
    return session.execute(text(_MERGE.format(judged=judged)), binds).one()


def _affected(session: DbSession, statement: str, binds: dict[str, Any]) -> int:
    rows: Sequence[Any] = session.execute(text(f"{statement} RETURNING 1"), binds).all()
    return len(rows)
