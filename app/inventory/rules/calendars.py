"""When a parcel leaves: working days, cut-off times and closures of a location, in its own time.

Laws: work on what is ordered begins on the first working day whose cut-off has not passed; lead
time counts that location's working days; nothing leaves on a day without a cut-off or within a
closure; days are days in the location's time zone. Nobody is promised a day that does not come
within ``HORIZON_DAYS``.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from itertools import islice

from app.kernel.zones import zone_named

HORIZON_DAYS = 600
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Calendar:
    """When a location works: cut-offs from Monday on (None: not at all), and what is closed."""

    time_zone: str
    cutoffs: Sequence[time | None]
    closures: Sequence[tuple[date, date]] = ()

    def is_open_on(self, day: date) -> bool:
        """Whether anything leaves on that day."""
        if self.cutoffs[day.weekday()] is None:
            return False
        return not any(first <= day <= last for first, last in self.closures)


@lru_cache(maxsize=4096)
def read_calendar(written: str) -> Calendar:
    """A calendar from the text in which the database keeps it."""
    zone, cutoffs, closures = written.split("|")
    return Calendar(
        time_zone=zone,
        cutoffs=[None if each == "-" else time.fromisoformat(each) for each in cutoffs.split(",")],
        closures=[
            (date.fromisoformat(each[:10]), date.fromisoformat(each[11:]))
            for each in closures.split(",")
            if each
        ],
    )


def local_day(calendar: Calendar, instant: datetime) -> date:
    """Which day it is there."""
    return instant.astimezone(zone_named(calendar.time_zone)).date()


def working_days(calendar: Calendar, instant: datetime) -> Iterator[date]:
    """The days on which what is ordered at an instant can leave, the soonest first."""
    local = instant.astimezone(zone_named(calendar.time_zone))
    today = local.date()
    cutoff = calendar.cutoffs[today.weekday()]
    if cutoff is not None and local.time() < cutoff and calendar.is_open_on(today):
        yield today
    for later in range(1, HORIZON_DAYS + 1):
        day = today + later * _DAY
        if calendar.is_open_on(day):
            yield day


def ship_day(calendar: Calendar, instant: datetime, lead_time_days: int) -> date | None:
    """The day on which a parcel ordered at an instant leaves; None when none is in sight."""
    return next(islice(working_days(calendar, instant), lead_time_days, None), None)


def ship_days(calendar: Calendar, instant: datetime, longest_lead_time: int) -> tuple[date, ...]:
    """The same for every lead time up to the longest: its days, by lead time."""
    return tuple(islice(working_days(calendar, instant), longest_lead_time + 1))


def open_from(calendar: Calendar, day: date, lead_time_days: int = 0) -> date | None:
    """The day on which goods leave that are there from a day on; None when none is in sight."""
    days = (day + later * _DAY for later in range(HORIZON_DAYS))
    return next(islice(filter(calendar.is_open_on, days), lead_time_days, None), None)
