"""A seller says how much there is: absolute quantities, many rows at once, all or none."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, text

from app.catalog import queries as catalog_queries
from app.infra import audit
from app.infra.auth import Caller
from app.infra.db import DbSession
from app.infra.editing import refusing
from app.inventory.errors import StockBelowReserved, StockRowsUnknown
from app.inventory.models import Location

MAX_ROWS = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """What there is of a variant at a location, and how much of it is never promised."""

    location_id: uuid.UUID
    variant_id: uuid.UUID
    on_hand: int
    safety: int = 0


# Rows are locked in the order that reservations use, then judged, then written.
_SET = text("""
WITH wanted AS (
    SELECT * FROM unnest(
        CAST(:location_ids AS uuid[]), CAST(:variant_ids AS uuid[]), CAST(:on_hand AS integer[]),
        CAST(:safety AS integer[])
    ) WITH ORDINALITY AS w(location_id, variant_id, on_hand, safety, row_no)
),
locked AS MATERIALIZED (
    SELECT s.location_id, s.variant_id, s.reserved
    FROM inventory_stock s JOIN wanted USING (location_id, variant_id)
    ORDER BY s.location_id, s.variant_id
    FOR NO KEY UPDATE OF s
),
short AS MATERIALIZED (
    SELECT w.row_no, locked.reserved
    FROM wanted w JOIN locked USING (location_id, variant_id)
    WHERE w.on_hand < locked.reserved
),
written AS (
    INSERT INTO inventory_stock (location_id, variant_id, on_hand, safety, updated_at)
    SELECT location_id, variant_id, on_hand, safety, CAST(:now AS timestamptz) FROM wanted
    WHERE NOT EXISTS (SELECT 1 FROM short)
    ORDER BY location_id, variant_id
    ON CONFLICT (location_id, variant_id) DO UPDATE
    SET on_hand = EXCLUDED.on_hand, safety = EXCLUDED.safety, updated_at = EXCLUDED.updated_at
    RETURNING 1
)
SELECT row_no, reserved FROM short ORDER BY row_no
""")


def set_stock(session: DbSession, *, caller: Caller, levels: Sequence[Level], now: datetime) -> int:
    """Set what there is, in rows of the caller's own locations; how many were written.

    Raises:
        StockRowsUnknown: rows name a location or variant that the caller does not have.
        StockBelowReserved: orders hold more than a row says; ``errors`` points at each.
    """
    _require_known(session, caller, levels)
    with refusing(session, {"ck_inventory_stock_never_oversold": StockBelowReserved()}):
        short = session.execute(
            _SET,
            {
                "location_ids": [each.location_id for each in levels],
                "variant_ids": [each.variant_id for each in levels],
                "on_hand": [each.on_hand for each in levels],
                "safety": [each.safety for each in levels],
                "now": now,
            },
        ).all()
    if short:
        raise StockBelowReserved(
            errors=[
                _pointed(row.row_no - 1, "on_hand", f"{row.reserved} are reserved") for row in short
            ]
        )
    audit.note(
        session,
        caller=caller,
        action="stock.set",
        subject_type="organization",
        subject_id=caller.organization_id,
        now=now,
        details={"rows": len(levels)},
    )
    return len(levels)


def _require_known(session: DbSession, caller: Caller, levels: Sequence[Level]) -> None:
    own = set(
        session.scalars(select(Location.id).where(Location.seller_id == caller.organization_id))
    )
    variants = catalog_queries.known_variants(
        session, caller=caller, variant_ids=[each.variant_id for each in levels]
    )
    problems = []
    for row, each in enumerate(levels):
        if each.location_id not in own:
            problems.append(_pointed(row, "location_id", "No location of yours"))
        if each.variant_id not in variants:
            problems.append(_pointed(row, "variant_id", "No variant that you may sell"))
    if problems:
        raise StockRowsUnknown(errors=problems)


def _pointed(row: int, field: str, message: str) -> dict[str, str]:
    return {"in": "json", "pointer": f"/rows/{row}/{field}", "message": message}
