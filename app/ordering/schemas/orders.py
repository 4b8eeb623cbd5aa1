"""What ordering reads and writes as JSON. Amounts are minor units of the order's currency."""

import marshmallow as ma
from marshmallow import fields, validate

from app.infra.http import PageQuery, Payload, PublicId
from app.kernel.quantity import MAX_QUANTITY
from app.ordering.operations.keeping import DEFAULT_MINUTES, MAX_MINUTES
from app.ordering.operations.placing import MAX_LINES
from app.ordering.rules import ORDER_STATES, REJECTION_REASONS, SELLER_ORDER
from app.ordering.schemas.wishes import WantedLineSchema, WishesSchema, WishingSchema


class NewCartSchema(Payload):
    """A cart and its first lines."""

    storefront_id = PublicId("shop", required=True)
    buyer_id = PublicId(
        "org", load_default=None, metadata={"description": "Default: the caller's organization"}
    )
    address_id = PublicId("addr", required=True)
    unit_id = PublicId(
        "unit",
        load_default=None,
        allow_none=True,
        metadata={"description": "The buyer's unit that it is for: its prices hold"},
    )
    lines = fields.List(
        fields.Nested(WantedLineSchema), load_default=list, validate=validate.Length(max=MAX_LINES)
    )
    wishes = fields.Nested(WishesSchema, load_default=dict)


class CartLinesSchema(Payload):
    """All lines of a cart."""

    lines = fields.List(
        fields.Nested(WantedLineSchema), required=True, validate=validate.Length(max=MAX_LINES)
    )


class PlannedConsignmentSchema(ma.Schema):
    """What one location would send; `later_on`: of goods that are still to come."""

    seller_id = PublicId("org")
    location_id = PublicId("loc")
    weight_g = fields.Integer()
    distance_km = fields.Integer()
    freight_minor = fields.Integer()
    ships_on = fields.Date(allow_none=True)
    later_on = fields.Date(allow_none=True)


class PlannedAllocationSchema(ma.Schema):
    """What would come from where, at the buyer's price."""

    position = fields.Integer()
    variant_id = PublicId("var")
    seller_id = PublicId("org")
    location_id = PublicId("loc")
    quantity = fields.Integer()
    goods_minor = fields.Integer()
    freight_minor = fields.Integer()
    lead_time_days = fields.Integer()
    ships_on = fields.Date(allow_none=True, metadata={"description": "When it would leave"})
    is_later = fields.Boolean(metadata={"description": "It is not in stock yet"})


class SimulationSchema(ma.Schema):
    """What an order would get now."""

    currency = fields.String()
    units_requested = fields.Integer()
    units_served = fields.Integer()
    goods_minor = fields.Integer()
    freight_minor = fields.Integer()
    total_minor = fields.Integer()
    proof = fields.String()
    gap_ppm = fields.Integer()
    method = fields.String()
    duration_us = fields.Integer()
    allocations = fields.List(fields.Nested(PlannedAllocationSchema))
    consignments = fields.List(fields.Nested(PlannedConsignmentSchema))
    unserved = fields.List(fields.Dict())


class SimulateSchema(WishingSchema):
    """What to simulate."""

    storefront_id = PublicId("shop", required=True)
    buyer_id = PublicId("org", load_default=None)
    address_id = PublicId("addr", required=True)
    unit_id = PublicId(
        "unit",
        load_default=None,
        allow_none=True,
        metadata={"description": "The buyer's unit that it is for: its prices hold"},
    )
    lines = fields.List(
        fields.Nested(WantedLineSchema), required=True, validate=validate.Length(1, MAX_LINES)
    )


class CartLineSchema(ma.Schema):
    """A line of a cart."""

    variant_id = PublicId("var")
    quantity = fields.Integer()
    position = fields.Integer()


