"""The order as the kernels see it: packed arrays of numbers, scaled.

Sources lie grouped by seller, and a source's *entries* (one for each line it can give) lie
together. A source's *levels* are what it may buy to carry its goods: n full parcels and at most
one lighter band, in order of room and price; level 0 is "closed", level j is row `first + j - 1`.

Costs and values are floats of `scale` cost units, so that prices are of the order of ten;
quantities are whole numbers kept as floats. The exact cost of a plan is always computed outside.

Kernels divide by weights, so in an order with weightless lines a gram is counted as more *shares*
than the order has units: a weightless unit weighs one share, and every room has the shares of a
gram to spare. What weighs nothing travels in a level of its own, which only opens the source.

Rows of the arrays are named here; a kernel reads `table.line[WEIGHT, l]`.
"""

from typing import NamedTuple

import numpy as np

from app.routing.optimizer.compiled import kernel
from app.routing.optimizer.instance import Floats, Instance, Ints

# Rows of `line`, `entry`, `level`, `seller`.
WEIGHT, DEMAND = 0, 1
STOCK, COST, VALUE = 0, 1, 2
ROOM, PRICE, COUNTS = 0, 1, 2
MINIMUM, FIXED = 0, 1
# Rows of `entry_of` and `source_of`.
LINE, SOURCE, RANKED = 0, 1, 2
ENTRIES, LEVELS, SELLER = 0, 1, 2
# What is counted over a whole plan, to branch on: sources, full parcels, parcels of the next two
# bands below.
KINDS = 4
SOURCES, PARCELS = 0, 1

TYPICAL_COST = 10.0
# Choices of levels up to which a seller's sources are priced together, whatever they are like.
FEW_CHOICES = 250


class Table(NamedTuple):
    """One order. `entry_of[RANKED]` lists entries line by line, cheapest first, from `ranked`.

    `is_joint` tells whose sources are priced as one part (see `bundles`).
    """

    line: Floats
    entry: Floats
    entry_of: Ints
    source_of: Ints
    rate: Floats
    level: Floats
    first_source: Ints
    seller: Floats
    is_joint: Ints
    ranked: Ints


