"""Goods come, leave, are counted and change places: each a movement with its reason.

Laws: a request moves everything it says or nothing; what orders hold never leaves but with them; a
lot is only taken from while there is something in it. Goods that were announced and come count as
received, and orders that wait for them get them first.
"""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import orjson
from sqlalchemy import text

from app.infra import audit
from app.infra.auth import Caller
from app.infra.db import DbSession, array_of
from app.infra.editing import refusing
from app.inventory.errors import LotNotFound, SameLocation, StockBelowReserved
from app.inventory.operations.levels import ensure_stock
from app.inventory.operations.owning import pointed, require_known
from app.inventory.rules.moving import CODES
from app.kernel.ids import new_id

Place = tuple[uuid.UUID, uuid.UUID]


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


@dataclass(frozen=True, slots=True, kw_only=True)
class _Move:
    location_id: uuid.UUID
    variant_id: uuid.UUID
    quantity: int
    reason: str
    row: int
    code: str | None = None
    lot: str | None = None
    lot_id: uuid.UUID | None = None


_MOVE = text("""
WITH wanted AS (
    SELECT * FROM jsonb_to_recordset(CAST(:moves AS jsonb)) AS w (
        location_id uuid, variant_id uuid, quantity integer, reason text, "row" integer,
        code text, lot text, lot_id uuid)
),
total AS MATERIALIZED (
    SELECT location_id, variant_id, sum(quantity) AS quantity, min("row") AS "row"
    FROM wanted GROUP BY 1, 2
),
locked AS MATERIALIZED (
    SELECT s.location_id, s.variant_id, s.on_hand, s.reserved
    FROM inventory_stock s JOIN total USING (location_id, variant_id)
    ORDER BY s.location_id, s.variant_id
    FOR NO KEY UPDATE OF s
),
short AS MATERIALIZED (
    SELECT t."row", t.quantity, COALESCE(k.on_hand, 0) AS on_hand,
           COALESCE(k.reserved, 0) AS reserved
    FROM total t LEFT JOIN locked k USING (location_id, variant_id)
    WHERE COALESCE(k.on_hand, 0) + t.quantity < COALESCE(k.reserved, 0)
),
moved AS (
    INSERT INTO inventory_movements
        (location_id, variant_id, quantity, lot_id, reason, code, reference, actor_id, at)
    SELECT w.location_id, w.variant_id, w.quantity, COALESCE(w.lot_id, l.id), w.reason, w.code,
           CAST(:reference AS text), CAST(:actor_id AS uuid), CAST(:now AS timestamptz)
    FROM wanted w LEFT JOIN inventory_lots l
      ON l.location_id = w.location_id AND l.variant_id = w.variant_id AND l.code = w.lot
    WHERE NOT EXISTS (SELECT FROM short)
    ORDER BY w.location_id, w.variant_id, w."row"
)
SELECT "row", quantity, on_hand, reserved FROM short ORDER BY "row"
""")

_ENSURE_LOTS = text("""
WITH wanted AS (
    SELECT * FROM jsonb_to_recordset(CAST(:lots AS jsonb)) AS w (
        id uuid, location_id uuid, variant_id uuid, code text, expires_on date)
),
marked AS (
    UPDATE inventory_stock s SET is_lotted = true FROM wanted w
    WHERE s.location_id = w.location_id AND s.variant_id = w.variant_id AND NOT s.is_lotted
)
INSERT INTO inventory_lots (id, location_id, variant_id, code, expires_on)
SELECT DISTINCT ON (location_id, variant_id, code) id, location_id, variant_id, code, expires_on
FROM wanted ORDER BY location_id, variant_id, code
ON CONFLICT (location_id, variant_id, code) DO UPDATE
SET expires_on = COALESCE(EXCLUDED.expires_on, inventory_lots.expires_on)
RETURNING id, location_id, variant_id, code
""")

_LOTS = text("""
SELECT l.code, l.variant_id, l.location_id, l.id, l.expires_on FROM inventory_lots l
WHERE l.location_id = :location_id AND l.variant_id = ANY (CAST(:variant_ids AS uuid[]))
""")

