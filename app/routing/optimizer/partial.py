"""Orders that cannot be served in full: what do the sellers' minimums allow at most?

The same search, asked for units instead of money: goods and freight cost nothing, and a seller of
last resort takes what nobody can serve, each unit at a price. What it is left with is what cannot
be served. The lines then compete: the cheapest way to serve what was chosen is searched for, and
the bound is that of the cheapest units, whichever lines they are of.
"""

from dataclasses import replace

import numpy as np

from app.routing.optimizer.decision import Decision
from app.routing.optimizer.instance import Instance, Ints

WEIGHTLESS = 1 << 40
# Units are settled with more work than their cost: leaving one out is worse than paying more.
MORE_WORK = 3
# What leaving a unit out is taken to cost, in typical costs of a unit.
PRICES = (1, 2, 4, 8, 16, 40)


def most_units(instance: Instance, work: int) -> tuple[Ints, int]:
    """Find quantities that serve the most units, and a bound on how many can be served."""
    price = max(1, int(np.median(instance.goods_value[instance.capacity > 0])))
    decision = Decision.begin(_with_last_resort(instance, price, is_free=True))
    nothing = np.zeros(instance.shape, dtype=np.int64)
    decision.start_from(np.vstack([nothing, instance.demand]))
    decision.decide(work * MORE_WORK)
    assert decision.taken is not None
    missing = -(-decision.whole_bound() // price)
    taken = decision.taken[:-1]
    _top_up(instance, taken)
    return taken, int(instance.demand.sum()) - missing


def _top_up(instance: Instance, taken: Ints) -> None:
    """Add what sellers that are used anyway still have: it cannot break their minimums."""
    used = np.zeros(len(instance.seller_minimum), dtype=np.bool_)
    used[instance.seller[taken.any(axis=1)]] = True
    able = np.flatnonzero(used[instance.seller])
    for line in np.flatnonzero(instance.demand > taken.sum(axis=0)).tolist():
        for source in able[np.argsort(instance.unit_cost[able, line], kind="stable")].tolist():
            short = instance.demand[line] - taken[:, line].sum()
            spare = instance.capacity[source, line] - taken[source, line]
            taken[source, line] += min(short, spare)


def narrowed(instance: Instance, served: Ints) -> tuple[Instance, Ints]:
    """The same order asking only for what can be served; and which sources can still give of it."""
    lines = np.flatnonzero(served)
    demand = served[lines]
    capacity = np.minimum(instance.capacity[:, lines], demand)
    sources = np.flatnonzero(capacity.any(axis=1))
    sellers, seller = np.unique(instance.seller[sources], return_inverse=True)
    grid = np.ix_(sources, lines)
    part = replace(
        instance,
        line_ids=instance.line_ids[lines],
        source_ids=instance.source_ids[sources],
        weight=instance.weight[lines],
        demand=demand,
        capacity=capacity[sources],
        unit_cost=instance.unit_cost[grid],
        goods_value=instance.goods_value[grid],
        fixed_cost=instance.fixed_cost[sources],
        seller=seller,
        seller_minimum=instance.seller_minimum[sellers],
        seller_fixed=instance.seller_fixed[sellers],
        band_weight=instance.band_weight[sources],
        band_price=instance.band_price[sources],
        band_floor=instance.band_floor[sources],
        band_step=instance.band_step[sources],
    )
    return part, sources


def cheapest_units(instance: Instance, units: int, work: int) -> int:
    """Bound the cost of so many units of any lines.

    A seller of last resort takes what is left out, each unit at a price: whatever the price, the
    bound for all units less what is paid for those left out bounds the rest (Lagrangean
    relaxation). Too low a price leaves out too many, too high a one too few, so several are tried.
    """
    left_out = int(instance.demand.sum()) - units
    typical = max(1, int(np.median(instance.unit_cost[instance.capacity > 0])))
    best = 0.0
    for times in PRICES:
        resort = _with_last_resort(instance, typical * times, is_free=False)
        _, bound = Decision.begin(resort).prices(work // len(PRICES))
        best = max(best, bound - typical * times * left_out)
    return max(0, int(best * (1 - 1e-9) - 1.0))


def _with_last_resort(instance: Instance, price: int, *, is_free: bool) -> Instance:
    """Add a seller that gives any quantity of every line at a price; all else is free if asked."""
    lines, bands = len(instance.demand), instance.band_weight.shape[1]
    costs = 0 if is_free else 1

    def below(rows: Ints, row: Ints | int) -> Ints:
        return np.vstack([rows, np.broadcast_to(np.asarray(row), (1, rows.shape[1]))])

    return replace(
        instance,
        source_ids=np.append(instance.source_ids, -1),
        capacity=below(instance.capacity, instance.demand),
        unit_cost=below(instance.unit_cost * costs, np.full(lines, price)),
        goods_value=below(instance.goods_value, 0),
        fixed_cost=np.append(instance.fixed_cost * costs, 0),
        seller=np.append(instance.seller, len(instance.seller_minimum)),
        seller_minimum=np.append(instance.seller_minimum, 0),
        seller_fixed=np.append(instance.seller_fixed * costs, 0),
        band_weight=below(instance.band_weight, np.full(bands, WEIGHTLESS)),
        band_price=below(instance.band_price * costs, 0),
        band_floor=below(instance.band_floor, 0),
        band_step=below(instance.band_step * costs, 0),
    )
