"""Orders that cannot be served in full: what do the sellers' minimums allow at most?

How many units is a small integer programme over sellers that ship or do not: freight does not
count, and of equal numbers the cheaper goods are preferred. The cheapest way to serve what was
chosen is searched for by bundles, and the bound is that of the cheapest units, whichever lines
they are of.
"""

from dataclasses import replace
from math import floor
from typing import NamedTuple

import numpy as np

from app.routing.integer import INFINITY, Model, minimize
from app.routing.optimizer.decision import Decision
from app.routing.optimizer.instance import Floats, Instance, Ints

WEIGHTLESS = 1 << 40
# What costs may add to the count of units, in units, and how near the bound is near enough.
PREFERENCE, NEAR = 0.5, 0.49
# What a node of the programme is worth in work.
WORK_A_NODE = 500
# What leaving a unit out is taken to cost, in typical costs of a unit; the best price of these is
# moved by factors.
PRICES, FACTORS = (2.0, 8.0, 32.0), (2.0, 1.4)


def most_units(instance: Instance, work: int) -> tuple[Ints, int]:
    """Find quantities that serve the most units, and a bound on how many can be served."""
    dear = _dearness(instance)
    lots = _lots(instance, dear)
    objective = np.array([lot.dear - 1.0 for lot in lots])
    model = _units_model(instance, lots)
    objective = np.append(objective, np.zeros(len(model.lower) - len(lots)))
    solved = minimize(model, objective, max(1, work // WORK_A_NODE), grain=NEAR)
    taken = np.zeros(instance.shape, dtype=np.int64)
    if solved.values is not None:
        for lot, units in zip(lots, np.rint(solved.values[: len(lots)]).tolist(), strict=True):
            _take(instance, dear, taken, lot, int(units))
    most = int(instance.demand.sum())
    if np.isfinite(solved.bound):
        most = min(most, floor(PREFERENCE - solved.bound))
    value = np.bincount(instance.seller, (taken * instance.goods_value).sum(axis=1))
    short = value < instance.seller_minimum
    if short[instance.seller][taken.any(axis=1)].any():
        # Within the solver's tolerance, but not within the seller's.
        taken[short[instance.seller]] = 0
    elif solved.is_proved:
        return taken, int(taken.sum())
    return _topped_up(instance, taken), most


class _Lot(NamedTuple):
    """Sources where a unit of a line is worth the same: of one seller, or of all without minimum.

    No seller stands for those without a minimum, whose goods are worth nothing to anybody.
    """

    line: int
    seller: int | None
    worth: int
    sources: Ints
    most: int
    dear: float


def _lots(instance: Instance, dear: Floats) -> list[_Lot]:
    """What the programme chooses from."""
    groups: dict[tuple[int, int | None, int], list[int]] = {}
    for source, line in zip(*map(np.ndarray.tolist, np.nonzero(instance.capacity)), strict=True):
        seller = int(instance.seller[source])
        bound = instance.seller_minimum[seller] > 0
        worth = int(instance.goods_value[source, line]) if bound else 0
        groups.setdefault((line, seller if bound else None, worth), []).append(source)
    lots = []
    for (line, owner, worth), members in groups.items():
        sources = np.array(members)
        held = int(instance.capacity[sources, line].sum())
        cheapest = float(dear[sources, line].min())
        most = min(held, int(instance.demand[line]))
        lots.append(_Lot(line, owner, worth, sources, most, cheapest))
    return lots


def _units_model(instance: Instance, lots: list[_Lot]) -> Model:
    """Units by lot first, then whether each seller with a minimum ships."""
    model = Model()
    by_line: dict[int, list[tuple[int, float]]] = {}
    by_seller: dict[int, list[int]] = {}
    for number, lot in enumerate(lots):
        model.column(0.0, lot.most)
        by_line.setdefault(lot.line, []).append((number, 1.0))
        if lot.seller is not None:
            by_seller.setdefault(lot.seller, []).append(number)
    for line, terms in by_line.items():
        model.at_most(terms, float(instance.demand[line]))
    for seller, own in by_seller.items():
        ships = model.column(0.0, 1.0)
        minimum = float(instance.seller_minimum[seller])
        worth = [(number, lots[number].worth / minimum) for number in own]
        model.row(0.0, INFINITY, [*worth, (ships, -1.0)])
        for number in own:
            model.at_most([(number, 1.0), (ships, -float(lots[number].most))])
    return model


def _take(instance: Instance, dear: Floats, taken: Ints, lot: _Lot, units: int) -> None:
    """Take units of a lot where they are cheapest."""
    order = lot.sources[np.argsort(dear[lot.sources, lot.line], kind="stable")]
    for source in order.tolist():
        quantity = min(units, int(instance.capacity[source, lot.line]))
        taken[source, lot.line] = quantity
        units -= quantity


def _dearness(instance: Instance) -> Floats:
    """What a unit costs with its share of freight, all units together less than the preference."""
    rate = (instance.band_price / np.maximum(1, instance.band_weight)).min(axis=1)
    cost: Floats = instance.unit_cost + rate[:, None] * instance.weight
    dearest = float((cost.max(axis=0) * instance.demand).sum())
    return PREFERENCE * cost / (dearest + 1.0)


def _topped_up(instance: Instance, taken: Ints) -> Ints:
    """Add what sellers that are used anyway still have: it cannot break their minimums."""
    used = np.zeros(len(instance.seller_minimum), dtype=np.bool_)
    used[instance.seller[taken.any(axis=1)]] = True
    able = np.flatnonzero(used[instance.seller])
    for line in np.flatnonzero(instance.demand > taken.sum(axis=0)).tolist():
        for source in able[np.argsort(instance.unit_cost[able, line], kind="stable")].tolist():
            short = instance.demand[line] - taken[:, line].sum()
            spare = instance.capacity[source, line] - taken[source, line]
            taken[source, line] += min(short, spare)
    return taken


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

    def bounded(times: float) -> tuple[float, float]:
        price = max(1, int(typical * times))
        _, bound = Decision.begin(_with_last_resort(instance, price)).prices(work // asked)
        return bound - price * left_out, times

    best = max(map(bounded, PRICES))
    for factor in FACTORS:
        best = max(best, bounded(best[1] * factor), bounded(best[1] / factor))
    return max(0, int(best[0] * (1 - 1e-9) - 1.0))


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
