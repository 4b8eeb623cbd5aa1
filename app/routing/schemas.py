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


class ExplanationQuery(ma.Schema):
    """What is asked about an order's routing; without a line and a seller, the overview."""

    line = fields.Integer(
        load_default=None,
        validate=validate.Range(1),
        metadata={"description": "A line of the order, by its position"},
    )
    seller = PublicId("org", load_default=None)
    attempt = fields.Integer(
        load_default=None,
        validate=validate.Range(1),
        metadata={"description": "Which decision; otherwise the line's last, or the first"},
    )
    lang = fields.String(load_default="en", validate=validate.OneOf(("en", "es", "pt", "de")))


class DifferenceSchema(ma.Schema):
    """How a plan compares with the chosen one: goods, freight and terms sum to the total.

    `units` are negative where it serves fewer; `levels` count before money, the first first.
    """

    units = fields.Integer()
    total_minor = fields.Integer()
    goods_minor = fields.Integer()
    freight_minor = fields.Integer()
    terms_minor = fields.Integer()
    levels = fields.List(fields.Integer())


class AlternativeSchema(ma.Schema):
    """The best plan `without` a seller, from a `single` one, or with one seller `fewer`."""

    kind = fields.String()
    seller_id = PublicId("org", allow_none=True)
    sellers = fields.List(PublicId("org"))
    difference = fields.Nested(DifferenceSchema, allow_none=True)
    sentence = fields.String()


class BrokenRuleSchema(ma.Schema):
    """A rule that excluded a seller, with what was measured and what is required."""

    code = fields.String()
    location_ids = fields.List(PublicId("loc"))
    measured = fields.Dict(keys=fields.String())
    required = fields.Dict(keys=fields.String())
    sentence = fields.String()


class WinningChangeSchema(ma.Schema):
    """What would have made a seller win, by itself: a `price`, its `freight`, a `stock`."""

    kind = fields.String()
    by = fields.Integer()
    was = fields.Integer()
    becomes = fields.Integer()
    per_quantity = fields.Integer()


class VerdictSchema(ma.Schema):
    """A seller and a line: `chosen`, `eligible` (another plan was better), `excluded`, ...

    Of an eligible seller `difference` is the best plan that takes `forced_units` of the line from
    it, beside the chosen one; without one, no lawful plan does.
    """

    seller_id = PublicId("org")
    seller_name = fields.String()
    verdict = fields.String()
    quantity = fields.Integer()
    location_ids = fields.List(PublicId("loc"))
    available = fields.Integer(allow_none=True)
    forced_units = fields.Integer()
    rules = fields.List(fields.Nested(BrokenRuleSchema))
    difference = fields.Nested(DifferenceSchema, allow_none=True)
    is_worked_out = fields.Boolean()
    changes = fields.List(fields.Nested(WinningChangeSchema))
    sentences = fields.List(fields.String())


class ExplainedLineSchema(ma.Schema):
    """A line of the order and the verdicts on it."""

    position = fields.Integer()
    variant_id = PublicId("var")
    sku = fields.String()
    name = fields.String()
    quantity = fields.Integer()
    served = fields.Integer()
    sellers = fields.List(fields.Nested(VerdictSchema))


class AttemptSchema(ma.Schema):
    """One of the decisions of an order."""

    attempt = fields.Integer()
    trigger = fields.String()
    decided_at = fields.AwareDateTime()


class ConsideredSchema(ma.Schema):
    """A seller that is told about."""

    id = PublicId("org")
    name = fields.String()


class ExplanationSchema(ma.Schema):
    """Why an order's lines go to whom, and why to nobody else."""

    order_id = PublicId("order")
    order_number = fields.Integer()
    currency = fields.String()
    language = fields.String()
    attempt = fields.Integer()
    attempts = fields.List(fields.Nested(AttemptSchema))
    trigger = fields.String()
    decided_at = fields.AwareDateTime()
    sentences = fields.List(fields.String())
    alternatives = fields.List(fields.Nested(AlternativeSchema))
    sellers = fields.List(fields.Nested(ConsideredSchema))
    lines = fields.List(fields.Nested(ExplainedLineSchema))
