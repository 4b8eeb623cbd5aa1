"""What backtests read and write as JSON."""

import marshmallow as ma
from marshmallow import fields, validate

from app.backtest.rules import BASELINES, STOCKS
from app.infra.http import Payload, PublicId
from app.kernel.quantity import MAX_QUANTITY
from app.ordering.schemas import SimulateSchema

_MOST_LISTED = 10_000
_MOST_AGREEMENTS = 100
_STATUSES = ["queued", "running", "done", "failed", "cancelled"]


class BacktestScenarioSchema(Payload):
    """What is supposed; what is left out is as it was when each order was placed."""

    policy_id = PublicId(
        "policy",
        load_default=None,
        allow_none=True,
        metadata={"description": "The version, a draft too, that decides all orders as a whole"},
    )
    strategy = fields.String(
        load_default=None,
        allow_none=True,
        metadata={"description": "What solves, whatever the policy names"},
    )
    agreements_as_of = fields.AwareDateTime(
        load_default=None,
        allow_none=True,
        metadata={"description": "Of this instant are the agreements and offers"},
    )
    without_agreements = fields.List(
        PublicId("agr"),
        load_default=list,
        validate=validate.Length(max=_MOST_AGREEMENTS),
        metadata={"description": "Agreements that do not hold, nor those that rest on them"},
    )
    stock = fields.String(
        load_default="recorded",
        validate=validate.OneOf(STOCKS),
        metadata={
            "description": "recorded: as the decisions of then saw it. today: as it is. unlimited: "
            "as much as anybody wants, wherever the goods are kept"
        },
    )
    baselines = fields.List(
        fields.String(validate=validate.OneOf(BASELINES)),
        load_default=lambda: ["greedy", "cheapest_single", "fewest_parcels"],
        metadata={
            "description": "What is compared besides what happened. in_force: the policies that "
            "decided then, under all else that is supposed"
        },
    )


class NewBacktestSchema(Payload):
    """Which orders to decide anew, and what to suppose."""

    name = fields.String(load_default="", validate=validate.Length(max=200))
    storefront_id = PublicId("shop", load_default=None, allow_none=True)
    placed_from = fields.AwareDateTime(load_default=None, allow_none=True)
    placed_to = fields.AwareDateTime(
        load_default=None, allow_none=True, metadata={"description": "Itself not included"}
    )
    order_ids = fields.List(
        PublicId("order"),
        load_default=None,
        allow_none=True,
        validate=validate.Length(1, _MOST_LISTED),
    )
    scenario = fields.Nested(BacktestScenarioSchema, load_default=dict)


class BacktestSellerSchema(ma.Schema):
    """What a seller got."""

    seller_id = PublicId("org")
    name = fields.String()
    units = fields.Integer()
    money_minor = fields.Integer(metadata={"description": "Goods and freight"})


class BacktestSplitSchema(ma.Schema):
    """How many orders came in so many consignments; the last stands for more."""

    consignments = fields.Integer()
    orders = fields.Integer()


class BacktestContenderSchema(ma.Schema):
    """What one way to decide made of all orders."""

    name = fields.String()
    orders = fields.Integer()
    units_requested = fields.Integer()
    units_served = fields.Integer()
    orders_served_whole = fields.Integer()
    goods_minor = fields.Integer()
    freight_minor = fields.Integer()
    cost_minor = fields.Integer()
    objective_minor = fields.Integer()
    consignments = fields.Integer()
    unit_days = fields.Integer(metadata={"description": "Units times days of lead time"})
    proved_optimal = fields.Integer()
    within_half_percent = fields.Integer()
    orders_otherwise = fields.Integer(
        metadata={"description": "Orders that go otherwise than supposed"}
    )
    like_orders = fields.Integer(
        metadata={"description": "Orders that it serves as far as what is supposed"}
    )
    like_cost_minor = fields.Integer(metadata={"description": "Its cost over those"})
    like_supposed_minor = fields.Integer(metadata={"description": "Theirs under what is supposed"})
    splits = fields.List(fields.Nested(BacktestSplitSchema))
    sellers = fields.List(fields.Nested(BacktestSellerSchema))


class BacktestSchema(ma.Schema):
    """A backtest and how far it is."""

    id = PublicId("bt")
    name = fields.String()
    storefront_id = PublicId("shop", allow_none=True)
    placed_from = fields.AwareDateTime(allow_none=True)
    placed_to = fields.AwareDateTime(allow_none=True)
    currency = fields.String()
    orders = fields.Integer()
    done = fields.Integer()
    status = fields.String(metadata={"enum": _STATUSES})
    error = fields.String(allow_none=True)
    job_id = PublicId("job", allow_none=True)
    created_at = fields.AwareDateTime()
    finished_at = fields.AwareDateTime(allow_none=True)


class BacktestReportSchema(BacktestSchema):
    """A backtest with its report, when it is done."""

    scenario = fields.Nested(BacktestScenarioSchema)
    contenders = fields.List(fields.Nested(BacktestContenderSchema))
    skipped = fields.Dict(
        keys=fields.String(),
        values=fields.Integer(),
        metadata={"description": "Orders that cannot be decided any more, by why"},
    )


class SupposedStockSchema(Payload):
    """What is supposed to be available of a variant at a location."""

    location_id = PublicId("loc", required=True)
    variant_id = PublicId("var", required=True)
    available = fields.Integer(required=True, validate=validate.Range(0, MAX_QUANTITY))


class SuppositionsSchema(Payload):
    """What is supposed of one order; what is left out is as it is."""

    policy_id = PublicId("policy", load_default=None, allow_none=True)
    strategy = fields.String(load_default=None, allow_none=True)
    stock = fields.List(
        fields.Nested(SupposedStockSchema),
        load_default=list,
        validate=validate.Length(max=_MOST_LISTED),
    )
    without_sellers = fields.List(PublicId("org"), load_default=list)
    only_sellers = fields.List(
        PublicId("org"),
        load_default=list,
        metadata={"description": "Nobody else may deliver; empty: everybody may"},
    )


class WhatIfSchema(SimulateSchema):
    """An order, and what to suppose of it."""

    suppose = fields.Nested(SuppositionsSchema, required=True)


class DecidedSchema(ma.Schema):
    """A decision in figures."""

    units_requested = fields.Integer()
    units_served = fields.Integer()
    goods_minor = fields.Integer()
    freight_minor = fields.Integer()
    weights_minor = fields.Integer(
        metadata={"description": "What the policy counts besides: split, lead time and the like"}
    )
    objective_minor = fields.Integer()
    consignments = fields.Integer()
    unit_days = fields.Integer()
    is_optimal = fields.Boolean()
    sellers = fields.List(fields.Nested(BacktestSellerSchema))


class WhatIfAnswerSchema(ma.Schema):
    """An order as it would be decided now, and under what is supposed; the difference by term."""

    currency = fields.String()
    now = fields.Nested(DecidedSchema)
    supposed = fields.Nested(DecidedSchema)
    difference = fields.Dict(
        keys=fields.String(),
        values=fields.Integer(),
        metadata={"description": "What is supposed less what is, by figure"},
    )