def build_table(instance: Instance) -> tuple[Table, float]:
    """Pack an instance; return the table and the cost units that make 1.0 of it."""
    offered = instance.capacity > 0
    typical = float(np.median(instance.unit_cost[offered]))
    if typical == 0.0:
        typical = float(np.median(instance.goods_value[offered]))
    scale = max(1.0, typical / TYPICAL_COST)
    order = np.argsort(instance.seller, kind="stable")
    entries = int(np.count_nonzero(offered))
    sources, bands = instance.band_weight.shape
    heaviest = (instance.capacity * instance.weight).sum(axis=1)
    steps = int((heaviest // instance.band_weight[:, -1] + 1).sum()) * bands + sources
    shares = _shares_of_a_gram(instance)
    weight = np.maximum(1, instance.weight * shares)
    entry = np.zeros((3, entries))
    entry_of = np.zeros((3, entries), dtype=np.int64)
    source_of = np.zeros((3, sources + 1), dtype=np.int64)
    rate = np.zeros(sources)
    level = np.zeros((2 + KINDS, steps))
    levels = _pack(
        order,
        instance.capacity,
        instance.unit_cost,
        instance.goods_value,
        weight,
        instance.demand,
        instance.seller,
        instance.fixed_cost,
        instance.band_weight,
        instance.band_price,
        shares,
        scale,
        entry,
        entry_of,
        source_of,
        rate,
        level,
    )
    sellers = len(instance.seller_minimum)
    ranked = np.lexsort((np.arange(entry.shape[1]), entry[COST], entry_of[LINE]))
    entry_of[RANKED] = ranked
    table = Table(
        np.vstack([weight, instance.demand]).astype(np.float64),
        entry,
        entry_of,
        source_of,
        rate,
        np.ascontiguousarray(level[:, :levels]),
        np.searchsorted(instance.seller[order], np.arange(sellers + 1)).astype(np.int64),
        np.vstack([instance.seller_minimum, instance.seller_fixed]) / scale,
        _joint_sellers(instance, source_of),
        np.searchsorted(entry_of[LINE][ranked], np.arange(len(instance.demand) + 1)).astype(
            np.int64
        ),
    )
    return table, scale


def _joint_sellers(instance: Instance, source_of: Ints) -> Ints:
    """Tell whose sources are one part: one source, a cost of using the seller, or few choices."""
    sellers = len(instance.seller_minimum)
    choices, sources = np.ones(sellers), np.bincount(source_of[SELLER, :-1], minlength=sellers)
    np.multiply.at(choices, source_of[SELLER, :-1], np.diff(source_of[LEVELS]) + 1.0)
    joint = (sources == 1) | (instance.seller_fixed > 0) | (choices <= FEW_CHOICES)
    return joint.astype(np.int64)


def _shares_of_a_gram(instance: Instance) -> int:
    """Count a gram as one, or as more shares than there are units when some weigh nothing."""
    if instance.weight.all():
        return 1
    return 1 << int(instance.demand.sum()).bit_length()


def taken_of(table: Table, quantity: Floats, instance: Instance) -> Ints:
    """Spread quantities by entry over the instance's sources and lines."""
    order = np.argsort(instance.seller, kind="stable")
    taken = np.zeros(instance.shape, dtype=np.int64)
    rows = order[table.entry_of[SOURCE]]
    taken[rows, table.entry_of[LINE]] = np.rint(quantity).astype(np.int64)
    return taken


def quantities_of(table: Table, taken: Ints, instance: Instance) -> Floats:
    """Read quantities by entry out of quantities by source and line."""
    order = np.argsort(instance.seller, kind="stable")
    rows = order[table.entry_of[SOURCE]]
    return taken[rows, table.entry_of[LINE]].astype(np.float64)


@kernel
def _pack(
    order: Ints,
    capacity: Ints,
    unit_cost: Ints,
    goods_value: Ints,
    weight: Ints,
    demand: Ints,
    seller: Ints,
    fixed_cost: Ints,
    band_weight: Ints,
    band_price: Ints,
    shares: int,
    scale: float,
    entry: Floats,
    entry_of: Ints,
    source_of: Ints,
    rate: Floats,
    level: Floats,
) -> int:
    """Lay entries and levels one after the other; return how many levels there are."""
    sources, lines = capacity.shape
    bands = band_weight.shape[1]
    at = 0
    to = 0
    for s in range(sources):
        i = order[s]
        source_of[ENTRIES, s] = at
        source_of[LEVELS, s] = to
        source_of[SELLER, s] = seller[i]
        total = 0
        lightest = 1 << 60
        for j in range(lines):
            if capacity[i, j] > 0:
                entry[STOCK, at] = min(capacity[i, j], demand[j])
                entry[COST, at] = unit_cost[i, j] / scale
                entry[VALUE, at] = goods_value[i, j] / scale
                entry_of[LINE, at] = j
                entry_of[SOURCE, at] = s
                total += min(capacity[i, j], demand[j]) * weight[j]
                lightest = min(lightest, weight[j])
                at += 1
        first = to
        parcels = 0
        carried = False
        spare = shares - 1
        if lightest <= spare:
            level[ROOM, to] = spare
            level[PRICE, to] = fixed_cost[i] / scale
            for kind in range(KINDS):
                level[COUNTS + kind, to] = 0.0
            level[COUNTS + SOURCES, to] = 1.0
            to += 1
            carried = total <= spare
        while not carried:
            for b in range(bands):
                grams = parcels * band_weight[i, bands - 1] + band_weight[i, b]
                room = grams * shares + spare
                price = parcels * band_price[i, bands - 1] + band_price[i, b] + fixed_cost[i]
                if room < lightest:
                    continue
                # More room for the same money: the smaller level is never needed.
                while to > first and level[PRICE, to - 1] >= price / scale:
                    to -= 1
                level[ROOM, to] = room
                level[PRICE, to] = price / scale
                level[COUNTS + SOURCES, to] = 1.0
                level[COUNTS + PARCELS, to] = parcels + (1.0 if b == bands - 1 else 0.0)
                for kind in range(2, KINDS):
                    level[COUNTS + kind, to] = 1.0 if b == bands - kind else 0.0
                to += 1
                if room >= total:
                    carried = True
                    break
            parcels += 1
        # What only opens the source tells nothing of what freight costs.
        if level[ROOM, first] <= spare and to > first + 1:
            first += 1
        rate[s] = level[PRICE, first] / level[ROOM, first]
        for j in range(first, to):
            rate[s] = min(rate[s], level[PRICE, j] / level[ROOM, j])
    source_of[ENTRIES, sources] = at
    source_of[LEVELS, sources] = to
    return int(to)


@kernel
def level_of(table: Table, s: int, weight: float) -> int:
    """The least level of a source that holds a weight; 0 when there is none to carry."""
    if weight <= 0.0:
        return 0
    first = table.source_of[LEVELS, s]
    low = first
    high = table.source_of[LEVELS, s + 1] - 1
    while low < high:
        middle = (low + high) // 2
        if table.level[ROOM, middle] >= weight - 1e-6:
            high = middle
        else:
            low = middle + 1
    return int(low - first + 1)


@kernel
def freight(table: Table, s: int, weight: float) -> float:
    """The price of a source's consignment, what opening the source costs included."""
    if weight <= 0.0:
        return 0.0
    return float(table.level[PRICE, table.source_of[LEVELS, s] + level_of(table, s, weight) - 1])


@kernel
def copy_into(target: Floats, source: Floats) -> None:
    """Copy element by element: cheaper to compile than a slice."""
    for i in range(len(source)):
        target[i] = source[i]
