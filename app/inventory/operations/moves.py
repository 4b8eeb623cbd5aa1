"""Rows of goods moved in one statement, and the lots that they are of.

Laws: all rows of a call move or none; stock is locked in the order that reservations use; a lot is
never taken from beyond what is in it.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

import orjson
from sqlalchemy import text

from app.infra.auth import Caller
from app.infra.db import DbSession, array_of
from app.infra.editing import refusing
from app.inventory.errors import LotNotFound, StockBelowReserved
from app.inventory.operations.owning import pointed
from app.kernel.ids import new_id

LotKey = tuple[uuid.UUID, uuid.UUID, str | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """Units that come or (negative) leave, as the row of a request says; of a lot or of none."""

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
_EMPTY_LOT = "ck_inventory_lots_on_hand"


def twin_lots(
    session: DbSession,
    *,
    from_id: uuid.UUID,
    to_id: uuid.UUID,
    named: Sequence[tuple[uuid.UUID, str]],
) -> dict[LotKey, uuid.UUID]:
    """The lots (variant, code) of a location at another one, made where there are none."""
    wanted = set(named)
    if not wanted:
        return {}
    variants = array_of({variant for variant, _ in wanted})
    known = session.execute(_LOTS, {"location_id": from_id, "variant_ids": variants})
    return ensure_lots(
        session,
        lots=[
            (to_id, lot.variant_id, lot.code, lot.expires_on)
            for lot in known
            if (lot.variant_id, lot.code) in wanted
        ],
    )


def ensure_lots(
    session: DbSession, *, lots: Sequence[tuple[uuid.UUID, uuid.UUID, str, date | None]]
) -> dict[LotKey, uuid.UUID]:
    """The lots of places by their codes, made where there are none; the stock rows exist."""
    if not lots:
        return {}
    names = ("location_id", "variant_id", "code", "expires_on")
    rows = [{"id": new_id(), **dict(zip(names, lot, strict=True))} for lot in lots]
    found = session.execute(_ENSURE_LOTS, {"lots": orjson.dumps(rows).decode()})
    return {(row.location_id, row.variant_id, row.code): row.id for row in found}


def require_lots(session: DbSession, *, moves: Sequence[Move], rows_at: str) -> None:
    """Refuse moves of lots that there are not.

    Raises:
        LotNotFound: some name such a lot; ``errors`` points at them below ``rows_at``.
    """
    named = [each for each in moves if each.lot is not None]
    problems = []
    for location_id in sorted({each.location_id for each in named}):
        here = [each for each in named if each.location_id == location_id]
        variants = array_of({each.variant_id for each in here})
        rows = session.execute(_LOTS, {"location_id": location_id, "variant_ids": variants})
        known = {(row.variant_id, row.code) for row in rows}
        problems += [
            pointed(f"{rows_at}/{each.row}/lot", "There is no such lot here")
            for each in here
            if (each.variant_id, each.lot) not in known
        ]
    if problems:
        raise LotNotFound(errors=problems)


def move(
    session: DbSession,
    *,
    caller: Caller,
    moves: Sequence[Move],
    reference: str | None,
    now: datetime,
    rows_at: str = "/lines",
) -> None:
    """Move goods; the rows of stock exist.

    Raises:
        StockBelowReserved: orders hold more than would be left; ``errors`` points at each.
        LotNotFound: there is less in a lot than would leave it.
    """
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
