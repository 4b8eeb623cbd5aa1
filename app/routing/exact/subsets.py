"""Small orders of whole lines: a dynamic programme over the subsets of their lines.

What a subset of lines costs at one source is worked out for all subsets at once, whatever the
freight looks like; then the cheapest way to put the order together from at most so many subsets is
found, each round allowing one more. Exact, and independent of the number of sources but for the
first step.

A source may turn up twice in the outcome: if its parts make one consignment that is allowed and no
dearer, the plan stands; if not, the answer is left to others.
"""

from collections import defaultdict
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
    offers = _offers(problem, rows, lines)
    cost = _cheapest(rows, lines, offers)
    parts = _put_together(cost, len(lines), _most_parts(problem, len(lines)))
    if parts is None:
        return None
    chosen = [(offers.cheapest_at(part), part) for part in parts]
    allocations = tuple(
        sorted(
            Allocation(line, source, rows.most[line])
            for source, part in chosen
            for no, line in enumerate(lines)
            if part >> no & 1
        )
    )
    least = round(sum(float(cost[part]) for part in parts))
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


@dataclass(frozen=True, slots=True)
class _Offers:
    """Subsets that single sources can ship: which, from where, at what cost (infinite: not)."""

    part: Ints
    source: Ints
    cost: Floats

    def cheapest_at(self, part: int) -> int:
        """The source that ships a subset at the least cost, the first of several."""
        own = np.flatnonzero(self.part == part)
        least = own[self.cost[own] == self.cost[own].min()]
        return int(self.source[least].min())


def _offers(problem: Problem, rows: Rows, lines: list[int]) -> _Offers:
    """What every source can ship of the lines, in all ways.

    Sources of as many lines each are worked out together.
    """
    column = {line: number for number, line in enumerate(lines)}
    own: dict[int, list[tuple[int, float, float]]] = defaultdict(list)
    for (line, source), row in rows.by_place.items():
        most = rows.most[line]
        if most and row.packs * row.step == most:
            own[source].append((1 << column[line], row.unit_cost * most, row.goods_value * most))
    by_count: dict[int, list[int]] = defaultdict(list)
    for source, having in own.items():
        by_count[len(having)].append(source)
    parts, places, goods, value = [], [], [], []
    for sources in by_count.values():
        amounts = _sums(np.array([own[source] for source in sources]).transpose(2, 0, 1))
        parts.append(amounts[0].ravel())
        goods.append(amounts[1].ravel())
        value.append(amounts[2].ravel())
        places.append(np.repeat(np.array(sources), amounts.shape[2]))
    if not parts:
        return _Offers(np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64), np.zeros(0))
    part = np.concatenate(parts).astype(np.int64)
    at = np.concatenate(places)
    wanted = [(problem.lines[line], rows.most[line]) for line in lines]
    amount = np.array([[float(line.unit_weight_g * n), float(line.size * n)] for line, n in wanted])
    grams, sizes = _sums(amount.T)
    cost = np.concatenate(goods)
    _add_terms(problem, at, cost, np.concatenate(value), grams[part], sizes[part])
    cost[part == 0] = inf
    return _Offers(part, at, cost)


def _add_terms(
    problem: Problem, source: Ints, cost: Floats, value: Floats, grams: Floats, sizes: Floats
) -> None:
    """Add freight and fixed costs; forbid what minimums and capacities forbid."""
    places = problem.sources
    owners = [problem.sellers[place.seller] for place in places]
    pairs = list(zip(places, owners, strict=True))
    cost += np.array([float(place.fixed_cost + owner.fixed_cost) for place, owner in pairs])[source]
    tariffs = {tariff: no for no, tariff in enumerate({place.tariff: 0 for place in places})}
    number = np.array([tariffs[place.tariff] for place in places])[source]
    for tariff, no in tariffs.items():
        if tariff.bands:
            own = np.flatnonzero(number == no)
            cost[own] += _freight(tariff, grams[own])
    least = np.array([float(owner.minimum_value) for owner in owners])[source]
    room = np.array([_least(place.capacity, owner.capacity) for place, owner in pairs])[source]
    cost[(value < least) | (sizes > room)] = inf


