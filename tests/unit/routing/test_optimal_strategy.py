"""The optimizer against two oracles, and against itself under changes that must not matter."""

import random
from dataclasses import replace

import pytest

from app.routing.check import check
from app.routing.freight import FREE_FREIGHT, Tariff
from app.routing.problem import Limits, Line, Problem, Seller, Source, Supply
from app.routing.strategies import OptimalStrategy
from tests.unit.routing.kernel_cases import one_seller, shuffled, weighing, worthless
from tests.unit.routing.routing_cases import brute_force, plain_milp, random_problem

PATIENT = Limits(work=5_000_000)
# Enough for a good plan of an order of a few lines, seldom for a proof.
HASTY = Limits()
PARCEL = Tariff(((1000, 5_000), (10_000, 20_000)))


def decide(problem, limits=PATIENT):
    plan = OptimalStrategy().plan(problem, limits)
    assert check(problem, plan) == []
    return plan


def assert_right(problem):
    units, cost = brute_force(problem)
    plan = decide(problem)
    assert (plan.units, plan.cost) == (units, cost)
    assert plan.proof == "optimal"
    assert plan.units_proved


def assert_lawful_and_bounded(problem, limits):
    """Whatever the work: no plan below the least cost, no bound above it."""
    units, cost = brute_force(problem)
    plan = decide(problem, limits)
    assert plan.units <= units
    assert not plan.units_proved or plan.units == units
    if plan.units == units:
        assert plan.bound <= cost <= plan.cost


class TestOptimalStrategy:
    @pytest.mark.parametrize("first", range(0, 60, 20))
    def test_finds_the_least_cost_of_small_orders(self, first):
        for seed in range(first, first + 20):
            assert_right(random_problem(seed, lines=2, sources=3, quantity=4))

    @pytest.mark.parametrize("first", range(100, 160, 20))
    def test_finds_the_most_units_and_least_cost_under_minimums(self, first):
        for seed in range(first, first + 20):
            assert_right(random_problem(seed, lines=3, sources=3, quantity=2, minimum=15_000))

    def test_keeps_prices_per_hundred_units_exact(self):
        for seed in range(200, 220):
            assert_right(
                random_problem(seed, lines=2, sources=3, quantity=4, minimum=9_000, per_hundred=7)
            )

    @pytest.mark.parametrize("seed", range(300, 308))
    def test_agrees_with_a_textbook_model_on_larger_orders(self, seed):
        problem = random_problem(seed, lines=5, sources=7, quantity=12)
        plan = decide(problem)
        assert plan.bound <= plain_milp(problem) == plan.cost

    def test_proves_what_it_claims(self):
        proofs = [
            decide(random_problem(seed, lines=2, sources=3, quantity=4)).proof
            for seed in range(400, 410)
        ]
        assert proofs.count("optimal") == len(proofs)


