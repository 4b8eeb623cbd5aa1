"""Goods come, leave, are counted and change places: each a movement with its reason.

Laws: a request moves everything it says or nothing; what orders hold never leaves but with them; a
lot is only taken from while there is something in it. Goods that were announced and come count as
received, and orders that wait for them get them first.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import text

from app.infra import audit
from app.infra.auth import Caller
from app.infra.db import DbSession, array_of
from app.inventory.errors import SameLocation
from app.inventory.operations.levels import ensure_stock
from app.inventory.operations.moves import Move, ensure_lots, move, require_lots, twin_lots
from app.inventory.operations.owning import require_known
from app.inventory.operations.reservations import lock_stock
from app.inventory.rules.moving import CODES


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """Units that came, in a lot or in none."""

    variant_id: uuid.UUID
    quantity: int
    lot: str | None = None
    expires_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Adjusted:
    """Units more or fewer than were thought, and why: a key of ``CODES``."""

    location_id: uuid.UUID
    variant_id: uuid.UUID
    quantity: int
    code: str
    lot: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Transferred:
    """Units that change from one location to another, of a lot or of none in particular."""

    variant_id: uuid.UUID
    quantity: int
    lot: str | None = None


_ARRIVED = text("""
UPDATE inventory_incoming i SET received = i.received + w.quantity, updated_at = :now
FROM (
    SELECT variant_id, sum(quantity)::integer AS quantity
    FROM unnest(CAST(:variant_ids AS uuid[]), CAST(:quantities AS integer[])) AS w
         (variant_id, quantity) GROUP BY variant_id
) w
WHERE i.location_id = :location_id AND i.variant_id = w.variant_id AND i.reference = :reference
""")


def receive(
    session: DbSession,
    *,
    caller: Caller,
    location_id: uuid.UUID,
    reference: str,
    goods: Sequence[Received],
    now: datetime,
) -> int:
    """Goods came to a location; what was announced under the reference counts as received.

    Returns how many units came.

    Raises:
        StockRowsUnknown: rows name a location or variant that the caller does not have.
    """
    places = [(location_id, each.variant_id) for each in goods]
    require_known(
        session, caller=caller, places=places, rows_at="/lines", location_at="/location_id"
    )
    ensure_stock(session, places=places, now=now)
    lock_stock(session, places=places)
    lots = ensure_lots(
        session,
        lots=[
            (location_id, each.variant_id, each.lot, each.expires_on)
            for each in goods
            if each.lot is not None
        ],
    )
    session.execute(
        _ARRIVED,
        {
            "location_id": location_id,
            "reference": reference,
            "variant_ids": array_of(each.variant_id for each in goods),
            "quantities": array_of(each.quantity for each in goods),
            "now": now,
        },
    )
    moves = [
        Move(
            location_id=location_id,
            variant_id=each.variant_id,
            quantity=each.quantity,
            reason="receipt",
            row=row,
            lot_id=lots.get((location_id, each.variant_id, each.lot)),
        )
        for row, each in enumerate(goods)
    ]
    move(session, caller=caller, moves=moves, reference=reference, now=now)
    _note(session, caller, "stock.received", location_id, now, reference, len(goods))
    return sum(each.quantity for each in goods)


def adjust(
    session: DbSession,
    *,
    caller: Caller,
    rows: Sequence[Adjusted],
    reference: str | None,
    now: datetime,
) -> int:
    """Correct what is on hand, for a reason; how many rows.

    Raises:
        StockRowsUnknown: rows name a location or variant that the caller does not have.
        StockBelowReserved: orders hold more than would be left; ``errors`` points at each.
        LotNotFound: a lot is not there, or has less.
    """
    places = [(each.location_id, each.variant_id) for each in rows]
    require_known(session, caller=caller, places=places)
    ensure_stock(session, places=places, now=now)
    moves = [
        Move(
            location_id=each.location_id,
            variant_id=each.variant_id,
            quantity=each.quantity,
            reason=CODES[each.code],
            code=each.code,
            row=row,
            lot=each.lot,
        )
        for row, each in enumerate(rows)
    ]
    require_lots(session, moves=moves, rows_at="/rows")
    move(session, caller=caller, moves=moves, reference=reference, now=now, rows_at="/rows")
    _note(session, caller, "stock.adjusted", caller.organization_id, now, reference, len(rows))
    return len(rows)


def transfer(
    session: DbSession,
    *,
    caller: Caller,
    from_id: uuid.UUID,
    to_id: uuid.UUID,
    goods: Sequence[Transferred],
    reference: str | None,
    now: datetime,
) -> int:
    """Goods change from one location of the caller's to another; how many units.

    Raises:
        SameLocation: it is one location.
        StockRowsUnknown: a location or variant is not the caller's.
        StockBelowReserved: orders hold more than would be left; ``errors`` points at each.
        LotNotFound: a lot is not there, or has less.
    """
    if from_id == to_id:
        raise SameLocation
    here = [(from_id, each.variant_id) for each in goods]
    there = [(to_id, each.variant_id) for each in goods]
    require_known(session, caller=caller, places=here, rows_at="/lines", location_at="/from_id")
    require_known(session, caller=caller, places=there, rows_at="/lines", location_at="/to_id")
    ensure_stock(session, places=[*here, *there], now=now)
    lock_stock(session, places=[*here, *there])
    named = [(each.variant_id, each.lot) for each in goods if each.lot is not None]
    lots = twin_lots(session, from_id=from_id, to_id=to_id, named=named)
    leaving = [
        Move(
            location_id=from_id, variant_id=each.variant_id, quantity=-each.quantity,
            reason="transfer", row=row, lot=each.lot,
        )
        for row, each in enumerate(goods)
    ]  # fmt: skip
    require_lots(session, moves=leaving, rows_at="/lines")
    coming = [
        Move(
            location_id=to_id, variant_id=each.variant_id, quantity=each.quantity,
            reason="transfer", row=row, lot_id=lots.get((to_id, each.variant_id, each.lot)),
        )
        for row, each in enumerate(goods)
    ]  # fmt: skip
    move(session, caller=caller, moves=[*leaving, *coming], reference=reference, now=now)
    _note(session, caller, "stock.transferred", from_id, now, reference, len(goods))
    return sum(each.quantity for each in goods)


def _note(
    session: DbSession,
    caller: Caller,
    action: str,
    subject_id: uuid.UUID,
    now: datetime,
    reference: str | None,
    rows: int,
) -> None:
    audit.note(
        session,
        caller=caller,
        action=action,
        subject_type="stock",
        subject_id=subject_id,
        now=now,
        details={"reference": reference, "rows": rows},
    )
