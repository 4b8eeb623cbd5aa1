"""What files may say: four resources, their fields, and what a cell of each field must be.

A field's ``kind`` decides how its cells are read (``operations.parsing`` holds the readings). Two
fields may fill one column: a weight in kilograms and one in grams are the same fact.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

PRODUCTS, OFFERS, PRICES, STOCK = "products", "offers", "prices", "stock"
RESOURCES = (PRODUCTS, OFFERS, PRICES, STOCK)
DELTA, FULL, DELETE = "delta", "full", "delete"
MODES = (DELTA, FULL, DELETE)
PARTIAL, ALL_OR_NOTHING = "partial", "all_or_nothing"
POLICIES = (PARTIAL, ALL_OR_NOTHING)

TEXT, CODE, GTIN, WHOLE, MONEY, KILO, MOMENT, CHOICE, UNIT, DIGITS, VALUE = (
    "text", "code", "gtin", "whole", "money", "kilo", "moment", "choice", "unit", "digits", "value",
)  # fmt: skip

# Fields that end in a name of the caller's own: an attribute's code, a language.
ATTRIBUTE, NAME_IN, PRODUCT_NAME_IN, DESCRIPTION_IN = (
    "attribute:", "name:", "product_name:", "description:",
)  # fmt: skip
_LOCALE = re.compile(r"[a-z]{2,3}(-[A-Z]{2})?")
_LARGEST = 2_000_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """A fact that a column may hold."""

    name: str
    kind: str
    label: str
    column: str = ""
    needed: bool = False
    least: int = 0
    most: int = _LARGEST
    choices: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def fills(self) -> str:
        """The typed column that it fills."""
        return self.column or self.name


def _text(name: str, label: str, most: int, kind: str = TEXT) -> Field:
    return Field(name=name, kind=kind, label=label, most=most)


def _whole(name: str, label: str, least: int = 0, most: int = _LARGEST) -> Field:
    return Field(name=name, kind=WHOLE, label=label, least=least, most=most)


def _moment(name: str, label: str) -> Field:
    return Field(name=name, kind=MOMENT, label=label)


_PIECES = 10_000_000
_SKU = _text("sku", "SKU", 64, CODE)
_WHICH = (
    _SKU,
    Field(name="gtin", kind=GTIN, label="GTIN"),
    _text("manufacturer_code", "Manufacturer's code", 64),
)
_LIFECYCLE = Field(
    name="status",
    kind=CHOICE,
    label="Status",
    choices={
        "active": ("active", "activo", "ativo", "aktiv"),
        "phase_out": ("phase_out", "phase out", "phaseout", "descatalogado", "auslauf"),
        "withdrawn": ("withdrawn", "retirado", "zurückgezogen", "discontinued"),
        "draft": ("draft", "borrador", "rascunho", "entwurf"),
    },
)
_OFFER_STATUS = Field(
    name="status",
    kind=CHOICE,
    label="Status",
    choices={
        "active": ("active", "activo", "ativo", "aktiv"),
        "paused": ("paused", "pausado", "pausiert"),
        "withdrawn": ("withdrawn", "retirado", "zurückgezogen"),
    },
)
_CONDITION = Field(
    name="condition",
    kind=CHOICE,
    label="Condition",
    choices={
        "new": ("new", "nuevo", "novo", "neu"),
        "refurbished": ("refurbished", "reacondicionado", "recondicionado", "generalüberholt"),
        "used": ("used", "usado", "gebraucht"),
        "open_box": ("open_box", "open box"),
    },
)

_FIELDS: Mapping[str, tuple[Field, ...]] = MappingProxyType(
    {
        PRODUCTS: (
            Field(name="sku", kind=CODE, label="SKU", needed=True, most=64),
            Field(name="gtin", kind=GTIN, label="GTIN"),
            _text("part_number", "Part number", 100),
            _text("name", "Name", 200),
            _text("product_code", "Product code", 64, CODE),
            _text("product_name", "Product name", 200),
            _text("brand", "Brand", 100),
            _text("description", "Description", 10_000),
            _text("category_code", "Category code", 64, CODE),
            Field(name="unit_code", kind=UNIT, label="Unit"),
            _whole("pack_quantity", "Pack quantity", 1, 100_000),
            _whole("weight_g", "Weight in g", 0, 100_000_000),
            Field(
                name="weight_kg", kind=KILO, label="Weight in kg", column="weight_g",
                most=100_000_000,
            ),
            _whole("length_mm", "Length in mm", 1, 100_000),
            _whole("width_mm", "Width in mm", 1, 100_000),
            _whole("height_mm", "Height in mm", 1, 100_000),
            Field(name="customs_code", kind=DIGITS, label="Customs code", least=6, most=10),
            _LIFECYCLE,
            _text("successor_sku", "Successor's SKU", 64, CODE),
        ),
        OFFERS: (
            *_WHICH,
            _text("seller_sku", "Your own SKU", 100),
            _OFFER_STATUS,
            _whole("minimum_quantity", "Least quantity", 1, _PIECES),
            _whole("maximum_quantity", "Greatest quantity", 1, _PIECES),
            _whole("quantity_step", "Quantity step", 1, _PIECES),
            _whole("pack_quantity", "Pack quantity", 1, _PIECES),
            _whole("lead_time_days", "Lead time in days", 0, 365),
            _CONDITION,
            _moment("valid_from", "Valid from"),
            _moment("valid_to", "Valid until (not including)"),
            _text("note", "Note", 500),
        ),
        PRICES: (
            *_WHICH,
            _whole("from_quantity", "From quantity", 1, _PIECES),
            Field(name="price", kind=MONEY, label="Price", column="amount_minor", needed=True),
            _whole("per_quantity", "Price per so many units", 1, _PIECES),
            _text("currency", "Currency", 3),
            _moment("valid_from", "Valid from"),
            _moment("valid_to", "Valid until (not including)"),
        ),
        STOCK: (
            *_WHICH,
            Field(name="location_code", kind=TEXT, label="Location code", needed=True, most=64),
            Field(name="on_hand", kind=WHOLE, label="On hand", needed=True, most=1_000_000_000),
            _whole("safety", "Safety stock", 0, 1_000_000_000),
        ),
    }
)  # fmt: skip


def fields_of(resource: str) -> tuple[Field, ...]:
    """The fixed fields of a resource."""
    return _FIELDS[resource]


def find_field(resource: str, name: str) -> Field | None:
    """A field by name, also one that ends in an attribute's code or a language."""
    for each in _FIELDS[resource]:
        if each.name == name:
            return each
    return _named(name) if resource == PRODUCTS else None


def _named(name: str) -> Field | None:
    start, colon, rest = name.partition(":")
    if not colon or not rest or len(rest) > 64:  # noqa: PLR2004
        return None
    if f"{start}:" == ATTRIBUTE:
        return Field(name=name, kind=VALUE, label=f"Attribute {rest}", most=200)
    if f"{start}:" in {NAME_IN, PRODUCT_NAME_IN, DESCRIPTION_IN} and _LOCALE.fullmatch(rest):
        most = 10_000 if f"{start}:" == DESCRIPTION_IN else 200
        label = f"{start.replace('_', ' ').capitalize()} ({rest})"
        return Field(name=name, kind=TEXT, label=label, most=most)
    return None


def columns_of(resource: str) -> Iterator[str]:
    """The typed columns of a resource, each once."""
    return iter(dict.fromkeys(each.fills for each in _FIELDS[resource]))


def tells_variant(resource: str) -> bool:
    """Whether rows name a variant that exists already, by SKU or GTIN."""
    return resource != PRODUCTS
