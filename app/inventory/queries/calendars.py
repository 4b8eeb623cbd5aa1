"""When locations work: their calendars, many at once, for the one rule that reads them."""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import select, text

from app.infra.auth import Caller
from app.infra.db import DbSession, array_of
from app.infra.listing import page_by_id
from app.inventory.models import Closure
from app.inventory.queries.stock import get_location
from app.inventory.rules.calendars import HORIZON_DAYS, Calendar, ship_days
from app.kernel.paging import Page, PageRequest

_CALENDARS = text("""
SELECT l.id, l.time_zone, l.cutoffs, COALESCE(c.first_on, '{}') AS first_on,
       COALESCE(c.last_on, '{}') AS last_on
FROM inventory_locations l
LEFT JOIN LATERAL (
    SELECT array_agg(first_on) AS first_on, array_agg(last_on) AS last_on
    FROM inventory_closures c
    WHERE c.location_id = l.id AND c.last_on >= CAST(:since AS date)
      AND c.first_on <= CAST(:until AS date)
) c ON true
WHERE l.id = ANY (CAST(:location_ids AS uuid[]))
""")
# A seller's days are those of its first location that works.
_ZONES = text("""
SELECT DISTINCT ON (seller_id) seller_id, time_zone FROM inventory_locations
WHERE seller_id = ANY (CAST(:seller_ids AS uuid[]))
ORDER BY seller_id, is_active DESC, code, id
""")
_DAY = timedelta(days=1)


def calendars_of(
    session: DbSession, *, location_ids: Sequence[uuid.UUID], now: datetime
) -> dict[uuid.UUID, Calendar]:
    """The calendars of locations, with the closures that matter from now on; one statement."""
    rows = session.execute(
        _CALENDARS,
        {
            "location_ids": array_of(location_ids),
            "since": now.date() - _DAY,
            "until": now.date() + (HORIZON_DAYS + 2) * _DAY,
        },
    )
    return {
        row.id: Calendar(
            time_zone=row.time_zone,
            cutoffs=row.cutoffs,
            closures=tuple(zip(row.first_on, row.last_on, strict=True)),
        )
        for row in rows
    }


def list_ship_days(
    session: DbSession,
    *,
    location_ids: Sequence[uuid.UUID],
    longest_lead_time: int,
    now: datetime,
) -> Mapping[uuid.UUID, tuple[date, ...]]:
    """For each location the days on which what is ordered now leaves, by lead time in days.

    ``days[lead_time_days]`` is the day; a location that is not open so often in sight has fewer.
    One statement, however many locations; no check of who asks.
    """
    calendars = calendars_of(session, location_ids=location_ids, now=now)
    return {key: ship_days(each, now, longest_lead_time) for key, each in calendars.items()}


def zones_of(session: DbSession, *, seller_ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, str]:
    """By whose clocks sellers count their days: those of their first location; one statement.

    Sellers without a location are left out.
    """
    rows = session.execute(_ZONES, {"seller_ids": array_of(seller_ids)})
    return {row[0]: row[1] for row in rows}


def list_closures(
    session: DbSession, *, caller: Caller, location_id: uuid.UUID, page: PageRequest
) -> Page[Closure]:
    """The closures of a location of the caller's, in the order in which they were made.

    Raises:
        LocationNotFound: there is none that the caller may know of.
    """
    get_location(session, caller=caller, location_id=location_id)
    query = select(Closure).where(Closure.location_id == location_id)
    return page_by_id(session, query, key=Closure.id, page=page)