_ARRIVED = text("""
UPDATE inventory_incoming i SET received = i.received + w.quantity, updated_at = :now
FROM (
    SELECT variant_id, sum(quantity)::integer AS quantity
    FROM unnest(CAST(:variant_ids AS uuid[]), CAST(:quantities AS integer[])) AS w
         (variant_id, quantity) GROUP BY variant_id
) w
WHERE i.location_id = :location_id AND i.variant_id = w.variant_id AND i.reference = :reference
""")
_EMPTY_LOT = "ck_inventory_lots_on_hand"


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
    require_known(session, caller=caller, places=places, rows_at="/lines")
    ensure_stock(session, places=places, now=now)
    lots = _ensure_lots(
        session,
        [
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
        _Move(
            location_id=location_id,
            variant_id=each.variant_id,
            quantity=each.quantity,
            reason="receipt",
            row=row,
            lot_id=lots.get((location_id, each.variant_id, each.lot)),
        )
        for row, each in enumerate(goods)
    ]
    _move(session, caller, moves, reference, now)
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
        _Move(
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
    _require_lots(session, moves, "/rows")
    _move(session, caller, moves, reference, now, rows_at="/rows")
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
    require_known(session, caller=caller, places=here, rows_at="/lines")
    require_known(session, caller=caller, places=there, rows_at="/lines")
    ensure_stock(session, places=[*here, *there], now=now)
    lots = _twin_lots(session, from_id, to_id, goods)
    leaving = [
        _Move(
            location_id=from_id, variant_id=each.variant_id, quantity=-each.quantity,
            reason="transfer", row=row, lot=each.lot,
        )
        for row, each in enumerate(goods)
    ]  # fmt: skip
    _require_lots(session, leaving, "/lines")
    coming = [
        _Move(
            location_id=to_id, variant_id=each.variant_id, quantity=each.quantity,
            reason="transfer", row=row, lot_id=lots.get((to_id, each.variant_id, each.lot)),
        )
        for row, each in enumerate(goods)
    ]  # fmt: skip
    _move(session, caller, [*leaving, *coming], reference, now)
    _note(session, caller, "stock.transferred", from_id, now, reference, len(goods))
    return sum(each.quantity for each in goods)


def _twin_lots(
    session: DbSession, from_id: uuid.UUID, to_id: uuid.UUID, goods: Iterable[Transferred]
) -> dict[tuple[uuid.UUID, uuid.UUID, str | None], uuid.UUID]:
    """The lots of the same names at the other location, made where there are none."""
    wanted = {(each.variant_id, each.lot) for each in goods if each.lot is not None}
    if not wanted:
        return {}
    variants = array_of({variant for variant, _ in wanted})
    known = session.execute(_LOTS, {"location_id": from_id, "variant_ids": variants})
    return _ensure_lots(
        session,
        [
            (to_id, lot.variant_id, lot.code, lot.expires_on)
            for lot in known
            if (lot.variant_id, lot.code) in wanted
        ],
    )


def _ensure_lots(
    session: DbSession, lots: Sequence[tuple[uuid.UUID, uuid.UUID, str | None, date | None]]
) -> dict[tuple[uuid.UUID, uuid.UUID, str | None], uuid.UUID]:
    """The lots of places by their codes, made where there are none."""
    if not lots:
        return {}
    names = ("location_id", "variant_id", "code", "expires_on")
    rows = [{"id": new_id(), **dict(zip(names, lot, strict=True))} for lot in lots]
    found = session.execute(_ENSURE_LOTS, {"lots": orjson.dumps(rows).decode()})
    return {(row.location_id, row.variant_id, row.code): row.id for row in found}


def _require_lots(session: DbSession, moves: Sequence[_Move], rows_at: str) -> None:
    """Refuse moves of lots that there are not."""
    named = [move for move in moves if move.lot is not None]
    problems = []
    for location_id in sorted({move.location_id for move in named}):
        here = [move for move in named if move.location_id == location_id]
        variants = array_of({move.variant_id for move in here})
        rows = session.execute(_LOTS, {"location_id": location_id, "variant_ids": variants})
        known = {(row.variant_id, row.code) for row in rows}
        problems += [
            pointed(f"{rows_at}/{move.row}/lot", "There is no such lot here")
            for move in here
            if (move.variant_id, move.lot) not in known
        ]
    if problems:
        raise LotNotFound(errors=problems)


def _move(
    session: DbSession,
    caller: Caller,
    moves: Sequence[_Move],
    reference: str | None,
    now: datetime,
    rows_at: str = "/lines",
) -> None:
    document = orjson.dumps(list(moves)).decode()
    binds = {
        "moves": document,
        "reference": reference,
        "actor_id": caller.actor_id,
        "now": now,
    }
    with refusing(session, {_EMPTY_LOT: LotNotFound("There is less in the lot than this")}):
        short = session.execute(_MOVE, binds).all()
    if short:
        raise StockBelowReserved(
            errors=[
                pointed(
                    f"{rows_at}/{row.row}/quantity",
                    f"{row.on_hand} are there, {row.reserved} of them reserved",
                )
                for row in short
            ]
        )


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
