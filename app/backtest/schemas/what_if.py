"""What is supposed of one order, and both decisions, as JSON."""

import uuid
from collections.abc import Mapping
from typing import Any

import marshmallow as ma
from marshmallow import fields, validate, validates_schema

from app.backtest.rules import Suppositions
from app.backtest.rules.suppositions import BPS, MOST_BPS
from app.backtest.schemas.reports import BacktestSellerSchema
from app.infra.http import Payload, PublicId
from app.kernel.quantity import MAX_QUANTITY
from app.ordering.schemas import SimulateSchema
from app.routing.rules import TERMS
from app.routing.schemas import DocumentSchema

_MOST_STOCK = 10_000
_MOST_SELLERS = 1_000


class SupposedStockSchema(Payload):
    """What is supposed to be available of a variant at a location, or to be more or less there."""

    location_id = PublicId("loc", required=True)
    variant_id = PublicId("var", required=True)
    available = fields.Integer(
        load_default=None, allow_none=True, strict=True, validate=validate.Range(0, MAX_QUANTITY)
    )
    change = fields.Integer(
        load_default=None,
        allow_none=True,
        strict=True,
        validate=validate.Range(-MAX_QUANTITY, MAX_QUANTITY),
        metadata={"description": "So many more than there are, or fewer"},
    )

    @validates_schema
    def _one_of_both(self, data: Mapping[str, Any], **_: Any) -> None:  # noqa: ANN401 - marshmallow's
        if (data["available"] is None) == (data["change"] is None):
            raise ma.ValidationError("Give either available or change")


class SupposedPriceSchema(Payload):
    """By how much a seller asks more or less for all goods of the order."""

    seller_id = PublicId("org", required=True)
    change_bps = fields.Integer(
        required=True,
        strict=True,
        validate=validate.Range(-BPS, MOST_BPS),
        metadata={"description": "Ten-thousandths: -500 is five percent less"},
    )


class SupposedLineSchema(Payload):
    """A line that may come from one seller alone."""

    line = fields.Integer(required=True, strict=True, validate=validate.Range(1))
    seller_id = PublicId("org", required=True)


class SuppositionsSchema(Payload):
    """What is supposed of one order; what is left out is as it is."""

    policy_id = PublicId("policy", load_default=None, allow_none=True)
    document = fields.Nested(
        DocumentSchema,
        load_default=None,
        allow_none=True,
        metadata={"description": "A policy that nobody has kept; in place of a version"},
    )
    strategy = fields.String(load_default=None, allow_none=True)
    stock = fields.List(
        fields.Nested(SupposedStockSchema),
        load_default=list,
        validate=validate.Length(max=_MOST_STOCK),
    )
    prices = fields.List(
        fields.Nested(SupposedPriceSchema),
        load_default=list,
        validate=validate.Length(max=_MOST_SELLERS),
    )
    without_sellers = fields.List(PublicId("org"), load_default=list)
    only_sellers = fields.List(
        PublicId("org"),
        load_default=list,
        metadata={"description": "Nobody else may deliver; empty: everybody may"},
    )
    lines = fields.List(
        fields.Nested(SupposedLineSchema),
        load_default=list,
        validate=validate.Length(max=_MOST_SELLERS),
        metadata={"description": "From whom alone a line may come"},
    )


def suppositions_of(given: Mapping[str, Any]) -> Suppositions:
    """Suppositions as they are read."""

    def stock(name: str) -> dict[tuple[uuid.UUID, uuid.UUID], int]:
        return {
            (row["location_id"], row["variant_id"]): row[name]
            for row in given["stock"]
            if row[name] is not None
        }

    return Suppositions(
        policy_id=given["policy_id"],
        document=given["document"],
        strategy=given["strategy"],
        stock=stock("available"),
        stock_changes=stock("change"),
        prices_bps={row["seller_id"]: row["change_bps"] for row in given["prices"]},
        without_sellers=frozenset(given["without_sellers"]),
        only_sellers=frozenset(given["only_sellers"]),
        line_sellers={row["line"] - 1: row["seller_id"] for row in given["lines"]},
    )


class WhatIfSchema(SimulateSchema):
    """An order, and what to suppose of it."""

    suppose = fields.Nested(SuppositionsSchema, required=True)


class OrderWhatIfSchema(Payload):
    """What to suppose of a placed order, or of a cart."""

    suppose = fields.Nested(SuppositionsSchema, required=True)


class ParcelSchema(ma.Schema):
    """What one location sends."""

    seller_id = PublicId("org")
    seller_name = fields.String()
    location_id = PublicId("loc")
    location_name = fields.String()
    weight_g = fields.Integer()
    distance_km = fields.Integer()
    freight_minor = fields.Integer()


class LinePartSchema(ma.Schema):
    """Who sends how much of a line."""

    seller_id = PublicId("org")
    seller_name = fields.String()
    location_id = PublicId("loc")
    location_name = fields.String()
    variant_id = PublicId("var")
    quantity = fields.Integer()
    goods_minor = fields.Integer()
    days_to_ship = fields.Integer()
    ships_on = fields.Date(allow_none=True)
    is_later = fields.Boolean()


class DecidedLineSchema(ma.Schema):
    """A line and who serves it."""

    line = fields.Integer()
    variant_id = PublicId("var")
    quantity = fields.Integer()
    served = fields.Integer()
    parts = fields.List(fields.Nested(LinePartSchema))


class DecidedSchema(ma.Schema):
    """A decision in figures."""

    policy_number = fields.Integer(metadata={"description": "Nought: a policy nobody has kept"})
    method = fields.String()
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
    longest_days = fields.Integer(metadata={"description": "Days until the last goods are sent"})
    is_optimal = fields.Boolean()
    sellers = fields.List(fields.Nested(BacktestSellerSchema))
    parcels = fields.List(fields.Nested(ParcelSchema))
    lines = fields.List(fields.Nested(DecidedLineSchema))


class ComparedTermSchema(ma.Schema):
    """What a term of the policy adds to the objective."""

    term = fields.String(validate=validate.OneOf(TERMS))
    now_minor = fields.Integer()
    supposed_minor = fields.Integer()
    difference_minor = fields.Integer()


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
    terms = fields.List(
        fields.Nested(ComparedTermSchema),
        metadata={"description": "They sum to the objectives; goods and freight as they count"},
    )
