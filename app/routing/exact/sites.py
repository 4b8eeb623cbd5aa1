"""Orders whose freight is a fixed cost, as the location of facilities: arrays and relaxation.

A *site* is a source (its seller's fixed cost in its own); opening it costs once, what it takes is
bounded by its capacity. Relaxing what lines want (Geoffrion 1974; Beasley 1988) leaves one
continuous or, where lines are not cut, one whole knapsack for each site, and a choice of sites that
together hold the order. Every vector of prices gives a bound; good ones are found by the volume
algorithm (Barahona and Anbil 2000), which also tells how much each site is open.

Laws: a bound holds for every plan that serves the order in full with the open sites open and the
shut ones shut; the same sites give the same bounds, whatever the machine.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.routing.exact.choosing import choose_sites, terms_of
from app.routing.exact.packs import pack

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
States = NDArray[np.int8]

FREE, OPEN, SHUT = 0, 1, 2
# The weight of the newest solution in the mean one.
NEWEST = 0.1
PATIENCE = 5
# Work of one look at prices: by site and line, and for itself.
WORK_A_CELL, WORK_A_ROUND = 0.01, 150
TINY = 1e-9


@dataclass(frozen=True, slots=True)
class Sites:
    """Sites (rows) and lines (columns): costs by share of a line, loads by line, capacities."""

    fixed: Floats
    cost: Floats
    load: Floats
    most: Floats
    capacity: Floats
    is_whole: bool

    def with_only(self, kept: Flags) -> "Sites":
        """The same with some sites only."""
        return Sites(
            self.fixed[kept],
            self.cost[kept],
            self.load,
            self.most[kept],
            self.capacity[kept],
            self.is_whole,
        )


@dataclass(slots=True)
class Relaxed:
    """What prices give: a bound, how it changes with each site, what is served and opened."""

    bound: float
    change: Floats
    opened: Floats
    served: Floats


def relax(sites: Sites, price: Floats, state: States) -> Relaxed:
    """Bound all plans at some prices."""
    gain, served = _filled(sites, price)
    value = sites.fixed - gain
    free = state == FREE
    is_open = state == OPEN
    needed = float(sites.load.sum() - sites.capacity[is_open].sum())
    chosen = choose_sites(value[free], sites.capacity[free], terms_of(sites.capacity[free], needed))
    opened, change = is_open.astype(np.float64), np.zeros(len(state))
    opened[free], change[free] = chosen.share, chosen.change
    bound = float(price.sum()) + float(value[is_open].sum()) + chosen.bound
    return Relaxed(bound, change, opened, opened @ served)


def _filled(sites: Sites, price: Floats) -> tuple[Floats, Floats]:
    """What each open site gains at some prices, and the shares it serves."""
    gain = price[None, :] - sites.cost
    if sites.is_whole:
        return _filled_whole(sites, gain)
    np.maximum(gain, 0.0, out=gain)
    pays = gain > 0.0
    served = np.where(pays, sites.most, 0.0)
    tight = served @ sites.load > sites.capacity
    gained: Floats = np.einsum("ij,ij->i", gain, served)
    if tight.any():
        gained[tight], served[tight] = _most_valuable(
            sites, gain[tight], served[tight], sites.capacity[tight]
        )
    return gained, served


def _most_valuable(
    sites: Sites, gain: Floats, most: Floats, capacity: Floats
) -> tuple[Floats, Floats]:
    """Fill sites with shares of what pays most by its load.

    The line that does not fit in full sets what room is worth; what pays as much by its load is
    told to gain as much, but not shared out.
    """
    rate = gain / np.maximum(sites.load, TINY)
    order = np.argsort(-rate, axis=1, kind="stable")
    held = np.cumsum(np.take_along_axis(most * sites.load, order, axis=1), axis=1)
    rows = np.arange(len(gain))
    last = order[rows, np.argmax(held > capacity[:, None], axis=1)]
    worth = rate[rows, last]
    served = np.where(rate > worth[:, None], most, 0.0)
    left = np.maximum(0.0, capacity - served @ sites.load)
    gained: Floats = np.einsum("ij,ij->i", gain, served) + worth * left
    served[rows, last] = np.minimum(most[rows, last], left / np.maximum(sites.load[last], TINY))
    return gained, served


def _filled_whole(sites: Sites, gain: Floats) -> tuple[Floats, Floats]:
    """Fill sites with whole lines: a knapsack for all sites at once, by what they have room for."""
    room = np.minimum(sites.capacity, sites.load.sum()).astype(np.int64)
    gain = np.where((sites.most >= 1.0) & (sites.load <= sites.capacity[:, None]), gain, -1.0)
    gained, taken = pack(gain, sites.load.astype(np.int64), room)
    return gained, taken.astype(np.float64)


@dataclass(slots=True)
class Prices:
    """The best prices so far, their bound, and the mean of what they open and serve."""

    price: Floats
    relaxed: Relaxed
    opened: Floats
    served: Floats

    @property
    def bound(self) -> float:
        """The best bound."""
        return self.relaxed.bound


def first_prices(sites: Sites) -> Floats:
    """Each line's second cheapest way, but for the fixed costs."""
    ranked = np.sort(sites.cost, axis=0)
    start: Floats = ranked[min(1, len(ranked) - 1)].copy()
    return start


