"""Small orders of whole lines: a dynamic programme over the subsets of their lines.

What a subset of lines costs at one source is worked out for all subsets at once, whatever the
freight looks like; then the cheapest way to put the order together from at most so many subsets is
found, each round allowing one more. Exact, and independent of the number of sources but for the
first step.

A source may turn up twice in the outcome: if its parts make one consignment that is allowed and no
dearer, the plan stands; if not, the answer is left to others.
"""

from dataclasses import dataclass
from functools import cache
from math import inf

import numpy as np
from numpy.typing import NDArray

from app.routing.check import violations
from app.routing.exact.rows import Rows, survey
from app.routing.exact.tally import told
from app.routing.freight import Tariff
from app.routing.problem import Allocation, Plan, Problem

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

MOST_LINES = 12
MOST_CELLS = 2_000_000
METHOD = "subsets"


def decide_subsets(problem: Problem) -> Plan | None:
    """Decide a small order of whole lines; None when it is another, or cannot be served in full."""
    if problem.levels or not all(line.is_whole for line in problem.lines):
        return None
    rows = survey(problem)
    lines = [line for line, most in enumerate(rows.most) if most]
    sources = sorted({source for _, source in rows.by_place})
    if not 0 < len(lines) <= MOST_LINES or len(sources) << len(lines) > MOST_CELLS:
        return None
    if not _ships_alone(problem, sources):
        return None
    costs = _cost_by_subset(problem, rows, lines, sources)
    parts = _put_together(costs.min(axis=0), len(lines), _most_parts(problem, len(lines)))
    if parts is None:
        return None
    chosen = [(sources[int(np.argmin(costs[:, part]))], part) for part in parts]
    allocations = tuple(
        sorted(
            Allocation(line, source, rows.most[line])
            for source, part in chosen
            for no, line in enumerate(lines)
            if part >> no & 1
        )
    )
    least = round(sum(float(costs[:, part].min()) for part in parts))
    plan = told(problem, allocations, method=METHOD, bound=least, units_proved=True)
    return None if plan.cost > least or violations(problem, allocations) else plan


def _ships_alone(problem: Problem, sources: list[int]) -> bool:
    """Tell whether what holds for a seller holds for its only source."""
    owners = [problem.sources[source].seller for source in sources]
    for owner in set(owners):
        seller = problem.sellers[owner]
        bound = seller.fixed_cost or seller.minimum_value or seller.capacity is not None
        if owners.count(owner) > 1 and (bound or problem.most_sellers is not None):
            return False
    return True


def _most_parts(problem: Problem, lines: int) -> int:
    limits = (problem.most_sellers, problem.most_sources)
    return min([lines, *(limit for limit in limits if limit is not None)])


def _cost_by_subset(problem: Problem, rows: Rows, lines: list[int], sources: list[int]) -> Floats:
    """What each subset (columns) costs at each source (rows), infinite where it must not."""
    goods = np.full((len(sources), len(lines)), inf)
    value = np.zeros_like(goods)
    column = {line: number for number, line in enumerate(lines)}
    place = {source: number for number, source in enumerate(sources)}
    for (line, source), row in rows.by_place.items():
        if line in column and row.packs * row.step == rows.most[line]:
            goods[place[source], column[line]] = row.unit_cost * rows.most[line]
            value[place[source], column[line]] = row.goods_value * rows.most[line]
    wanted = [(problem.lines[line], rows.most[line]) for line in lines]
    grams = _sums(np.array([[float(line.unit_weight_g * units) for line, units in wanted]]))[0]
    sizes = _sums(np.array([[float(line.size * units) for line, units in wanted]]))[0]
    costs = _sums(goods)
    has_minimum = any(seller.minimum_value for seller in problem.sellers)
    worth = _sums(value) if has_minimum else value
    _add_terms(_Terms(problem, sources, grams, sizes, worth), costs)
    members = np.arange(costs.shape[1])
    for bundle in rows.bundles:
        mask = sum(1 << column[line] for line in bundle.lines if line in column)
        costs[:, (members & mask != 0) & (members & mask != mask)] = inf
    return costs


