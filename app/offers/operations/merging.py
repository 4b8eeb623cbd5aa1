"""A seller's offers from a file: staged rows become offers, set-based.

A staged row names ``variant_id`` and the terms of the offer; rows with ``faults`` are left alone,
and an empty cell leaves a term as it is. What a file removes, or a whole file does not name, is
withdrawn, never deleted: orders refer to offers.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import Row, text

from app.infra.auth import Caller
from app.infra.db import DbSession
from app.network.rules import SELLING_KINDS
from app.offers.errors import NotASeller
from app.offers.operations.telling import CREATED, EDITED, tell_changes

# Terms with what a new offer has without them.
_TERMS = {
    "seller_sku": "NULL",
    "status": "'active'",
    "minimum_quantity": "1",
    "maximum_quantity": "NULL",
    "quantity_step": "1",
    "pack_quantity": "1",
    "lead_time_days": "0",
    "condition": "'new'",
    "valid_from": "NULL",
    "valid_to": "NULL",
    "note": "''",
}
_NAMES = ", ".join(_TERMS)
_TOLD = ", ".join(f"c.{name}" for name in _TERMS)
_SAME = " AND ".join(f"(s.{name} IS NULL OR s.{name} IS NOT DISTINCT FROM o.{name})"
                     for name in _TERMS)  # fmt: skip
_SET = ", ".join(f"{name} = COALESCE(p.{name}, o.{name})" for name in _TERMS)
_NEW = ", ".join(f"COALESCE(p.{name}, {default})" for name, default in _TERMS.items())

_WORDS = {
    "minimum_quantity": "1", "maximum_quantity": "NULL", "quantity_step": "1",
    "pack_quantity": "1", "valid_from": "NULL", "valid_to": "NULL",
}  # fmt: skip
_PROBLEM = "offers_problem({})".format(
    ", ".join(f"COALESCE(s.{name}, o.{name}, {new})" for name, new in _WORDS.items())
)

_JUDGE = f"""
CREATE UNLOGGED TABLE {{judged}} AS
SELECT s.*,
       CASE
           WHEN s.twin > 1 THEN 'sku\\:repeated'
           WHEN :mode = 'delete' THEN
               CASE WHEN o.status <> 'withdrawn' THEN 'remove' ELSE 'same' END
           WHEN {_PROBLEM} = 'period_empty' THEN 'valid_to\\:ends_too_soon'
           WHEN {_PROBLEM} IS NOT NULL THEN 'maximum_quantity\\:' || {_PROBLEM}
           WHEN o.id IS NULL THEN 'insert'
           WHEN {_SAME} THEN 'same'
           ELSE 'update'
       END AS verdict
FROM (
    SELECT c.row_no, c.variant_id, {_TOLD},
           row_number() OVER (PARTITION BY c.variant_id ORDER BY c.row_no) AS twin
    FROM {{checked}} c WHERE c.faults IS NULL
) s
LEFT JOIN offers_offers o ON o.seller_id = :seller_id AND o.variant_id = s.variant_id
"""  # noqa: S608 - composed of constants

_MERGE = f"""
WITH part AS (
    SELECT * FROM {{judged}}
    WHERE ctid >= CAST(:first AS tid) AND ctid < CAST(:last AS tid)
),
removed AS (
    UPDATE offers_offers o SET status = 'withdrawn', version = o.version + 1
    FROM part p
    WHERE EXISTS (SELECT FROM part WHERE verdict = 'remove')
      AND p.verdict = 'remove' AND o.seller_id = :seller_id AND o.variant_id = p.variant_id
    RETURNING o.id
),
updated AS (
    UPDATE offers_offers o SET {_SET}, version = o.version + 1
    FROM part p
    WHERE EXISTS (SELECT FROM part WHERE verdict = 'update')
      AND p.verdict = 'update' AND o.seller_id = :seller_id AND o.variant_id = p.variant_id
    RETURNING o.id
),
inserted AS (
    INSERT INTO offers_offers (id, seller_id, variant_id, {_NAMES}, created_at)
    SELECT uuidv7(), CAST(:seller_id AS uuid), p.variant_id, {_NEW}, CAST(:now AS timestamptz)
    FROM part p WHERE p.verdict = 'insert'
    ON CONFLICT (seller_id, variant_id) DO NOTHING
    RETURNING id
)
SELECT ARRAY(SELECT id FROM inserted) AS made, ARRAY(SELECT id FROM updated) AS edited,
       ARRAY(SELECT id FROM removed) AS withdrawn
"""  # noqa: S608 - composed of constants

_ABSENT = """
    o.seller_id = :seller_id AND o.status <> 'withdrawn'
    AND NOT EXISTS (SELECT FROM {judged} j WHERE j.variant_id = o.variant_id)
"""


def judge_offers(
    session: DbSession, *, caller: Caller, mode: str, checked: str, judged: str
) -> None:
    """Say of each staged offer what would become of it, in a new table.

    Raises:
        NotASeller: the caller sells nothing.
    """
    if not SELLING_KINDS & caller.kinds:
        raise NotASeller
    session.execute(
        text(_JUDGE.format(checked=checked, judged=judged)),
        {"seller_id": caller.organization_id, "mode": mode},
    )


def merge_offers(
    session: DbSession, *, caller: Caller, judged: str, first: str, last: str, now: datetime
) -> Row[Any]:
    """Do what the verdicts from one place of the table to another say; ids by what became of them.

    The seller is told, as after every edit.
    """
    seller_id = caller.organization_id
    binds = {"seller_id": seller_id, "first": first, "last": last, "now": now}
    row = session.execute(text(_MERGE.format(judged=judged)), binds).one()
    for ids, change, names in (
        (row.made, CREATED, ()),
        (row.edited, EDITED, tuple(_TERMS)),
        (row.withdrawn, EDITED, ("status",)),
    ):
        tell_changes(
            session, seller_id=seller_id, offer_ids=ids, change=change, fields=names, now=now
        )
    return row


def count_absent_offers(session: DbSession, *, caller: Caller, judged: str) -> int:
    """How many offers of the caller's the file does not name, that are not withdrawn."""
    query = f"SELECT count(*) FROM offers_offers o WHERE {_ABSENT.format(judged=judged)}"  # noqa: S608
    return session.scalar(text(query), {"seller_id": caller.organization_id}) or 0


def withdraw_absent_offers(
    session: DbSession, *, caller: Caller, judged: str, now: datetime
) -> int:
    """Withdraw the offers of the caller's that the file does not name; how many."""
    statement = f"""
        UPDATE offers_offers o SET status = 'withdrawn', version = o.version + 1
        WHERE {_ABSENT.format(judged=judged)} RETURNING o.id
    """  # noqa: S608
    seller_id = caller.organization_id
    ids = session.scalars(text(statement), {"seller_id": seller_id}).all()
    tell_changes(
        session, seller_id=seller_id, offer_ids=ids, change=EDITED, fields=("status",), now=now
    )
    return len(ids)
