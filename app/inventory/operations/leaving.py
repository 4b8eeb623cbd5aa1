"""Units that allocations hold are given back, shipped or written off; all of them or none.

Laws: those of reserving (:mod:`app.inventory.operations.reservations`): stock is locked in order
first, then reservations are judged and written as they are by then. What leaves the shelf is a
movement: the database takes it off what is on hand and out of what is reserved.
"""

import uuid
from collections.abc import Mapping
from dataclasses import asdict
from types import MappingProxyType
from typing import Any

import orjson
from sqlalchemy import TextClause, text

from app.infra.db import DbSession, array_of
from app.inventory.errors import ReservationTooSmall
from app.inventory.rules.moving import Cause
from app.kernel.ids import public_id

_TAKE_FROM_RESERVATIONS = """
WITH wanted AS (
    SELECT * FROM unnest(CAST(:allocation_ids AS uuid[]), CAST(:quantities AS integer[]))
           AS w(allocation_id, quantity)
),
locked AS MATERIALIZED (
    SELECT s.location_id, s.variant_id FROM inventory_stock s
    WHERE (s.location_id, s.variant_id) IN (
        SELECT r.location_id, r.variant_id
        FROM wanted JOIN inventory_reservations r USING (allocation_id)
    )
    ORDER BY s.location_id, s.variant_id
    FOR NO KEY UPDATE OF s
),
-- one by one by their allocations, when all stock is locked: of a place there may be thousands
found AS MATERIALIZED (
    SELECT r.id, r.allocation_id, w.quantity, {held} AS held, {ahead} AS ahead
    FROM (SELECT * FROM wanted WHERE (SELECT count(*) FROM locked) >= 0 OFFSET 0) w
    CROSS JOIN LATERAL (
        SELECT * FROM inventory_reservations r WHERE r.allocation_id = w.allocation_id
        FOR NO KEY UPDATE OF r
    ) r
),
short AS MATERIALIZED (
    SELECT allocation_id, w.quantity, COALESCE(found.held, 0) AS held
    FROM wanted w LEFT JOIN found USING (allocation_id)
    WHERE COALESCE(found.held, 0) < w.quantity
),
taken AS (
    UPDATE inventory_reservations r SET {taken}
    FROM found
    WHERE r.id = found.id AND NOT EXISTS (SELECT 1 FROM short)
    RETURNING r.location_id, r.variant_id, found.quantity, found.ahead, found.allocation_id
),
{fallen}
SELECT allocation_id, quantity, held FROM short
"""
# What was promised beyond stock is given back first: it waits for goods that others can use.
_RELEASE = text(
    _TAKE_FROM_RESERVATIONS.format(
        held="r.quantity - r.consumed - r.released",
        ahead="LEAST(r.promised, w.quantity)",
        taken="released = r.released + found.quantity, promised = r.promised - found.ahead",
        fallen="""
fallen AS (
    UPDATE inventory_stock s
    SET reserved = s.reserved - t.quantity + t.ahead, promised = s.promised - t.ahead
    FROM (
        SELECT location_id, variant_id, sum(quantity) AS quantity, sum(ahead) AS ahead
        FROM taken GROUP BY 1, 2
    ) AS t
    WHERE s.location_id = t.location_id AND s.variant_id = t.variant_id
    RETURNING 1
)""",
    )
)
# Goods that leave are movements: the database takes them off the shelf and out of what is reserved.
_CONSUME = text(
    _TAKE_FROM_RESERVATIONS.format(
        held="r.quantity - r.consumed - r.released - r.promised",
        ahead="0",
        taken="consumed = r.consumed + found.quantity",
        fallen="""
fallen AS (
    INSERT INTO inventory_movements
        (location_id, variant_id, quantity, held, reason, reference, actor_id, at)
    SELECT t.location_id, t.variant_id, -t.quantity, t.quantity, c.reason, c.reference,
           c.actor_id, COALESCE(c.at, now())
    FROM (
        SELECT location_id, variant_id, no, sum(quantity) AS quantity
        FROM taken JOIN unnest(CAST(:allocation_ids AS uuid[]), CAST(:cause_nos AS integer[])) AS w
             (allocation_id, no) USING (allocation_id)
        GROUP BY 1, 2, 3
    ) t
    JOIN jsonb_to_recordset(CAST(:causes AS jsonb)) AS c (
        no integer, reason text, reference text, actor_id uuid, at timestamptz
    ) ON c.no = t.no
)""",
    )
)
# What is lost leaves like what is shipped; what had not come yet is only not promised any more.
_WRITE_OFF = text(
    _TAKE_FROM_RESERVATIONS.format(
        held="r.quantity - r.consumed - r.released",
        ahead="LEAST(r.promised, w.quantity)",
        taken="consumed = r.consumed + found.quantity - found.ahead,"
        " released = r.released + found.ahead, promised = r.promised - found.ahead",
        fallen="""
unpromised AS (
    UPDATE inventory_stock s SET promised = s.promised - t.ahead
    FROM (SELECT location_id, variant_id, sum(ahead) AS ahead FROM taken GROUP BY 1, 2) AS t
    WHERE s.location_id = t.location_id AND s.variant_id = t.variant_id AND t.ahead > 0
),
fallen AS (
    INSERT INTO inventory_movements
        (location_id, variant_id, quantity, held, reason, code, reference, at)
    SELECT location_id, variant_id, -sum(quantity - ahead), sum(quantity - ahead),
           CAST(:reason AS text), CAST(:code AS text), CAST(:reference AS text),
           COALESCE(CAST(:at AS timestamptz), now())
    FROM taken GROUP BY location_id, variant_id HAVING sum(quantity - ahead) > 0
)""",
    )
)
SHIPPED = Cause(reason="shipment")


