"""Random problems with every further term on, and oracles that share nothing with the product."""

import random
from dataclasses import replace
from itertools import product

import highspy

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


def tiny_problem(seed) -> Problem:
    """Draw one that can be tried in full quickly: two to four lines at two to four sources."""
    lines, sources = 2 + seed % 3, 2 + seed // 3 % 3
    quantity = (2 if sources == 4 else 3, 2, 1)[lines - 2]
    return wide_problem(seed, lines=lines, sources=sources, quantity=quantity)


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


def textbook(problem) -> tuple[int, ...]:
    """Units (negative), levels and cost of the best plan, by a textbook model: quantities by unit,
    one big row for each source, parcels by number, a stage for each level."""
    model = highspy.Highs()
    model.silent()
    for option, value in (("mip_rel_gap", 0.0), ("mip_abs_gap", 1e-6), ("threads", 1)):
        model.setOptionValue(option, value)
    whole = highspy.HighsVarType.kInteger
    lines, supplies = problem.lines, problem.supplies
    packs = [model.addVariable(0, row[2] // row[5], type=whole) for row in supplies]
    units = [pack * row[5] for pack, row in zip(packs, supplies, strict=True)]
    touched = [model.addVariable(0, 1, type=whole) for _ in supplies]
    opened = [model.addVariable(0, 1, type=whole) for _ in problem.sources]
    used = [model.addVariable(0, 1, type=whole) for _ in problem.sellers]
    nothing = model.addVariable(0, 0)

    def total(terms):
        return sum(terms, 0 * nothing)

    def at(test, weigh=lambda row: 1):
        return total(
            unit * weigh(row) for unit, row in zip(units, supplies, strict=True) if test(row)
        )

    for no, row in enumerate(supplies):
        model.addConstr(units[no] <= row[2] * touched[no])
        model.addConstr(touched[no] <= opened[row[1]])
    for no, source in enumerate(problem.sources):
        model.addConstr(opened[no] <= used[source.seller])
        if source.capacity is not None:
            load = at(lambda row, no=no: row[1] == no, lambda row: lines[row[0]].size)
            model.addConstr(load <= source.capacity)
    for no, seller in enumerate(problem.sellers):

        def mine(row, no=no):
            return problem.sources[row[1]].seller == no

        model.addConstr(at(mine, lambda row: row[4]) >= seller.minimum_value * used[no])
        if seller.capacity is not None:
            model.addConstr(at(mine, lambda row: lines[row[0]].size) <= seller.capacity)
    for no, line in enumerate(lines):
        model.addConstr(at(lambda row, no=no: row[0] == no) <= line.quantity)
        if line.is_whole:
            own = [touched[k] for k, row in enumerate(supplies) if row[0] == no]
            model.addConstr(total(own) <= 1)
    for most, columns in ((problem.most_sources, opened), (problem.most_sellers, used)):
        if most is not None:
            model.addConstr(total(columns) <= most)
    groups = [*problem.together, *problem.complete]
    for group in [*groups, range(len(lines))] if problem.must_serve_all else groups:
        served = model.addVariable(0, 1, type=whole)
        for line in group:
            model.addConstr(
                at(lambda row, line=line: row[0] == line) == lines[line].quantity * served
            )
    for group in problem.together:
        ships = [model.addVariable(0, 1, type=whole) for _ in problem.sources]
        model.addConstr(total(ships) <= 1)
        for no, row in enumerate(supplies):
            if row[0] in group:
                model.addConstr(touched[no] <= ships[row[1]])
    own_costs = Level(
        [row[3] for row in supplies],
        [row.fixed_cost for row in problem.sources],
        [row.fixed_cost for row in problem.sellers],
        [row.tariff for row in problem.sources],
    )
    stages = [total(-unit for unit in units)]
    for level in (*problem.levels, own_costs):
        amount = 0 * nothing
        for amounts, columns in (
            (level.supplies, units), (level.sources, opened), (level.sellers, used)
        ):  # fmt: skip
            amount = (
                total(
                    (a * column for a, column in zip(amounts, columns, strict=bool(amounts))),
                )
                + amount
                if amounts
                else amount
            )
        for no, tariff in enumerate(level.tariffs):
            grams = at(lambda row, no=no: row[1] == no, lambda row: lines[row[0]].unit_weight_g)
            counts = [model.addVariable(0, 1_000, type=whole) for _ in tariff.bands]
            if counts:
                rooms = total(n * room for n, (room, _) in zip(counts, tariff.bands, strict=True))
                model.addConstr(grams <= rooms)
                model.addConstr(total(counts[:-1]) <= 1)
            amount = amount + total(
                n * price for n, (_, price) in zip(counts, tariff.bands, strict=True)
            )
        stages.append(amount)
    found = []
    for amount in stages:
        model.minimize(amount)
        assert model.getModelStatus() == highspy.HighsModelStatus.kOptimal
        value = round(model.getInfo().objective_function_value)
        found.append(value)
        model.addConstr(amount <= value + 0.01)
    return tuple(found)
