"""Deliveries that a seller expects: announced, moved to another day, called off.

Laws: a delivery is known by location, variant and reference; saying it again says it anew. What has
come of it stays received. Announcing moves nothing: goods come by a receipt.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

import orjson
from sqlalchemy import text

from app.infra import audit
from app.infra.auth import Caller
from app.infra.db import DbSession
from app.inventory.operations.levels import ensure_stock
from app.inventory.operations.owning import require_known
from app.kernel.ids import new_id

_ANNOUNCE = text("""
INSERT INTO inventory_incoming
    (id, location_id, variant_id, reference, due_on, quantity, updated_at)
SELECT id, location_id, variant_id, reference, due_on, quantity, CAST(:now AS timestamptz)
FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS w (
    id uuid, location_id uuid, variant_id uuid, reference text, due_on date, quantity integer)
ORDER BY location_id, variant_id, reference
ON CONFLICT (location_id, variant_id, reference) DO UPDATE
SET due_on = EXCLUDED.due_on, quantity = EXCLUDED.quantity, updated_at = EXCLUDED.updated_at
""")


@dataclass(frozen=True, slots=True, kw_only=True)
class Announced:
    """Units that are to come to a location on a day; none when they were called off."""

    location_id: uuid.UUID
    variant_id: uuid.UUID
    reference: str
    due_on: date
    quantity: int


def announce(
    session: DbSession, *, caller: Caller, rows: Sequence[Announced], now: datetime
) -> int:
    """Say what will come, or say it anew; how many rows.

    Raises:
        StockRowsUnknown: rows name a location or variant that the caller does not have.
    """
    places = [(each.location_id, each.variant_id) for each in rows]
    require_known(session, caller=caller, places=places)
    ensure_stock(session, places=places, now=now)
    document = [
        {
            "id": new_id(),
            "location_id": each.location_id,
            "variant_id": each.variant_id,
            "reference": each.reference,
            "due_on": each.due_on,
            "quantity": each.quantity,
        }
        for each in rows
    ]
    session.execute(_ANNOUNCE, {"rows": orjson.dumps(document).decode(), "now": now})
    audit.note(
        session,
        caller=caller,
        action="stock.announced",
        subject_type="organization",
        subject_id=caller.organization_id,
        now=now,
        details={"rows": len(rows)},
    )
    return len(rows)
