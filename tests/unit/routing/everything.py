"""Every plan of a tiny problem at once: an oracle by enumeration, quick enough for thousands.

A plan is a row of quantities beside the problem's supplies; every term is a column of truths over
all rows. It shares no line with the product but the values of a problem.
"""

from itertools import product

import numpy as np

NAMES = (
    "whole lines", "packs", "sizes", "capacity of a seller", "capacity of a source",
    "most sellers", "most sources", "together", "complete", "all or nothing", "levels",
    "minimum", "fixed cost", "freight", "short stock", "shared seller",
)  # fmt: skip


def terms_of(problem) -> list[str]:
    """The terms that a problem has, by name."""
    has = (
        any(line.is_whole for line in problem.lines),
        any(row.step > 1 for row in problem.supplies),
        any(line.size > 1 for line in problem.lines),
        any(seller.capacity is not None for seller in problem.sellers),
        any(source.capacity is not None for source in problem.sources),
        problem.most_sellers is not None,
        problem.most_sources is not None,
        bool(problem.together),
        bool(problem.complete),
        problem.must_serve_all,
        bool(problem.levels),
        any(seller.minimum_value for seller in problem.sellers),
        any(row.fixed_cost for row in (*problem.sellers, *problem.sources)),
        any(source.tariff.bands for source in problem.sources),
        any(row.available < problem.lines[row.line].quantity for row in problem.supplies),
        len({source.seller for source in problem.sources}) < len(problem.sources),
    )
    return [name for name, given in zip(NAMES, has, strict=True) if given]


def best_by_enumeration(problem) -> tuple[int, ...]:
    """Units (negative), levels and cost of the best plan, by trying everything."""
    plans = _all_plans(problem)
    plans = plans[_is_lawful(problem, plans)]
    costs = (
        [row.unit_cost for row in problem.supplies],
        [row.fixed_cost for row in problem.sources],
        [row.fixed_cost for row in problem.sellers],
        [row.tariff for row in problem.sources],
    )
    best = []
    for amount in (
        lambda q: -q.sum(axis=1),
        *(lambda q, level=level: _amount(problem, q, *level) for level in problem.levels),
        lambda q: _amount(problem, q, *costs),
    ):
        amounts = amount(plans)
        best.append(int(amounts.min()))
        plans = plans[amounts == best[-1]]
    return tuple(best)


def _all_plans(problem):
    """All quantities within stock, demand and packs; whole lines from one supply at most."""
    plans = np.zeros((1, len(problem.supplies)), dtype=np.int64)
    for number, line in enumerate(problem.lines):
        own = [no for no, row in enumerate(problem.supplies) if row.line == number]
        ranges = [
            range(0, min(line.quantity, problem.supplies[no].available) + 1,
                  problem.supplies[no].step)
            for no in own
        ]  # fmt: skip
        ways = [
            way
            for way in product(*ranges)
            if sum(way) <= line.quantity and not (line.is_whole and np.count_nonzero(way) > 1)
        ]
        ways = np.array(ways, dtype=np.int64).reshape(len(ways), len(own))
        plans = np.repeat(plans, len(ways), axis=0)
        plans[:, own] = np.tile(ways, (len(plans) // len(ways), 1))
    return plans


def _by_owner(problem, plans, owner, count):
    """Sums of columns by who owns them."""
    sums = np.zeros((len(plans), count), dtype=np.int64)
    for no, row in enumerate(problem.supplies):
        sums[:, owner(row)] += plans[:, no]
    return sums


def _is_lawful(problem, plans):
    sources, sellers = problem.sources, problem.sellers

    def at_source(weigh):
        weights = np.array([weigh(row) for row in problem.supplies], dtype=np.int64)
        return _by_owner(problem, plans * weights, lambda row: row.source, len(sources))

    def at_seller(sums):
        owned = np.zeros((len(plans), len(sellers)), dtype=np.int64)
        for no, source in enumerate(sources):
            owned[:, source.seller] += sums[:, no]
        return owned

    units, load = at_source(lambda _: 1), at_source(lambda row: problem.lines[row.line].size)
    worth = at_seller(at_source(lambda row: row.goods_value))
    used = at_seller(units) > 0
    good = (~used | (worth >= [seller.minimum_value for seller in sellers])).all(axis=1)
    for sums, owners in ((load, sources), (at_seller(load), sellers)):
        for no, owner in enumerate(owners):
            if owner.capacity is not None:
                good &= sums[:, no] <= owner.capacity
    if problem.most_sellers is not None:
        good &= used.sum(axis=1) <= problem.most_sellers
    if problem.most_sources is not None:
        good &= (units > 0).sum(axis=1) <= problem.most_sources
    served = _by_owner(problem, plans, lambda row: row.line, len(problem.lines))
    everything = [range(len(problem.lines))] if problem.must_serve_all else []
    for group in (*problem.together, *problem.complete, *everything):
        full = [served[:, line] == problem.lines[line].quantity for line in group]
        none = [served[:, line] == 0 for line in group]
        good &= np.all(full, axis=0) | np.all(none, axis=0)
    for group in problem.together:
        own = [row.line in group for row in problem.supplies]
        places = _by_owner(problem, plans * own, lambda row: row.source, len(sources))
        good &= (places > 0).sum(axis=1) <= 1
    return good


def _amount(problem, plans, supplies, sources, sellers, tariffs):
    """What plans amount to in a level, or in money."""
    total = plans @ np.array(supplies, dtype=np.int64) if supplies else np.zeros(len(plans), int)
    units = _by_owner(problem, plans, lambda row: row.source, len(problem.sources))
    grams = np.array([problem.lines[row.line].unit_weight_g for row in problem.supplies])
    weights = _by_owner(problem, plans * grams, lambda row: row.source, len(problem.sources))
    used = np.zeros((len(plans), len(problem.sellers)), dtype=bool)
    for no, source in enumerate(problem.sources):
        used[:, source.seller] |= units[:, no] > 0
        if sources:
            total = total + sources[no] * (units[:, no] > 0)
        if tariffs and tariffs[no].bands:
            total = total + _freight(tariffs[no].bands, weights[:, no])
    return total + used @ np.array(sellers, dtype=np.int64) if sellers else total


def _freight(bands, weights):
    """Full parcels of the heaviest band, and what is left in the cheapest that holds it."""
    parcels, rest = np.divmod(weights, bands[-1][0])
    lighter = np.full(len(weights), np.iinfo(np.int64).max)
    for room, price in bands:
        lighter = np.where(rest <= room, np.minimum(lighter, price), lighter)
    full = min(price for room, price in bands if room >= bands[-1][0])
    return parcels * full + np.where(rest > 0, lighter, 0)
