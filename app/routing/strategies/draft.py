"""A plan under construction: quantities, weights and seller values kept in step.

Costs are exact whole numbers. A draft may be incomplete (demand left) or below a seller's minimum;
`complete` and `lawful` tell.
"""

from dataclasses import dataclass

import numpy as np

from app.routing.strategies.instance import Flags, Instance, Ints

FORBIDDEN = 1 << 60


@dataclass(slots=True)
class Draft:
    """Quantities by source and line with what follows from them."""

    instance: Instance
    taken: Ints
    weight: Ints
    value: Ints

    @classmethod
    def of(cls, instance: Instance, taken: Ints) -> "Draft":
        """Start from quantities."""
        weight = (taken * instance.weight).sum(axis=1)
        worth = (taken * instance.goods_value).sum(axis=1)
        value = np.zeros(len(instance.seller_minimum), dtype=np.int64)
        np.add.at(value, instance.seller, worth)
        return cls(instance, taken, weight, value)

    def copy(self) -> "Draft":
        """Branch off."""
        return Draft(self.instance, self.taken.copy(), self.weight.copy(), self.value.copy())

    def add(self, source: int, line: int, quantity: int) -> None:
        """Put units into the draft; a negative quantity takes them out."""
        self.taken[source, line] += quantity
        self.weight[source] += quantity * self.instance.weight[line]
        worth = quantity * self.instance.goods_value[source, line]
        self.value[self.instance.seller[source]] += worth

    def used(self) -> Flags:
        """Tell which sources ship anything."""
        return np.asarray(self.taken.any(axis=1), dtype=np.bool_)

    def missing(self) -> Ints:
        """Units of each line not yet placed."""
        missing: Ints = self.instance.demand - self.taken.sum(axis=0)
        return missing

    def sellers_used(self) -> Flags:
        """Tell which sellers ship anything."""
        flags = np.zeros(len(self.value), dtype=np.bool_)
        flags[self.instance.seller[self.used()]] = True
        return flags

    def poor_sellers(self) -> Ints:
        """Sellers in use below their minimum."""
        short = self.sellers_used() & (self.value < self.instance.seller_minimum)
        return np.flatnonzero(short)

    def cost(self) -> int:
        """Price the draft."""
        instance, used = self.instance, self.used()
        goods = int((self.taken * instance.unit_cost).sum())
        shipping = freight(instance, np.arange(len(used)), self.weight) + instance.fixed_cost
        sellers = int(instance.seller_fixed[self.sellers_used()].sum())
        return goods + int(shipping[used].sum()) + sellers

    def lawful(self) -> bool:
        """Tell whether all demand is placed and every used seller reaches its minimum."""
        return not len(self.poor_sellers()) and not self.missing().any()


def freight(instance: Instance, source: Ints, weight: Ints) -> Ints:
    """Price consignments; `weight` may have more dimensions than `source`, aligned at the end."""
    parcels, rest = np.divmod(weight, instance.band_weight[source, -1])
    steps = instance.band_step[source]
    above = rest[..., None] > instance.band_floor[source]
    price: Ints = parcels * instance.band_price[source, -1] + (above * steps).sum(axis=-1)
    return price
