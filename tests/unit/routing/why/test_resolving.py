"""Deciding anew with one thing changed: what the answers claim is checked by trying everything."""

import uuid
from dataclasses import replace
from itertools import product

import pytest

from app.routing.check import cost_of, violations
from app.routing.freight import FREE_FREIGHT, Tariff
from app.routing.keeping import Kept
from app.routing.problem import Allocation, Limits, Line, Problem, Seller, Source, Supply
from app.routing.strategies import OptimalStrategy
from app.routing.why import forcing
from app.routing.why.resolving import Resolver, costs_of
from tests.unit.routing.routing_cases import random_problem
from tests.unit.routing.wide_cases import wide_problem

TERMS = ("whole", "step", "capacity", "counts", "complete", "levels")


def resolver_of(problem):
    places = [
        (uuid.UUID(int=row.seller), uuid.UUID(int=n)) for n, row in enumerate(problem.sources)
    ]
    kept = Kept(problem, places, Limits())
    plan = OptimalStrategy().plan(problem, Limits())
    return Resolver(kept, plan.allocations)


def plans_of(problem):
    """Every plan that a small problem allows."""
    if problem not in _plans[:1]:
        _plans[:] = [problem, list(_all_plans(problem))]
    return _plans[1]


_plans: list = []


def _all_plans(problem):
    rows = forcing.rows_of(problem)
    ranges = [range(min(row.available, problem.lines[row.line].quantity) + 1) for row in rows]
    for taken in product(*ranges):
        plan = [
            Allocation(row.line, row.source, units)
            for row, units in zip(rows, taken, strict=True)
            if units
        ]
        if not violations(problem, plan):
            yield plan


def taken_from(problem, plan, line, seller):
    return sum(
        part.quantity
        for part in plan
        if part.line == line and problem.sources[part.source].seller == seller
    )


def order_of(problem, plan):
    told = costs_of(problem, plan)
    return (-told.units, *told.levels, told.total)


def small(seed):
    return random_problem(seed, lines=2, sources=3, quantity=2, minimum=12_000)


class TestTheCosts:
    @pytest.mark.parametrize("seed", range(16))
    def test_sum_to_the_plans_cost(self, seed):
        resolver = resolver_of(wide_problem(seed))

        assert resolver.costs.total == cost_of(resolver.kept.problem, resolver.chosen)


class TestTakingALineFromASeller:
    @pytest.mark.parametrize("seed", range(24))
    def test_finds_the_best_of_all_such_plans(self, seed):
        problem = (
            small(seed)
            if seed % 2
            else wide_problem(seed, lines=2, sources=3, quantity=2, terms=TERMS)
        )
        resolver = resolver_of(problem)
        for line, seller in product(range(len(problem.lines)), range(len(problem.sellers))):
            units = forcing.units_within(problem, line, seller)
            such = [
                plan for plan in plans_of(problem)
                if units and taken_from(problem, plan, line, seller) == units
            ]  # fmt: skip

            found = resolver.with_line(line, seller)

            if found is not None:
                assert not violations(problem, found.outcome.allocations)
                assert taken_from(problem, found.outcome.allocations, line, seller) == units
                best = min(order_of(problem, plan) for plan in such)
                assert order_of(problem, found.outcome.allocations) == best

    def test_says_none_where_the_seller_has_nothing_of_it(self):
        assert resolver_of(two_sellers(stock=0)).with_line(0, 1) is None

    def test_says_none_where_a_line_must_not_be_cut_and_stock_is_short(self):
        problem = two_sellers(stock=3)
        whole = replace(problem, lines=[problem.lines[0]._replace(is_whole=True)])

        assert resolver_of(whole).with_line(0, 1) is None


class TestTheNextBestPlans:
    @pytest.mark.parametrize("seed", range(16))
    def test_without_a_seller_are_never_better(self, seed):
        resolver = resolver_of(small(seed))
        problem = resolver.kept.problem

        for seller in {problem.sources[part.source].seller for part in resolver.chosen}:
            found = resolver.without(seller)

            assert order_of(problem, found.allocations) >= order_of(problem, resolver.chosen)
            assert seller not in {problem.sources[p.source].seller for p in found.allocations}

    @pytest.mark.parametrize("seed", range(16))
    def test_from_a_single_seller_is_the_best_of_such(self, seed):
        resolver = resolver_of(small(seed))
        problem = resolver.kept.problem
        such = [
            plan for plan in plans_of(problem)
            if len({problem.sources[part.source].seller for part in plan}) == 1
        ]  # fmt: skip

        found = resolver.single()

        if not such:
            assert found is None
        else:
            assert found is not None
            best = min(order_of(problem, plan) for plan in such)
            assert order_of(problem, found[1].allocations) == best

    def test_with_one_seller_fewer_there_is_none_when_one_serves_all(self):
        assert resolver_of(two_sellers(stock=10)).one_fewer() is None


def two_sellers(*, stock, price=1_100_000, units=10):
    """The first asks 10.00 a piece, the second more, with what it has; parcels cost 5.00."""
    parcel = Tariff(((10_000, 500_000),))
    return Problem(
        [Line(units, 100)],
        [Seller(), Seller()],
        [Source(0, parcel), Source(1, parcel)],
        [
            Supply(0, 0, units, 1_000_000, 1_000_000),
            *([Supply(0, 1, stock, price, price)] if stock else []),
        ],
    )


class TestWhatWouldHaveToChange:
    def test_is_a_price_just_below_the_others(self):
        changes = resolver_of(two_sellers(stock=10)).changes(0, 1)

        # 1.00 dearer a piece: 100,001 thousandths of a cent less wins.
        assert changes.price == 100_001

    def test_is_more_stock_where_a_cheaper_seller_is_short(self):
        cheap = two_sellers(stock=2, price=890_000)

        # A second parcel of 5.00 pays from the fifth piece on that saves 1.10.
        assert resolver_of(cheap).changes(0, 1).stock == 5

    def test_is_freight_where_that_is_what_it_costs_more(self):
        problem = two_sellers(stock=10, price=1_000_000)
        far = replace(
            problem, sources=[problem.sources[0], Source(1, Tariff(((10_000, 800_000),)))]
        )

        assert resolver_of(far).changes(0, 1).freight == 300_001

    def test_is_nothing_that_freight_could_do_where_goods_cost_more_than_it(self):
        assert resolver_of(two_sellers(stock=10, price=2_000_000)).changes(0, 1).freight is None

    @pytest.mark.parametrize("seed", range(16))
    def test_makes_the_seller_win_and_a_unit_less_does_not(self, seed):
        resolver = resolver_of(small(seed))
        problem = resolver.kept.problem
        for line, seller in product(range(2), range(len(problem.sellers))):
            if taken_from(problem, resolver.chosen, line, seller):
                continue
            by = resolver.changes(line, seller).price
            if by is None:
                continue
            won = resolver_of(forcing.with_price_lower(problem, line, seller, by))
            assert taken_from(problem, won.chosen, line, seller)
            units = forcing.units_within(problem, line, seller)
            before = forcing.with_price_lower(problem, line, seller, by - 1)
            as_good = [
                plan for plan in plans_of(before)
                if taken_from(problem, plan, line, seller) == units
                and order_of(before, plan) < order_of(before, resolver.chosen)
            ]  # fmt: skip
            assert not as_good

    def test_of_freight_that_costs_nothing_is_nothing(self):
        problem = two_sellers(stock=10)
        free = replace(
            problem, sources=[row._replace(tariff=FREE_FREIGHT) for row in problem.sources]
        )

        assert resolver_of(free).changes(0, 1).freight is None
