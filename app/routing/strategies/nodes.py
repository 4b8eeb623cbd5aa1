"""Search nodes, and the knapsacks that price them.

A node is a part of the plans: the configurations each source may still buy, and how many parcels
of each kind (full ones, each lighter band) and how many open sources the whole plan may have. The
latter matter: the relaxation buys 3.3 full parcels, and both "at most 3" and "at least 4" raise
its bound.

Laws: any prices give a valid bound on the node's plans; configuration nought is the closed source.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from app.routing.strategies.dual import TINY, Relaxation
from app.routing.strategies.instance import NEVER, Flags, Floats, Ints

UNLIMITED = 1e9


@dataclass(frozen=True, slots=True)
class Menu:
    """All sources and configurations that the search looks at; nodes allow a part of it."""

    sources: Ints
    room: Floats
    price: Floats
    kinds: Floats


class GoodsLimit(NamedTuple):
    """How many units of a line a source's bundle has, at least and at most."""

    row: int
    line: int
    least: float
    most: float


@dataclass(frozen=True, slots=True)
class Node:
    """What its plans may use, and a bound on what they cost."""

    bound: float
    allowed: Flags
    least: Floats
    most: Floats
    limits: tuple[GoodsLimit, ...] = ()


@dataclass(frozen=True, slots=True)
class Duals:
    """Prices on lines, on value missing to a seller's minimum, and tolls on counted kinds."""

    line: Floats
    seller: Floats
    toll: Floats


@dataclass(frozen=True, slots=True)
class Pricing:
    """A node's bound at given duals, the best bundle of each source, and penalties."""

    value: float
    duals: Duals
    rows: Ints
    chosen: Ints
    gain: Floats
    taken: Floats
    penalty: Floats