class CartSchema(ma.Schema):
    """A cart, and what ordering it now would bring."""

    id = PublicId("cart")
    storefront_id = PublicId("shop")
    buyer_id = PublicId("org")
    unit_id = PublicId("unit", allow_none=True)
    address_id = PublicId("addr")
    status = fields.String()
    version = fields.Integer()
    created_at = fields.AwareDateTime()
    reserved_until = fields.AwareDateTime(
        allow_none=True, metadata={"description": "Until when its stock is kept from others"}
    )
    lines = fields.List(fields.Nested(CartLineSchema))
    wishes = fields.Nested(WishesSchema)
    simulation = fields.Nested(SimulationSchema, allow_none=True)


class CartReservationSchema(Payload):
    """For how long the stock of a cart is to be kept from others."""

    minutes = fields.Integer(
        strict=True,
        load_default=None,
        allow_none=True,
        validate=validate.Range(1, MAX_MINUTES),
        metadata={
            "description": f"As long as the storefront allows; without a word {DEFAULT_MINUTES}, or"
            " less where it allows less"
        },
    )


class CheckoutSchema(Payload):
    """The choices of a checkout."""

    reference = fields.String(
        load_default=None,
        allow_none=True,
        validate=validate.Length(1, 64),
        metadata={"description": "The buyer's own order number; it is ordered once only"},
    )
    payment_method = fields.String(
        load_default="on_account", validate=validate.OneOf(("on_account", "prepaid"))
    )
    accept_shortfall = fields.Boolean(load_default=False)
    expected_total_minor = fields.Integer(
        load_default=None, allow_none=True, strict=True, validate=validate.Range(0)
    )


class NewOrderSchema(WishingSchema, CheckoutSchema):
    """An order without a cart."""

    storefront_id = PublicId("shop", required=True)
    buyer_id = PublicId("org", load_default=None)
    address_id = PublicId("addr", required=True)
    unit_id = PublicId(
        "unit",
        load_default=None,
        allow_none=True,
        metadata={"description": "The buyer's unit that it is for: its prices hold"},
    )
    lines = fields.List(
        fields.Nested(WantedLineSchema), required=True, validate=validate.Length(1, MAX_LINES)
    )


class OrderSummarySchema(ma.Schema):
    """An order in a list."""

    id = PublicId("order")
    number = fields.Integer()
    storefront_id = PublicId("shop")
    buyer_id = PublicId("org")
    unit_id = PublicId("unit", allow_none=True)
    reference = fields.String(allow_none=True)
    status = fields.String(validate=validate.OneOf(ORDER_STATES))
    currency = fields.String()
    goods_minor = fields.Integer()
    freight_minor = fields.Integer()
    total_minor = fields.Integer()
    payment_method = fields.String()
    placed_at = fields.AwareDateTime()


class OrderLineSchema(ma.Schema):
    """A line of an order."""

    id = PublicId("line")
    position = fields.Integer()
    variant_id = PublicId("var")
    sku = fields.String()
    name = fields.String()
    quantity = fields.Integer()
    served_quantity = fields.Integer()
    cancelled_quantity = fields.Integer()
    goods_minor = fields.Integer()


class OrderAllocationSchema(ma.Schema):
    """What of a line comes with a seller order, at the buyer's price."""

    id = PublicId("alloc")
    order_line_id = PublicId("line")
    variant_id = PublicId("var")
    sku = fields.String()
    quantity = fields.Integer()
    shipped_quantity = fields.Integer()
    delivered_quantity = fields.Integer()
    status = fields.String()
    reason = fields.String(allow_none=True)
    ships_on = fields.Date(allow_none=True, metadata={"description": "When it is to leave"})
    is_later = fields.Boolean(metadata={"description": "It was not in stock when it was ordered"})
    goods_minor = fields.Integer()
    freight_minor = fields.Integer()


class OrderPartSchema(ma.Schema):
    """A seller's part of an order, as the buyer sees it."""

    id = PublicId("sorder")
    seller_id = PublicId("org")
    seller_name = fields.String()
    attempt = fields.Integer()
    status = fields.String()
    accept_by = fields.AwareDateTime()
    ships_on = fields.Date(allow_none=True, metadata={"description": "When all of it has left"})
    allocations = fields.List(fields.Nested(OrderAllocationSchema))


