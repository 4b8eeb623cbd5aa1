"""What may be promised of goods that are still to come: for orders, and for a day.

``BACKORDER_SQL`` goes beside ``AVAILABLE_SQL`` into a statement that has a row ``s`` of
``inventory_stock``, its location ``l`` and the seller's offer ``o`` of the variant: after them it
gives, as ``b``, what the offer's policy allows beyond stock, a row for each day on which some
comes: ``b.units``, ``b.due_on`` (of policy ``always`` null: it leaves ``o.backorder_days`` working
days after the ship day that the lead time gives), ordered by ``due_on``. Units of a row are besides
those of earlier ones. They are promised with ``inventory.operations.promise``, which judges them
again under lock.

``COMES_SQL`` says which deliveries ``i`` are counted on, at a location of this time zone: a
delivery that is overdue is expected today, for a week; then it must be announced anew.
"""

import uuid
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import text

from app.infra.auth import Caller
from app.infra.db import DbSession, array_of
from app.inventory.queries.stock import AVAILABLE_SQL, get_location
from app.inventory.rules.promising import OVERDUE_DAYS, Arrival, promisable
from app.kernel.zones import zone_named

_TODAY = "CAST(CAST(:now AS timestamptz) AT TIME ZONE {zone} AS date)"
COMES_SQL = (
    f"i.received < i.quantity AND i.due_on >= {_TODAY.format(zone='l.time_zone')} - {OVERDUE_DAYS}"
)

# Deliveries in the order of their days; what is promised already takes the first of them.
BACKORDER_SQL = f"""
JOIN LATERAL (
    SELECT LEAST(a.units, a.until - s.promised, o.backorder_limit - s.promised - GREATEST(
               a.until - a.units - s.promised, 0))::integer AS units,
           GREATEST(a.due_on, {_TODAY.format(zone="l.time_zone")}) AS due_on
    FROM (
        SELECT i.due_on, i.quantity - i.received AS units,
               sum(i.quantity - i.received) OVER (ORDER BY i.due_on, i.id) AS until
        FROM inventory_incoming i
        WHERE o.backorder = 'incoming' AND i.location_id = s.location_id
          AND i.variant_id = s.variant_id AND {COMES_SQL}
    ) a
    UNION ALL
    SELECT o.backorder_limit - s.promised, NULL WHERE o.backorder = 'always'
) b ON b.units > 0
"""  # noqa: S608 - composed of constants only

_SELECTED = """
SELECT CAST(w.line_no - 1 AS integer), CAST(l.seller_id AS text), CAST(l.id AS text),
       l.latitude, l.longitude, {units}, {due_on}, o.backorder_days, l.calendar
FROM unnest(CAST(:variant_ids AS uuid[])) WITH ORDINALITY AS w (variant_id, line_no)
JOIN offers_offers o ON o.variant_id = w.variant_id AND o.backorder <> 'none'
JOIN inventory_locations l ON l.seller_id = o.seller_id AND l.is_active
"""
_FREE = (
    _SELECTED.format(units="b.units", due_on="b.due_on")
    + """
JOIN inventory_stock s ON s.location_id = l.id AND s.variant_id = w.variant_id
"""
)
_BACKORDERABLE = text(f"""
{_FREE} {BACKORDER_SQL}
ORDER BY w.line_no, l.seller_id, l.id, b.due_on
""")

# What an order or a cart was promised already is its own: for its day if it still comes by then,
# else as if it had not been promised.
_LEFT = "(s.promised - COALESCE(broken.units, 0))"
_BACKORDERABLE_TO = text(f"""
WITH own AS MATERIALIZED (
    SELECT r.location_id, r.variant_id, r.promised, r.due_on, r.due_on IS NULL OR r.promised <= (
        SELECT sum(i.quantity - i.received) FROM inventory_incoming i
        WHERE i.location_id = r.location_id AND i.variant_id = r.variant_id
          AND i.due_on <= r.due_on AND {COMES_SQL}
    ) AS comes
    FROM inventory_reservations r JOIN inventory_locations l ON l.id = r.location_id
    WHERE r.order_id = :own AND r.promised > 0
),
broken AS (
    SELECT location_id, variant_id, sum(promised) AS units FROM own WHERE comes IS NOT TRUE
    GROUP BY 1, 2
)
{_FREE}
LEFT JOIN broken ON broken.location_id = s.location_id AND broken.variant_id = s.variant_id
{BACKORDER_SQL.replace("s.promised", _LEFT)}
UNION ALL
{_SELECTED.format(units="own.promised", due_on="own.due_on")}
JOIN own ON own.location_id = l.id AND own.variant_id = w.variant_id AND own.comes
ORDER BY 1, 2, 3, 7
""")  # noqa: S608 - composed of constants only

