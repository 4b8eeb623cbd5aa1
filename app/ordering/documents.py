"""An order as each reader may see it: nobody learns what another pays or is paid.

The buyer sees its own prices; a fulfilling seller what it is paid; the storefront's owner the
buyer's prices and what it pays itself; the operator everything.
"""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from app.infra.auth import Caller
from app.infra.db import DbSession
from app.ordering import queries
from app.ordering.models import Allocation, Order, OrderLine, SellerOrder
from app.routing import queries as routing_queries


def order_document(session: DbSession, *, order: Order) -> dict[str, Any]:
    """An order with its lines and parts, for its buyer, its storefront's owner or the operator."""
    lines = queries.list_lines(session, order_id=order.id)
    parts = queries.list_parts(session, order_id=order.id)
    allocations = queries.list_allocations(session, seller_order_ids=[part.id for part in parts])
    names = routing_queries.names_of(session, [part.seller_id for part in parts])
    called = _called(session, allocations, {line.id: line for line in lines})
    return {
        **summary(order),
        "lines": [_line(line) for line in lines],
        "seller_orders": [
            _part(
                part, names, called, [row for row in allocations if row.seller_order_id == part.id]
            )
            for part in parts
        ],
        "promised_minor": sum(
            row.buyer_goods_minor + row.buyer_freight_minor
            for row in allocations
            if row.status in {*queries.LIVE, "waiting"}
        ),
        "version": order.version,
    }


def summary(order: Order) -> dict[str, Any]:
    """An order in a list."""
    return {
        "id": order.id,
        "number": order.number,
        "storefront_id": order.storefront_id,
        "buyer_id": order.buyer_id,
        "unit_id": order.unit_id,
        "reference": order.reference,
        "status": order.status,
        "currency": order.currency,
        "goods_minor": order.goods_minor,
        "freight_minor": order.freight_minor,
        "total_minor": order.total_minor,
        "payment_method": order.payment_method,
        "placed_at": order.placed_at,
    }


def _line(line: OrderLine) -> dict[str, Any]:
    return {
        "id": line.id,
        "position": line.position,
        "variant_id": line.variant_id,
        "sku": line.sku,
        "name": line.name,
        "quantity": line.quantity,
        "served_quantity": line.served_quantity,
        "cancelled_quantity": line.cancelled_quantity,
        "goods_minor": line.goods_minor,
    }


def _part(
    part: SellerOrder,
    names: Mapping[uuid.UUID, str],
    called: Mapping[uuid.UUID, queries.VariantFacts],
    allocations: Sequence[Allocation],
) -> dict[str, Any]:
    return {
        "id": part.id,
        "seller_id": part.seller_id,
        "seller_name": names.get(part.seller_id, ""),
        "attempt": part.attempt,
        "status": part.status,
        "accept_by": part.accept_by,
        "ships_on": last_day(allocations),
        "allocations": [
            {
                "id": row.id,
                "order_line_id": row.order_line_id,
                "variant_id": row.variant_id,
                "sku": called[row.variant_id].sku,
                "quantity": row.quantity,
                "shipped_quantity": row.shipped_quantity,
                "delivered_quantity": row.delivered_quantity,
                "status": row.status,
                "reason": row.reason,
                "ships_on": row.ships_on,
                "is_later": row.is_later,
                "goods_minor": row.buyer_goods_minor,
                "freight_minor": row.buyer_freight_minor,
            }
            for row in allocations
        ],
    }


def last_day(allocations: Iterable[Allocation]) -> date | None:
    """When all of it that has not left is to have left; none where nothing is to, or no day is."""
    days = [
        row.ships_on
        for row in allocations
        if row.status in queries.LIVE and row.shipped_quantity < row.quantity
    ]
    return max((day for day in days if day), default=None)


def _called(
    session: DbSession, allocations: Sequence[Allocation], lines: Mapping[uuid.UUID, OrderLine]
) -> dict[uuid.UUID, queries.VariantFacts]:
    """How allocated variants are called: as on their line, substitutes as in the catalog."""
    called = {line.variant_id: queries.VariantFacts(line.sku, line.name) for line in lines.values()}
    others = {row.variant_id for row in allocations} - called.keys()
    return called | queries.facts_of(session, variant_ids=others)


def seller_order_document(
    session: DbSession, *, caller: Caller, part: SellerOrder
) -> dict[str, Any]:
    """A seller order; what the seller is paid is for the seller and the operator alone."""
    order = session.get_one(Order, part.order_id)
    lines = {line.id: line for line in queries.list_lines(session, order_id=order.id)}
    shows_pay = caller.is_operator or caller.organization_id == part.seller_id
    allocations = queries.list_offered(session, seller_order_id=part.id)
    called = _called(session, allocations, lines)
    return {
        **seller_order_summary(part, shows_pay=shows_pay),
        "order_number": order.number,
        "ship_to": {key: value for key, value in order.ship_to.items() if key != "address_id"},
        "ships_on": last_day(allocations),
        "allocations": [
            _task(row, called[row.variant_id], shows_pay=shows_pay) for row in allocations
        ],
        "consignments": [
            {
                "location_id": item.location_id,
                "weight_g": item.weight_g,
                "distance_km": item.distance_km,
                "freight_minor": item.freight_minor if shows_pay else None,
                "later_on": item.later_on,
            }
            for item in queries.list_consignments(session, seller_order_ids=[part.id])
        ],
        "version": part.version,
    }


def seller_order_summary(part: SellerOrder, *, shows_pay: bool) -> dict[str, Any]:
    """A seller order in a list."""
    return {
        "id": part.id,
        "order_id": part.order_id,
        "seller_id": part.seller_id,
        "attempt": part.attempt,
        "status": part.status,
        "selling_model": part.selling_model,
        "accept_by": part.accept_by,
        "accepted_at": part.accepted_at,
        "currency": part.currency,
        "goods_minor": part.goods_minor if shows_pay else None,
        "freight_minor": part.freight_minor if shows_pay else None,
        "created_at": part.created_at,
    }


def _task(row: Allocation, facts: queries.VariantFacts, *, shows_pay: bool) -> dict[str, Any]:
    return {
        "id": row.id,
        "location_id": row.location_id,
        "variant_id": row.variant_id,
        "sku": facts.sku,
        "name": facts.name,
        "quantity": row.quantity,
        "shipped_quantity": row.shipped_quantity,
        "delivered_quantity": row.delivered_quantity,
        "status": row.status,
        "reason": row.reason,
        "ships_on": row.ships_on,
        "is_later": row.is_later,
        "goods_minor": row.seller_goods_minor if shows_pay else None,
        "freight_minor": row.seller_freight_minor if shows_pay else None,
    }


def choice_document(seen: queries.SeenChoice, *, currency: str) -> dict[str, Any]:
    """Units that wait, and what the buyer may do about them."""
    choice = seen.choice
    instead = [
        {"variant_id": seen.successor_id, "sku": seen.successor_sku, "name": seen.successor_name}
    ]
    return {
        "id": choice.id,
        "order_id": choice.order_id,
        "position": seen.position,
        "variant_id": seen.variant_id,
        "sku": seen.sku,
        "name": seen.name,
        "quantity": seen.quantity,
        "amount_minor": seen.amount_minor,
        "currency": currency,
        "status": choice.status,
        "reason": choice.reason,
        "options": [] if choice.ended_at else ["wait", "cancel", "substitute"],
        "substitutes": instead if seen.successor_id else [],
        "opened_at": choice.opened_at,
        "expires_at": choice.expires_at,
        "ended_at": choice.ended_at,
        "version": choice.version,
    }
