"""Carts, checkout, orders, seller orders."""

import uuid
from dataclasses import asdict
from typing import Any

from flask_smorest import Blueprint

from app.infra.auth import current_caller, requires
from app.infra.db import db
from app.infra.http import expected_version, page_body, page_request, page_schema, with_etag
from app.infra.idempotency import writes
from app.infra.web import asks, now
from app.kernel.paging import Page
from app.ordering import documents, operations, queries
from app.ordering.models import Cart
from app.ordering.operations.placing import why_unserved
from app.ordering.schemas import (
    AnswerSchema,
    CancellationSchema,
    CartLinesSchema,
    CartReservationSchema,
    CartSchema,
    CheckoutSchema,
    NewCartSchema,
    NewOrderSchema,
    OrderQuery,
    OrderSchema,
    OrderSummarySchema,
    SellerOrderQuery,
    SellerOrderSchema,
    SellerOrderSummarySchema,
    SimulateSchema,
    SimulationSchema,
    WishesSchema,
)
from app.ordering.wishes import Wishes
from app.routing.rules import Decision

blueprint = Blueprint(
    "ordering", __name__, description="Carts, checkout, orders and the sellers' parts of them"
)


@blueprint.route("/carts", methods=["POST"])
@writes
@with_etag
@blueprint.arguments(NewCartSchema)
@blueprint.response(201, CartSchema)
@requires("carts.write")
def create_cart(payload: dict[str, Any]) -> dict[str, Any]:
    """Open a cart; the answer shows what ordering it now would bring."""
    caller = current_caller()
    cart = operations.create_cart(
        db.session,
        caller=caller,
        storefront_id=payload["storefront_id"],
        buyer_id=payload["buyer_id"] or caller.organization_id,
        unit_id=payload["unit_id"],
        address_id=payload["address_id"],
        items=[operations.CartItem(**line) for line in payload["lines"]],
        wishes=Wishes.read(payload["wishes"]),
        now=now(),
    )
    return _cart_document(cart)


@blueprint.route("/carts/<pid('cart'):cart_id>")
@with_etag
@blueprint.response(200, CartSchema)
@requires("carts.write")
def show_cart(cart_id: uuid.UUID) -> dict[str, Any]:
    """Show a cart with prices, freight and sellers as of now."""
    return _cart_document(queries.get_cart(db.session, caller=current_caller(), cart_id=cart_id))


@blueprint.route("/carts/<pid('cart'):cart_id>/lines", methods=["PUT"])
@writes
@with_etag
@blueprint.arguments(CartLinesSchema)
@blueprint.response(200, CartSchema)
@requires("carts.write")
def set_cart_lines(payload: dict[str, Any], cart_id: uuid.UUID) -> dict[str, Any]:
    """Replace a cart's lines (If-Match with the cart's ETag)."""
    cart = operations.set_cart_lines(
        db.session,
        caller=current_caller(),
        cart_id=cart_id,
        items=[operations.CartItem(**line) for line in payload["lines"]],
        version=expected_version(),
    )
    return _cart_document(cart)


@blueprint.route("/carts/<pid('cart'):cart_id>/reservation", methods=["POST"])
@writes
@with_etag
@blueprint.arguments(CartReservationSchema)
@blueprint.response(200, CartSchema)
@requires("carts.write")
def reserve_cart(payload: dict[str, Any], cart_id: uuid.UUID) -> dict[str, Any]:
    """Keep all that is in a cart from others for a while; again: from now on."""
    return _cart_document(
        operations.reserve_cart(
            db.session, caller=current_caller(), cart_id=cart_id, now=now(), **payload
        )
    )


@blueprint.route("/carts/<pid('cart'):cart_id>/reservation", methods=["DELETE"])
@writes
@with_etag
@blueprint.response(200, CartSchema)
@requires("carts.write")
def release_cart(cart_id: uuid.UUID) -> dict[str, Any]:
    """Give back what is kept for a cart."""
    return _cart_document(
        operations.release_cart(db.session, caller=current_caller(), cart_id=cart_id)
    )