class TestUnderChanges:
    @pytest.mark.parametrize("seed", range(500, 506))
    def test_another_source_never_raises_the_cost(self, seed):
        problem = random_problem(seed, lines=4, sources=5, quantity=8)
        fewer = Problem(
            problem.lines,
            problem.sellers,
            problem.sources,
            [row for row in problem.supplies if row[1] != 4],
        )
        before, after = decide(fewer), decide(problem)
        assert after.units >= before.units
        if after.units == before.units:
            assert after.cost <= before.cost

    @pytest.mark.parametrize("seed", range(510, 516))
    def test_the_order_of_sources_and_lines_does_not_matter(self, seed):
        problem = random_problem(seed, lines=4, sources=5, quantity=8, minimum=20_000)
        draw = random.Random(seed)
        sources = draw.sample(range(5), 5)
        lines = draw.sample(range(4), 4)
        shuffled = Problem(
            [problem.lines[line] for line in lines],
            problem.sellers,
            [problem.sources[source] for source in sources],
            [
                Supply(lines.index(line), sources.index(source), *rest)
                for line, source, *rest in problem.supplies
            ],
        )
        one, other = decide(problem), decide(shuffled)
        assert (one.units, one.cost) == (other.units, other.cost)

    @pytest.mark.parametrize("first", range(550, 580, 10))
    def test_an_order_told_otherwise_gets_equal_cost_and_proof(self, first):
        for seed in range(first, first + 10):
            problem = random_problem(seed, lines=3, sources=4, quantity=3, minimum=20_000)
            one, other = decide(problem), decide(shuffled(problem, seed))
            assert (one.units, one.cost, one.bound) == (other.units, other.cost, other.bound)
            assert (one.proof, one.units_proved) == (other.proof, other.units_proved)

    def test_the_same_order_gets_the_same_plan(self):
        problem = random_problem(520, lines=5, sources=6, quantity=9, minimum=30_000)
        assert decide(problem) == decide(problem)

    @pytest.mark.parametrize("seed", range(530, 534))
    def test_forbidding_an_unused_source_changes_nothing(self, seed):
        problem = random_problem(seed, lines=3, sources=6, quantity=6)
        plan = decide(problem)
        used = {allocation.source for allocation in plan.allocations}
        without = Problem(
            problem.lines,
            problem.sellers,
            problem.sources,
            [row for row in problem.supplies if row[1] in used],
        )
        assert decide(without).cost == plan.cost

    @pytest.mark.parametrize("seed", range(540, 544))
    def test_less_work_still_bounds_the_optimum(self, seed):
        problem = random_problem(seed, lines=5, sources=7, quantity=12, minimum=25_000)
        best = decide(problem)
        for work in (0, 100, 1_000):
            hasty = decide(problem, Limits(work=work))
            assert hasty.units == best.units
            assert hasty.bound <= best.cost <= hasty.cost

    @pytest.mark.parametrize("work", [0, 100, 1_000, 60_000])
    def test_little_work_never_bounds_above_the_least_cost(self, work):
        for seed in range(580, 600):
            assert_lawful_and_bounded(
                random_problem(seed, lines=3, sources=3, quantity=2, minimum=15_000),
                Limits(work=work),
            )


class TestUnusualOrders:
    @pytest.mark.parametrize("seed", range(700, 710))
    def test_of_goods_that_weigh_nothing(self, seed):
        problem = random_problem(seed, lines=2, sources=3, quantity=4, minimum=9_000)
        assert_right(weighing(problem, 0))

    @pytest.mark.parametrize("seed", range(710, 720))
    def test_of_goods_of_which_some_weigh_nothing(self, seed):
        problem = random_problem(seed, lines=3, sources=3, quantity=2, minimum=9_000)
        first, *others = problem.lines
        assert_right(replace(problem, lines=[first._replace(unit_weight_g=0), *others]))

    @pytest.mark.parametrize("seed", range(720, 730))
    def test_of_goods_that_count_for_no_minimum(self, seed):
        problem = random_problem(seed, lines=2, sources=3, quantity=4, minimum=9_000)
        assert_right(worthless(problem))

    @pytest.mark.parametrize("seed", range(730, 740))
    def test_of_goods_that_cost_nothing(self, seed):
        problem = random_problem(seed, lines=2, sources=3, quantity=4, minimum=9_000)
        problem = replace(problem, supplies=[row._replace(unit_cost=0) for row in problem.supplies])
        plan = decide(problem)
        assert (plan.units, plan.cost) == brute_force(problem)
        assert plan.bound <= plan.cost

    @pytest.mark.parametrize("seed", range(740, 750))
    def test_of_goods_worth_far_less_than_they_cost(self, seed):
        problem = random_problem(seed, lines=2, sources=3, quantity=4)
        supplies = [row._replace(goods_value=1) for row in problem.supplies]
        sellers = [row._replace(minimum_value=2) for row in problem.sellers]
        limits = Limits(work=500_000)
        assert_lawful_and_bounded(replace(problem, supplies=supplies, sellers=sellers), limits)

    @pytest.mark.parametrize("seed", range(750, 760))
    def test_whose_freight_is_free(self, seed):
        problem = random_problem(seed, lines=2, sources=3, quantity=4, minimum=9_000)
        sources = [row._replace(tariff=FREE_FREIGHT) for row in problem.sources]
        assert_right(replace(problem, sources=sources))

    @pytest.mark.parametrize("seed", range(760, 770))
    def test_whose_sellers_all_cost_something(self, seed):
        problem = random_problem(seed, lines=2, sources=3, quantity=4)
        sellers = [row._replace(fixed_cost=40_000) for row in problem.sellers]
        assert_right(replace(problem, sellers=sellers))

    @pytest.mark.parametrize("sources", [2, 3, 4, 5])
    @pytest.mark.parametrize("alike", [True, False])
    def test_that_locations_of_one_seller_serve(self, sources, alike):
        for seed in range(770, 776):
            problem = one_seller(seed, lines=2, sources=sources, stock=1, alike=alike)
            assert_lawful_and_bounded(problem, PATIENT)
            assert decide(problem, PATIENT).units == brute_force(problem)[0]

    @pytest.mark.parametrize("seed", range(780, 786))
    def test_of_ten_thousand_units(self, seed):
        problem = random_problem(seed, lines=4, sources=6, quantity=10_000, minimum=5_000_000)
        plan = decide(problem, HASTY)
        assert plan.units > 0
        assert 0 <= plan.cost - plan.bound < plan.cost / 20


