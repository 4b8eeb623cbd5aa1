"""What the catalog reads and writes as JSON."""

from typing import Any

import marshmallow as ma
from marshmallow import fields, validate

from app.catalog.queries import VariantSearch
from app.catalog.rules import STATUSES, gtin_is_valid, unit_code_is_valid
from app.infra.http import PageQuery, Payload, PublicId

_CODE = validate.Regexp(r"^[A-Za-z0-9][A-Za-z0-9._/-]{0,63}$", error="1 to 64 of A-Z 0-9 . _ / -")
_NAME = validate.Length(1, 200)
_MAX_SIZE_MM = 100_000
_MAX_WEIGHT_G = 100_000_000
_MAX_PACK = 100_000
_MAX_ATTRIBUTES = 100


def _gtin(value: str) -> None:
    if not gtin_is_valid(value):
        message = "Not a GTIN of 8, 12, 13 or 14 digits with the right check digit"
        raise ma.ValidationError(message)


def _unit_code(value: str) -> None:
    if not unit_code_is_valid(value):
        message = "Not a unit code of UN/ECE Recommendation 20, such as C62 or KGM"
        raise ma.ValidationError(message)


def _plain(value: object) -> None:
    if not isinstance(value, str | int | bool) or len(str(value)) > _NAME.max:  # type: ignore[operator]
        message = "A text of at most 200 characters, a whole number, or true or false"
        raise ma.ValidationError(message)


class CategoryFacts(Payload):
    """What a manufacturer says of a new category."""

    code = fields.String(required=True, validate=_CODE)
    name = fields.String(required=True, validate=_NAME)
    parent_id = PublicId("cat", load_default=None, allow_none=True)


class CategorySchema(CategoryFacts):
    """A category; ``path`` are its ancestors from the root on, and itself."""

    id = PublicId("cat")
    manufacturer_id = PublicId("org")
    path = fields.List(PublicId("cat"))


class CategoryQuery(PageQuery):
    """Which categories."""

    within_id = PublicId("cat", load_default=None)


class ProductChanges(Payload):
    """What may be changed of a product."""

    category_id = PublicId("cat")
    code = fields.String(validate=_CODE)
    name = fields.String(validate=_NAME)
    brand = fields.String(validate=validate.Length(max=100))
    description = fields.String(validate=validate.Length(max=10_000))


class ProductFacts(ProductChanges):
    """What a manufacturer says of a new product."""

    category_id = PublicId("cat", required=True)
    code = fields.String(required=True, validate=_CODE)
    name = fields.String(required=True, validate=_NAME)


class ProductSchema(ProductChanges):
    """A product."""

    id = PublicId("prod")
    manufacturer_id = PublicId("org")
    created_at = fields.AwareDateTime()
    version = fields.Integer()


class ProductQuery(PageQuery):
    """Which products."""

    manufacturer_id = PublicId("org", load_default=None)
    category_id = PublicId("cat", load_default=None)


class VariantChanges(Payload):
    """What may be changed of a variant. Sizes are of one base unit."""

    sku = fields.String(validate=_CODE)
    gtin = fields.String(allow_none=True, validate=_gtin)
    part_number = fields.String(allow_none=True, validate=validate.Length(1, 100))
    name = fields.String(validate=_NAME)
    attributes = fields.Dict(
        keys=fields.String(validate=validate.Length(1, 64)),
        values=fields.Raw(validate=_plain),
        validate=validate.Length(max=_MAX_ATTRIBUTES),
    )
    unit_code = fields.String(
        validate=_unit_code, metadata={"description": "UN/ECE Recommendation 20; C62 is one piece"}
    )
    pack_quantity = fields.Integer(strict=True, validate=validate.Range(1, _MAX_PACK))
    weight_g = fields.Integer(strict=True, validate=validate.Range(0, _MAX_WEIGHT_G))
    length_mm = fields.Integer(
        strict=True, allow_none=True, validate=validate.Range(1, _MAX_SIZE_MM)
    )
    width_mm = fields.Integer(
        strict=True, allow_none=True, validate=validate.Range(1, _MAX_SIZE_MM)
    )
    height_mm = fields.Integer(
        strict=True, allow_none=True, validate=validate.Range(1, _MAX_SIZE_MM)
    )
    status = fields.String(validate=validate.OneOf(STATUSES))


class VariantFacts(VariantChanges):
    """What a manufacturer says of a new variant."""

    product_id = PublicId("prod", required=True)
    sku = fields.String(required=True, validate=_CODE)
    name = fields.String(required=True, validate=_NAME)
    weight_g = fields.Integer(strict=True, required=True, validate=validate.Range(0, _MAX_WEIGHT_G))


class VariantSchema(VariantChanges):
    """A variant."""

    id = PublicId("var")
    product_id = PublicId("prod")
    manufacturer_id = PublicId("org")
    category_id = PublicId("cat")
    created_at = fields.AwareDateTime()
    version = fields.Integer()


class VariantQuery(PageQuery):
    """Which variants."""

    manufacturer_id = PublicId("org", load_default=None)
    product_id = PublicId("prod", load_default=None)
    category_id = PublicId("cat", load_default=None)
    sku = fields.String(load_default=None)
    gtin = fields.String(load_default=None)
    name = fields.String(load_default=None, metadata={"description": "The beginning of the name"})


def search_of(query: dict[str, Any]) -> VariantSearch:
    """What a parsed :class:`VariantQuery` looks for."""
    return VariantSearch(
        **{name: query[name] for name in VariantSearch.__dataclass_fields__}  # one word a filter
    )
