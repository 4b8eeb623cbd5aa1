"""The routing problem as dense arrays, reduced to what can take part in a plan.

A seller that cannot reach its minimum even with everything the order wants from it is dropped, and
so are its sources. Positions in the arrays are *positions of survivors*; the way back to the
problem's own numbering is kept. Sources are put into an order that does not depend on the order
in which the caller listed them, so that equal problems give equal plans.

Laws: capacities never exceed a line's demand; demand never exceeds what the survivors hold.
"""

from dataclasses import dataclass
from itertools import chain
from math import gcd

import numpy as np
from numpy.typing import NDArray

from app.routing.problem import Allocation, Problem

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]


@dataclass(slots=True)
class Instance:
    """Dense data over sources (rows) and lines (columns)."""

    line_ids: Ints
    source_ids: Ints
    weight: Ints
    demand: Ints
    capacity: Ints
    unit_cost: Ints
    goods_value: Ints
    fixed_cost: Ints
    seller: Ints
    seller_minimum: Ints
    seller_fixed: Ints
    band_weight: Ints
    band_price: Ints
    band_floor: Ints
    band_step: Ints

    @property
    def shape(self) -> tuple[int, int]:
        """How many sources and lines."""
        return self.capacity.shape[0], self.capacity.shape[1]

    def grain(self) -> int:
        """Return a number that divides the cost of every plan."""
        divisor = int(np.gcd.reduce(self.unit_cost[self.capacity > 0]))
        for costs in (self.fixed_cost, self.seller_fixed, self.band_price.ravel()):
            divisor = gcd(divisor, int(np.gcd.reduce(costs)))
        return max(1, divisor)

    def allocations(self, taken: Ints) -> tuple[Allocation, ...]:
        """Name the quantities by the problem's own lines and sources."""
        rows, columns = np.nonzero(taken)
        named = zip(
            self.line_ids[columns].tolist(),
            self.source_ids[rows].tolist(),
            taken[rows, columns].tolist(),
            strict=True,
        )
        return tuple(Allocation(*row) for row in sorted(named))


def build_instance(problem: Problem) -> Instance | None:
    """Reduce a problem to its survivors; None when nothing can be served."""
    if not len(problem.supplies):
        return None
    supplies = np.fromiter(chain.from_iterable(problem.supplies), dtype=np.int64).reshape(-1, 5)
    source_count, line_count = len(problem.sources), len(problem.lines)
    lines = np.array(problem.lines, dtype=np.int64)
    tables = np.zeros((3, source_count, line_count), dtype=np.int64)
    tables[:, supplies[:, 1], supplies[:, 0]] = supplies[:, 2:].T
    stock, unit_cost, goods_value = tables
    if np.count_nonzero(stock) != np.count_nonzero(supplies[:, 2]):
        raise ValueError("a line's supply from a source is given twice")
    sellers = np.array(problem.sellers, dtype=np.int64).reshape(-1, 2)
    seller_of = np.array([source.seller for source in problem.sources], dtype=np.int64)
    alive = _reaching_sources(stock, goods_value, lines[:, 0], seller_of, sellers[:, 0])
    stock = np.where(alive[:, None], stock, 0)
    demand = np.minimum(lines[:, 0], stock.sum(axis=0))
    capacity = np.minimum(stock, demand)
    keep_lines, keep_sources = np.nonzero(demand)[0], np.nonzero(capacity.any(axis=1))[0]
    if not len(keep_lines):
        return None
    keep_sources = _canonical_order(problem, keep_sources, capacity, unit_cost)
    used_sellers, seller = np.unique(seller_of[keep_sources], return_inverse=True)
    grid = np.ix_(keep_sources, keep_lines)
    band_weight, band_price = _band_tables(problem, keep_sources)
    minimum = sellers[used_sellers, 0]
    return Instance(
        line_ids=keep_lines,
        source_ids=keep_sources,
        weight=lines[keep_lines, 1],
        demand=demand[keep_lines],
        capacity=capacity[grid],
        unit_cost=unit_cost[grid],
        goods_value=goods_value[grid],
        fixed_cost=_fixed_costs(problem, keep_sources),
        seller=seller,
        seller_minimum=minimum,
        seller_fixed=sellers[used_sellers, 1],
        band_weight=band_weight,
        band_price=band_price,
        band_floor=np.hstack([np.zeros_like(band_weight[:, :1]), band_weight[:, :-1]]),
        band_step=np.diff(band_price, axis=1, prepend=0),
    )


def _fixed_costs(problem: Problem, sources: Ints) -> Ints:
    """What opening each source costs."""
    return np.array([problem.sources[i].fixed_cost for i in sources.tolist()], dtype=np.int64)


def _reaching_sources(
    stock: Ints, goods_value: Ints, quantity: Ints, seller_of: Ints, minimum: Ints
) -> Flags:
    """Tell which sources belong to a seller that can reach its minimum."""
    alone = (np.minimum(stock, quantity) * goods_value).sum(axis=1)
    total = np.bincount(seller_of, alone, len(minimum))
    best = np.zeros(len(minimum))
    np.maximum.at(best, seller_of, alone)
    for seller in np.flatnonzero((best < minimum) & (total >= minimum)).tolist():
        own = np.flatnonzero(seller_of == seller)
        total[seller] = _most_value(stock[own], goods_value[own], quantity)
    reaches: Flags = (total >= minimum)[seller_of]
    return reaches


def _most_value(stock: Ints, goods_value: Ints, quantity: Ints) -> int:
    """Return the most value that a seller's locations together can give to the order."""
    order = np.argsort(-goods_value, axis=0, kind="stable")
    ranked = np.take_along_axis(stock, order, axis=0)
    before = np.cumsum(ranked, axis=0) - ranked
    taken = np.clip(quantity - before, 0, ranked)
    return int((taken * np.take_along_axis(goods_value, order, axis=0)).sum())


def _canonical_order(problem: Problem, sources: Ints, capacity: Ints, unit_cost: Ints) -> Ints:
    """Order sources by what they offer, not by where the caller listed them."""
    keys = {
        i: (problem.sources[i].tariff.bands, unit_cost[i].tobytes(), capacity[i].tobytes())
        for i in sources.tolist()
    }
    return np.array(sorted(keys, key=lambda i: (keys[i], i)), dtype=np.int64)


def _band_tables(problem: Problem, sources: Ints) -> tuple[Ints, Ints]:
    """Return weights and prices of bands; short tariffs repeat their last band."""
    tariffs = [problem.sources[i].tariff.bands or ((1 << 40, 0),) for i in sources.tolist()]
    width = max(map(len, tariffs))
    padded = [bands + bands[-1:] * (width - len(bands)) for bands in tariffs]
    table = np.array(padded, dtype=np.int64)
    return table[:, :, 0], table[:, :, 1]
