"""A seller says how much there is: absolute quantities, many rows at once, all or none."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from app.infra import audit
from app.infra.auth import Caller
from app.infra.db import DbSession
from app.inventory.errors import StockBelowReserved
from app.inventory.operations.levels import Quantity, set_all
from app.inventory.operations.owning import pointed, require_known
from app.inventory.rules.moving import Cause

MAX_ROWS = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """What there is of a variant at a location, and how much of it is never promised."""

    location_id: uuid.UUID
    variant_id: uuid.UUID
    on_hand: int
    safety: int = 0


def set_stock(session: DbSession, *, caller: Caller, levels: Sequence[Level], now: datetime) -> int:
    """Set what there is, in rows of the caller's own locations; how many were written.

    Raises:
        StockRowsUnknown: rows name a location or variant that the caller does not have.
        StockBelowReserved: orders hold more than a row says; ``errors`` points at each.
    """
    rows = [
        Quantity(each.location_id, each.variant_id, each.on_hand, each.safety) for each in levels
    ]
    require_known(session, caller=caller, places=[row[:2] for row in rows])
    cause = Cause(reason="count", actor_id=caller.actor_id)
    short = set_all(session, levels=rows, cause=cause, now=now)
    if short:
        raise StockBelowReserved(
            errors=[
                pointed(f"/rows/{row.row_no}/on_hand", f"{row.reserved} are reserved")
                for row in short
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
