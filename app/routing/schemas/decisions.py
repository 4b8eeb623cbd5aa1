"""Decisions as JSON."""

import marshmallow as ma
from marshmallow import fields

from app.infra.http import PublicId


class ChosenSchema(ma.Schema):
    """A part of a line and where it comes from."""

    seller_id = PublicId("org")
    location_id = PublicId("loc")
    quantity = fields.Integer()
    goods_minor = fields.Integer()
    substitute_id = PublicId(
        "var", allow_none=True, metadata={"description": "What comes in place of the wanted"}
    )


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
