"""What routing reads and writes as JSON."""

import marshmallow as ma
from marshmallow import fields, validate

from app.infra.http import Payload, PublicId


class ChosenSchema(ma.Schema):
    """A part of a line and where it comes from."""

    seller_id = PublicId("org")
    location_id = PublicId("loc")
    quantity = fields.Integer()
    goods_minor = fields.Integer()


class OtherSchema(ma.Schema):
    """A candidate that was not chosen; no codes: it would have made the order dearer."""

    seller_id = PublicId("org")
    location_id = PublicId("loc", allow_none=True)
    available = fields.Integer()
    unit_price_minor = fields.Integer(allow_none=True)
    per_quantity = fields.Integer(allow_none=True)
    codes = fields.List(fields.String())


class LineStorySchema(ma.Schema):
    """A line of a decision."""

    position = fields.Integer()
    variant_id = PublicId("var")
    quantity = fields.Integer()
    served = fields.Integer()
    chosen = fields.List(fields.Nested(ChosenSchema))
    others = fields.List(fields.Nested(OtherSchema))


class DecisionSchema(ma.Schema):
    """A routing decision with everything that was considered."""

    id = PublicId("decision")
    attempt = fields.Integer()
    trigger = fields.String()
    decided_at = fields.AwareDateTime()
    policy_number = fields.Integer()
    currency = fields.String()
    units_requested = fields.Integer()
    units_served = fields.Integer()
    goods_minor = fields.Integer()
    freight_minor = fields.Integer()
    objective_minor = fields.Integer()
    bound_minor = fields.Integer()
    proof = fields.String()
    method = fields.String()
    duration_us = fields.Integer()
    funnel = fields.Dict(keys=fields.String(), values=fields.Integer())
    sentences = fields.List(fields.String())
    lines = fields.List(fields.Nested(LineStorySchema))


class DecisionsSchema(ma.Schema):
    """All decisions of an order, the first first; at most one for each attempt."""

    items = fields.List(fields.Nested(DecisionSchema))


class WeightsSchema(Payload):
    """The weights of a policy, in minor units."""

    priority_weight_minor = fields.Integer(
        load_default=0,
        strict=True,
        validate=validate.Range(0),
        metadata={"description": "Cost of each step of lower agreement priority, a seller order"},
    )
    lead_time_weight_minor = fields.Integer(
        load_default=0,
        strict=True,
        validate=validate.Range(0),
        metadata={"description": "Cost of a day of lead time, a unit"},
    )
    split_weight_minor = fields.Integer(
        load_default=0,
        strict=True,
        validate=validate.Range(0),
        metadata={"description": "Cost of each consignment beyond its freight"},
    )
    time_limit_ms = fields.Integer(
        load_default=1000, strict=True, validate=validate.Range(1, 60_000)
    )


class NewPolicySchema(WeightsSchema):
    """A new version of a policy; without a storefront, the network's default."""

    storefront_id = PublicId("shop", load_default=None, allow_none=True)
    valid_from = fields.AwareDateTime(required=True)


class PolicySchema(WeightsSchema):
    """A version of a policy."""

    id = PublicId("policy")
    storefront_id = PublicId("shop", allow_none=True)
    number = fields.Integer()
    valid_from = fields.AwareDateTime()


class RateSchema(Payload):
    """One cell of a freight table."""

    distance_km_up_to = fields.Integer(required=True, strict=True, validate=validate.Range(1))
    weight_g_up_to = fields.Integer(required=True, strict=True, validate=validate.Range(1))
    price_minor = fields.Integer(required=True, strict=True, validate=validate.Range(0))


class FreightTableSchema(Payload):
    """A seller's freight table, whole."""

    currency = fields.String(required=True, validate=validate.Regexp("^[A-Z]{3}$"))
    name = fields.String(required=True, validate=validate.Length(1, 100))
    rates = fields.List(fields.Nested(RateSchema), required=True, validate=validate.Length(1, 1000))
