"""What discovery is asked, and what its answers look like."""

from typing import Any

import marshmallow as ma
from marshmallow import fields, validate

from app.discovery.queries import NOWHERE, PAGE, Place, Search
from app.discovery.rules import (
    BANDS,
    LOCALES,
    RELEVANCE,
    SORTS,
    Filters,
    facet_of,
    question_of,
)
from app.infra.auth import own_language
from app.infra.http import PageQuery, PublicId
from app.kernel.languages import language_of

MOST_VALUES = 50
_MAX_MINOR = 10**15
_TRUE = {"true", "1", "on", True}
_FALSE = {"false", "0", "", False}


class EyesQuery(ma.Schema):
    """As whom one looks, in which language, and where goods shall go."""

    class Meta:
        unknown = ma.EXCLUDE

    buyer_id = PublicId(
        "org", load_default=None, metadata={"description": "The storefront's owner: as which buyer"}
    )
    locale = fields.String(
        load_default=None,
        validate=validate.OneOf(LOCALES),
        metadata={"description": "Otherwise the caller's language, or its organization's"},
    )
    country = fields.String(load_default=None, validate=validate.Regexp(r"^[A-Z]{2}$"))
    subdivision = fields.String(load_default=None, validate=validate.Length(1, 10))
    postal_code = fields.String(load_default=None, validate=validate.Length(1, 16))

    @ma.post_load
    def _place(self, data: dict[str, Any], **_: object) -> dict[str, Any]:
        data["locale"] = language_of(data["locale"], own_language())
        place = {name: data.pop(name) for name in ("country", "subdivision", "postal_code")}
        return data | {"place": Place(**place) if place["country"] else NOWHERE}


class FacetChoice(fields.Field[tuple[str, str]]):
    """``name=value``, as a facet of an answer names them."""

    def __init__(self) -> None:
        super().__init__(metadata={"type": "string", "example": "brand=Rivo"})

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_: Any) -> tuple[str, str]:  # noqa: ANN401, ARG002
        try:
            return facet_of(str(value))
        except ValueError as error:
            raise ma.ValidationError(str(error)) from error


class SearchQuery(EyesQuery):
    """What is searched for. ``facet`` may be given many times: one value of each name must fit."""

    q = fields.String(load_default="", validate=validate.Length(0, 200))
    facet = fields.List(FacetChoice(), load_default=list, validate=validate.Length(0, MOST_VALUES))
    price_from = fields.Integer(load_default=None, validate=validate.Range(0, _MAX_MINOR))
    price_to = fields.Integer(load_default=None, validate=validate.Range(0, _MAX_MINOR))
    available = fields.Boolean(load_default=False, truthy=_TRUE, falsy=_FALSE)
    sort = fields.String(load_default=RELEVANCE, validate=validate.OneOf(SORTS))
    limit = fields.Integer(load_default=PAGE, validate=validate.Range(1, 100))
    cursor = fields.String(load_default=None, validate=validate.Length(1, 1000))

    @ma.post_load
    def _search(self, data: dict[str, Any], **_: object) -> dict[str, Any]:
        return {
            "buyer_id": data["buyer_id"],
            "place": data["place"],
            "search": Search(
                question=question_of(data["q"].replace("\x00", " ")),
                locale=data["locale"],
                filters=Filters.of(
                    data["facet"],
                    price_from=data["price_from"],
                    price_to=data["price_to"],
                    is_available=bool(data["available"]),
                ),
                sort=data["sort"],
                cursor=data["cursor"],
                limit=data["limit"],
            ),
        }


class SuggestQuery(EyesQuery):
    """The beginning of a question."""

    q = fields.String(required=True, validate=validate.Length(0, 100))


class FeedQuery(PageQuery, EyesQuery):  # type: ignore[misc]
    """A page of the feed."""


class EffectivePriceSchema(ma.Schema):
    """So much for ``per_quantity`` units, when ``quantity`` of them are bought at once."""

    amount_minor = fields.Integer(required=True)
    per_quantity = fields.Integer(required=True)
    quantity = fields.Integer(required=True)
    currency = fields.String(required=True)


def _availability() -> fields.String:
    return fields.String(
        required=True,
        validate=validate.OneOf(BANDS),
        metadata={
            "description": "`announced` goods are on their way, `back_order` are made to order:"
            " `available_from` says when they can leave"
        },
    )