_OPEN = text(f"""
SELECT s.location_id, s.variant_id, {AVAILABLE_SQL} AS available, s.promised,
       i.due_on, i.quantity - i.received AS units
FROM inventory_stock s
JOIN inventory_locations l ON l.id = s.location_id
LEFT JOIN inventory_incoming i ON i.location_id = s.location_id AND i.variant_id = s.variant_id
     AND {COMES_SQL}
WHERE s.location_id = :location_id AND s.variant_id = :variant_id
ORDER BY i.due_on
""")  # noqa: S608 - composed of constants only


class Promise(NamedTuple):
    """How many units may be promised from a day on, all in all."""

    on: date
    units: int


def list_backorderable(
    session: DbSession,
    *,
    variant_ids: Sequence[uuid.UUID],
    now: datetime,
    own: uuid.UUID | None = None,
) -> Sequence[Sequence[Any]]:
    """Where variants may be ordered beyond stock, how many, and when they come.

    Rows of (position, seller, location, latitude, longitude, units, due on, back-order days,
    calendar), ids as text, in the order of these. Offers without a back-order policy cost nothing
    here. ``own``: the order or cart that asks, to which what it was promised is there besides.
    """
    binds: dict[str, Any] = {"variant_ids": array_of(variant_ids), "now": now}
    if own is not None:
        return session.execute(_BACKORDERABLE_TO, binds | {"own": own}).all()
    return session.execute(_BACKORDERABLE, binds).all()


def list_available_to_promise(
    session: DbSession,
    *,
    caller: Caller,
    location_id: uuid.UUID,
    variant_id: uuid.UUID,
    now: datetime,
) -> list[Promise]:
    """What may be promised of a variant at a location of the caller's: today, and as more comes.

    Raises:
        LocationNotFound: there is none that the caller may know of.
    """
    location = get_location(session, caller=caller, location_id=location_id)
    today = now.astimezone(zone_named(location.time_zone)).date()
    binds = {"location_id": location_id, "variant_id": variant_id, "now": now}
    rows = session.execute(_OPEN, binds).all()
    if not rows:
        return [Promise(today, 0)]
    arrivals = [Arrival(row.due_on, row.units) for row in rows if row.due_on is not None]
    total = max(rows[0].available, 0)
    days = {today: total}
    for each in promisable(arrivals, rows[0].promised, today=today):
        total += each.units
        days[each.due_on] = total
    return [Promise(day, units) for day, units in days.items()]


# Promises take deliveries in the order of the days for which they were made.
_BROKEN = text(f"""
WITH comes AS MATERIALIZED (
    SELECT i.location_id, i.variant_id, i.due_on, i.quantity - i.received AS units
    FROM inventory_stock s
    JOIN inventory_locations l ON l.id = s.location_id
    JOIN inventory_incoming i ON i.location_id = s.location_id AND i.variant_id = s.variant_id
    WHERE s.promised > 0 AND {COMES_SQL}
),
waiting AS (
    SELECT r.allocation_id, r.location_id, r.variant_id, r.promised, r.due_on,
           sum(r.promised) OVER w - r.promised AS before
    FROM inventory_reservations r
    -- carts come after orders here: what they keep is judged when it is ordered
    WHERE r.promised > 0 AND r.expires_at IS NULL
    WINDOW w AS (
        PARTITION BY r.location_id, r.variant_id
        ORDER BY r.due_on NULLS LAST, r.created_at, r.id
    )
),
backed AS (
    SELECT w.*, GREATEST(LEAST(w.promised, COALESCE(c.in_time, 0) - w.before), 0) AS kept,
           COALESCE(c.at_all, 0) - w.before >= w.promised AS comes
    FROM waiting w CROSS JOIN LATERAL (
        SELECT sum(c.units) AS at_all, sum(c.units) FILTER (WHERE c.due_on <= w.due_on) AS in_time
        FROM comes c WHERE c.location_id = w.location_id AND c.variant_id = w.variant_id
    ) c
    WHERE w.due_on IS NOT NULL
)
SELECT allocation_id, CAST(promised - kept AS integer) AS units,
       CASE WHEN comes THEN 'late' ELSE 'not_coming' END AS why
FROM backed WHERE kept < promised
  AND (CAST(:allocation_id AS uuid) IS NULL OR allocation_id = :allocation_id)
ORDER BY due_on, allocation_id LIMIT :limit
""")  # noqa: S608 - composed of constants only


class BrokenPromise(NamedTuple):
    """Units of an allocation that do not come as promised: ``late``, or ``not_coming``."""

    allocation_id: uuid.UUID
    units: int
    why: str


def list_broken_promises(
    session: DbSession, *, now: datetime, limit: int, allocation_id: uuid.UUID | None = None
) -> list[BrokenPromise]:
    """Promises that no announced delivery keeps any more, those for the earliest day first.

    What was promised without naming a delivery cannot be broken.
    """
    binds = {"now": now, "limit": limit, "allocation_id": allocation_id}
    return [BrokenPromise(*row) for row in session.execute(_BROKEN, binds)]
