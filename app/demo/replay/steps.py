"""The steps of orders: placed one by one; accepted, shipped, delivered and paid together.

A step is one transaction for all parts of some orders, each part at its own time. What is left to
do is asked from the database while the orders are held, so every step may be repeated and none is
doubled.
"""

import uuid
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.demo.ports import OrderLineRow, OrderRow
from app.demo.replay import calendar
from app.demo.replay.atlas import Atlas, acting_for
from app.fulfilment import operations as fulfilment_operations
from app.infra.unit_of_work import transaction
from app.ordering import operations as ordering_operations
from app.payments import operations as payments_operations

PAYMENT_METHOD = "bank_transfer"

_HOLD = text("""
SELECT FROM ordering_orders WHERE id = ANY(:order_ids) ORDER BY id FOR NO KEY UPDATE
""")

_OFFERED = text("""
SELECT s.id, s.seller_id, s.created_at
FROM ordering_seller_orders s JOIN ordering_orders o ON o.id = s.order_id
WHERE s.order_id = ANY(:order_ids) AND s.status = 'offered' ORDER BY o.number, s.id
""")

_ACCEPTED = text("""
SELECT s.id, s.seller_id, s.accepted_at, max(f.lead_time_days) AS lead_time_days
FROM ordering_seller_orders s
JOIN ordering_orders o ON o.id = s.order_id
JOIN ordering_allocations a ON a.seller_order_id = s.id
JOIN offers_offers f ON f.seller_id = s.seller_id AND f.variant_id = a.variant_id
WHERE s.order_id = ANY(:order_ids) AND s.status IN ('accepted', 'partly_shipped')
GROUP BY s.id, o.number ORDER BY o.number, s.id
""")

_UNDER_WAY = text("""
SELECT s.id, s.seller_id, array_agg(h.id) AS shipment_ids, max(h.shipped_at) AS shipped_at,
       max(c.distance_km) AS distance_km
FROM ordering_seller_orders s
JOIN fulfilment_shipments h ON h.seller_order_id = s.id
JOIN ordering_consignments c ON c.seller_order_id = s.id AND c.location_id = h.location_id
WHERE s.order_id = ANY(:order_ids) AND h.delivered_at IS NULL GROUP BY s.id ORDER BY s.id
""")

_UNPAID = text("""
SELECT i.id, i.number, i.amount_minor - i.paid_minor AS open_minor, h.delivered_at, o.owner_id
FROM payments_invoices i
JOIN ordering_orders o ON o.id = i.order_id
JOIN fulfilment_shipments h ON h.id = i.shipment_id
WHERE i.order_id = ANY(:order_ids) AND i.paid_at IS NULL AND h.delivered_at IS NOT NULL
ORDER BY i.number
""")


def place(
    session: Session, atlas: Atlas, order: OrderRow, lines: Sequence[OrderLineRow]
) -> uuid.UUID:
    """Place an order as its buyer; what cannot be delivered is left out.

    Raises:
        NothingCanBeServed: nobody can deliver any of it.
    """
    buyer_id, address_id = atlas.buyers[order.buyer]
    placement = ordering_operations.Placement(
        storefront_id=atlas.storefront_id,
        buyer_id=buyer_id,
        address_id=address_id,
        lines=[
            ordering_operations.PlacementLine(atlas.variants[line.sku], line.quantity)
            for line in lines
        ],
        reference=order.number,
        accept_shortfall=True,
    )
    with transaction(session):
        return ordering_operations.place_order(
            session, caller=acting_for(buyer_id), placement=placement, now=order.ordered_at
        )


def finish(session: Session, order_ids: Sequence[uuid.UUID], check_in: Callable[[], None]) -> None:
    """Everything that follows placements; ``check_in`` is called in each step's transaction."""
    known = {"order_ids": list(order_ids)}
    for query, step in (
        (_OFFERED, _accept), (_ACCEPTED, _ship), (_UNDER_WAY, _deliver), (_UNPAID, _pay)
    ):  # fmt: skip
        with transaction(session):
            session.execute(_HOLD, known)
            rows = session.execute(query, known).all()
            if rows:
                step(session, rows)
            check_in()


def _accept(session: Session, parts: Sequence[Any]) -> None:
    acts = [_act(part, calendar.answered_at(part.created_at)) for part in parts]
    ordering_operations.accept_seller_orders(session, acts=acts)


def _ship(session: Session, parts: Sequence[Any]) -> None:
    acts = [
        _act(part, calendar.shipped_at(part.accepted_at, lead_time_days=part.lead_time_days))
        for part in parts
    ]
    fulfilment_operations.ship_seller_orders(session, acts=acts)


def _deliver(session: Session, parts: Sequence[Any]) -> None:
    arrivals = [
        (
            _act(part, calendar.delivered_at(part.shipped_at, distance_km=part.distance_km)),
            part.shipment_ids,
        )
        for part in parts
    ]
    fulfilment_operations.deliver_shipments(session, arrivals=arrivals)


def _act(part: Any, now: datetime) -> ordering_operations.Act:  # noqa: ANN401 - a row
    return ordering_operations.Act(acting_for(part.seller_id), part.id, now)


def _pay(session: Session, unpaid: Sequence[Any]) -> None:
    """Whatever is open of what has arrived, each invoice at its time."""
    receipts = [
        payments_operations.Receipt(
            invoice.id,
            invoice.open_minor,
            PAYMENT_METHOD,
            f"invoice {invoice.number}",
            calendar.paid_at(invoice.delivered_at),
        )
        for invoice in unpaid
    ]
    payments_operations.record_payments(
        session,
        caller=acting_for(unpaid[0].owner_id),
        receipts=receipts,
        now=max(calendar.paid_at(invoice.delivered_at) for invoice in unpaid),
    )
