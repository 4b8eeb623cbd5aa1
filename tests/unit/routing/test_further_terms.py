"""Orders with whole lines, packs, capacities, groups, counts and levels, against trying it all."""

import random
from collections import Counter
from dataclasses import replace

import pytest

from app.routing.check import check
from app.routing.exact.formulation import formulate
from app.routing.exact.rows import survey
from app.routing.exact.walk import walk
from app.routing.freight import FREE_FREIGHT, Tariff
from app.routing.problem import Level, Limits, Line, Problem, Seller, Source, Supply
from app.routing.strategies import OptimalStrategy
from app.routing.strategies.walking import by_most, by_rank
from tests.unit.routing.everything import NAMES, best_by_enumeration, terms_of
from tests.unit.routing.wide_cases import best_of_all, textbook, tiny_problem, wide_problem

PATIENT = Limits(work=5_000_000)
HASTY = Limits(work=1_000)
TRIED = 1_200


def small(seed, **more):
    return wide_problem(seed, lines=2 + seed % 2, sources=3, quantity=3 - seed % 2, **more)


def rank_of(plan):
    return (-plan.units, *plan.levels, plan.cost)


def decide(problem, limits=PATIENT):
    plan = OptimalStrategy().plan(problem, limits)
    assert check(problem, plan) == []
    return plan


class TestOrdersWithFurtherTerms:
    @pytest.mark.parametrize("first", range(0, TRIED, 200))
    def test_get_the_best_plan_there_is(self, first):
        for seed in range(first, first + 200):
            problem = tiny_problem(seed)
            plan = decide(problem)
            assert rank_of(plan) == best_by_enumeration(problem), seed
            assert plan.proof == "optimal"

    def test_have_every_term_often_enough(self):
        terms = Counter(term for seed in range(TRIED) for term in terms_of(tiny_problem(seed)))
        assert set(terms) == set(NAMES)
        assert min(terms.values()) >= TRIED // 10

    def test_are_tried_in_full_by_both_ways_to_try_everything(self):
        for seed in range(20):
            assert best_by_enumeration(small(seed)) == best_of_all(small(seed)), seed

    @pytest.mark.parametrize("first", range(1_000, 1_060, 20))
    def test_agree_with_another_model_when_larger(self, first):
        for seed in range(first, first + 20):
            problem = wide_problem(seed, lines=4, sources=5, quantity=5)
            plan = decide(problem)
            assert rank_of(plan) == textbook(problem), seed

    @pytest.mark.parametrize("seed", range(2_000, 2_020))
    def test_are_bounded_truly_however_little_the_work(self, seed):
        problem = wide_problem(seed, lines=4, sources=5, quantity=5)
        best, hasty = decide(problem), decide(problem, HASTY)
        assert hasty.units <= best.units
        assert not hasty.units_proved or hasty.units == best.units
        if (hasty.units, hasty.levels) == (best.units, best.levels):
            assert hasty.bound <= best.cost <= hasty.cost

    @pytest.mark.parametrize("seed", range(3_000, 3_015))
    def test_repeat_themselves(self, seed):
        problem = wide_problem(seed, lines=4, sources=5, quantity=5)
        assert decide(problem) == decide(problem)

    @pytest.mark.parametrize("seed", range(4_000, 4_015))
    def test_cost_the_same_however_their_sources_are_listed(self, seed):
        problem = wide_problem(seed, lines=4, sources=5, quantity=5)
        order = random.Random(seed).sample(range(5), 5)
        levels = [
            level._replace(
                sources=[level.sources[no] for no in order] if level.sources else (),
                tariffs=[level.tariffs[no] for no in order] if level.tariffs else (),
            )
            for level in problem.levels
        ]
        told_otherwise = replace(
            problem,
            sources=[problem.sources[no] for no in order],
            supplies=[row._replace(source=order.index(row.source)) for row in problem.supplies],
            levels=levels,
        )
        assert rank_of(decide(problem)) == rank_of(decide(told_otherwise))


class TestWalks:
    @pytest.mark.parametrize("choose", [by_rank, by_most])
    def test_are_lawful_and_can_be_stated_as_columns(self, choose):
        for seed in range(60):
            problem = small(seed)
            parts = walk(problem, choose)
            made = formulate(problem)
            values = made.values(parts)
            assert made.allocations(values) == tuple(sorted(parts))
            model = made.model
            for row, (first, last) in enumerate(zip(model.starts, model.starts[1:], strict=False)):
                terms = zip(model.columns[first:last], model.values[first:last], strict=True)
                amount = sum(values[column] * value for column, value in terms)
                assert model.row_lower[row] - 1e-6 <= amount <= model.row_upper[row] + 1e-6

    def test_end_where_a_group_that_falls_short_shares_a_line_with_a_kit(self):
        lines = [Line(2, 0), Line(1, 0), Line(2, 0)]
        supplies = [Supply(0, 0, 2, 1, 1), Supply(1, 0, 1, 1, 1), Supply(2, 1, 2, 1, 1)]
        problem = two_places(
            lines, supplies, together=((0, 1),), complete=((1, 2),), most_sources=1
        )
        assert [tuple(part) for part in walk(problem, by_most)] == []


