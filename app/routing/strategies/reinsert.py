"""Ruin and recreate: take part of a plan apart and place it anew, many times over.

Each round empties a few sources or lines and places their goods again, one line after the other,
each part where a unit comes cheapest. How much a started parcel counts against a line differs from
round to round: counted in full, goods go where there is room; counted in part, new sources open. A
result is taken over when it is at most a little dearer, ever less so; the best one is kept.

The state is plain lists and integers: single placements are too small for arrays to pay.

Laws: a lawful draft stays lawful and never gets dearer; draws come from a fixed seed, so equal
drafts give equal results; every cost is exact.
"""

from bisect import bisect_left
from dataclasses import dataclass
from math import inf
from random import Random

import numpy as np

from app.routing.strategies.draft import Draft
from app.routing.strategies.instance import Instance, Ints

SHARES = (1.0, 1.0, 0.8, 0.5)
TOLERANCE = 0.004
MOST_SOURCES, MOST_LINES = 2, 4
BY_LINES = 0.4
FORBID = 0.3
HEAVY_FIRST = 0.5


def reinsert(draft: Draft, candidates: Ints, rounds: int) -> Draft:
    """Search from a lawful draft for so many rounds."""
    board = _Board.of(draft.instance, candidates)
    state = board.read(draft)
    best = state
    draw = Random(1)  # noqa: S311 - a search needs repeatable draws, not secret ones
    for number in range(rounds):
        trial = board.rebuilt(state, draw)
        if trial is None:
            continue
        if trial.cost < state.cost + TOLERANCE * best.cost * (1.0 - number / rounds):
            state = trial
        if trial.cost < best.cost:
            best = trial
    return board.write(best)


@dataclass(slots=True)
class _State:
    """Quantities by place and line, weights by place, values by seller, the exact cost."""

    taken: list[list[int]]
    weight: list[int]
    cost: int


