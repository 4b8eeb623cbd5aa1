"""What comes later is another source: it never displaces what is in stock, whoever decides."""

import uuid
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.inventory.rules.calendars import Calendar, open_from, read_calendar
from app.inventory.rules.departures import Departures
from app.routing import keeping
from app.routing.check import violations
from app.routing.problem import Limits
from app.routing.rules import WantedLine, judge_all, pose
from app.routing.rules.places import Later, Place
from app.routing.rules.policies import Terms
from app.routing.strategies import find_strategy
from tests.unit.routing.test_judging import REACHED, REQUEST, SOUND

MONDAY = date(2026, 3, 2)
DAYS = Departures(MONDAY, [MONDAY + timedelta(days=each) for each in (0, 1, 4)])
IN_STOCK = [
    Place(number, uuid.UUID(int=50 + number), 52.0, 13.0 + number, DAYS) for number in range(2)
]
TO_COME = [
    place._replace(
        number=10 + n, later=Later(MONDAY + timedelta(days=7 + n), {SOUND.variant_id: None})
    )
    for n, place in enumerate([*IN_STOCK, IN_STOCK[0]])
]  # fmt: skip


def posed(quantity: int, stock: list[int], later: list[int], settled: int | None, **terms: int):
    """One line, two places with stock and three that send later; how it is posed."""
    offers = [
        SOUND._replace(seller_id=uuid.UUID(int=90 + n), lying=[(place, units)])
        for n, (place, units) in enumerate(zip(IN_STOCK, stock, strict=True))
    ]
    offers += [
        SOUND._replace(seller_id=uuid.UUID(int=90 + n % 2), lying=[(place, units)])
        for n, (place, units) in enumerate(zip(TO_COME, later, strict=True))
    ]
    request = replace(REQUEST, lines=(WantedLine(SOUND.variant_id, quantity),))
    policy = replace(REACHED.policy, terms=Terms(**terms))
    context = replace(REACHED, policy=policy)
    judged, places = judge_all(offers, request, context)
    return pose(judged, places, request, context, settled=None if settled is None else {0: settled})


class TestAPlace:
    def test_counts_days_to_the_shipment_and_no_lead_times(self) -> None:
        here, later = IN_STOCK[0], TO_COME[0]
        assert [here.days_to_ship(lead) for lead in range(3)] == [0, 1, 4]
        assert here.ships_on(2) == date(2026, 3, 6)
        assert (later.ships_on(2), later.days_to_ship(2)) == (date(2026, 3, 9), 7)

    def test_that_is_hardly_ever_open_is_out_of_sight(self) -> None:
        assert IN_STOCK[0].ships_on(3) is None
        assert IN_STOCK[0].days_to_ship(3) > max(IN_STOCK[0].days_to_ship(n) for n in range(3))


class TestWhatComesLater:
    @pytest.mark.parametrize("strategy", ["optimal", "greedy", "fewest_parcels"])
    @settings(deadline=None, max_examples=30)
    @given(
        quantity=st.integers(1, 9),
        stock=st.lists(st.integers(0, 6), min_size=2, max_size=2),
        later=st.lists(st.integers(0, 6), min_size=3, max_size=3),
    )
    def test_serves_what_stock_leaves_and_no_more(
        self, strategy: str, quantity: int, stock: list[int], later: list[int]
    ) -> None:
        here = min(quantity, sum(stock))
        made = posed(quantity, stock, later, here)
        plan = find_strategy(strategy).plan(made.problem, Limits())
        assert not violations(made.problem, plan.allocations)
        later_units = sum(part.quantity for part in plan.allocations if part.source in made.later)
        assert plan.units - later_units == here
        assert later_units == min(quantity - here, sum(later))

    def test_competes_by_its_terms_where_both_serve_one_line(self) -> None:
        dear = posed(1, [1, 0], [1, 0, 0], None, lead_time_minor_per_day=10)
        [in_stock, to_come] = dear.problem.supplies
        assert to_come.unit_cost - in_stock.unit_cost == 7 * 10 * 1000
        assert dear.later == {1: date(2026, 3, 9)}

    def test_is_kept_so_that_it_can_be_decided_anew(self) -> None:
        made = posed(5, [3, 0], [4, 4, 4], 3)
        document = keeping.document_of(
            made.problem, places=made.sources, limits=Limits(), later=made.later,
            later_lines=made.later_lines,
        )  # fmt: skip
        document["places"] = [str(each) for each in document["places"]]
        kept = keeping.problem_of(document)
        assert (kept.problem.lines, kept.problem.supplies, kept.problem.sources) == (
            made.problem.lines, made.problem.supplies, made.problem.sources,
        )  # fmt: skip
        first, later = IN_STOCK[0].location_id, TO_COME[2].later
        assert kept.row_of(0, first, None) == (0, 0)
        assert later is not None
        line, source = kept.row_of(0, first, str(later.ships_on))
        assert (line, made.later[source]) == (1, later.ships_on)


class TestACalendarsText:
    def test_is_read_back(self) -> None:
        read = read_calendar("Asia/Tokyo|08:30:00,-,17:00:00,-,-,-,23:59:59|2026-03-09/2026-03-10")
        assert (read.time_zone, len(read.cutoffs), read.cutoffs[1]) == ("Asia/Tokyo", 7, None)
        assert not read.is_open_on(date(2026, 3, 9))
        assert read.is_open_on(date(2026, 3, 11))

    def test_says_when_goods_leave_that_come_on_a_day(self) -> None:
        read = read_calendar("UTC|17:00:00,17:00:00,17:00:00,17:00:00,17:00:00,-,-|")
        saturday = date(2026, 3, 7)
        assert [open_from(read, saturday, lead) for lead in range(3)] == [
            date(2026, 3, 9), date(2026, 3, 10), date(2026, 3, 11),
        ]  # fmt: skip
        never = Calendar(time_zone="UTC", cutoffs=[None] * 7)
        assert open_from(never, saturday) is None
