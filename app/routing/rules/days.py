"""Which day it is for somebody, and when that day begins and ends; pure.

What is counted by the day is counted by the seller's own day: every such rule asks :func:`day_of`.
"""

from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

from app.kernel.zones import zone_named


class Day(NamedTuple):
    """A day of somebody's calendar; ``ends`` belongs to the next one."""

    date: date
    begins: datetime
    ends: datetime


def day_of(at: datetime, zone: str = "UTC") -> Day:
    """The day of an instant where the clocks show a zone's time."""
    here = zone_named(zone)
    begins = at.astimezone(here).replace(hour=0, minute=0, second=0, microsecond=0)
    # By the wall clock: a day in which clocks are changed has 23 or 25 hours.
    ends = begins + timedelta(days=1)
    return Day(begins.date(), begins.astimezone(UTC), ends.astimezone(UTC))
