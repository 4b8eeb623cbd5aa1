"""Attributes, categories, products and variants as JSON."""

from typing import Any

import marshmallow as ma
from marshmallow import fields, validate

from app.catalog.queries import VariantSearch
from app.catalog.rules import STATUSES
from app.catalog.schemas import values
from app.infra.http import PageQuery, Payload, PublicId

_MAX_SIZE_MM = 100_000
_MAX_WEIGHT_G = 100_000_000
_MAX_PACK = 100_000
_MAX_OPTIONS = 500
_POSITION = validate.Range(0, 100_000)
KINDS = ("text", "number", "enumeration", "boolean", "localized")
_BEGINNINGS = ("draft", "active")
_HELD_BACK = "`draft` keeps a new thing out of the next publication"


class ReadingQuery(ma.Schema):
    """In which language, and as of which publication or instant."""

    class Meta:
        unknown = ma.EXCLUDE

    locale = fields.String(
        load_default=None,
        validate=validate.Length(max=20),
        metadata={"description": "Such as `pt-BR`; otherwise Accept-Language decides"},
    )
    publication = PublicId("pub", load_default=None, metadata={"description": "As of then"})
    as_of = fields.AwareDateTime(load_default=None, metadata={"description": "As of then"})


class LocaleQuery(PageQuery):
    """A page, in which language."""

    locale = fields.String(load_default=None, validate=validate.Length(max=20))


class Read(Payload):
    """What every thing of a catalog is read with; only its manufacturer reads ``draft``."""

    manufacturer_id = PublicId("org")
    version = fields.Integer()
    locale = fields.String(
        allow_none=True, metadata={"description": "The language of the name; null: the base"}
    )
    draft = fields.Dict(
        keys=fields.String(),
        metadata={"description": "What the next publication changes; only its manufacturer's"},
    )


class OptionSchema(Payload):
    """One of the values that an enumeration may have."""

    code = fields.String(required=True, validate=validate.Length(1, 64))
    name = fields.String(required=True, validate=values.NAME)
    translations = values.translations(values.NameByLocale)


class AttributeChanges(Payload):
    """What may be changed of an attribute's definition."""

    name = fields.String(validate=values.NAME)
    kind = fields.String(validate=validate.OneOf(KINDS))
    unit_code = fields.String(allow_none=True, validate=values.unit_code)
    options = fields.List(fields.Nested(OptionSchema), validate=validate.Length(max=_MAX_OPTIONS))
    is_facet = fields.Boolean()
    position = fields.Integer(strict=True, validate=_POSITION)
    status = fields.String(validate=validate.OneOf(STATUSES))
    translations = values.translations(values.NameByLocale)

    @ma.validates("options")
    def _differ(self, value: list[dict[str, Any]], **_: object) -> None:
        if len({option["code"] for option in value}) < len(value):
            message = "Two options of one code"
            raise ma.ValidationError(message)


class AttributeFacts(AttributeChanges):
    """What a manufacturer says of a new attribute; ``code`` never changes."""

    code = fields.String(required=True, validate=values.ATTRIBUTE_CODE)
    name = fields.String(required=True, validate=values.NAME)
    kind = fields.String(required=True, validate=validate.OneOf(KINDS))
    options = fields.List(
        fields.Nested(OptionSchema), load_default=list, validate=validate.Length(max=_MAX_OPTIONS)
    )
    status = fields.String(
        validate=validate.OneOf(_BEGINNINGS), metadata={"description": _HELD_BACK}
    )


class AttributeSchema(Read, AttributeFacts):
    """An attribute's definition."""

    id = PublicId("attr")


class AttributeQuery(LocaleQuery):
    """Which attributes."""

    manufacturer_id = PublicId("org", load_default=None)


class CategoryChanges(Payload):
    """What may be changed of a category; moving it moves all below it."""

    code = fields.String(validate=values.CODE)
    name = fields.String(validate=values.NAME)
    parent_id = PublicId("cat", allow_none=True)
    position = fields.Integer(strict=True, validate=_POSITION)
    status = fields.String(validate=validate.OneOf(STATUSES))
    translations = values.translations(values.NameByLocale)


class CategoryFacts(CategoryChanges):
    """What a manufacturer says of a new category."""

    code = fields.String(required=True, validate=values.CODE)
    name = fields.String(required=True, validate=values.NAME)
    parent_id = PublicId("cat", load_default=None, allow_none=True)
    status = fields.String(
        validate=validate.OneOf(_BEGINNINGS), metadata={"description": _HELD_BACK}
    )


