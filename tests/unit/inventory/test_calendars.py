"""A parcel leaves on a working day of its location, in the location's own time."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.inventory.rules.calendars import Calendar, open_from, ship_day, ship_days

FIVE = time(17, 0)
WEEK = (FIVE,) * 5 + (None, None)
SAO_PAULO = Calendar(time_zone="America/Sao_Paulo", cutoffs=WEEK)
FRIDAY = date(2026, 3, 6)


def at(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 3, day, hour, minute, tzinfo=UTC)


class TestAParcel:
    def test_leaves_today_before_the_cut_off_in_local_time(self) -> None:
        assert ship_day(SAO_PAULO, at(4, 19, 59), 0) == date(2026, 3, 4)  # 16:59 there
        assert ship_day(SAO_PAULO, at(4, 20, 0), 0) == date(2026, 3, 5)  # 17:00 there

    def test_is_of_the_local_day_not_of_the_day_in_utc(self) -> None:
        kiritimati = Calendar(time_zone="Pacific/Kiritimati", cutoffs=WEEK)  # UTC+14
        assert ship_day(kiritimati, at(4, 11), 0) == date(2026, 3, 5)

    def test_waits_for_monday_over_the_weekend(self) -> None:
        assert ship_day(SAO_PAULO, at(6, 21), 0) == date(2026, 3, 9)
        assert ship_day(SAO_PAULO, at(7, 12), 0) == date(2026, 3, 9)

    def test_takes_working_days_to_be_ready(self) -> None:
        assert ship_day(SAO_PAULO, at(5, 12), 1) == FRIDAY
        assert ship_day(SAO_PAULO, at(5, 12), 2) == date(2026, 3, 9)

    def test_does_not_leave_while_its_location_is_closed(self) -> None:
        carnival = Calendar(
            time_zone="UTC", cutoffs=WEEK, closures=((date(2026, 3, 5), date(2026, 3, 10)),)
        )
        assert ship_day(carnival, at(4, 12), 0) == date(2026, 3, 4)
        assert ship_day(carnival, at(4, 12), 1) == date(2026, 3, 11)
        assert ship_day(carnival, at(5, 12), 0) == date(2026, 3, 11)

    def test_has_each_day_s_own_cut_off(self) -> None:
        early_friday = Calendar(
            time_zone="UTC", cutoffs=(FIVE, FIVE, FIVE, FIVE, time(12, 0), None, None)
        )
        assert ship_day(early_friday, at(6, 11, 59), 0) == FRIDAY
        assert ship_day(early_friday, at(6, 12), 0) == date(2026, 3, 9)

    @pytest.mark.parametrize(("hour", "day"), [(15, 28), (16, 28), (17, 29)])
    def test_keeps_to_the_clock_when_the_clocks_change(self, hour: int, day: int) -> None:
        """In Berlin 17:00 is 16:00 UTC on Saturday, and 15:00 UTC from Sunday on."""
        berlin = Calendar(time_zone="Europe/Berlin", cutoffs=(time(17, 30),) * 7)
        assert ship_day(berlin, at(28, hour), 0) == date(2026, 3, day)
        assert ship_day(berlin, at(29, 15, 29), 0) == date(2026, 3, 29)
        assert ship_day(berlin, at(29, 15, 30), 0) == date(2026, 3, 30)

    def test_never_leaves_a_location_that_never_opens(self) -> None:
        shut = Calendar(time_zone="UTC", cutoffs=(None,) * 7)
        assert ship_day(shut, at(4, 12), 0) is None
        assert open_from(shut, FRIDAY) is None
        assert ship_days(shut, at(4, 12), 3) == ()


calendars = st.builds(
    Calendar,
    time_zone=st.sampled_from(["UTC", "America/Sao_Paulo", "Asia/Kathmandu", "Europe/Berlin"]),
    cutoffs=st.lists(st.one_of(st.none(), st.times()), min_size=7, max_size=7),
    closures=st.lists(
        st.dates(date(2026, 1, 1), date(2026, 12, 31)).map(lambda day: (day, day)), max_size=5
    ),
)
instants = st.integers(0, 470_000).map(
    lambda minutes: datetime(2026, 1, 2, tzinfo=UTC) + timedelta(minutes=minutes)
)


class TestTheRule:
    @given(calendar=calendars, instant=instants, lead=st.integers(0, 9))
    def test_is_the_list_of_all_lead_times(
        self, calendar: Calendar, instant: datetime, lead: int
    ) -> None:
        days = ship_days(calendar, instant, 9)
        expected = days[lead] if lead < len(days) else None
        assert ship_day(calendar, instant, lead) == expected
        assert list(days) == sorted(set(days))
        assert all(calendar.is_open_on(day) for day in days)

    @given(calendar=calendars, instant=instants, later=instants)
    def test_never_promises_less_to_who_comes_earlier(
        self, calendar: Calendar, instant: datetime, later: datetime
    ) -> None:
        early, late = sorted((instant, later))
        first, second = ship_day(calendar, early, 2), ship_day(calendar, late, 2)
        assert first is None or second is None or first <= second