@dataclass(slots=True)
class _Board:
    """The candidates' data as lists; a candidate's position is its place."""

    instance: Instance
    sources: list[int]
    weight: list[int]
    demand: list[int]
    capacity: list[list[int]]
    unit_cost: list[list[int]]
    goods_value: list[list[int]]
    fixed_cost: list[int]
    seller: list[int]
    minimum: list[int]
    seller_fixed: list[int]
    bands: list[list[int]]
    prices: list[list[int]]
    rate: list[float]
    suppliers: list[list[int]]
    known: list[dict[int, int]]

    @classmethod
    def of(cls, instance: Instance, candidates: Ints) -> "_Board":
        """Prepare."""
        capacity, unit_cost = instance.capacity[candidates], instance.unit_cost[candidates]
        return cls(
            instance=instance,
            sources=candidates.tolist(),
            weight=instance.weight.tolist(),
            demand=instance.demand.tolist(),
            capacity=capacity.tolist(),
            unit_cost=unit_cost.tolist(),
            goods_value=instance.goods_value[candidates].tolist(),
            fixed_cost=instance.fixed_cost[candidates].tolist(),
            seller=instance.seller[candidates].tolist(),
            minimum=instance.seller_minimum.tolist(),
            seller_fixed=instance.seller_fixed.tolist(),
            bands=instance.band_weight[candidates].tolist(),
            prices=instance.band_price[candidates].tolist(),
            rate=(
                instance.band_price[candidates, -1] / instance.band_weight[candidates, -1]
            ).tolist(),
            suppliers=[
                sorted(np.flatnonzero(stock).tolist(), key=prices.__getitem__)
                for stock, prices in zip(capacity.T, unit_cost.T.tolist(), strict=True)
            ],
            known=[{} for _ in candidates],
        )

    def read(self, draft: Draft) -> _State:
        """Take over a draft."""
        rows = np.array(self.sources, dtype=np.int64)
        return _State(draft.taken[rows].tolist(), draft.weight[rows].tolist(), draft.cost())

    def write(self, state: _State) -> Draft:
        """Give back a draft."""
        taken = np.zeros(self.instance.shape, dtype=np.int64)
        taken[self.sources] = state.taken
        return Draft.of(self.instance, taken)

    def freight(self, place: int, weight: int) -> int:
        """Price a consignment."""
        known = self.known[place]
        price = known.get(weight)
        if price is None:
            bands, prices = self.bands[place], self.prices[place]
            parcels, rest = divmod(weight, bands[-1])
            price = parcels * prices[-1] + (prices[bisect_left(bands, rest)] if rest else 0)
            known[weight] = price
        return price

    def rebuilt(self, state: _State, draw: Random) -> _State | None:
        """Take a part out and place it anew; None when that breaks a minimum or leaves goods."""
        taken, weight = [row[:] for row in state.taken], state.weight[:]
        left, barred = self._ruin(taken, weight, draw)
        lines = [line for line, quantity in enumerate(left) if quantity]
        if draw.random() < HEAVY_FIRST:
            lines.sort(key=lambda line: -left[line] * self.weight[line])
        else:
            draw.shuffle(lines)
        share = draw.choice(SHARES)
        for line in lines:
            if not self._place(taken, weight, (line, left[line]), (barred, share)):
                return None
        cost = self._cost(taken, weight)
        return None if cost is None else _State(taken, weight, cost)

    def _ruin(
        self, taken: list[list[int]], weight: list[int], draw: Random
    ) -> tuple[list[int], int]:
        """Take out sources or lines; tell what is left to place and which place is barred."""
        left, barred = [0] * len(self.demand), -1
        used = [place for place, row in enumerate(taken) if any(row)]
        if draw.random() < BY_LINES:
            chosen = draw.sample(range(len(left)), min(len(left), draw.randint(1, MOST_LINES)))
            for place in used:
                row = taken[place]
                for line in chosen:
                    left[line] += row[line]
                    weight[place] -= row[line] * self.weight[line]
                    row[line] = 0
            return left, barred
        places = draw.sample(used, min(len(used), draw.randint(1, MOST_SOURCES)))
        for place in places:
            left = [one + other for one, other in zip(left, taken[place], strict=True)]
            taken[place], weight[place] = [0] * len(left), 0
        if draw.random() < FORBID:
            barred = places[0]
        return left, barred

    def _place(
        self,
        taken: list[list[int]],
        weight: list[int],
        goods: tuple[int, int],
        mood: tuple[int, float],
    ) -> bool:
        """Place units of a line, each part where a unit comes cheapest."""
        line, left = goods
        while left:
            where, many = self._cheapest(taken, weight, (line, left), mood)
            if where < 0:
                return False
            taken[where][line] += many
            weight[where] += many * self.weight[line]
            left -= many
        return True

    def _cheapest(
        self,
        taken: list[list[int]],
        weight: list[int],
        goods: tuple[int, int],
        mood: tuple[int, float],
    ) -> tuple[int, int]:
        """Where a unit comes cheapest, and how many; suppliers come cheapest goods first."""
        line, left = goods
        barred, share = mood
        unit, capacity, unit_cost = self.weight[line], self.capacity, self.unit_cost
        best, where, many = inf, -1, 0
        for place in self.suppliers[line]:
            if unit_cost[place][line] >= best:
                break
            room = capacity[place][line] - taken[place][line]
            if room <= 0 or place == barred:
                continue
            now, quantity = weight[place], min(left, room)
            extra = self.freight(place, now + quantity * unit) - self.freight(place, now)
            linear = unit_cost[place][line] + (1.0 - share) * self.rate[place] * unit
            cost = linear + share * extra / quantity
            if cost < best:
                best, where, many = cost, place, quantity
            if extra and linear < best:
                fit = self._spare(place, now) // unit
                if 0 < fit < quantity:
                    best, where, many = linear, place, fit
        return where, many

    def _spare(self, place: int, weight: int) -> int:
        """Weight that a place can add for the same price."""
        bands = self.bands[place]
        rest = weight % bands[-1]
        return bands[bisect_left(bands, rest)] - rest if rest else 0

    def _cost(self, taken: list[list[int]], weight: list[int]) -> int | None:
        """Price the whole; None when a used seller stays below its minimum."""
        cost, values = 0, dict[int, int]()
        for place, row in enumerate(taken):
            if not any(row):
                continue
            seller, worth = self.seller[place], 0
            prices, values_of = self.unit_cost[place], self.goods_value[place]
            for line, quantity in enumerate(row):
                if quantity:
                    cost += quantity * prices[line]
                    worth += quantity * values_of[line]
            cost += self.freight(place, weight[place]) + self.fixed_cost[place]
            values[seller] = values.get(seller, 0) + worth
        for seller, value in values.items():
            if value < self.minimum[seller]:
                return None
            cost += self.seller_fixed[seller]
        return cost