class CategorySchema(Read, CategoryFacts):
    """A category; ``path`` are its ancestors from the root on, and itself."""

    id = PublicId("cat")
    path = fields.List(PublicId("cat"))


class CategoryQuery(LocaleQuery):
    """Which categories."""

    within_id = PublicId("cat", load_default=None)


class ProductChanges(Payload):
    """What may be changed of a product."""

    category_id = PublicId("cat")
    code = fields.String(validate=values.CODE)
    name = fields.String(validate=values.NAME)
    brand = fields.String(validate=validate.Length(max=100))
    description = fields.String(validate=values.DESCRIPTION)
    attributes = values.attributes()
    media = values.media()
    status = fields.String(validate=validate.OneOf(STATUSES))
    translations = values.translations(values.TextsByLocale)


class ProductFacts(ProductChanges):
    """What a manufacturer says of a new product."""

    category_id = PublicId("cat", required=True)
    code = fields.String(required=True, validate=values.CODE)
    name = fields.String(required=True, validate=values.NAME)
    status = fields.String(
        validate=validate.OneOf(_BEGINNINGS), metadata={"description": _HELD_BACK}
    )


class ProductSchema(Read, ProductFacts):
    """A product."""

    id = PublicId("prod")
    created_at = fields.AwareDateTime()


# Both of its bases exclude what they do not know.
class ProductQuery(PageQuery, ReadingQuery):  # type: ignore[misc]
    """Which products."""

    manufacturer_id = PublicId("org", load_default=None)
    category_id = PublicId("cat", load_default=None)
    status = fields.String(load_default=None, validate=validate.OneOf(STATUSES))


def _size() -> fields.Integer:
    return fields.Integer(strict=True, allow_none=True, validate=validate.Range(1, _MAX_SIZE_MM))


class VariantChanges(Payload):
    """What may be changed of a variant. Sizes are of one base unit."""

    sku = fields.String(validate=values.CODE)
    gtin = fields.String(allow_none=True, validate=values.gtin)
    part_number = fields.String(allow_none=True, validate=validate.Length(1, 100))
    name = fields.String(validate=values.NAME)
    attributes = values.attributes()
    unit_code = fields.String(
        validate=values.unit_code,
        metadata={"description": "UN/ECE Recommendation 20; C62 is one piece"},
    )
    pack_quantity = fields.Integer(strict=True, validate=validate.Range(1, _MAX_PACK))
    packs = values.packs()
    weight_g = fields.Integer(strict=True, validate=validate.Range(0, _MAX_WEIGHT_G))
    length_mm = _size()
    width_mm = _size()
    height_mm = _size()
    customs_code = fields.String(
        allow_none=True,
        validate=values.customs_code,
        metadata={"description": "Harmonized System, 6 to 10 digits", "example": "85365080"},
    )
    media = values.media()
    status = fields.String(validate=validate.OneOf(STATUSES))
    successor_id = PublicId("var", allow_none=True)
    translations = values.translations(values.NameByLocale)


class VariantFacts(VariantChanges):
    """What a manufacturer says of a new variant."""

    product_id = PublicId("prod", required=True)
    sku = fields.String(required=True, validate=values.CODE)
    name = fields.String(required=True, validate=values.NAME)
    weight_g = fields.Integer(strict=True, required=True, validate=validate.Range(0, _MAX_WEIGHT_G))
    status = fields.String(
        validate=validate.OneOf(_BEGINNINGS), metadata={"description": _HELD_BACK}
    )


class VariantSchema(Read, VariantFacts):
    """A variant."""

    id = PublicId("var")
    category_id = PublicId("cat")
    created_at = fields.AwareDateTime()


# Both of its bases exclude what they do not know.
class VariantQuery(PageQuery, ReadingQuery):  # type: ignore[misc]
    """Which variants."""

    manufacturer_id = PublicId("org", load_default=None)
    product_id = PublicId("prod", load_default=None)
    category_id = PublicId("cat", load_default=None)
    sku = fields.String(load_default=None)
    gtin = fields.String(load_default=None)
    name = fields.String(load_default=None, metadata={"description": "The beginning of the name"})
    status = fields.String(load_default=None, validate=validate.OneOf(STATUSES))


class UnitSchema(Payload):
    """A unit of measure or package."""

    code = fields.String()
    name = fields.String()


class UnitsSchema(Payload):
    """All units that are known here."""

    items = fields.List(fields.Nested(UnitSchema))


def search_of(query: dict[str, Any]) -> VariantSearch:
    """What a parsed :class:`VariantQuery` looks for."""
    return VariantSearch(
        **{name: query[name] for name in VariantSearch.__dataclass_fields__}  # one word a filter
    )
