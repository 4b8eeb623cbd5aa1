"""What may be promised of stock that is not here yet.

Laws: what comes is promised to whoever was first, out of the delivery that comes first, so the
units that are promised already take the earliest deliveries; a promise is never more than what is
announced, and nothing is promised twice. A delivery that is late is expected today, but not for
longer than ``OVERDUE_DAYS``.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

OVERDUE_DAYS = 7


@dataclass(frozen=True, slots=True)
class Arrival:
    """Units that come on a day."""

    due_on: date
    units: int


def promisable(arrivals: Iterable[Arrival], promised: int, *, today: date) -> list[Arrival]:
    """What is left of arrivals, by day, when so many units are promised already."""
    left: list[Arrival] = []
    for each in sorted(arrivals, key=lambda arrival: arrival.due_on):
        taken = min(promised, each.units)
        promised -= taken
        if each.units > taken:
            left.append(Arrival(max(each.due_on, today), each.units - taken))
    return left


def available_to_promise(
    available: int, arrivals: Iterable[Arrival], promised: int, *, today: date, on: date
) -> int:
    """How many units may be promised for a day: what is free now, and what comes by then."""
    left = promisable(arrivals, promised, today=today)
    return max(available, 0) + sum(each.units for each in left if each.due_on <= on)
