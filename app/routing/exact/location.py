"""Problems that are the location of facilities: recognised, decided by the tree, told as a plan.

The shape: freight is a fixed cost or free, every seller ships from one location (or costs and
bounds nothing itself), no minimums, packs, counts or levels, and either every line may be cut or
every line is whole and ships in full. Then an order is a (single-source) capacitated or
uncapacitated facility location problem.
"""

from math import ceil, gcd

import numpy as np

from app.routing.exact.rows import Rows, survey
from app.routing.exact.sites import WORK_A_CELL, WORK_A_ROUND, Sites
from app.routing.exact.tally import cost_level, grain_of, told
from app.routing.exact.tree import Tree
from app.routing.problem import Allocation, Limits, Plan, Problem

METHOD = "location"
HIDDEN = 1e-3
NODES = 2_000


def decide_location(problem: Problem, limits: Limits) -> Plan | None:
    """Decide a problem of this shape; None when it has another, or cannot be served in full."""
    if not _fits(problem):
        return None
    rows = survey(problem)
    sources = sorted({source for _, source in rows.by_place})
    lines = [line for line, most in enumerate(rows.most) if most]
    sites = _sites(problem, rows, sources, lines)
    if sites is None:
        return None
    rounds = limits.work / (WORK_A_ROUND + WORK_A_CELL * sites.cost.size)
    grain = grain_of(cost_level(problem))
    tree = Tree(sites, float(grain), max(1, int(rounds)), NODES, limits.watch)
    tree.search()
    if tree.shares is None:
        return None
    units = np.rint(tree.shares * np.array([rows.most[line] for line in lines])).astype(int)
    parts = [
        Allocation(lines[column], sources[site], int(units[site, column]))
        for site, column in zip(*np.nonzero(units), strict=True)
    ]
    bound = ceil(tree.bound / grain - HIDDEN) * grain
    return told(problem, parts, method=METHOD, bound=max(0, bound), units_proved=True)


def _fits(problem: Problem) -> bool:
    """Tell whether a problem has the shape."""
    whole = {line.is_whole for line in problem.lines}
    return (
        len(whole) == 1
        and not (problem.levels or problem.complete or problem.must_serve_all)
        and problem.most_sellers is None
        and problem.most_sources is None
        and all(len(group) == 1 for group in problem.together)
        and (not problem.together or whole == {True})
        and (whole == {True} or all(line.size in {0, 1} for line in problem.lines))
        and _ships_plainly(problem)
    )


def _ships_plainly(problem: Problem) -> bool:
    """Tell whether sellers and freight have the shape."""
    owners = [source.seller for source in problem.sources]
    return (
        not any(source.tariff.bands for source in problem.sources)
        and not any(seller.minimum_value for seller in problem.sellers)
        and all(
            owners.count(number) == 1 or (not seller.fixed_cost and seller.capacity is None)
            for number, seller in enumerate(problem.sellers)
            if number in set(owners)
        )
        and all(row[5:] in {(), (1,)} for row in map(tuple, problem.supplies))
    )


def _sites(problem: Problem, rows: Rows, sources: list[int], lines: list[int]) -> Sites | None:
    """Arrays over the sources and lines that take part; None when a line cannot be whole."""
    place = {source: number for number, source in enumerate(sources)}
    column = {line: number for number, line in enumerate(lines)}
    cost = np.full((len(sources), len(lines)), -1.0)
    most = np.zeros_like(cost)
    is_whole = problem.lines[0].is_whole
    for (line, source), row in rows.by_place.items():
        if line not in column or (is_whole and row.packs < rows.most[line]):
            continue
        at = place[source], column[line]
        cost[at] = row.unit_cost * rows.most[line]
        most[at] = min(1.0, row.packs / rows.most[line])
    if not lines or not (most.sum(axis=0) >= 1.0 - HIDDEN).all():
        return None
    cost[cost < 0.0] = 2.0 * cost.max() + 1.0
    load = [float(rows.most[line] * problem.lines[line].size) for line in lines]
    capacity = [_capacity(problem, source, sum(load)) for source in sources]
    # Whole lines fill sites by steps that all their loads have in common.
    step = max(1, gcd(*map(int, load))) if is_whole else 1
    return Sites(
        np.array([_fixed_cost(problem, source) for source in sources]),
        cost,
        np.array(load) / step,
        most,
        np.floor_divide(capacity, step) if is_whole else np.array(capacity),
        is_whole,
    )


def _fixed_cost(problem: Problem, source: int) -> float:
    place = problem.sources[source]
    return float(place.fixed_cost + problem.sellers[place.seller].fixed_cost)


def _capacity(problem: Problem, source: int, everything: float) -> float:
    """What a source holds of the order, its seller's limit included."""
    place = problem.sources[source]
    limits = [place.capacity, problem.sellers[place.seller].capacity]
    return float(min([everything, *(limit for limit in limits if limit is not None)]))