class TestSmallStories:
    def test_nothing_in_stock_is_an_empty_plan(self):
        plan = decide(Problem([Line(3, 100)], [Seller()], [Source(0, PARCEL)], []))
        assert (plan.allocations, plan.units, plan.cost, plan.proof) == ((), 0, 0, "optimal")

    def test_a_seller_below_its_minimum_is_left_out(self):
        supplies = [Supply(0, 0, 5, 1_000, 1_000), Supply(0, 1, 5, 3_000, 3_000)]
        sellers = [Seller(minimum_value=4_000), Seller(minimum_value=9_000)]
        sources = [Source(0, FREE_FREIGHT), Source(1, FREE_FREIGHT)]
        plan = decide(Problem([Line(3, 100)], sellers, sources, supplies))
        assert [tuple(row) for row in plan.allocations] == [(0, 1, 3)]

    def test_two_locations_of_a_seller_reach_its_minimum_together(self):
        supplies = [Supply(0, 0, 2, 1_000, 1_000), Supply(0, 1, 2, 1_000, 1_000)]
        sources = [Source(0, FREE_FREIGHT), Source(0, FREE_FREIGHT)]
        plan = decide(Problem([Line(4, 100)], [Seller(4_000)], sources, supplies))
        assert (plan.units, plan.cost) == (4, 4_000)

    def test_a_location_left_with_nothing_to_give_stands_aside(self):
        """Two sellers need the middle line to reach their minimum: one of the others goes unserved,
        and with it the location that had only that."""
        problem = Problem(
            lines=[Line(1, 500), Line(1, 500), Line(1, 500)],
            sellers=[Seller(minimum_value=100), Seller(minimum_value=100)],
            sources=[Source(0, PARCEL), Source(0, PARCEL), Source(1, PARCEL), Source(1, PARCEL)],
            supplies=[
                Supply(0, 0, 1, 60_000, 60),
                Supply(1, 1, 1, 60_000, 60),
                Supply(1, 2, 1, 61_000, 60),
                Supply(2, 3, 1, 61_000, 60),
            ],
        )
        plan = decide(problem)
        assert (plan.units, plan.method) == (2, "partial")
        assert plan.cost == 2 * 60_000 + 2 * 5_000

    def test_dearer_goods_win_when_they_save_a_parcel(self):
        supplies = [
            Supply(0, 0, 9, 1_000, 1_000),
            Supply(1, 0, 9, 1_900, 1_900),
            Supply(1, 1, 9, 1_000, 1_000),
        ]
        sources = [Source(0, PARCEL), Source(1, PARCEL)]
        plan = decide(
            Problem([Line(1, 400), Line(1, 400)], [Seller(), Seller()], sources, supplies)
        )
        assert {row.source for row in plan.allocations} == {0}
        assert plan.cost == 1_000 + 1_900 + 5_000

    def test_a_seller_costs_once_however_many_of_its_locations_ship(self):
        supplies = [Supply(0, 0, 2, 1_000, 1_000), Supply(0, 1, 2, 1_000, 1_000)]
        sources = [Source(0, FREE_FREIGHT, 10), Source(0, FREE_FREIGHT, 20)]
        plan = decide(Problem([Line(3, 100)], [Seller(0, 500)], sources, supplies))
        assert plan.cost == 3_000 + 10 + 20 + 500

    def test_a_supply_given_twice_is_refused(self):
        supplies = [Supply(0, 0, 2, 1_000, 1_000), Supply(0, 0, 2, 1_000, 1_000)]
        with pytest.raises(ValueError, match="twice"):
            decide(Problem([Line(3, 100)], [Seller()], [Source(0, PARCEL)], supplies))
