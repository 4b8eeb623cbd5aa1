"""The days on which goods leave by now: what lies there, and what comes; pure.

Calendars are those texts in which the database keeps them; what one is made of is worked out once
a question, however many locations share it.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import NamedTuple

from app.inventory.rules.calendars import local_day, open_from, read_calendar, ship_days


class Departures(NamedTuple):
    """When what is ordered now leaves a location.

    ``days``: the day of shipment by lead time in working days; a location that is not open so often
    in sight has fewer.
    """

    ordered_on: date
    days: Sequence[date]


class Calendars:
    """The days of shipment of calendars, each worked out once."""

    def __init__(self, now: datetime, longest_lead_time: int) -> None:
        self._now, self._longest = now, longest_lead_time
        self._known: dict[str, Departures] = {}

    def departures(self, calendar: str) -> Departures:
        """When what is ordered now leaves, by lead time."""
        known = self._known.get(calendar)
        if known is None:
            read = read_calendar(calendar)
            days = ship_days(read, self._now, self._longest)
            known = self._known[calendar] = Departures(local_day(read, self._now), days)
        return known

    def later_day(
        self, calendar: str, lead_time_days: int, due_on: date | None, further_days: int
    ) -> date | None:
        """When goods leave that come on a day, or so many working days later than others would."""
        days = self.departures(calendar).days
        if due_on is None:
            at = lead_time_days + further_days
            return days[at] if at < len(days) else None
        ready = open_from(read_calendar(calendar), due_on, lead_time_days)
        if ready is None or lead_time_days >= len(days):
            return None
        return max(ready, days[lead_time_days])
