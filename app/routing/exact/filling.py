"""What sets of givers would cost, roughly and many at once: who is worth a closer look.

Every line is filled from the cheapest of the set first; freight, fixed costs and all are added for
what that makes. Further terms are left aside; where a seller stays below its minimum, what it lacks
counts many times, and a set whose minimums the whole order cannot reach comes last.

Laws: an estimate is what some plan of the set costs, unless a term forbids that plan; whole numbers
below 2^53 throughout, so the order of the sets is the same on every machine.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.routing.freight import Tariff
from app.routing.problem import Allocation, Problem

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

DEAR = 1e15
LACKING = 10.0


@dataclass(frozen=True, slots=True)
class Filling:
    """A problem as dense tables of its sources and lines."""

    problem: Problem
    has: Ints
    costs: Floats
    wanted: Ints
    worth: Ints
    grams: Ints
    kinds: Ints
    tariffs: Sequence[Tariff]

    @classmethod
    def of(cls, problem: Problem, has: Ints, wanted: Ints) -> "Filling":
        """Lay a problem out; ``has``: units by source and line."""
        costs, worth = np.full(has.shape, DEAR), np.zeros_like(has)
        for row in problem.supplies:
            costs[row[1], row[0]], worth[row[1], row[0]] = row[3], row[4]
        numbers: dict[Tariff, int] = {}
        kinds = [numbers.setdefault(source.tariff, len(numbers)) for source in problem.sources]
        grams = np.array([line.unit_weight_g for line in problem.lines], dtype=np.int64)
        return cls(problem, has, costs, wanted, worth, grams, np.array(kinds), list(numbers))

    def fill(self, sources: Sequence[int]) -> tuple[Allocation, ...]:
        """Every line from the cheapest of some sources first."""
        chosen = np.array([sources], dtype=np.int64)
        taken = self._taken(chosen)[0]
        rows = [
            Allocation(int(line), sources[place], int(taken[place, line]))
            for place, line in zip(*np.nonzero(taken), strict=True)
        ]
        return tuple(sorted(rows))

    def estimate(self, sets: Sequence[Sequence[int]]) -> Floats:
        """What each set of sources, all of one size, would cost."""
        chosen = np.array(sets, dtype=np.int64)
        taken = self._taken(chosen)
        goods = np.where(taken > 0, self.costs[chosen] * taken, 0.0).sum(axis=(1, 2))
        total: Floats = goods + self._shipping(chosen, taken)
        if any(seller.minimum_value for seller in self.problem.sellers):
            total += self._lacking(chosen, taken)
        return total

    def _lacking(self, chosen: Ints, taken: Ints) -> Floats:
        """What sellers lack to their minimums, as it counts."""
        owners = np.array([source.seller for source in self.problem.sources], dtype=np.int64)
        least = np.array([seller.minimum_value for seller in self.problem.sellers], dtype=np.int64)
        value = (self.worth[chosen] * taken).sum(axis=2)
        by_seller = np.zeros((len(chosen), len(least)), dtype=np.int64)
        used = np.zeros_like(by_seller, dtype=bool)
        rows = np.arange(len(chosen))[:, None]
        np.add.at(by_seller, (rows, owners[chosen]), value)
        used[rows, owners[chosen]] = True
        lacks = np.where(used, np.maximum(least - by_seller, 0), 0).sum(axis=1)
        beyond = np.where(used, least, 0).sum(axis=1) > by_seller.sum(axis=1)
        counted: Floats = LACKING * lacks.astype(np.float64) + np.where(beyond, DEAR, 0.0)
        return counted

    def _taken(self, chosen: Ints) -> Ints:
        """What each set takes, by its sources and by line."""
        order = np.argsort(self.costs[chosen], axis=1, kind="stable")
        has = np.take_along_axis(self.has[chosen], order, axis=1)
        before = np.cumsum(has, axis=1) - has
        ranked = np.clip(self.wanted - before, 0, has)
        taken = np.zeros_like(ranked)
        np.put_along_axis(taken, order, ranked, axis=1)
        return taken

    def _shipping(self, chosen: Ints, taken: Ints) -> Floats:
        """Freight and fixed costs of whoever gives anything."""
        used = (taken > 0).any(axis=2)
        grams = taken @ self.grams
        sources, sellers = self.problem.sources, self.problem.sellers
        fixed = np.array([row.fixed_cost + sellers[row.seller].fixed_cost for row in sources])
        total = np.where(used, fixed[chosen], 0).astype(np.float64)
        for kind, tariff in enumerate(self.tariffs):
            mask = used & (self.kinds[chosen] == kind)
            if tariff.bands and mask.any():
                total[mask] += _freight(tariff, grams[mask])
        summed: Floats = total.sum(axis=1)
        return summed


def _freight(tariff: Tariff, grams: Ints) -> Floats:
    """The price of a consignment, for many weights."""
    weights = np.array([weight for weight, _ in tariff.bands], dtype=np.int64)
    prices = np.array([price for _, price in tariff.bands], dtype=np.float64)
    parcels, rest = np.divmod(grams, weights[-1])
    lighter = prices[np.minimum(np.searchsorted(weights, rest), len(prices) - 1)]
    price: Floats = parcels * prices[-1] + np.where(rest > 0, lighter, 0.0)
    return price
