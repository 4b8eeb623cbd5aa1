"""What may be promised of goods that are still to come: for orders, and for a day.

``BACKORDER_SQL`` goes beside ``AVAILABLE_SQL`` into a statement that has a row ``s`` of
``inventory_stock`` and the seller's offer ``o`` of the variant: after them it gives, as ``b``, what
the offer's policy allows beyond stock, a row for each day on which some comes: ``b.units``,
``b.due_on`` (of policy ``always`` null: it leaves ``o.backorder_days`` working days after the ship
day that the lead time gives), ordered by ``due_on``. Units of a row are besides those of earlier
ones. They are promised with ``inventory.operations.promise``, which judges them again under lock.
"""

import uuid
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import text

from app.infra.auth import Caller
from app.infra.db import DbSession, array_of
from app.inventory.queries.stock import AVAILABLE_SQL, get_location
from app.inventory.rules.promising import Arrival, promisable

# Deliveries in the order of their days; what is promised already takes the first of them.
BACKORDER_SQL = """
JOIN LATERAL (
    SELECT LEAST(a.units, a.until - s.promised, o.backorder_limit - s.promised - GREATEST(
               a.until - a.units - s.promised, 0))::integer AS units,
           GREATEST(a.due_on, CAST(:today AS date)) AS due_on
    FROM (
        SELECT i.due_on, i.quantity - i.received AS units,
               sum(i.quantity - i.received) OVER (ORDER BY i.due_on, i.id) AS until
        FROM inventory_incoming i
        WHERE o.backorder = 'incoming' AND i.location_id = s.location_id
          AND i.variant_id = s.variant_id AND i.received < i.quantity
    ) a
    UNION ALL
    SELECT o.backorder_limit - s.promised, NULL WHERE o.backorder = 'always'
) b ON b.units > 0
"""

_BACKORDERABLE = text(f"""
SELECT CAST(w.line_no - 1 AS integer), CAST(l.seller_id AS text), CAST(l.id AS text),
       l.latitude, l.longitude, b.units, b.due_on, o.backorder_days
FROM unnest(CAST(:variant_ids AS uuid[])) WITH ORDINALITY AS w (variant_id, line_no)
JOIN offers_offers o ON o.variant_id = w.variant_id AND o.backorder <> 'none'
JOIN inventory_locations l ON l.seller_id = o.seller_id AND l.is_active
JOIN inventory_stock s ON s.location_id = l.id AND s.variant_id = w.variant_id
{BACKORDER_SQL}
ORDER BY w.line_no, l.seller_id, l.id, b.due_on
""")  # noqa: S608 - composed of constants only

_OPEN = text(f"""
SELECT s.location_id, s.variant_id, {AVAILABLE_SQL} AS available, s.promised,
       i.due_on, i.quantity - i.received AS units
FROM inventory_stock s
LEFT JOIN inventory_incoming i ON i.location_id = s.location_id AND i.variant_id = s.variant_id
     AND i.received < i.quantity
WHERE s.location_id = :location_id AND s.variant_id = :variant_id
ORDER BY i.due_on
""")  # noqa: S608 - composed of constants only


class Promise(NamedTuple):
    """How many units may be promised from a day on, all in all."""

    on: date
    units: int


def list_backorderable(
    session: DbSession, *, variant_ids: Sequence[uuid.UUID], now: datetime
) -> Sequence[Sequence[Any]]:
    """Where variants may be ordered beyond stock, how many, and when they come.

    Rows of (position, seller, location, latitude, longitude, units, due on, back-order days), ids
    as text, in the order of these. Offers without a back-order policy cost nothing here.
    """
    binds = {"variant_ids": array_of(variant_ids), "today": now.date()}
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
    get_location(session, caller=caller, location_id=location_id)
    today = now.date()
    rows = session.execute(_OPEN, {"location_id": location_id, "variant_id": variant_id}).all()
    if not rows:
        return [Promise(today, 0)]
    arrivals = [Arrival(row.due_on, row.units) for row in rows if row.due_on is not None]
    total = max(rows[0].available, 0)
    days = {today: total}
    for each in promisable(arrivals, rows[0].promised, today=today):
        total += each.units
        days[each.due_on] = total
    return [Promise(day, units) for day, units in days.items()]