@blueprint.route("/carts/<pid('cart'):cart_id>/wishes", methods=["PUT"])
@writes
@with_etag
@blueprint.arguments(WishesSchema)
@blueprint.response(200, CartSchema)
@requires("carts.write")
def set_cart_wishes(payload: dict[str, Any], cart_id: uuid.UUID) -> dict[str, Any]:
    """Say what is wished of a cart as a whole (If-Match with the cart's ETag)."""
    cart = operations.set_cart_wishes(
        db.session,
        caller=current_caller(),
        cart_id=cart_id,
        wishes=Wishes.read(payload),
        version=expected_version(),
    )
    return _cart_document(cart)


@blueprint.route("/carts/<pid('cart'):cart_id>/checkout", methods=["POST"])
@writes
@blueprint.arguments(CheckoutSchema)
@blueprint.response(201, OrderSchema)
@requires("orders.place")
def checkout(payload: dict[str, Any], cart_id: uuid.UUID) -> dict[str, Any]:
    """Order what is in a cart: routed, reserved, prices frozen, sellers asked."""
    order_id = operations.checkout(
        db.session, caller=current_caller(), cart_id=cart_id, now=now(), **payload
    )
    return _order_document(order_id)


@blueprint.route("/orders", methods=["POST"])
@writes
@blueprint.arguments(NewOrderSchema)
@blueprint.response(201, OrderSchema)
@requires("orders.place")
def place_order(payload: dict[str, Any]) -> dict[str, Any]:
    """Order at once, without a cart."""
    order_id = operations.place_order(
        db.session, caller=current_caller(), placement=_placement(payload), now=now()
    )
    return _order_document(order_id)


@blueprint.route("/routing/simulate", methods=["POST"])
@asks
@blueprint.arguments(SimulateSchema)
@blueprint.response(200, SimulationSchema)
@requires("carts.write")
def simulate(payload: dict[str, Any]) -> dict[str, Any]:
    """Show what an order would get now; writes nothing, so it needs no Idempotency-Key."""
    decision = operations.simulate(
        db.session, caller=current_caller(), placement=_placement(payload), now=now()
    )
    return _simulation(decision)


@blueprint.route("/orders")
@blueprint.arguments(OrderQuery, location="query")
@blueprint.response(200, page_schema(OrderSummarySchema))
@requires("orders.read")
def list_orders(query: dict[str, Any]) -> dict[str, Any]:
    """List orders, the newest first."""
    page = queries.list_orders(
        db.session, caller=current_caller(), page=page_request(query), status=query["status"]
    )
    rows = [documents.summary(order) for order in page.items]
    return page_body(Page(rows, page.next_cursor))


@blueprint.route("/orders/<pid('order'):order_id>")
@with_etag
@blueprint.response(200, OrderSchema)
@requires("orders.read")
def show_order(order_id: uuid.UUID) -> dict[str, Any]:
    """Show an order with its lines and the sellers' parts."""
    return _order_document(order_id)


@blueprint.route("/orders/<pid('order'):order_id>/cancellation", methods=["POST"])
@writes
@blueprint.response(200, CancellationSchema)
@requires("orders.place")
def cancel_order(order_id: uuid.UUID) -> dict[str, Any]:
    """Cancel every unit that has not been shipped."""
    units = operations.cancel_order(
        db.session, caller=current_caller(), order_id=order_id, now=now()
    )
    return {"cancelled_units": units, "order": _order_document(order_id)}


@blueprint.route("/seller-orders")
@blueprint.arguments(SellerOrderQuery, location="query")
@blueprint.response(200, page_schema(SellerOrderSummarySchema))
@requires("seller_orders.read")
def list_seller_orders(query: dict[str, Any]) -> dict[str, Any]:
    """List seller orders, the newest first."""
    caller = current_caller()
    page = queries.list_seller_orders(
        db.session, caller=caller, page=page_request(query), status=query["status"]
    )
    rows = [
        documents.seller_order_summary(
            part, shows_pay=caller.is_operator or part.seller_id == caller.organization_id
        )
        for part in page.items
    ]
    return page_body(Page(rows, page.next_cursor))


