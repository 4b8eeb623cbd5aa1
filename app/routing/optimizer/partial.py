"""Orders that cannot be served in full: what do the sellers' minimums allow at most?

How many units is a search over sets of sellers (`app.routing.exact.minimums`): freight does not
count, and of equal numbers the cheaper goods are preferred. The cheapest way to serve what was
chosen is searched for by bundles, and the bound is that of the cheapest units, whichever lines
they are of.
"""

from dataclasses import replace
from math import floor

import numpy as np

from app.routing.exact.minimums import Goods, serve_most
from app.routing.optimizer.decision import Decision
from app.routing.optimizer.instance import Floats, Instance, Ints

WEIGHTLESS = 1 << 40
# What costs may take off the count of units, in units.
PREFERENCE = 0.5
# What a millisecond of that search is worth in work.
WORK_A_MS = 100
# What leaving a unit out is taken to cost, in typical costs of a unit; the best price of these is
# moved by factors.
PRICES, FACTORS = (2.0, 8.0, 32.0), (2.0, 1.4)


def most_units(instance: Instance, work: int) -> tuple[Ints, int]:
    """Find quantities that serve the most units, and a bound on how many can be served."""
    goods = Goods(
        instance.capacity,
        instance.goods_value,
        instance.demand,
        instance.seller,
        instance.seller_minimum,
    )
    served = serve_most(goods, 1.0 - _dearness(instance), max(1, work // WORK_A_MS))
    units = int(served.taken.sum())
    return served.taken, max(units, floor(served.bound + PREFERENCE))


def _dearness(instance: Instance) -> Floats:
    """What a unit costs at least with its share of freight, all together less than the preference.

    A search must not prefer another unit for it.
    """
    rate = (instance.band_price / np.maximum(1, instance.band_weight)).min(axis=1)
    cost: Floats = instance.unit_cost + rate[:, None] * instance.weight
    cheapest = np.where(instance.capacity > 0, cost, np.inf).min(axis=0)
    dearest = float((cheapest * instance.demand).sum())
    dearness: Floats = PREFERENCE * cheapest / (dearest + 1.0)
    return dearness


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
    asked = len(PRICES) + 2 * len(FACTORS)

    def begun(times: float) -> tuple[Decision, int]:
        price = max(1, int(typical * times))
        return Decision.begin(_with_last_resort(instance, price)), price * left_out

    def bounded(times: float) -> tuple[float, float]:
        decision, paid = begun(times)
        return decision.prices(work // asked)[1] - paid, times

    best = max(map(bounded, PRICES))
    for factor in FACTORS:
        best = max(best, bounded(best[1] * factor), bounded(best[1] / factor))
    decision, paid = begun(best[1])
    decision.decide(work // asked)
    bound = max(best[0], decision.bound - paid)
    return max(0, int(bound * (1 - 1e-9) - 1.0))


def _with_last_resort(instance: Instance, price: int) -> Instance:
    """Add a seller that gives any quantity of every line at a price."""
    lines, bands = len(instance.demand), instance.band_weight.shape[1]

    def below(rows: Ints, row: Ints | int) -> Ints:
        return np.vstack([rows, np.broadcast_to(np.asarray(row), (1, rows.shape[1]))])

    return replace(
        instance,
        source_ids=np.append(instance.source_ids, -1),
        capacity=below(instance.capacity, instance.demand),
        unit_cost=below(instance.unit_cost, np.full(lines, price)),
        goods_value=below(instance.goods_value, 0),
        fixed_cost=np.append(instance.fixed_cost, 0),
        seller=np.append(instance.seller, len(instance.seller_minimum)),
        seller_minimum=np.append(instance.seller_minimum, 0),
        seller_fixed=np.append(instance.seller_fixed, 0),
        band_weight=below(instance.band_weight, np.full(bands, WEIGHTLESS)),
        band_price=below(instance.band_price, 0),
        band_floor=below(instance.band_floor, 0),
        band_step=below(instance.band_step, 0),
    )
