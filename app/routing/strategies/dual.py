"""Lower bounds: what an order must cost at least, by prices on its lines.

Demand and minimum order values are relaxed and priced: a line pays `price` per unit, a seller in
use pays `worth` per unit of value missing to its minimum. What remains falls apart by source into
small knapsacks: buy a *configuration* (full parcels plus at most one lighter band) and fill its
weight with the goods that gain most per gram. Cutting the last good of a knapsack only lowers the
bound, so it stays valid. Prices climb by subgradient steps towards a known plan's cost.

Laws: any prices give a valid bound; sellers whose locations together gain nothing stay closed.
"""

from dataclasses import dataclass

import numpy as np

from app.routing.strategies.instance import NEVER, Flags, Floats, Instance, Ints

TINY = 1e-9
LINE_SCALE = 0.05
SELLER_SCALE = 0.05
MOMENTUM = 0.4
PATIENCE = 6
SHORTER = 0.6


@dataclass(frozen=True, slots=True)
class Prices:
    """Prices on lines (per unit) and on sellers (per unit of value missing to the minimum)."""

    line: Floats
    seller: Floats


@dataclass(frozen=True, slots=True)
class Bound:
    """A bound and what it says about sources."""

    value: float
    excess: Floats
    short: Floats
    gain: Floats
    seller_gain: Floats
    open: Flags
    taken: Floats


@dataclass(slots=True)
class Relaxation:
    """The instance as floats, prepared for many evaluations."""

    instance: Instance
    cost: Floats
    goods_value: Floats
    weight: Floats
    unit_weight: Floats
    has: Flags
    capacity: Floats
    load: Floats
    parcel: Floats
    parcel_price: Floats
    rate: Floats
    rest_weight: Floats
    rest_price: Floats
    irregular: bool

    @classmethod
    def of(cls, instance: Instance) -> "Relaxation":
        """Prepare."""
        has = instance.capacity > 0
        nought = np.zeros((instance.shape[0], 1))
        parcel = instance.band_weight[:, -1].astype(np.float64)
        price = instance.band_price[:, -1].astype(np.float64)
        rest_weight = np.hstack([nought, instance.band_weight])
        rest_price = np.hstack([nought, instance.band_price])
        return cls(
            instance=instance,
            cost=np.where(has, instance.unit_cost, NEVER),
            goods_value=instance.goods_value.astype(np.float64),
            weight=instance.weight.astype(np.float64),
            unit_weight=np.maximum(instance.weight, TINY),
            has=has,
            capacity=instance.capacity.astype(np.float64),
            load=(instance.capacity * instance.weight).astype(np.float64),
            parcel=parcel,
            parcel_price=price,
            rate=price / parcel,
            rest_weight=rest_weight,
            rest_price=rest_price,
            irregular=bool((rest_price * parcel[:, None] < rest_weight * price[:, None]).any()),
        )

    def start(self) -> Prices:
        """Price each line at its marginal linear cost: goods plus freight by the full parcel."""
        linear = self.cost + self.weight * self.rate[:, None]
        order = np.argsort(linear, axis=0, kind="stable")
        served = np.cumsum(np.take_along_axis(self.capacity, order, 0), axis=0)
        last = (served < self.instance.demand).sum(axis=0)
        columns = np.arange(len(self.weight))
        price = np.take_along_axis(linear, order, 0)[last, columns]
        return Prices(price, np.zeros(len(self.instance.seller_minimum)))

    def knapsacks(self, prices: Prices) -> tuple[Ints, Floats, Floats, Floats]:
        """Sort each source's goods by gain per gram; return order, gain, and both running sums."""
        seller_worth = prices.seller[self.instance.seller][:, None]
        gain = prices.line - self.cost + seller_worth * self.goods_value
        density = np.where(self.has, gain, -1.0) / self.unit_weight
        order = np.argsort(-density, axis=1, kind="stable")
        ranked = np.take_along_axis(density, order, 1)
        positive = ranked > 0
        load = np.where(positive, np.take_along_axis(self.load, order, 1), 0.0)
        worth = np.where(positive, np.take_along_axis(self.capacity * gain, order, 1), 0.0)
        loads, worths = np.zeros((2, len(load), load.shape[1] + 1))
        np.cumsum(load, axis=1, out=loads[:, 1:])
        np.cumsum(worth, axis=1, out=worths[:, 1:])
        return order, np.where(positive, ranked, 0.0), loads, worths

    def evaluate(self, prices: Prices) -> Bound:
        """Compute the bound at given prices."""
        instance = self.instance
        order, density, loads, worths = self.knapsacks(prices)
        dense = np.where(density > self.rate[:, None], np.diff(loads, axis=1), 0.0).sum(axis=1)
        gain, room = self._best_configuration(dense, density, loads, worths)
        useful = np.maximum(gain, 0.0)
        owed = prices.seller * instance.seller_minimum + instance.seller_fixed
        seller_gain = np.bincount(instance.seller, useful, len(owed)) - owed
        is_open = (gain > 0) & (seller_gain > 0)[instance.seller]
        share = np.clip((room[:, None] - loads[:, :-1] + TINY) / (np.diff(loads) + TINY), 0.0, 1.0)
        share *= (density > 0) & is_open[:, None]
        taken = np.zeros_like(self.cost)
        np.put_along_axis(taken, order, share, 1)
        taken *= self.capacity
        value = prices.line @ instance.demand - seller_gain[seller_gain > 0].sum()
        goods = np.bincount(instance.seller, (taken * self.goods_value).sum(axis=1), len(owed))
        return Bound(
            value=float(value),
            excess=instance.demand - taken.sum(axis=0),
            short=np.where(seller_gain > 0, instance.seller_minimum - goods, 0.0),
            gain=gain,
            seller_gain=seller_gain,
            open=is_open,
            taken=taken,
        )

    def _best_configuration(
        self, dense: Floats, density: Floats, loads: Floats, worths: Floats
    ) -> tuple[Floats, Floats]:
        """Return each source's best gain when opened and the room it buys.

        Goods denser than the parcel's rate fill full parcels; since gain is concave in weight and
        freight is linear from parcel to parcel, the best configuration lies within one parcel of
        that point on either side.
        """
        full = np.floor(dense / self.parcel)
        rows = np.arange(len(full))[:, None]
        best, best_room = np.full(len(full), -NEVER), np.zeros(len(full))
        padded = np.hstack([density, np.zeros((len(full), 1))])
        for parcels in (full, full - 1) if self.irregular else (full,):
            room = parcels[:, None] * self.parcel[:, None] + self.rest_weight
            price = parcels[:, None] * self.parcel_price[:, None] + self.rest_price
            position = (loads[:, None, 1:] <= room[:, :, None]).sum(axis=2)
            worth = worths[rows, position]
            worth += (room - loads[rows, position]) * padded[rows, position]
            gain = worth - price - self.instance.fixed_cost[:, None]
            gain[room < 0] = -NEVER
            if self.weight.all():
                gain[room <= 0] = -NEVER
            chosen = gain.argmax(axis=1)
            gain, room = gain[rows[:, 0], chosen], room[rows[:, 0], chosen]
            best_room = np.where(gain > best, room, best_room)
            best = np.maximum(best, gain)
        return best, best_room


