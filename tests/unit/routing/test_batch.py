"""Orders decided as one: never worse than before, within the stock, each served as far."""

import random
from collections import Counter
from dataclasses import replace
from itertools import product

import pytest

from app.routing.batch import Member, replan
from app.routing.check import cost_of, violations
from app.routing.freight import FREE_FREIGHT
from app.routing.problem import (
    Allocation,
    Level,
    Limits,
    Line,
    Problem,
    Seller,
    Source,
    Supply,
)  # fmt: skip
from app.routing.strategies import OptimalStrategy
from tests.unit.routing.routing_cases import random_problem

STRATEGY, LIMITS = OptimalStrategy(), Limits(work=10_000)


def draw(seed: int, *, orders: int, lines: int, sources: int, quantity: int):
    """Orders for the same lines from the same places, decided one after the other: a batch.

    A shelf is a line's variant at a source; what each wants and what it weighs is its own.
    """
    dice = random.Random(seed)
    base = random_problem(seed, lines=lines, sources=sources, quantity=quantity, minimum=4_000)
    stock = [row[2] for row in base.supplies]
    left, members = list(stock), []
    for _ in range(orders):
        wanted = [line._replace(quantity=dice.randint(1, quantity)) for line in base.lines]
        problem = replace(
            base,
            lines=wanted,
            sources=[row._replace(fixed_cost=dice.choice((0, 3_000))) for row in base.sources],
            supplies=[
                row._replace(available=units)
                for row, units in zip(base.supplies, left, strict=True)
            ],
        )  # fmt: skip
        rows = [row for row in problem.supplies if row.available]
        plan = STRATEGY.plan(replace(problem, supplies=rows), LIMITS)
        served: Counter[int] = Counter()
        for part in plan.allocations:
            served[part.line] += part.quantity
            number = next(no for no, row in enumerate(base.supplies) if row[:2] == part[:2])
            left[number] -= part.quantity
        if served:
            members.append(
                asked(replace(problem, supplies=base.supplies), served, plan.allocations)
            )
    return members, stock


def asked(problem: Problem, served: Counter[int], plan: tuple[Allocation, ...]) -> Member:
    """The order as one that asks for what it was served."""
    number = {line: no for no, line in enumerate(sorted(served))}
    supplies = [(no, row) for no, row in enumerate(problem.supplies) if row.line in number]
    return Member(
        Problem(
            [problem.lines[line]._replace(quantity=served[line]) for line in number],
            problem.sellers,
            problem.sources,
            [row._replace(line=number[row.line]) for _, row in supplies],
        ),
        [no for no, _ in supplies],
        tuple(part._replace(line=number[part.line]) for part in plan),
        STRATEGY,
        LIMITS,
    )


def used_by(members, plans) -> Counter[int]:
    used: Counter[int] = Counter()
    for member, plan in zip(members, plans, strict=True):
        shelf = {
            row[:2]: no for row, no in zip(member.problem.supplies, member.shelves, strict=True)
        }
        for line, source, quantity in plan:
            used[shelf[line, source]] += quantity
    return used


def least(members, stock) -> int:
    """What all cost together at the least, by trying everything."""
    best = {(): 0}
    for member in members:
        options: dict[tuple, int] = {}
        for plan in every_plan(member):
            taken = tuple(sorted(used_by([member], [plan]).items()))
            options[taken] = min(options.get(taken, 10**12), cost_of(member.problem, plan))
        further: dict[tuple, int] = {}
        for (before, cost), (taken, more) in product(best.items(), options.items()):
            both = Counter(dict(before))
            both.update(dict(taken))
            if all(units <= stock[no] for no, units in both.items()):
                key = tuple(sorted(both.items()))
                further[key] = min(further.get(key, 10**12), cost + more)
        best = further
    return min(best.values())


def every_plan(member):
    """All plans that serve every line in full."""
    problem, per_line = member.problem, []
    for no, line in enumerate(problem.lines):
        rows = [row for row in problem.supplies if row.line == no]
        ranges = (range(min(line.quantity, row.available) + 1) for row in rows)
        taken = [units for units in product(*ranges) if sum(units) == line.quantity]
        per_line.append([list(zip(rows, units, strict=True)) for units in taken])
    for parts in product(*per_line):
        plan = [
            Allocation(row.line, row.source, units) for own in parts for row, units in own if units
        ]
        if not violations(problem, plan):
            yield plan


