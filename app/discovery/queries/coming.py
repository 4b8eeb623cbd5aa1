"""What is still to come of goods that stock is short of, and who may be promised it.

Nothing is decided here: what may be promised is inventory's word, whether an order would be is the
word of the routing policy that decides it. Two statements or three, and only for what is short.
"""

import uuid
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from app.discovery.queries.viewer import Viewer
from app.discovery.rules import Arriving
from app.infra.db import DbSession
from app.inventory import queries as inventory_queries
from app.inventory.rules.departures import Calendars
from app.routing import queries as routing_queries


class Coming(NamedTuple):
    """What one seller may promise of a variant; days are worked out once for all of a page."""

    calendars: Calendars
    rows: list[Sequence[Any]]

    def arriving(self, lead_time_days: int) -> Iterator[Arriving]:
        """When it can leave with that lead time; what never leaves is left out."""
        for _, _, _, _, _, units, due_on, further, calendar in self.rows:
            day = self.calendars.later_day(calendar, lead_time_days, due_on, further or 0)
            if day is not None:
                yield Arriving(day, units, due_on is not None)


def list_coming(
    session: DbSession,
    *,
    viewer: Viewer,
    variant_ids: Sequence[uuid.UUID],
    longest_lead_time: int,
    now: datetime,
) -> dict[tuple[str, str], Coming]:
    """By variant and seller, as text, what an order of the viewer's might be promised."""
    waitable = routing_queries.list_waitable(
        session,
        storefront_id=viewer.storefront_id,
        buyer_id=viewer.buyer_id,
        variant_ids=variant_ids,
        now=now,
    )
    wanted = sorted(waitable)
    if not wanted:
        return {}
    rows = inventory_queries.list_backorderable(session, variant_ids=wanted, now=now)
    further = max((row[7] or 0 for row in rows), default=0)
    calendars = Calendars(now, longest_lead_time + further)
    found: dict[tuple[str, str], Coming] = {}
    for row in rows:
        key = str(wanted[row[0]]), row[1]
        found.setdefault(key, Coming(calendars, [])).rows.append(row)
    return found
