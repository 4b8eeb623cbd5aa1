"""The steps of one order: placed; accepted, shipped, delivered and paid.

A step is one transaction for all parts of the order, each part at its own time. What is left to do
is asked from the database, so every step may be repeated and none is doubled.
"""

import uuid
from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.demo.ports import OrderLineRow, OrderRow
from app.demo.replay import calendar
from app.demo.replay.atlas import Atlas, acting_for
from app.fulfilment import operations as fulfilment_operations
from app.infra.unit_of_work import transaction
from app.inventory import operations as inventory_operations
from app.ordering import operations as ordering_operations
from app.payments import operations as payments_operations

PAYMENT_METHOD = "bank_transfer"

_OFFERED = text("""
SELECT id, seller_id, created_at FROM ordering_seller_orders
WHERE order_id = :order_id AND status = 'offered' ORDER BY id
""")

_ACCEPTED = text("""
SELECT s.id, s.seller_id, s.accepted_at, max(o.lead_time_days) AS lead_time_days
FROM ordering_seller_orders s
JOIN ordering_allocations a ON a.seller_order_id = s.id
JOIN offers_offers o ON o.seller_id = s.seller_id AND o.variant_id = a.variant_id
WHERE s.order_id = :order_id AND s.status IN ('accepted', 'partly_shipped')
GROUP BY s.id ORDER BY s.id
""")

_HOLD = text("SELECT FROM ordering_orders WHERE id = :order_id FOR NO KEY UPDATE")
_PLACES = text("""
SELECT DISTINCT a.location_id, a.variant_id
FROM ordering_seller_orders s JOIN ordering_allocations a ON a.seller_order_id = s.id
WHERE s.order_id = :order_id AND a.status = 'accepted' AND a.shipped_quantity < a.quantity
""")

_UNDER_WAY = text("""
SELECT s.id, s.seller_id, array_agg(h.id) AS shipment_ids, max(h.shipped_at) AS shipped_at,
       max(c.distance_km) AS distance_km
FROM ordering_seller_orders s
JOIN fulfilment_shipments h ON h.seller_order_id = s.id
JOIN ordering_consignments c ON c.seller_order_id = s.id AND c.location_id = h.location_id
WHERE s.order_id = :order_id AND h.delivered_at IS NULL GROUP BY s.id ORDER BY s.id
""")

_UNPAID = text("""
SELECT i.id, i.number, i.amount_minor - i.paid_minor AS open_minor, h.delivered_at, o.owner_id
FROM payments_invoices i
JOIN ordering_orders o ON o.id = i.order_id
JOIN fulfilment_shipments h ON h.id = i.shipment_id
WHERE i.order_id = :order_id AND i.paid_at IS NULL AND h.delivered_at IS NOT NULL
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


def finish(session: Session, order_id: uuid.UUID, check_in: Callable[[], None]) -> None:
    """Everything that follows the placement; ``check_in`` is called before each part's step."""
    for query, prepare, step in (
        (_OFFERED, _nothing, _accept),
        (_ACCEPTED, _lock, _ship),
        (_UNDER_WAY, _nothing, _deliver),
    ):
        with transaction(session):
            rows = session.execute(query, {"order_id": order_id}).all()
            if rows:
                prepare(session, order_id)
            for row in rows:
                check_in()
                step(session, row)
    _pay(session, order_id, check_in)


def _nothing(session: Session, order_id: uuid.UUID) -> None:
    """Nothing has to be held before the parts are."""


def _lock(session: Session, order_id: uuid.UUID) -> None:
    """Hold the stock of all parts in the order in which everybody locks stock, after the order."""
    session.execute(_HOLD, {"order_id": order_id})
    places = session.execute(_PLACES, {"order_id": order_id})
    inventory_operations.lock_stock(session, places=[(row[0], row[1]) for row in places])


def _accept(session: Session, part: Any) -> None:  # noqa: ANN401 - a row
    ordering_operations.accept_seller_order(
        session,
        caller=acting_for(part.seller_id),
        seller_order_id=part.id,
        now=calendar.answered_at(part.created_at),
    )


def _ship(session: Session, part: Any) -> None:  # noqa: ANN401 - a row
    fulfilment_operations.ship_everything(
        session,
        caller=acting_for(part.seller_id),
        seller_order_id=part.id,
        now=calendar.shipped_at(part.accepted_at, lead_time_days=part.lead_time_days),
    )


def _deliver(session: Session, part: Any) -> None:  # noqa: ANN401 - a row
    fulfilment_operations.deliver_shipments(
        session,
        caller=acting_for(part.seller_id),
        seller_order_id=part.id,
        shipment_ids=part.shipment_ids,
        now=calendar.delivered_at(part.shipped_at, distance_km=part.distance_km),
    )


def _pay(session: Session, order_id: uuid.UUID, check_in: Callable[[], None]) -> None:
    """Whatever is open of what has arrived, each invoice at its time, in one transaction."""
    unpaid = session.execute(_UNPAID, {"order_id": order_id}).all()
    if not unpaid:
        return
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
    check_in()
    with transaction(session):
        payments_operations.record_payments(
            session,
            caller=acting_for(unpaid[0].owner_id),
            receipts=receipts,
            now=max(calendar.paid_at(invoice.delivered_at) for invoice in unpaid),
        )