class TestABatch:
    @pytest.mark.parametrize("seed", range(8))
    def test_keeps_its_laws_however_large(self, seed: int) -> None:
        members, stock = draw(seed, orders=7, lines=3, sources=5, quantity=5)
        found = replan(members, stock)
        assert found.bound <= found.after <= found.before
        assert found.after == sum(
            cost_of(member.problem, plan) for member, plan in zip(members, found.plans, strict=True)
        )
        assert all(units <= stock[no] for no, units in used_by(members, found.plans).items())
        for member, plan in zip(members, found.plans, strict=True):
            assert violations(member.problem, plan) == []
            served: Counter[int] = Counter()
            for part in plan:
                served[part.line] += part.quantity
            assert [served[no] for no in sorted(served)] == [
                line.quantity for line in member.problem.lines
            ]
        assert replan(members, stock) == found

    def test_comes_to_the_least_of_all_plans_more_often_than_not(self) -> None:
        saved = could = best = 0
        for seed in range(24):
            members, stock = draw(seed, orders=3, lines=2, sources=3, quantity=2)
            found, optimum = replan(members, stock), least(members, stock)
            assert found.bound <= optimum <= found.after <= found.before
            saved, could = saved + found.before - found.after, could + found.before - optimum
            best += found.after == optimum
        assert best >= 18
        assert saved >= 0.85 * could > 0

    def test_gives_everybody_its_best_where_there_is_plenty(self) -> None:
        members, stock = draw(3, orders=7, lines=3, sources=5, quantity=5)
        plenty = [units * 9 for units in stock]
        rich = [
            member._replace(
                problem=replace(
                    member.problem,
                    supplies=[row._replace(available=99) for row in member.problem.supplies],
                )
            )
            for member in members
        ]
        found = replan(rich, plenty)
        assert found.after == found.alone < found.before

    def test_gives_a_scarce_shelf_to_whom_it_saves_most(self) -> None:
        """Near and far cost the first 10 and 12, the second 10 and 30; the first took what is near.

        A third has its goods elsewhere: it keeps its plan.
        """
        free = [Source(0, FREE_FREIGHT), Source(1, FREE_FREIGHT)]
        members = [
            Member(
                Problem(
                    [Line(5, 100)],
                    [Seller(), Seller()],
                    free,
                    [Supply(0, 0, near, 10, 10), Supply(0, 1, 99, cost, 10)],
                ),
                shelves,
                (Allocation(0, source, 5),),
                STRATEGY,
                LIMITS,
            )
            for near, cost, shelves, source in (
                (5, 12, (0, 1), 0), (5, 30, (0, 1), 1), (9, 12, (2, 3), 0),
            )
        ]  # fmt: skip
        found = replan(members, [5, 99, 9, 99])
        assert [plan[0].source for plan in found.plans] == [1, 0, 0]
        assert (found.before, found.after, found.bound) == (50 + 150 + 50, 60 + 50 + 50, 160)

    def test_serves_no_level_worse_to_save_cost(self) -> None:
        """What counts first is a consignment; the orders of the batch have one each."""
        for seed in range(6):
            members, stock = draw(seed, orders=4, lines=2, sources=3, quantity=2)
            levelled = [
                member._replace(
                    problem=replace(
                        member.problem, levels=[Level(sources=[1] * len(member.problem.sources))]
                    )
                )
                for member in members
            ]
            found = replan(levelled, stock)
            for member, plan in zip(levelled, found.plans, strict=True):
                before = {part.source for part in member.plan}
                assert len({part.source for part in plan}) <= len(before)

    def test_of_one_or_none_is_that(self) -> None:
        assert replan([], []).after == 0
        members, stock = draw(1, orders=1, lines=3, sources=3, quantity=4)
        assert replan(members, stock).plans == [tuple(sorted(members[0].plan))]