@blueprint.route("/seller-orders/<pid('sorder'):seller_order_id>")
@with_etag
@blueprint.response(200, SellerOrderSchema)
@requires("seller_orders.read")
def show_seller_order(seller_order_id: uuid.UUID) -> dict[str, Any]:
    """Show a seller order with what to send from where."""
    return seller_order_document_of(seller_order_id)


@blueprint.route("/seller-orders/<pid('sorder'):seller_order_id>/answer", methods=["POST"])
@writes
@blueprint.arguments(AnswerSchema)
@blueprint.response(200, SellerOrderSchema)
@requires("seller_orders.answer")
def answer_seller_order(payload: dict[str, Any], seller_order_id: uuid.UUID) -> dict[str, Any]:
    """Accept or reject, line by line; what is rejected is re-routed at once."""
    operations.answer_seller_order(
        db.session,
        caller=current_caller(),
        seller_order_id=seller_order_id,
        answers=[operations.Answer(**line) for line in payload["lines"]],
        now=now(),
    )
    return seller_order_document_of(seller_order_id)


def _placement(payload: dict[str, Any]) -> operations.Placement:
    lines = [operations.PlacementLine(**line) for line in payload["lines"]]
    buyer_id = payload["buyer_id"] or current_caller().organization_id
    facts = {"lines": lines, "buyer_id": buyer_id, "wishes": Wishes.read(payload["wishes"])}
    return operations.Placement(**{**payload, **facts})


def _order_document(order_id: uuid.UUID) -> dict[str, Any]:
    db.session.flush()
    order = queries.get_order(db.session, caller=current_caller(), order_id=order_id)
    db.session.refresh(order)
    return documents.order_document(db.session, order=order)


def seller_order_document_of(seller_order_id: uuid.UUID) -> dict[str, Any]:
    """A seller order as its reader may see it."""
    caller = current_caller()
    db.session.flush()
    part = queries.get_seller_order(db.session, caller=caller, seller_order_id=seller_order_id)
    return documents.seller_order_document(db.session, caller=caller, part=part)


def _cart_document(cart: Cart) -> dict[str, Any]:
    placement = operations.placement_of(db.session, cart=cart)
    simulation = None
    if placement.lines and cart.status == "open":
        decision = operations.simulate(
            db.session, caller=current_caller(), placement=placement, now=now()
        )
        simulation = _simulation(decision)
    return {
        "id": cart.id,
        "storefront_id": cart.storefront_id,
        "buyer_id": cart.buyer_id,
        "unit_id": cart.unit_id,
        "address_id": cart.address_id,
        "status": cart.status,
        "version": cart.version,
        "created_at": cart.created_at,
        "reserved_until": cart.reserved_until,
        "lines": queries.list_cart_lines(db.session, cart_id=cart.id),
        "wishes": asdict(placement.wishes),
        "simulation": simulation,
    }


def _simulation(decision: Decision) -> dict[str, Any]:
    return {
        "currency": decision.context.currency,
        "units_requested": decision.units_requested,
        "units_served": decision.units_served,
        "goods_minor": decision.buyer_goods_minor,
        "freight_minor": decision.freight_minor,
        "total_minor": decision.buyer_goods_minor + decision.freight_minor,
        "proof": decision.proof,
        "gap_ppm": decision.gap_ppm,
        "method": decision.method,
        "duration_us": decision.duration_us,
        "allocations": [
            {
                "position": item.line_no,
                "variant_id": item.candidate.variant_id,
                "seller_id": item.candidate.seller_id,
                "location_id": item.candidate.location_id,
                "quantity": item.quantity,
                "goods_minor": item.buyer_goods_minor,
                "freight_minor": item.freight_minor,
                "lead_time_days": item.candidate.offer.lead_time_days,
                "ships_on": item.candidate.ships_on,
                "is_later": item.candidate.is_later,
            }
            for item in decision.assignments
        ],
        "consignments": decision.consignments,
        "unserved": why_unserved(decision),
    }
