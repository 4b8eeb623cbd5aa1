"""What the import needs of a network's files: rows as checked plain values, and the refused ones.

Money is minor units, weights are grams, sizes millimetres, places degrees.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, Protocol


@dataclass(frozen=True, slots=True)
class Refusal:
    """A value that cannot be taken: where it stands and what is wrong with it.

    ``row`` counts lines of the file, the header is 1; ``column`` is empty when the row, and row 0
    when the file as a whole is meant.
    """

    file: str
    row: int
    column: str
    value: str
    reason: str


class SellerRow(NamedTuple):
    """A seller and its seat."""

    code: str
    kind: str
    city: str
    state: str
    postal_code: str
    rating_hundredths: int | None


class AgreementRow(NamedTuple):
    """The manufacturer's agreement with a seller."""

    seller: str
    states: tuple[str, ...]
    categories: tuple[str, ...]
    priority: int
    exclusive_state: str
    exclusive_category: str
    minimum_order_minor: int


class LocationRow(NamedTuple):
    """A warehouse."""

    code: str
    seller: str
    city: str
    state: str
    postal_code: str
    latitude: float
    longitude: float


class ProductRow(NamedTuple):
    """A variant of the manufacturer."""

    sku: str
    gtin: str
    name: str
    category: str
    list_price_minor: int
    weight_g: int
    length_mm: int
    height_mm: int
    width_mm: int


class OfferRow(NamedTuple):
    """A seller's offer of a variant."""

    seller: str
    sku: str
    unit_price_minor: int
    lead_time_days: int


class StockRow(NamedTuple):
    """Units on hand at a location."""

    location: str
    sku: str
    on_hand: int


class FreightRow(NamedTuple):
    """One cell of the freight table."""

    distance_km_up_to: int
    weight_g_up_to: int
    price_minor: int


class BuyerRow(NamedTuple):
    """A buyer and where it receives goods."""

    code: str
    city: str
    state: str
    postal_code: str
    latitude: float
    longitude: float


class OrderRow(NamedTuple):
    """An order of the past."""

    number: str
    buyer: str
    ordered_at: datetime


class OrderLineRow(NamedTuple):
    """A variant of an order."""

    order: str
    sku: str
    quantity: int


@dataclass(frozen=True, slots=True)
class NetworkContent:
    """A network's master data, and what of it was refused."""

    sellers: Sequence[SellerRow]
    products: Sequence[ProductRow]
    locations: Sequence[LocationRow]
    agreements: Sequence[AgreementRow]
    freight: Sequence[FreightRow]
    buyers: Sequence[BuyerRow]
    offers: Sequence[OfferRow]
    stock: Sequence[StockRow]
    refusals: Sequence[Refusal]


@dataclass(frozen=True, slots=True)
class DemandContent:
    """A network's orders in time order, each with its lines, and what was refused."""

    orders: Sequence[OrderRow]
    lines: Sequence[Sequence[OrderLineRow]]
    refusals: Sequence[Refusal]


Told = Callable[[str, int, int], None]
"""Hears of progress: what is being done, how much of it is done, how much there is."""


class NetworkSource(Protocol):
    """Where a network's rows come from."""

    def read_network(self, told: Told) -> NetworkContent:
        """The master data."""
        ...

    def read_demand(self, told: Told) -> DemandContent:
        """The orders."""
        ...


class UnusableSource(Exception):
    """A file as a whole cannot be read; nothing can be taken from the source."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(f"{refusal.file}: {refusal.reason}")
        self.refusal = refusal
