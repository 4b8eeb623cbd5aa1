"""What a draft would have made of orders, as JSON."""

import marshmallow as ma
from marshmallow import fields

from app.infra.http import PublicId


class SellerShareSchema(ma.Schema):
    """What a seller would deliver."""

    seller_id = PublicId("org")
    units = fields.Integer()


class OutcomeSchema(ma.Schema):
    """What a policy makes of the orders."""

    units_requested = fields.Integer()
    units_served = fields.Integer()
    goods_minor = fields.Integer()
    freight_minor = fields.Integer()
    cost_minor = fields.Integer()
    consignments = fields.Integer()
    unit_days = fields.Integer(metadata={"description": "Units times days of lead time"})
    sellers = fields.List(fields.Nested(SellerShareSchema))


class ComparedOrderSchema(ma.Schema):
    """An order under both; costs are goods and freight."""

    order_id = PublicId("order")
    number = fields.Integer()
    is_changed = fields.Boolean()
    now_minor = fields.Integer()
    draft_minor = fields.Integer()


class PolicyPreviewSchema(ma.Schema):
    """What is in force beside the draft, on the same orders and stock."""

    currency = fields.String(allow_none=True)
    now = fields.Nested(OutcomeSchema)
    draft = fields.Nested(OutcomeSchema)
    orders = fields.List(fields.Nested(ComparedOrderSchema))
    skipped = fields.Integer(metadata={"description": "Orders that cannot be decided any more"})
