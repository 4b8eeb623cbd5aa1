"""Few givers: covers against everything tried, plans against programmes, effort that is bounded."""

from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.routing.check import check
from app.routing.exact.cover import find_covers
from app.routing.exact.stages import settle
from app.routing.exact.walk import walk
from app.routing.freight import FREE_FREIGHT
from app.routing.problem import Level, Limits, Line, Problem, Seller, Source, Supply
from app.routing.strategies import find_strategy
from app.routing.strategies.walking import by_most
from bench.decision import draw_order

tables = st.integers(1, 6).flatmap(
    lambda lines: st.lists(
        st.lists(st.sampled_from((0, 0, 1, 2, 5)), min_size=lines, max_size=lines),
        min_size=1, max_size=7,
    )
)  # fmt: skip


def covers_of(gives, wanted, size):
    """Everything tried."""
    return {
        chosen
        for chosen in combinations(range(len(gives)), size)
        if (gives[list(chosen)].sum(axis=0) >= wanted).all()
    }


class TestCovers:
    @settings(max_examples=80, deadline=None)
    @given(tables, st.integers(1, 6))
    def test_hold_the_order_and_are_all_of_the_fewest(self, rows, most):
        gives = np.array(rows, dtype=np.int64)
        wanted = np.minimum(gives.sum(axis=0), most)
        if not wanted.any():
            return
        found = find_covers(gives, wanted)
        size = len(found.covers[0])
        assert found.is_fewest
        assert size == 1 or not covers_of(gives, wanted, size - 1)
        assert {tuple(sorted(each)) for each in found.covers} <= covers_of(gives, wanted, size)

    def test_that_are_single_are_all_found(self):
        gives = np.array([[3, 3], [2, 9], [4, 3], [0, 3]], dtype=np.int64)
        assert find_covers(gives, np.array([3, 3])).covers == [(0,), (2,)]

    def test_name_whoever_alone_has_something(self):
        gives = np.array([[1, 0], [9, 0], [0, 2], [9, 1]], dtype=np.int64)
        found = find_covers(gives, np.array([3, 3]))
        assert found.is_fewest
        assert found.covers == [(2, 3)]


def programmed(problem, level):
    """The same by integer programmes."""
    counted = replace(problem, levels=(level,))
    return settle(counted, tuple(walk(counted, by_most)), 5_000)


class TestFewest:
    @pytest.mark.parametrize("kind", ["fixed", "parcels", "whole"])
    def test_are_as_few_as_a_programme_finds_and_hardly_dearer(self, kind):
        costs = [0, 0]
        for seed in range(8):
            problem = draw_order(kind, 4, 12, seed)
            level = Level(sources=[1] * len(problem.sources))
            plan, best = (
                find_strategy("fewest_parcels").plan(problem, Limits()),
                programmed(problem, level),
            )
            assert check(problem, plan) == []
            assert plan.units == best.units
            assert len({part.source for part in plan.allocations}) == best.levels[0]
            costs = [costs[0] + plan.cost, costs[1] + best.cost]
        assert costs[1] <= costs[0] <= 1.02 * costs[1]

    def test_sellers_may_take_several_parcels_where_parcels_take_several_sellers(self):
        # The first seller's two places hold a line each; the third place, another's, holds both.
        problem = Problem(
            [Line(1, 0), Line(1, 0)],
            [Seller(), Seller()],
            [Source(0, FREE_FREIGHT, 5), Source(0, FREE_FREIGHT, 5), Source(1, FREE_FREIGHT, 5)],
            [Supply(0, 0, 1, 10, 10), Supply(1, 1, 1, 10, 10), Supply(0, 2, 1, 50, 50),
             Supply(1, 2, 1, 50, 50)],
        )  # fmt: skip
        sellers, parcels = (
            {part.source for part in find_strategy(name).plan(problem, Limits()).allocations}
            for name in ("fewest_sellers", "fewest_parcels")
        )
        assert (sellers, parcels) == ({0, 1}, {2})

    def test_pass_over_a_seller_whose_minimum_the_order_cannot_reach(self):
        problem = Problem(
            [Line(2, 0), Line(2, 0)],
            [Seller(minimum_value=10_000), Seller(), Seller()],
            [Source(no, FREE_FREIGHT) for no in range(3)],
            [Supply(line, source, 2, 10, 10) for line in range(2) for source in (0, line + 1)],
        )
        plan = find_strategy("fewest_parcels").plan(problem, Limits())
        assert plan.units == 4
        assert {part.source for part in plan.allocations} == {1, 2}

    def test_of_large_orders_take_bounded_effort_and_are_lawful(self):
        problem = draw_order("parcels", 60, 100, 1)
        for name in ("fewest_parcels", "fewest_sellers"):
            plan = find_strategy(name).plan(problem, Limits())
            assert check(problem, plan) == []
            assert plan.units_proved
