"""Freight: what one consignment from a location to a buyer costs.

A tariff is a short list of weight bands. A consignment heavier than the last band travels as full
parcels of that band's weight, the rest by its own band. A tariff without bands is free freight.

Laws: the price never falls when the weight grows; weight nought costs nought; money is a whole
number of cost units.
"""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

_FURTHER = 4


@dataclass(frozen=True, slots=True)
class Tariff:
    """The price of one parcel by weight: bands of (weight up to, in grams; price)."""

    bands: tuple[tuple[int, int], ...]

    def __post_init__(self) -> None:
        """Refuse bands that would let a heavier parcel cost less."""
        for (weight, price), (next_weight, next_price) in pairwise(((0, 0), *self.bands)):
            if next_weight <= weight or next_price < price:
                raise ValueError("tariff bands must grow in weight and never fall in price")

    def beyond(self, weight_g: int) -> "Tariff":
        """What more goods cost when a consignment of this weight travels anyway.

        Exact for as many further parcels as `_FURTHER`; beyond them a consignment is priced as
        parcels of that many.
        """
        if not self.bands or not weight_g:
            return self
        paid = consignment_price(self, weight_g)
        parcel = self.parcel_weight_g
        full = weight_g // parcel * parcel
        weights = [
            full + parcel * further + up_to
            for further in range(_FURTHER)
            for up_to, _ in self.bands
            if full + parcel * further + up_to > weight_g
        ]
        return Tariff(tuple((w - weight_g, consignment_price(self, w) - paid) for w in weights))

    @property
    def parcel_weight_g(self) -> int:
        """The heaviest single parcel, nought when freight is free."""
        return self.bands[-1][0] if self.bands else 0


FREE_FREIGHT = Tariff(())


@dataclass(frozen=True, slots=True)
class TariffTable:
    """Tariffs by distance, each valid up to its distance in kilometres."""

    distances_km: tuple[float, ...]
    tariffs: tuple[Tariff, ...]

    @classmethod
    def from_rows(cls, rows: Iterable[tuple[float, int, int]]) -> "TariffTable":
        """Build the table from rows of (distance_km_up_to, weight_g_up_to, price)."""
        by_distance: dict[float, list[tuple[int, int]]] = {}
        for distance_km, weight_g, price in rows:
            by_distance.setdefault(distance_km, []).append((weight_g, price))
        distances = sorted(by_distance)
        tariffs = (Tariff(tuple(sorted(by_distance[distance]))) for distance in distances)
        return cls(tuple(distances), tuple(tariffs))

    def find_tariff(self, distance_km: float) -> Tariff | None:
        """Return the tariff at a distance, None beyond the last one."""
        position = bisect_left(self.distances_km, distance_km)
        return self.tariffs[position] if position < len(self.tariffs) else None


def faults_of(rates: Sequence[tuple[int, int, int]]) -> list[tuple[int, str]]:
    """What keeps rows of (km, g, price) from being a table: (row, what is wrong there)."""
    order = sorted(range(len(rates)), key=rates.__getitem__)
    faults = []
    for before, row in pairwise(order):
        (far, weight, price), (further, heavier, more) = rates[before], rates[row]
        if far != further:
            continue
        if weight == heavier:
            faults.append((row, "This distance and weight came before"))
        elif more < price:
            faults.append((row, "A heavier parcel costs no less than a lighter one"))
    return sorted(faults)


def consignment_price(tariff: Tariff, weight_g: int) -> int:
    """Price a consignment: full parcels of the last band, the rest by its band."""
    if not tariff.bands or not weight_g:
        return 0
    parcel_weight, parcel_price = tariff.bands[-1]
    parcels, rest = divmod(weight_g, parcel_weight)
    if not rest:
        return parcels * parcel_price
    rest_price = next(price for up_to, price in tariff.bands if rest <= up_to)
    return parcels * parcel_price + rest_price