def begin(sites: Sites, price: Floats, state: States) -> Prices:
    """Look at some prices."""
    live = state != SHUT
    relaxed = relax(sites.with_only(live), price, state[live])
    return _spread(Prices(price, relaxed, relaxed.opened, relaxed.served), live)


def improve(sites: Sites, prices: Prices, state: States, target: float, rounds: int) -> Prices:
    """Lift the bound towards a target by the volume algorithm."""
    live = state != SHUT
    part, known = sites.with_only(live), state[live]
    # Prices move with what their line costs at all.
    scale = np.maximum(sites.cost.mean(axis=0), TINY)
    scale /= scale.mean()
    eager, idle = 1.0, 0
    opened, served = prices.opened[live], prices.served
    best, at = prices.relaxed, prices.price
    best = Relaxed(best.bound, best.change[live], best.opened[live], best.served)
    for _ in range(rounds):
        lack = 1.0 - served
        length = float(lack @ (scale * lack))
        if length < TINY or best.bound >= target:
            break
        step = eager * max(target * 1.005 - best.bound, TINY) / length
        moved = at + step * scale * lack
        tried = relax(part, moved, known)
        opened = NEWEST * tried.opened + (1 - NEWEST) * opened
        served = NEWEST * tried.served + (1 - NEWEST) * served
        if tried.bound > best.bound:
            agrees = float(lack @ (scale * (1.0 - tried.served))) >= 0.0
            best, at, idle = tried, moved, 0
            eager = min(2.0, eager * (1.1 if agrees else 1.0))
        else:
            idle += 1
            if idle >= PATIENCE:
                eager, idle = eager * 0.66, 0
    return _spread(Prices(at, best, opened, served), live)


def _spread(prices: Prices, live: Flags) -> Prices:
    """The same over all sites, with nothing at those that are shut."""

    def over_all(values: Floats) -> Floats:
        spread = np.zeros(len(live))
        spread[live] = values
        return spread

    relaxed = prices.relaxed
    whole = Relaxed(
        relaxed.bound, over_all(relaxed.change), over_all(relaxed.opened), relaxed.served
    )
    return Prices(prices.price, whole, over_all(prices.opened), prices.served)


def surcharges(sites: Sites, price: Floats) -> Floats:
    """What serving a line from a site costs at least above the bound of shares at these prices.

    A site that is filled has a price of its own for room; what a line does not pay for its room is
    lost (the knapsack's dual).
    """
    gain = price[None, :] - sites.cost
    room = np.zeros(len(gain))
    for site in range(len(gain)):
        rate = gain[site] / np.maximum(sites.load, TINY)
        order = np.argsort(-rate, kind="stable")
        held = np.cumsum(sites.load[order] * sites.most[site, order])
        last = int(np.searchsorted(held, sites.capacity[site]))
        if last < len(order):
            room[site] = max(0.0, float(rate[order[last]]))
    lost: Floats = np.maximum(0.0, room[:, None] * sites.load - gain)
    return lost