ONE = Seller()


def two_places(lines, supplies, **more):
    return Problem(lines, [ONE, ONE], [Source(no, FREE_FREIGHT) for no in (0, 1)], supplies, **more)


class TestSmallStories:
    def test_a_whole_line_comes_from_one_place_even_if_dear(self):
        supplies = [Supply(0, 0, 3, 10, 10), Supply(0, 1, 5, 30, 30)]
        cut = decide(two_places([Line(5, 0)], supplies))
        whole = decide(two_places([Line(5, 0, is_whole=True)], supplies))
        assert (cut.cost, whole.cost) == (3 * 10 + 2 * 30, 5 * 30)

    def test_a_whole_line_may_fall_short(self):
        supplies = [Supply(0, 0, 3, 10, 10), Supply(0, 1, 4, 30, 30)]
        plan = decide(two_places([Line(5, 0, is_whole=True)], supplies))
        assert (plan.units, plan.proof) == (4, "optimal")

    def test_packs_are_not_broken(self):
        plan = decide(two_places([Line(8, 0)], [Supply(0, 0, 9, 10, 10, step=3)]))
        assert plan.units == 6

    def test_a_seller_takes_no_more_than_it_can(self):
        problem = two_places([Line(4, 0, size=2)], [Supply(0, 0, 9, 1, 1), Supply(0, 1, 9, 2, 2)])
        plan = decide(replace(problem, sellers=[Seller(capacity=5), ONE]))
        assert [tuple(row) for row in plan.allocations] == [(0, 0, 2), (0, 1, 2)]

    def test_a_kit_that_no_place_has_is_left_out(self):
        lines = [Line(1, 0), Line(1, 0), Line(1, 0)]
        supplies = [Supply(0, 0, 1, 5, 5), Supply(1, 1, 1, 5, 5), Supply(2, 1, 1, 5, 5)]
        assert decide(two_places(lines, supplies, together=((0, 1),))).units == 1
        assert decide(two_places(lines, supplies, complete=((0, 1),))).units == 3

    def test_groups_that_share_a_line_share_their_fate(self):
        lines = [Line(1, 0), Line(1, 0), Line(1, 0)]
        supplies = [Supply(no, 0, 1, 5, 5) for no in (0, 1)] + [Supply(2, 1, 1, 5, 5)]
        assert decide(two_places(lines, supplies, together=((0, 1), (1, 2)))).units == 0

    def test_ship_complete_is_all_or_nothing(self):
        supplies = [Supply(0, 0, 4, 10, 10)]
        assert decide(two_places([Line(5, 0)], supplies, must_serve_all=True)).units == 0
        assert decide(two_places([Line(4, 0)], supplies, must_serve_all=True)).units == 4

    def test_a_level_counts_before_any_money(self):
        supplies = [Supply(0, 0, 1, 1, 1), Supply(0, 1, 1, 10**9, 1)]
        days = Level(supplies=[3, 2])
        plan = decide(two_places([Line(1, 0)], supplies, levels=(days,)))
        assert (plan.levels, plan.cost, plan.proof) == ((2,), 10**9, "optimal")

    def test_a_level_may_count_freight_of_its_own(self):
        carbon = Level(tariffs=[Tariff(((1_000, 9),)), Tariff(((1_000, 2),))])
        supplies = [Supply(0, 0, 9, 1, 1), Supply(0, 1, 9, 5, 5)]
        plan = decide(two_places([Line(3, 700)], supplies, levels=(carbon,)))
        assert (plan.levels, plan.cost) == ((3 * 2,), 3 * 5)

    def test_one_delivery_only_serves_what_it_can(self):
        supplies = [Supply(0, 0, 2, 1, 1), Supply(1, 0, 1, 1, 1), Supply(1, 1, 2, 1, 1)]
        plan = decide(two_places([Line(2, 0), Line(2, 0)], supplies, most_sources=1))
        assert plan.units == 3

    def test_a_survey_leaves_out_what_falls_short_with_another(self):
        problem = two_places([Line(2, 0), Line(1, 0)], [Supply(0, 0, 1, 1, 1)], must_serve_all=True)
        assert survey(problem).most == (0, 0)
