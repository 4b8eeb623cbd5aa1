"""A plan's quantities with what follows from them, priced in exact whole numbers.

It may be incomplete (demand left) or below a seller's minimum; `lawful` tells.
"""

from dataclasses import dataclass

import numpy as np

from app.routing.optimizer.instance import Flags, Instance, Ints


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
        shipping = freight(instance, self.weight) + instance.fixed_cost
        sellers = int(instance.seller_fixed[self.sellers_used()].sum())
        return goods + int(shipping[used].sum()) + sellers

    def lawful(self) -> bool:
        """Tell whether all demand is placed and every used seller reaches its minimum."""
        return not len(self.poor_sellers()) and not self.missing().any()


def freight(instance: Instance, weight: Ints) -> Ints:
    """Price the sources' consignments of these weights."""
    parcels, rest = np.divmod(weight, instance.band_weight[:, -1])
    above = rest[:, None] > instance.band_floor
    price: Ints = parcels * instance.band_price[:, -1] + (above * instance.band_step).sum(axis=1)
    return price
