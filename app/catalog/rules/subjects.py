"""What a catalog consists of: four kinds of things, their tables, columns and outside ids."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from app.kernel.ids import parse_id, public_id


@dataclass(frozen=True, slots=True)
class Subject:
    """A kind of thing; ``fields`` are the columns that publications change."""

    kind: str
    table: str
    prefix: str
    label: str
    fields: tuple[str, ...]


_ATTRIBUTE = Subject(
    "attribute", "catalog_attributes", "attr", "code",
    ("code", "name", "kind", "unit_code", "options", "is_facet", "position", "status",
     "translations"),
)  # fmt: skip
_CATEGORY = Subject(
    "category", "catalog_categories", "cat", "code",
    ("code", "name", "parent_id", "path", "position", "status", "translations"),
)  # fmt: skip
_PRODUCT = Subject(
    "product", "catalog_products", "prod", "code",
    ("category_id", "code", "name", "brand", "description", "attributes", "media", "status",
     "translations"),
)  # fmt: skip
_VARIANT = Subject(
    "variant", "catalog_variants", "var", "sku",
    ("category_id", "sku", "gtin", "part_number", "name", "attributes", "unit_code",
     "pack_quantity", "packs", "weight_g", "length_mm", "width_mm", "height_mm", "customs_code",
     "media", "status", "successor_id", "translations"),
)  # fmt: skip

# In the order in which they are published: what is referred to comes first.
SUBJECTS: Mapping[str, Subject] = MappingProxyType(
    {each.kind: each for each in (_ATTRIBUTE, _CATEGORY, _PRODUCT, _VARIANT)}
)

_IDS_IN = {
    "category_id": "cat", "parent_id": "cat", "path": "cat", "successor_id": "var",
    "product_id": "prod",
}  # fmt: skip


def outside_id(kind: str, subject_id: uuid.UUID) -> str:
    """A subject's public id."""
    return public_id(SUBJECTS[kind].prefix, subject_id)


def inside_id(text: str) -> tuple[str, uuid.UUID]:
    """What kind of subject a public id names, and its id.

    Raises:
        ValueError: none of a catalog's.
    """
    prefix = text.rpartition("_")[0]
    for subject in SUBJECTS.values():
        if subject.prefix == prefix:
            return subject.kind, parse_id(prefix, text)
    raise ValueError(f"{text!r} names nothing of a catalog")


def outside_value(field: str, value: Any) -> Any:  # noqa: ANN401 - a column's JSON value
    """A column's value as integrations see it: with public ids."""
    prefix = _IDS_IN.get(field)
    if prefix is None or value is None:
        return value
    if isinstance(value, list):
        return [outside_value(field, each) for each in value]
    return public_id(prefix, value if isinstance(value, uuid.UUID) else uuid.UUID(value))