@dataclass(slots=True)
class Ascent:
    """A subgradient climb: keeps the best prices, takes shorter steps when it stops climbing."""

    relaxation: Relaxation
    best: Prices
    bound: Bound
    length: float = 1.0
    idle: int = 0

    @classmethod
    def begin(cls, relaxation: Relaxation) -> "Ascent":
        """Start at the marginal linear costs."""
        prices = relaxation.start()
        return cls(relaxation, prices, relaxation.evaluate(prices))

    def resume(self, prices: Prices) -> None:
        """Go on from other prices when their bound is better."""
        bound = self.relaxation.evaluate(prices)
        if bound.value > self.bound.value:
            self.best, self.bound = prices, bound

    def climb(self, target: float, steps: int) -> None:
        """Take steps towards a target that no plan is below."""
        now, bound = self.best, self.bound
        line_scale = np.maximum(LINE_SCALE * now.line, 1.0) ** 2
        drift = Prices(np.zeros_like(now.line), np.zeros_like(now.seller))
        for _ in range(steps):
            drift = _step(now, bound, drift, line_scale, self.length * (target - bound.value))
            now = Prices(now.line + drift.line, np.maximum(now.seller + drift.seller, 0.0))
            bound = self.relaxation.evaluate(now)
            if bound.value > self.bound.value:
                self.best, self.bound, self.idle = now, bound, 0
                continue
            self.idle += 1
            if self.idle >= PATIENCE:
                self.idle, self.length = 0, self.length * SHORTER
                now, bound = self.best, self.bound
                drift = Prices(np.zeros_like(now.line), np.zeros_like(now.seller))


def _step(now: Prices, bound: Bound, drift: Prices, line_scale: Floats, distance: float) -> Prices:
    """Move along the scaled subgradient, with some of the last move."""
    short = np.where((bound.short < 0) & (now.seller <= 0), 0.0, bound.short)
    line, seller = bound.excess * line_scale, short * SELLER_SCALE**2
    norm = float(bound.excess @ line + short @ seller)
    size = max(distance, 0.0) / norm if norm > TINY else 0.0
    return Prices(
        MOMENTUM * drift.line + size * line,
        MOMENTUM * drift.seller + size * seller,
    )