@dataclass(frozen=True, slots=True)
class _Terms:
    problem: Problem
    sources: list[int]
    grams: Floats
    sizes: Floats
    value: Floats


def _add_terms(terms: _Terms, costs: Floats) -> None:
    """Add freight and fixed costs; forbid what minimums and capacities forbid."""
    problem = terms.problem
    freight: dict[Tariff, Floats] = {}
    for row, source in enumerate(terms.sources):
        place = problem.sources[source]
        seller = problem.sellers[place.seller]
        if place.tariff not in freight:
            freight[place.tariff] = _freight(place.tariff, terms.grams)
        costs[row] += freight[place.tariff] + place.fixed_cost + seller.fixed_cost
        if seller.minimum_value:
            costs[row, terms.value[row] < seller.minimum_value] = inf
        for limit in (place.capacity, seller.capacity):
            if limit is not None:
                costs[row, terms.sizes > limit] = inf
    costs[:, 0] = inf


def _freight(tariff: Tariff, grams: Floats) -> Floats:
    """The price of a consignment, for many weights."""
    if not tariff.bands:
        return np.zeros(len(grams))
    weights, prices = np.array(tariff.bands, dtype=np.float64).T
    parcels, rest = np.divmod(grams, weights[-1])
    lighter = prices[np.minimum(np.searchsorted(weights, rest), len(prices) - 1)]
    price: Floats = parcels * prices[-1] + np.where(rest > 0.0, lighter, 0.0)
    return price


def _sums(amounts: Floats) -> Floats:
    """Sums over all subsets of the columns."""
    sums = np.empty((len(amounts), 1 << amounts.shape[1]))
    sums[:, 0] = 0.0
    for number in range(amounts.shape[1]):
        size = 1 << number
        np.add(sums[:, :size], amounts[:, number, None], out=sums[:, size : 2 * size])
    return sums


def _put_together(cost: Floats, lines: int, most: int) -> list[int] | None:
    """The cheapest partition into at most so many subsets; None when there is none."""
    whole = (1 << lines) - 1
    parts, rest, starts = _pairs(lines)
    best = [np.full(1 << lines, inf)]
    best[0][0] = 0.0
    for _ in range(most):
        totals = cost[parts] + best[-1][rest]
        after = best[-1].copy()
        after[1:] = np.minimum(after[1:], np.minimum.reduceat(totals, starts))
        best.append(after)
        if (after == best[-2]).all():
            break
    if best[-1][whole] == inf:
        return None
    chosen: list[int] = []
    left, round_ = whole, len(best) - 1
    while left:
        while best[round_ - 1][left] == best[round_][left]:
            round_ -= 1
        first = starts[left - 1]
        last = starts[left] if left < whole else len(parts)
        totals = cost[parts[first:last]] + best[round_ - 1][rest[first:last]]
        part = int(parts[first + int(np.argmin(totals))])
        chosen.append(part)
        left ^= part
        round_ -= 1
    return chosen


@cache
def _pairs(lines: int) -> tuple[Ints, Ints, Ints]:
    """For every subset but the empty one: its parts that hold its lowest line, and what they leave.

    Parts lie subset by subset; the third array says where each begins.
    """
    parts: list[Ints] = []
    counts = [0]
    of: list[Ints] = []
    for subset in range(1, 1 << lines):
        lowest = subset & -subset
        own = np.array([0], dtype=np.int64)
        left = subset ^ lowest
        while left:
            bit = left & -left
            own = np.concatenate([own, own | bit])
            left ^= bit
        parts.append(own | lowest)
        of.append(np.full(len(own), subset, dtype=np.int64))
        counts.append(len(own))
    flat = np.concatenate(parts)
    return flat, np.concatenate(of) ^ flat, np.cumsum(counts)[:-1]
