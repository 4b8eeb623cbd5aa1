"""What offers read and write as JSON."""

from typing import Any

import marshmallow as ma
from marshmallow import fields, validate

from app.infra.http import PageQuery, Payload, PublicId
from app.kernel.quantity import MAX_QUANTITY
from app.offers.operations.bulk import POLICIES
from app.offers.rules import (
    BACKORDERS,
    CONDITIONS,
    MAX_BULK,
    PROBLEMS,
    REASONS,
    STATUSES,
    OfferFilter,
)

_QUANTITY = validate.Range(1, MAX_QUANTITY)
_MAX_LEAD_TIME_DAYS = 3650


class BulkChanges(Payload):
    """What may be changed of many offers at once."""

    status = fields.String(validate=validate.OneOf(STATUSES))
    condition = fields.String(validate=validate.OneOf(CONDITIONS))
    minimum_quantity = fields.Integer(strict=True, validate=_QUANTITY)
    maximum_quantity = fields.Integer(strict=True, allow_none=True, validate=_QUANTITY)
    quantity_step = fields.Integer(strict=True, validate=_QUANTITY)
    pack_quantity = fields.Integer(
        strict=True, validate=_QUANTITY, metadata={"description": "Sold in whole packs of so many"}
    )
    lead_time_days = fields.Integer(strict=True, validate=validate.Range(0, _MAX_LEAD_TIME_DAYS))
    valid_from = fields.AwareDateTime(
        allow_none=True, metadata={"description": "From this instant on; null: since ever"}
    )
    valid_to = fields.AwareDateTime(
        allow_none=True, metadata={"description": "No longer at this instant; null: for ever"}
    )
    note = fields.String(validate=validate.Length(max=2000))
    backorder = fields.String(
        validate=validate.OneOf(BACKORDERS),
        metadata={"description": "Whether more may be ordered than is in stock, and out of what"},
    )
    backorder_limit = fields.Integer(
        strict=True,
        allow_none=True,
        validate=validate.Range(0, MAX_QUANTITY),
        metadata={"description": "At most so many units a location; needed for `always`"},
    )
    backorder_days = fields.Integer(
        strict=True,
        allow_none=True,
        validate=validate.Range(0, _MAX_LEAD_TIME_DAYS),
        metadata={"description": "How many days later they leave; needed for `always`"},
    )


class OfferChanges(BulkChanges):
    """What may be changed of an offer."""

    seller_sku = fields.String(allow_none=True, validate=validate.Length(1, 100))


class OfferTerms(OfferChanges):
    """What a seller says of a new offer."""

    variant_id = PublicId("var", required=True)


class OfferSchema(OfferChanges):
    """An offer; what is ordered of it is a multiple of ``order_step``."""

    id = PublicId("offer")
    seller_id = PublicId("org")
    variant_id = PublicId("var")
    order_step = fields.Integer(metadata={"description": "Least common multiple of step and pack"})
    created_at = fields.AwareDateTime()
    version = fields.Integer()


class ReasonedOfferSchema(OfferSchema):
    """An offer, what it is of, and every reason why it cannot be sold."""

    sku = fields.String()
    variant_name = fields.String()
    reasons = fields.List(fields.String(validate=validate.OneOf(list(REASONS))))


class OfferQuery(PageQuery):
    """Which offers."""

    seller_id = PublicId(
        "org", load_default=None, metadata={"description": "For the operator; else the caller's"}
    )
    variant_id = PublicId("var", load_default=None)
    category_id = PublicId("cat", load_default=None, metadata={"description": "With all below it"})
    assortment_id = PublicId("asmt", load_default=None)
    status = fields.String(load_default=None, validate=validate.OneOf(STATUSES))
    condition = fields.String(load_default=None, validate=validate.OneOf(CONDITIONS))
    reason = fields.String(
        load_default=None,
        validate=validate.OneOf(list(REASONS)),
        metadata={"description": "Those that cannot be sold for this reason"},
    )
    q = fields.String(
        load_default=None,
        validate=validate.Length(1, 100),
        metadata={"description": "Beginning of a SKU or part number, a GTIN, part of a name"},
    )


class OfferSummaryQuery(ma.Schema):
    """Whose offers."""

    class Meta:
        unknown = ma.EXCLUDE

    seller_id = PublicId("org", load_default=None)


class OfferReasonSchema(ma.Schema):
    """A reason why an offer cannot be sold."""

    code = fields.String(validate=validate.OneOf(list(REASONS)))
    meaning = fields.String()


class CountedReasonSchema(OfferReasonSchema):
    """A reason, and how many offers cannot be sold for it."""

    offers = fields.Integer()


class OfferSummarySchema(ma.Schema):
    """How many offers there are, can be sold, and cannot, by reason."""

    total = fields.Integer()
    sellable = fields.Integer()
    statuses = fields.Dict(keys=fields.String(), values=fields.Integer())
    reasons = fields.List(fields.Nested(CountedReasonSchema))


class OfferExplanationSchema(ma.Schema):
    """Whether an offer can be sold at all, and why not."""

    offer_id = PublicId("offer")
    sellable = fields.Boolean()
    reasons = fields.List(fields.Nested(OfferReasonSchema))


class OfferFilterSchema(Payload):
    """Which offers: all that is given must hold; ``all`` means every one."""

    offer_ids = fields.List(PublicId("offer"), validate=validate.Length(1, MAX_BULK))
    assortment_id = PublicId("asmt")
    category_id = PublicId("cat")
    variant_id = PublicId("var")
    status = fields.String(validate=validate.OneOf(STATUSES))
    condition = fields.String(validate=validate.OneOf(CONDITIONS))
    q = fields.String(validate=validate.Length(1, 100))
    all = fields.Boolean(validate=validate.Equal(comparable=True))

    @ma.validates_schema
    def _something(self, data: dict[str, Any], **_: Any) -> None:  # noqa: ANN401
        if not data:
            message = "Say which offers, were it all of them"
            raise ma.ValidationError(message)

    @ma.post_load
    def _filter(self, data: dict[str, Any], **_: Any) -> OfferFilter:  # noqa: ANN401
        data.pop("all", None)
        return OfferFilter(**data)


class BulkEditSchema(Payload):
    """The same changes for many offers."""

    filter = fields.Nested(OfferFilterSchema, required=True)
    changes = fields.Nested(BulkChanges, required=True)
    policy = fields.String(load_default="partial", validate=validate.OneOf(POLICIES))
    dry_run = fields.Boolean(
        load_default=False, metadata={"description": "Say what would happen, and change nothing"}
    )

    @ma.validates_schema
    def _something(self, data: dict[str, Any], **_: Any) -> None:  # noqa: ANN401
        if not data.get("changes"):
            raise ma.ValidationError({"changes": ["Say what shall change"]})


class BulkRefusalSchema(ma.Schema):
    """An offer that cannot be changed so."""

    offer_id = PublicId("offer")
    seller_sku = fields.String(allow_none=True)
    code = fields.String(validate=validate.OneOf(list(PROBLEMS)))
    pointer = fields.String()
    message = fields.String()


class BulkOutcomeSchema(ma.Schema):
    """What a bulk edit did, or would do; the first 100 refusals are named."""

    dry_run = fields.Boolean()
    matched = fields.Integer()
    changed = fields.Integer()
    refused = fields.Integer()
    refusals = fields.List(fields.Nested(BulkRefusalSchema))