def _least(*limits: int | None) -> float:
    return min((float(limit) for limit in limits if limit is not None), default=inf)


def _cheapest(rows: Rows, lines: list[int], offers: _Offers) -> Floats:
    """What each subset costs where it is cheapest; groups that ship together are not divided."""
    cost = np.full(1 << len(lines), inf)
    np.minimum.at(cost, offers.part, offers.cost)
    members = np.arange(len(cost))
    column = {line: number for number, line in enumerate(lines)}
    for bundle in rows.bundles:
        mask = sum(1 << column[line] for line in bundle.lines if line in column)
        cost[(members & mask != 0) & (members & mask != mask)] = inf
    return cost


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
    """Sums over all subsets of the last axis."""
    sums = np.empty((*amounts.shape[:-1], 1 << amounts.shape[-1]))
    sums[..., 0] = 0.0
    for number in range(amounts.shape[-1]):
        size = 1 << number
        np.add(sums[..., :size], amounts[..., number, None], out=sums[..., size : 2 * size])
    return sums


def _put_together(cost: Floats, lines: int, most: int) -> list[int] | None:
    """The cheapest partition into at most so many subsets; None when there is none.

    A subset's highest line is in one of its parts; what that part leaves are lower lines only, so
    that the last part is looked for among those of the highest line of all.
    """
    best = [cost.copy()]
    best[0][0] = 0.0
    for _ in range(most - 2):
        after = _one_more(cost, best[0], best[-1], lines - 1)
        if (after == best[-1][: len(after)]).all():
            break
        best.append(after)
    whole = (1 << lines) - 1
    limit = len(best) + 1 if most > 1 else 1
    return _chosen(cost, best, whole, limit)


def _one_more(cost: Floats, single: Floats, best: Floats, lines: int) -> Floats:
    """Allow one more part, for all subsets of the lower lines."""
    parts, rests, starts = _pairs(max(0, lines - 1))
    after = single[: 1 << lines].copy()
    for highest in range(lines):
        size, pairs = 1 << highest, 3**highest
        totals = cost[size | parts[:pairs]] + best[rests[:pairs]]
        after[size : 2 * size] = np.minimum.reduceat(totals, starts[:size])
    return after


def _chosen(cost: Floats, best: list[Floats], whole: int, limit: int) -> list[int] | None:
    """The parts of the cheapest partition of a subset into at most so many."""
    chosen: list[int] = []
    left = whole
    while left:
        highest = 1 << left.bit_length() - 1
        if limit == 1:
            part, total = left, float(cost[left])
        else:
            lower = _subsets_of(left ^ highest)
            totals = cost[highest | lower] + best[min(limit - 2, len(best) - 1)][lower[::-1]]
            at = int(np.argmin(totals))
            part, total = highest | int(lower[at]), float(totals[at])
        if total == inf:
            return None
        chosen.append(part)
        left ^= part
        limit -= 1
    return chosen


def _subsets_of(mask: int) -> Ints:
    """All subsets, so that each and its complement lie opposite."""
    own = np.zeros(1, dtype=np.int64)
    left = mask
    while left:
        bit = left & -left
        own = np.concatenate([own, own | bit])
        left ^= bit
    return own


@cache
def _pairs(lines: int) -> tuple[Ints, Ints, Ints]:
    """For every subset its own subsets and what they leave; the third array says where it begins.

    Subsets lie in order, so the pairs of fewer lines are the first ones.
    """
    own = [_subsets_of(subset) for subset in range(1 << lines)]
    counts = np.array([len(subsets) for subsets in own])
    return (
        np.concatenate(own),
        np.concatenate([subsets[::-1] for subsets in own]),
        np.cumsum(counts) - counts,
    )
