"""What offers read and write as JSON."""

import marshmallow as ma
from marshmallow import fields, validate

from app.infra.http import PageQuery, Payload, PublicId
from app.kernel.quantity import MAX_QUANTITY
from app.offers.rules import REASONS, STATUSES

_QUANTITY = validate.Range(1, MAX_QUANTITY)
_MAX_LEAD_TIME_DAYS = 3650


class OfferChanges(Payload):
    """What may be changed of an offer."""

    seller_sku = fields.String(allow_none=True, validate=validate.Length(1, 100))
    status = fields.String(validate=validate.OneOf(STATUSES))
    minimum_quantity = fields.Integer(strict=True, validate=_QUANTITY)
    maximum_quantity = fields.Integer(strict=True, allow_none=True, validate=_QUANTITY)
    quantity_step = fields.Integer(strict=True, validate=_QUANTITY)
    lead_time_days = fields.Integer(strict=True, validate=validate.Range(0, _MAX_LEAD_TIME_DAYS))


class OfferTerms(OfferChanges):
    """What a seller says of a new offer."""

    variant_id = PublicId("var", required=True)


class OfferSchema(OfferChanges):
    """An offer."""

    id = PublicId("offer")
    seller_id = PublicId("org")
    variant_id = PublicId("var")
    created_at = fields.AwareDateTime()
    version = fields.Integer()


class OfferQuery(PageQuery):
    """Which offers."""

    variant_id = PublicId("var", load_default=None)
    status = fields.String(load_default=None, validate=validate.OneOf(STATUSES))


class OfferReasonSchema(ma.Schema):
    """A reason why an offer cannot be sold."""

    code = fields.String(validate=validate.OneOf(list(REASONS)))
    meaning = fields.String()


class OfferExplanationSchema(ma.Schema):
    """Whether an offer can be sold at all, and why not."""

    offer_id = PublicId("offer")
    sellable = fields.Boolean()
    reasons = fields.List(fields.Nested(OfferReasonSchema))
