"""Random problems with every further term on, and oracles that share nothing with the product."""

import random
from dataclasses import replace
from itertools import product

from app.routing.check import cost_of, level_of, violations
from app.routing.freight import FREE_FREIGHT
from app.routing.problem import Allocation, Level, Problem
from tests.unit.routing.routing_cases import TARIFFS, random_problem

TERMS = ("whole", "step", "capacity", "counts", "together", "complete", "all", "levels")


def wide_problem(seed, *, lines=3, sources=3, quantity=3, terms=TERMS, minimum=12_000) -> Problem:
    """Draw a problem with a handful of further terms."""
    draw = random.Random(seed)
    problem = random_problem(
        seed, lines=lines, sources=sources, quantity=quantity, minimum=draw.choice((0, minimum))
    )
    for term in terms:
        if draw.random() < 0.45:
            problem = ADD[term](problem, draw)
    return problem


def _whole(problem, draw):
    return replace(
        problem,
        lines=[
            row._replace(is_whole=draw.random() < 0.5, size=draw.choice((1, 1, 2)))
            for row in problem.lines
        ],
    )


def _step(problem, draw):
    return replace(
        problem, supplies=[row._replace(step=draw.choice((1, 1, 2, 3))) for row in problem.supplies]
    )


def _capacity(problem, draw):
    return replace(
        problem,
        sellers=[row._replace(capacity=draw.choice((None, 3, 5))) for row in problem.sellers],
        sources=[row._replace(capacity=draw.choice((None, 2, 4))) for row in problem.sources],
    )


def _counts(problem, draw):
    return replace(
        problem, most_sellers=draw.choice((None, 1, 2)), most_sources=draw.choice((None, 1, 2))
    )


def _group(problem, draw):
    return tuple(draw.sample(range(len(problem.lines)), min(2, len(problem.lines))))


def _together(problem, draw):
    return replace(problem, together=(_group(problem, draw),))


def _complete(problem, draw):
    return replace(problem, complete=(_group(problem, draw),))


def _all(problem, draw):
    return replace(problem, must_serve_all=draw.random() < 0.5)


def _levels(problem, draw):
    days = [draw.randint(0, 3) for _ in problem.supplies]
    freight = [draw.choice((*TARIFFS, FREE_FREIGHT)) for _ in problem.sources]
    levels = [
        Level(supplies=days),
        Level(sources=[1] * len(problem.sources), sellers=[1] * len(problem.sellers)),
        Level(tariffs=freight),
    ]
    return replace(problem, levels=tuple(draw.sample(levels, draw.randint(1, 2))))


ADD = {
    "whole": _whole,
    "step": _step,
    "capacity": _capacity,
    "counts": _counts,
    "together": _together,
    "complete": _complete,
    "all": _all,
    "levels": _levels,
}


def best_of_all(problem) -> tuple[int, ...]:
    """Units (negative), levels and cost of the best plan, by trying everything."""
    per_line = []
    for line, wanted in enumerate(problem.lines):
        own = [row for row in problem.supplies if row[0] == line]
        ranges = [range(0, min(wanted.quantity, row[2]) + 1, row[5]) for row in own]
        per_line.append(
            [
                [Allocation(line, row[1], q) for row, q in zip(own, choice, strict=True) if q]
                for choice in product(*ranges)
                if sum(choice) <= wanted.quantity
            ]
        )
    best = None
    for parts in product(*per_line):
        plan = [allocation for part in parts for allocation in part]
        units = -sum(allocation.quantity for allocation in plan)
        if (best is None or units <= best[0]) and not violations(problem, plan):
            levels = (level_of(problem, level, plan) for level in problem.levels)
            rank = (units, *levels, cost_of(problem, plan))
            best = rank if best is None else min(best, rank)
    assert best is not None
    return best
