"""What entries said at an instant, told from what stands and what was replaced since."""

from datetime import UTC, datetime, timedelta

from app.kernel.money import UnitPrice
from app.kernel.period import Period
from app.pricing.rules import Entry
from app.pricing.rules.past import Version, as_of

T = [datetime(2026, 3, 2, tzinfo=UTC) + timedelta(days=day) for day in range(10)]


def a(amount: int, since: int, until: int | None = None, *, units: int = 1) -> Entry:
    return Entry(
        from_quantity=units,
        price=UnitPrice(amount, 1),
        period=Period(T[since], None if until is None else T[until]),
    )


def was(entry: Entry, until: int) -> Version:
    return Version(entry=entry, replaced_at=T[until])


def stands(entry: Entry) -> Version:
    return Version(entry=entry)


class TestAnEntry:
    def test_that_was_changed_says_what_it_said_before_the_next_change(self) -> None:
        versions = [stands(a(3, 0)), was(a(2, 0), 6), was(a(1, 0), 3)]
        days = (0, 2, 3, 5, 6, 9)
        said = {day: [each.price.amount_minor for each in as_of(versions, T[day])] for day in days}
        assert said == {0: [1], 2: [1], 3: [2], 5: [2], 6: [3], 9: [3]}

    def test_that_was_deleted_held_until_then(self) -> None:
        assert as_of([was(a(1, 0), 4)], T[3]) == [a(1, 0)]
        assert as_of([was(a(1, 0), 4)], T[4]) == []

    def test_that_was_ended_before_its_time_had_no_end_then(self) -> None:
        versions = [stands(a(1, 0, 2)), was(a(1, 0), 5), stands(a(2, 5))]
        assert as_of(versions, T[4]) == [a(1, 0), a(2, 5)]
        assert as_of(versions, T[5]) == [a(1, 0, 2), a(2, 5)]


class TestABackDatedEntry:
    def test_speaks_of_the_past_where_nothing_held(self) -> None:
        assert as_of([stands(a(1, 2))], T[3]) == [a(1, 2)]

    def test_does_not_speak_against_what_held(self) -> None:
        versions = [was(a(1, 0), 5), stands(a(1, 0, 2)), stands(a(2, 2))]
        assert as_of(versions, T[4]) == [a(1, 0)]
        assert as_of(versions, T[5]) == [a(1, 0, 2), a(2, 2)]

    def test_and_another_break_do_not_meet(self) -> None:
        versions = [was(a(1, 0), 5), stands(a(2, 2, units=10))]
        assert as_of(versions, T[4]) == [a(1, 0), a(2, 2, units=10)]
