"""The tables of a network folder as data: columns in order, keys, references.

Reading this module is reading the format; nothing else knows a column's name.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from app.demo import ports
from connectors.network_files import values
from connectors.network_files.values import Parser


@dataclass(frozen=True, slots=True)
class Table:
    """One file: its columns with their parsers, what makes a row, and what it may refer to.

    ``key``: columns that no two rows share. ``references``: column to the table whose first column
    it names. ``unread``: columns that must be there and are not taken.
    """

    name: str
    columns: Mapping[str, Parser]
    make: Callable[..., Any]
    key: tuple[str, ...]
    references: Mapping[str, str] = field(default_factory=dict)
    unread: frozenset[str] = frozenset()
    unique: tuple[str, ...] = ()

    @property
    def file(self) -> str:
        """The file's name."""
        return f"{self.name}.csv.gz"

    @property
    def header(self) -> tuple[str, ...]:
        """The columns that the file must have."""
        return tuple(self.columns)


SELLERS = Table(
    "sellers",
    {
        "seller": values.text, "kind": values.kind, "city": values.text, "state": values.state,
        "zip_prefix": values.text, "rating": values.rating, "ratings": values.whole,
    },
    ports.SellerRow,
    key=("seller",),
    unread=frozenset({"ratings"}),
)  # fmt: skip

PRODUCTS = Table(
    "products",
    {
        "sku": values.text, "gtin": values.gtin, "description": values.text,
        "category": values.text, "list_price_brl": values.amount, "weight_g": values.positive,
        "length_cm": values.millimetres, "height_cm": values.millimetres,
        "width_cm": values.millimetres,
    },
    ports.ProductRow,
    key=("sku",),
    unique=("gtin",),
)  # fmt: skip

LOCATIONS = Table(
    "locations",
    {
        "location": values.text, "seller": values.text, "city": values.text, "state": values.state,
        "zip_prefix": values.text, "lat": values.latitude, "lng": values.longitude,
    },
    ports.LocationRow,
    key=("location",),
    references={"seller": "sellers"},
)  # fmt: skip

AGREEMENTS = Table(
    "agreements",
    {
        "seller": values.text, "states": values.states, "categories": values.names,
        "priority": values.whole, "exclusive_state": values.state_or_none,
        "exclusive_category": values.anything, "minimum_order_brl": values.amount,
    },
    ports.AgreementRow,
    key=("seller",),
    references={"seller": "sellers"},
)  # fmt: skip

FREIGHT = Table(
    "freight",
    {
        "distance_km_up_to": values.positive, "weight_g_up_to": values.positive,
        "price_brl": values.amount,
    },
    ports.FreightRow,
    key=("distance_km_up_to", "weight_g_up_to"),
)  # fmt: skip

BUYERS = Table(
    "buyers",
    {
        "buyer": values.text, "city": values.text, "state": values.state,
        "zip_prefix": values.text, "lat": values.latitude, "lng": values.longitude,
    },
    ports.BuyerRow,
    key=("buyer",),
)  # fmt: skip

OFFERS = Table(
    "offers",
    {
        "seller": values.text, "sku": values.text, "unit_price_brl": values.amount,
        "lead_time_days": values.whole,
    },
    ports.OfferRow,
    key=("seller", "sku"),
    references={"seller": "sellers", "sku": "products"},
)  # fmt: skip

STOCK = Table(
    "stock",
    {"location": values.text, "sku": values.text, "on_hand": values.whole},
    ports.StockRow,
    key=("location", "sku"),
    references={"location": "locations", "sku": "products"},
)

ORDERS = Table(
    "orders",
    {"order": values.text, "buyer": values.text, "ordered_at": values.minute},
    ports.OrderRow,
    key=("order",),
    references={"buyer": "buyers"},
)

ORDER_LINES = Table(
    "order_lines",
    {"order": values.text, "sku": values.text, "quantity": values.positive},
    ports.OrderLineRow,
    key=("order", "sku"),
    references={"order": "orders", "sku": "products"},
)

# Whatever a table refers to is read before it.
NETWORK = (SELLERS, PRODUCTS, LOCATIONS, AGREEMENTS, FREIGHT, BUYERS, OFFERS, STOCK)
DEMAND = (ORDERS, ORDER_LINES)