class OrderSchema(OrderSummarySchema):
    """An order with lines and parts."""

    lines = fields.List(fields.Nested(OrderLineSchema))
    seller_orders = fields.List(fields.Nested(OrderPartSchema))
    promised_minor = fields.Integer(
        metadata={"description": "What the buyer pays for all units that are still to come or came"}
    )
    version = fields.Integer()


class OrderQuery(PageQuery):
    """Filters of the list of orders."""

    status = fields.String(load_default=None, validate=validate.OneOf(ORDER_STATES))


class SellerOrderQuery(PageQuery):
    """Filters of the list of seller orders."""

    status = fields.String(load_default=None, validate=validate.OneOf(SELLER_ORDER.states()))


class SellerOrderSummarySchema(ma.Schema):
    """A seller order in a list; pay is null for readers other than the seller."""

    id = PublicId("sorder")
    order_id = PublicId("order")
    seller_id = PublicId("org")
    attempt = fields.Integer()
    status = fields.String()
    selling_model = fields.String()
    accept_by = fields.AwareDateTime()
    accepted_at = fields.AwareDateTime(allow_none=True)
    currency = fields.String()
    goods_minor = fields.Integer(allow_none=True)
    freight_minor = fields.Integer(allow_none=True)
    created_at = fields.AwareDateTime()


class TaskSchema(ma.Schema):
    """What a seller shall send."""

    id = PublicId("alloc")
    location_id = PublicId("loc")
    variant_id = PublicId("var")
    sku = fields.String()
    name = fields.String()
    quantity = fields.Integer()
    shipped_quantity = fields.Integer()
    delivered_quantity = fields.Integer()
    status = fields.String()
    reason = fields.String(allow_none=True)
    ships_on = fields.Date(allow_none=True, metadata={"description": "When it is to leave"})
    is_later = fields.Boolean(metadata={"description": "It was not in stock when it was ordered"})
    goods_minor = fields.Integer(allow_none=True)
    freight_minor = fields.Integer(allow_none=True)


class ConsignmentSchema(ma.Schema):
    """A planned consignment; `later_on`: of goods that are still to come."""

    location_id = PublicId("loc")
    weight_g = fields.Integer()
    distance_km = fields.Integer()
    freight_minor = fields.Integer(allow_none=True)
    later_on = fields.Date(allow_none=True)


class ShipToSchema(ma.Schema):
    """Where the goods go."""

    country = fields.String()
    subdivision = fields.String()
    postal_code = fields.String()
    latitude = fields.Float()
    longitude = fields.Float()


class SellerOrderSchema(SellerOrderSummarySchema):
    """A seller order with what to send from where."""

    order_number = fields.Integer()
    ship_to = fields.Nested(ShipToSchema)
    ships_on = fields.Date(allow_none=True, metadata={"description": "When all of it has left"})
    allocations = fields.List(fields.Nested(TaskSchema))
    consignments = fields.List(fields.Nested(ConsignmentSchema))
    version = fields.Integer()


class AnswerLineSchema(Payload):
    """The answer for one allocation."""

    allocation_id = PublicId("alloc", required=True)
    accepted_quantity = fields.Integer(
        required=True, strict=True, validate=validate.Range(0, MAX_QUANTITY)
    )
    reason = fields.String(load_default=None, validate=validate.OneOf(REJECTION_REASONS))


class AnswerSchema(Payload):
    """A seller's answer; allocations that are not mentioned are accepted in full."""

    lines = fields.List(
        fields.Nested(AnswerLineSchema), load_default=list, validate=validate.Length(max=1000)
    )


class CancellationSchema(ma.Schema):
    """What was cancelled."""

    cancelled_units = fields.Integer()
    order = fields.Nested(OrderSchema)
