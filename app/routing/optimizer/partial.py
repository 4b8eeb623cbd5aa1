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


def most_units(instance: Instance, work: int) -> tuple[Ints, int]:
    """Find quantities that serve the most units, and a bound on how many can be served."""
    price = max(1, int(np.median(instance.goods_value[instance.capacity > 0])))
    decision = Decision.begin(_with_last_resort(instance, price))
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

    The bound for the whole order holds for any prices; only, the lines now give the units that are
    cheapest at those prices instead of all.
    """
    price, bound = Decision.begin(instance).prices(work)
    order = np.argsort(price, kind="stable")
    before = np.cumsum(instance.demand[order]) - instance.demand[order]
    taken = np.clip(units - before, 0, instance.demand[order])
    value = bound - float(price @ instance.demand) + float(taken @ price[order])
    return max(0, int(value * (1 - 1e-9) - 1.0))


def _with_last_resort(instance: Instance, price: int) -> Instance:
    """Make all goods free, but for a seller that gives any quantity of every line at a price."""
    lines, bands = len(instance.demand), instance.band_weight.shape[1]

    def below(rows: Ints, row: Ints | int) -> Ints:
        return np.vstack([rows, np.broadcast_to(np.asarray(row), (1, rows.shape[1]))])

    return replace(
        instance,
        source_ids=np.append(instance.source_ids, -1),
        capacity=below(instance.capacity, instance.demand),
        unit_cost=below(np.zeros_like(instance.unit_cost), np.full(lines, price)),
        goods_value=below(instance.goods_value, 0),
        fixed_cost=np.zeros(len(instance.fixed_cost) + 1, dtype=np.int64),
        seller=np.append(instance.seller, len(instance.seller_minimum)),
        seller_minimum=np.append(instance.seller_minimum, 0),
        seller_fixed=np.zeros(len(instance.seller_fixed) + 1, dtype=np.int64),
        band_weight=below(instance.band_weight, np.full(bands, WEIGHTLESS)),
        band_price=below(np.zeros_like(instance.band_price), 0),
        band_floor=below(instance.band_floor, 0),
        band_step=below(np.zeros_like(instance.band_step), 0),
    )
