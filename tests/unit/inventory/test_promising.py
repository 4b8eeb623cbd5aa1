"""What comes is promised once, the earliest delivery first."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from app.inventory.rules.promising import Arrival, available_to_promise, promisable

TODAY = date(2026, 3, 2)


def on(days: int) -> date:
    return TODAY + timedelta(days=days)


class TestWhatMayBePromised:
    def test_is_what_is_free_and_what_comes_by_then(self) -> None:
        arrivals = [Arrival(on(7), 5), Arrival(on(3), 10)]
        by_day = [
            available_to_promise(4, arrivals, 0, today=TODAY, on=on(day)) for day in (0, 3, 6, 7)
        ]
        assert by_day == [4, 14, 14, 19]

    def test_is_without_what_was_promised_of_the_first_deliveries(self) -> None:
        arrivals = [Arrival(on(3), 10), Arrival(on(7), 5)]
        assert promisable(arrivals, 12, today=TODAY) == [Arrival(on(7), 3)]
        assert available_to_promise(0, arrivals, 12, today=TODAY, on=on(3)) == 0

    def test_expects_what_is_late_today(self) -> None:
        assert promisable([Arrival(on(-4), 2)], 0, today=TODAY) == [Arrival(TODAY, 2)]

    def test_does_not_sink_below_nothing_where_stock_is_below_safety(self) -> None:
        assert available_to_promise(-3, [Arrival(on(1), 2)], 0, today=TODAY, on=on(1)) == 2

    @given(
        arrivals=st.lists(
            st.builds(Arrival, st.integers(-3, 9).map(on), st.integers(1, 20)), max_size=6
        ),
        promised=st.integers(0, 60),
    )
    def test_is_all_that_comes_but_what_was_promised(
        self, arrivals: list[Arrival], promised: int
    ) -> None:
        left = promisable(arrivals, promised, today=TODAY)
        total = sum(each.units for each in arrivals)
        assert sum(each.units for each in left) == max(total - promised, 0)
        assert [each.due_on for each in left] == sorted(each.due_on for each in left)
