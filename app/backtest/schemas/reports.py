"""What backtests read and write as JSON."""

import marshmallow as ma
from marshmallow import fields, validate

from app.backtest.rules import BASELINES, STOCKS, USUAL
from app.infra.http import Payload, PublicId

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
        load_default=lambda: list(USUAL),
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
    refused = fields.Integer(
        metadata={"description": "Units that sellers refuse, as they did then"}
    )
    final_served = fields.Integer(metadata={"description": "Units served after others were asked"})
    final_goods_minor = fields.Integer()
    final_freight_minor = fields.Integer()
    final_cost_minor = fields.Integer()
    final_consignments = fields.Integer()
    final_like_orders = fields.Integer(
        metadata={"description": "Orders served as far as what is supposed, after refusals"}
    )
    final_like_minor = fields.Integer()
    final_like_supposed_minor = fields.Integer()
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
