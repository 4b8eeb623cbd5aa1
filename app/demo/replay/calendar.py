"""When the steps of a replayed order happen; pure.

A seller answers within the hour, sends after its lead time, goods travel a day and one more per
500 km, the buyer pays ten days after delivery: before the hold of fourteen days ends, so that
money is never released before it came.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

ANSWER = timedelta(minutes=45)
PAYMENT = timedelta(days=10)
_KM_A_DAY = 500


def answered_at(offered_at: datetime) -> datetime:
    """When a seller accepts."""
    return offered_at + ANSWER


def shipped_at(accepted_at: datetime, *, lead_time_days: int) -> datetime:
    """When goods leave."""
    return accepted_at + timedelta(days=lead_time_days, hours=3)


def delivered_at(shipped: datetime, *, distance_km: int) -> datetime:
    """When goods arrive."""
    return shipped + timedelta(days=1 + distance_km // _KM_A_DAY)


def paid_at(delivered: datetime) -> datetime:
    """When the buyer pays."""
    return delivered + PAYMENT


def next_day(instant: datetime) -> datetime:
    """The first instant of the day after, in UTC."""
    return datetime(instant.year, instant.month, instant.day, tzinfo=UTC) + timedelta(days=1)


def month_of(instant: datetime) -> datetime:
    """The first instant of a month, in UTC."""
    return datetime(instant.year, instant.month, 1, tzinfo=UTC)


def next_month(month: datetime) -> datetime:
    """The first instant of the month after."""
    return month_of(month + timedelta(days=32))


def months(since: datetime, until: datetime) -> Iterator[tuple[datetime, datetime]]:
    """The spans from ``since`` to the ends of months that are over by ``until``."""
    start = since
    while next_month(start) <= until:
        yield start, next_month(start)
        start = next_month(start)