def _available_from() -> fields.Date:
    return fields.Date(
        required=True,
        allow_none=True,
        metadata={"description": "Of what is not in stock yet, the day on which it can leave"},
    )


class HitSchema(ma.Schema):
    """A variant that the buyer may see, with the least that it pays."""

    variant_id = PublicId("var", required=True)
    product_id = PublicId("prod", required=True)
    sku = fields.String(required=True)
    gtin = fields.String(required=True, allow_none=True)
    part_number = fields.String(required=True, allow_none=True)
    name = fields.String(required=True)
    product_name = fields.String(required=True)
    brand = fields.String(required=True)
    manufacturer = fields.String(required=True)
    category_id = PublicId("cat", required=True)
    category = fields.String(required=True)
    unit_code = fields.String(required=True)
    pack_quantity = fields.Integer(required=True)
    minimum_quantity = fields.Integer(required=True)
    lead_time_days = fields.Integer(required=True)
    availability = _availability()
    available_from = _available_from()
    sellers = fields.Integer(required=True)
    price = fields.Nested(EffectivePriceSchema, required=True, allow_none=True)
    image = fields.String(required=True, allow_none=True)


class TotalSchema(ma.Schema):
    """How many fit: exactly, or at least so many."""

    value = fields.Integer(required=True)
    relation = fields.String(required=True, validate=validate.OneOf(("exact", "at_least")))


class FacetValueSchema(ma.Schema):
    """A value to narrow by, and how many would be found with it."""

    value = fields.String(required=True)
    label = fields.String(required=True)
    count = fields.Integer(required=True)


class FacetSchema(ma.Schema):
    """Values to narrow by; ask with ``facet=name=value``."""

    name = fields.String(required=True)
    label = fields.String(required=True)
    values = fields.List(fields.Nested(FacetValueSchema), required=True)


class FoundSchema(ma.Schema):
    """A page of what was found."""

    items = fields.List(fields.Nested(HitSchema), required=True)
    total = fields.Nested(TotalSchema, required=True)
    facets = fields.List(fields.Nested(FacetSchema), required=True)
    facet_counts = fields.String(required=True, validate=validate.OneOf(("exact", "sampled")))
    spelling = fields.String(required=True, validate=validate.OneOf(("as_asked", "similar")))
    index_lag_ms = fields.Integer(
        required=True, metadata={"description": "For how long the oldest change has waited"}
    )
    next_cursor = fields.String(required=True, allow_none=True)


class SearchSuggestionSchema(ma.Schema):
    """What may be meant; ``note`` is a SKU, or how many fit."""

    kind = fields.String(required=True, validate=validate.OneOf(("product", "brand", "category")))
    value = fields.String(required=True)
    text = fields.String(required=True)
    note = fields.String(required=True)


class SearchSuggestionsSchema(ma.Schema):
    """What may be meant."""

    items = fields.List(fields.Nested(SearchSuggestionSchema), required=True)


class ShownOfferSchema(ma.Schema):
    """From whom, how soon, and at which prices by quantity."""

    seller_id = PublicId("org", required=True)
    seller = fields.String(required=True)
    availability = _availability()
    available_from = _available_from()
    lead_time_days = fields.Integer(required=True)
    minimum_quantity = fields.Integer(required=True)
    prices = fields.List(fields.Nested(EffectivePriceSchema), required=True)


class ShownVariantSchema(HitSchema):
    """A variant on its product's page."""

    status = fields.String(required=True)
    successor_id = PublicId("var", required=True, allow_none=True)
    attributes = fields.Dict(required=True)
    packs = fields.List(fields.Dict(), required=True)
    media = fields.List(fields.Dict(), required=True)
    weight_g = fields.Integer(required=True)
    offers = fields.List(fields.Nested(ShownOfferSchema), required=True)


class ShownProductSchema(ma.Schema):
    """A product as the buyer may see it."""

    id = PublicId("prod", required=True)
    name = fields.String(required=True)
    brand = fields.String(required=True)
    manufacturer = fields.String(required=True)
    category_id = PublicId("cat", required=True)
    category = fields.String(required=True)
    description = fields.String(required=True)
    attributes = fields.Dict(required=True)
    variants = fields.List(fields.Nested(ShownVariantSchema), required=True)
    index_lag_ms = fields.Integer(required=True)


class FeedPageSchema(ma.Schema):
    """Entries of a feed; only a missing cursor ends it."""

    items = fields.List(fields.Nested(HitSchema), required=True)
    next_cursor = fields.String(required=True, allow_none=True)