def release(session: DbSession, *, quantities: Mapping[uuid.UUID, int]) -> None:
    """Give units back to the stock that allocations hold; in part or whole, all or none.

    What was promised and has not come yet is given back first.

    Raises:
        ReservationTooSmall: an allocation holds less than that.
    """
    _take(session, _RELEASE, quantities)


def consume(
    session: DbSession,
    *,
    quantities: Mapping[uuid.UUID, int],
    causes: Mapping[uuid.UUID, Cause] = MappingProxyType({}),
) -> None:
    """Ship units that allocations hold: on hand and reserved fall together, all or none.

    ``causes`` say of allocations why: what is not named is shipped.

    Raises:
        ReservationTooSmall: an allocation holds less than that, or of goods that are not here yet.
    """
    why = [causes.get(allocation, SHIPPED) for allocation, units in quantities.items() if units]
    numbers = {cause: no for no, cause in enumerate(dict.fromkeys(why))}
    document = [{"no": no, **asdict(cause)} for cause, no in numbers.items()]
    told = {
        "cause_nos": array_of(numbers[cause] for cause in why),
        "causes": orjson.dumps(document).decode(),
    }
    _take(session, _CONSUME, quantities, told)


def write_off(session: DbSession, *, quantities: Mapping[uuid.UUID, int], cause: Cause) -> None:
    """Take units off the shelf that allocations hold and that are not there; all or none.

    Raises:
        ReservationTooSmall: an allocation holds less than that.
    """
    told = {
        "reason": cause.reason,
        "code": cause.code,
        "reference": cause.reference,
        "at": cause.at,
    }
    _take(session, _WRITE_OFF, quantities, told)


def _take(
    session: DbSession,
    statement: TextClause,
    quantities: Mapping[uuid.UUID, int],
    told: Mapping[str, Any] = MappingProxyType({}),
) -> None:
    assert all(quantity >= 0 for quantity in quantities.values())
    wanted = {allocation: quantity for allocation, quantity in quantities.items() if quantity}
    if not wanted:
        return
    binds = {
        "allocation_ids": array_of(wanted),
        "quantities": array_of(wanted.values()),
        **told,
    }
    short = session.execute(statement, binds).all()
    if short:
        raise ReservationTooSmall(
            allocations=[
                {
                    "allocation_id": public_id("alloc", row.allocation_id),
                    "wanted": row.quantity,
                    "held": row.held,
                }
                for row in short
            ]
        )