class Pricer:
    """Prices one node again and again."""

    def __init__(self, relaxation: Relaxation, menu: Menu, node: Node) -> None:
        self.relaxation, self.node = relaxation, node
        self.rows = np.flatnonzero(node.allowed[:, 1:].any(axis=1))
        used = node.allowed[self.rows]
        self.columns = np.flatnonzero(used.any(axis=0) | (np.arange(used.shape[1]) == 0))
        grid = np.ix_(self.rows, self.columns)
        self.allowed = node.allowed[grid]
        self.room = menu.room[grid]
        self.price = np.where(self.allowed, menu.price[grid], NEVER)
        self.kinds = menu.kinds[grid]
        sources = menu.sources[self.rows]
        self.cost = relaxation.cost[sources]
        self.goods_value = relaxation.goods_value[sources]
        self.capacity = relaxation.capacity[sources]
        self.load = relaxation.load[sources]
        self.has = relaxation.has[sources]
        self.seller_of = relaxation.instance.seller[sources]
        self.base = np.zeros_like(self.cost)
        if node.limits:
            self._limit(node)
        sellers = len(relaxation.instance.seller_minimum)
        self.forced = np.zeros(sellers, dtype=np.bool_)
        self.forced[self.seller_of[~self.allowed[:, 0]]] = True

    def _limit(self, node: Node) -> None:
        """Put what a bundle must have into its base, and cap the rest."""
        position = {row: place for place, row in enumerate(self.rows.tolist())}
        self.capacity = self.capacity.copy()
        for limit in node.limits:
            place = position.get(limit.row)
            if place is not None:
                spot = place, limit.line
                self.base[spot] = max(self.base[spot], limit.least)
                self.capacity[spot] = min(self.capacity[spot], limit.most)
        self.capacity = self.capacity - self.base
        self.has = self.has & (self.capacity > 0)
        self.load = self.capacity * self.relaxation.weight
        self.room = self.room - (self.base @ self.relaxation.weight)[:, None]
        self.allowed = self.allowed & (self.room >= 0)
        self.allowed[:, 0] = node.allowed[self.rows, 0]
        self.price = np.where(self.allowed, self.price, NEVER)

    def evaluate(self, duals: Duals) -> Pricing:
        """Compute the bound, the best bundles and the penalties."""
        count, lines = self.cost.shape
        worth = duals.seller[self.seller_of][:, None]
        unit_gain = duals.line - self.cost + worth * self.goods_value
        density = np.where(self.has, unit_gain, -1.0) / self.relaxation.unit_weight
        order = np.argsort(-density, axis=1)
        flat = order + (np.arange(count) * lines)[:, None]
        density = np.maximum(density.ravel()[flat], 0.0)
        load = np.where(density > 0, self.load.ravel()[flat], 0.0)
        worths = np.where(density > 0, (self.capacity * unit_gain).ravel()[flat], 0.0)
        gain, ends = self._gains(density, load, worths, duals.toll)
        if self.node.limits:
            gain[:, 1:] += (self.base * unit_gain).sum(axis=1)[:, None]
        chosen = gain.argmax(axis=1)
        room = self.room[np.arange(count), chosen]
        share = np.clip((room[:, None] - ends + load + TINY) / (load + TINY), 0.0, 1.0)
        share *= (density > 0) & (chosen > 0)[:, None]
        taken = np.zeros_like(self.cost)
        taken.ravel()[flat.ravel()] = share.ravel()
        taken *= self.capacity
        taken += np.where((chosen > 0)[:, None], self.base, 0.0)
        return self._concluded(duals, gain, chosen, taken)

    def _gains(
        self, density: Floats, load: Floats, worths: Floats, toll: Floats
    ) -> tuple[Floats, Floats]:
        """Gain of every configuration (nought for the closed source) and the running load."""
        count, lines = density.shape
        loads, sums = np.zeros((2, count, lines + 1))
        np.cumsum(load, axis=1, out=loads[:, 1:])
        np.cumsum(worths, axis=1, out=sums[:, 1:])
        position = (loads[:, None, 1:] <= self.room[:, :, None]).sum(axis=2)
        at = position + (np.arange(count) * (lines + 1))[:, None]
        padded = np.hstack([density, np.zeros((count, 1))])
        gain = sums.ravel()[at] + (self.room - loads.ravel()[at]) * padded.ravel()[at]
        gain -= self.price + self.kinds @ toll
        gain[:, 0] = -self.price[:, 0]
        return gain, loads[:, 1:]

    def _concluded(self, duals: Duals, gain: Floats, chosen: Ints, taken: Floats) -> Pricing:
        """Add the sources up to sellers and to the bound."""
        instance, node = self.relaxation.instance, self.node
        best = gain[np.arange(len(chosen)), chosen]
        seller_gain = np.bincount(self.seller_of, best, len(self.forced)).astype(np.float64)
        seller_gain -= duals.seller * instance.seller_minimum + instance.seller_fixed
        seller_open = self.forced | (seller_gain > 0)
        value = duals.line @ instance.demand - seller_gain[seller_open].sum()
        value -= np.maximum(duals.toll * node.least, duals.toll * node.most).sum()
        of_source = seller_gain[self.seller_of]
        is_open = seller_open[self.seller_of]
        penalty = np.where(is_open, best, best - of_source)[:, None] - gain
        closing = np.where(self.forced[self.seller_of], best, np.minimum(best, of_source))
        closing = np.where(is_open, closing, 0.0)
        penalty[:, 0] = np.where(self.allowed[:, 0], closing, NEVER)
        return Pricing(float(value), duals, self.rows, self.columns[chosen], best, taken, penalty)

    def thinned(self, pricing: Pricing, cutoff: float) -> Flags:
        """The configurations that may be part of a plan below the cutoff."""
        allowed = self.node.allowed.copy()
        kept = self.allowed & (pricing.value + pricing.penalty < cutoff)
        allowed[np.ix_(self.rows, self.columns)] &= kept
        return allowed
