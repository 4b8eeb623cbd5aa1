"""Many offers changed at once: the same words for all that a filter means.

A handful of statements, however many offers: lock them in the order of their ids, judge them as
they would be, change those that may be and differ. A dry run stops before the last step.
"""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import text

from app.infra import audit
from app.infra.auth import Caller
from app.infra.db import DbSession, array_of
from app.offers import queries
from app.offers.errors import EditRefused, TooManyOffers
from app.offers.operations.telling import EDITED, tell_changes
from app.offers.rules import MAX_BULK, PROBLEMS, OfferFilter

EDITABLE = (
    "status", "condition", "minimum_quantity", "maximum_quantity", "quantity_step",
    "pack_quantity", "lead_time_days", "valid_from", "valid_to", "note", "backorder",
    "backorder_limit", "backorder_days",
)  # fmt: skip
POLICIES = ("partial", "all_or_nothing")
SHOWN = 100

_OLD = ", ".join(f"o.{name}" for name in EDITABLE)
_NEW = ", ".join(f"n.{name}" for name in EDITABLE)

_JUDGED = f"""
WITH judged AS (
    SELECT o.id, o.seller_sku, {_NEW}, ({_NEW}) IS DISTINCT FROM ({_OLD}) AS differs,
           COALESCE(offers_problem(
               n.minimum_quantity, n.maximum_quantity, n.quantity_step, n.pack_quantity,
               n.valid_from, n.valid_to
           ), CASE
               WHEN n.backorder = 'always' AND num_nulls(n.backorder_limit, n.backorder_days) > 0
               THEN 'backorder_incomplete'
           END) AS problem
    FROM unnest(CAST(:ids AS uuid[])) AS w (id) JOIN offers_offers o ON o.id = w.id
    CROSS JOIN LATERAL jsonb_populate_record(o, CAST(:changes AS jsonb)) n
)
"""  # noqa: S608 - composed of constants only

_COUNT = text(f"""{_JUDGED}
SELECT count(*) AS matched,
       count(*) FILTER (WHERE problem IS NULL AND differs) AS changed,
       count(*) FILTER (WHERE problem IS NOT NULL) AS refused
FROM judged
""")  # noqa: S608 - composed of constants only

_REFUSED = text(f"""{_JUDGED}
SELECT id, seller_sku, problem FROM judged WHERE problem IS NOT NULL ORDER BY id LIMIT :shown
""")  # noqa: S608 - composed of constants only

_CHANGE = text(f"""{_JUDGED}
UPDATE offers_offers o SET ({", ".join(EDITABLE)}, version) = ROW ({_NEW}, o.version + 1)
FROM judged n WHERE o.id = n.id AND n.problem IS NULL AND n.differs RETURNING o.id
""")  # noqa: S608 - composed of constants only


@dataclass(frozen=True, slots=True, kw_only=True)
class BulkEdit:
    """What a bulk edit did, or would do."""

    matched: int
    changed: int
    refused: int
    refusals: Sequence[Mapping[str, Any]] = field(default=())


def edit_many(
    session: DbSession,
    *,
    caller: Caller,
    wanted: OfferFilter,
    changes: Mapping[str, Any],
    mode: str,
    now: datetime,
) -> BulkEdit:
    """Change the caller's offers that a filter means; at most 100,000.

    ``mode`` is ``dry_run``, ``partial`` (those that can be changed are) or ``all_or_nothing``.

    Raises:
        TooManyOffers: the filter means more.
        EditRefused: all or nothing, and some cannot be changed so.
        SellerNeeded, AssortmentNotFound: the filter is not for this caller.
    """
    wanted = queries.prepared(session, caller=caller, wanted=wanted)
    lock = "" if mode == "dry_run" else "locked"
    ids = queries.offer_ids(session, wanted=wanted, limit=MAX_BULK + 1, lock=lock)
    if len(ids) > MAX_BULK:
        raise TooManyOffers(limit=MAX_BULK)
    asked = {"ids": array_of(ids), "changes": orjson.dumps(changes).decode()}
    judged = _judge(session, asked)
    if mode == "dry_run":
        return judged
    if mode == "all_or_nothing" and judged.refused:
        raise EditRefused(refused=judged.refused, errors=list(judged.refusals))
    changed = sorted(session.scalars(_CHANGE, asked)) if judged.changed else []
    assert wanted.seller_id is not None
    _tell(session, caller, wanted.seller_id, changed, list(changes), now)
    return judged


def _judge(session: DbSession, asked: Mapping[str, Any]) -> BulkEdit:
    counts = session.execute(_COUNT, asked).one()
    rows = session.execute(_REFUSED, {**asked, "shown": SHOWN}).all() if counts.refused else []
    refusals = [
        {
            "offer_id": row.id,
            "seller_sku": row.seller_sku,
            "code": row.problem,
            "pointer": f"/changes{PROBLEMS[row.problem][0]}",
            "message": PROBLEMS[row.problem][1],
        }
        for row in rows
    ]
    return BulkEdit(
        matched=counts.matched, changed=counts.changed, refused=counts.refused, refusals=refusals
    )


def _tell(
    session: DbSession,
    caller: Caller,
    seller_id: uuid.UUID,
    changed: Sequence[uuid.UUID],
    names: Sequence[str],
    now: datetime,
) -> None:
    if not changed:
        return
    tell_changes(
        session, seller_id=seller_id, offer_ids=changed, change=EDITED, fields=names, now=now
    )
    audit.note(
        session,
        caller=caller,
        action="offers.edited",
        subject_type="org",
        subject_id=seller_id,
        now=now,
        details={"offers": len(changed), "fields": sorted(names)},
    )
