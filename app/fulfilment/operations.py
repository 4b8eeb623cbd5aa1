"""Shipping and delivering. Stock leaves with the shipment; invoice and split are booked with it."""

import uuid
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import insert, select, text

from app.fulfilment import queries
from app.fulfilment.errors import AlreadyDelivered, LineDoesNotFit, NothingToShip
from app.fulfilment.events import ShipmentDelivered, ShipmentDispatched
from app.fulfilment.models import Shipment, ShipmentLine
from app.infra.auth import Caller
from app.infra.db import DbSession
from app.infra.unit_of_work import record
from app.inventory import operations as inventory_operations
from app.kernel.ids import new_id
from app.ordering import operations as ordering_operations
from app.ordering.models import Allocation, Order, SellerOrder

ShippedLine = tuple[uuid.UUID, int]


def ship(
    session: DbSession,
    *,
    caller: Caller,
    seller_order_id: uuid.UUID,
    location_id: uuid.UUID,
    lines: Sequence[ShippedLine],
    carrier: str | None,
    tracking_number: str | None,
    now: datetime,
) -> uuid.UUID:
    """Goods leave a location; ``lines`` are (allocation, quantity).

    Raises:
        SellerOrderNotFound: none, or another seller's.
        NothingToShip, LineDoesNotFit: it cannot leave like this.
    """
    order, part = ordering_operations.lock_seller_order(
        session, caller=caller, seller_order_id=seller_order_id
    )
    quantities = _fit(session, part, location_id, lines)
    shipment_id = _dispatch(
        session, order, part, location_id, quantities, carrier, tracking_number, now
    )
    ordering_operations.refresh_status(session, order_id=order.id)
    return shipment_id


def ship_everything(
    session: DbSession, *, caller: Caller, seller_order_id: uuid.UUID, now: datetime
) -> list[uuid.UUID]:
    """Everything accepted that is still here leaves: one shipment a location.

    Raises:
        SellerOrderNotFound: none, or another seller's.
        NothingToShip: nothing is accepted and still here.
    """
    order, part = ordering_operations.lock_seller_order(
        session, caller=caller, seller_order_id=seller_order_id
    )
    by_location: dict[uuid.UUID, dict[uuid.UUID, int]] = {}
    for row in _accepted(session, part):
        if row.quantity > row.shipped_quantity:
            goods = by_location.setdefault(row.location_id, {})
            goods[row.id] = row.quantity - row.shipped_quantity
    if not by_location:
        raise NothingToShip
    shipped = [
        _dispatch(session, order, part, location_id, quantities, None, None, now)
        for location_id, quantities in sorted(by_location.items())
    ]
    ordering_operations.refresh_status(session, order_id=order.id)
    return shipped


def _accepted(session: DbSession, part: SellerOrder) -> Sequence[Allocation]:
    return session.scalars(
        select(Allocation)
        .where(Allocation.seller_order_id == part.id, Allocation.status == "accepted")
        .order_by(Allocation.id)
        .execution_options(populate_existing=True)
    ).all()


def _fit(
    session: DbSession, part: SellerOrder, location_id: uuid.UUID, lines: Sequence[ShippedLine]
) -> dict[uuid.UUID, int]:
    open_units = {
        row.id: row.quantity - row.shipped_quantity
        for row in _accepted(session, part)
        if row.location_id == location_id
    }
    if not any(open_units.values()):
        raise NothingToShip
    quantities: dict[uuid.UUID, int] = {}
    for position, (allocation_id, quantity) in enumerate(lines):
        taken = quantities.get(allocation_id, 0) + quantity
        if not 0 < taken <= open_units.get(allocation_id, 0):
            raise LineDoesNotFit(position=position, open=open_units.get(allocation_id, 0))
        quantities[allocation_id] = taken
    if not quantities:
        raise NothingToShip
    return quantities


def _dispatch(
    session: DbSession,
    order: Order,
    part: SellerOrder,
    location_id: uuid.UUID,
    quantities: dict[uuid.UUID, int],
    carrier: str | None,
    tracking_number: str | None,
    now: datetime,
) -> uuid.UUID:
    shipment_id = new_id()
    session.execute(
        insert(Shipment).values(
            id=shipment_id,
            seller_order_id=part.id,
            location_id=location_id,
            carrier=carrier,
            tracking_number=tracking_number,
            shipped_at=now,
        )
    )
    session.execute(
        insert(ShipmentLine),
        [
            {"shipment_id": shipment_id, "allocation_id": key, "quantity": units}
            for key, units in quantities.items()
        ],
    )
    inventory_operations.consume(session, quantities=quantities)
    ordering_operations.ship_units(session, part=part, quantities=quantities)
    record(
        session,
        ShipmentDispatched(
            happened_at=now,
            audience=(order.buyer_id, order.owner_id, part.seller_id),
            shipment_id=shipment_id,
            seller_order_id=part.id,
            order_id=order.id,
        ),
    )
    return shipment_id


def deliver(session: DbSession, *, caller: Caller, shipment_id: uuid.UUID, now: datetime) -> None:
    """A shipment arrived, as its seller (or its carrier, through the seller) reports.

    Raises:
        ShipmentNotFound, SellerOrderNotFound: none, or another seller's.
        AlreadyDelivered: it had arrived before.
    """
    shipment = queries.get_shipment(session, caller=caller, shipment_id=shipment_id)
    order, part = ordering_operations.lock_seller_order(
        session, caller=caller, seller_order_id=shipment.seller_order_id
    )
    session.refresh(shipment)
    if shipment.delivered_at is not None:
        raise AlreadyDelivered
    shipment.delivered_at = max(now, shipment.shipped_at)
    session.flush()
    _count_delivered(session, shipment)
    ordering_operations.deliver_units(session, part=part)
    record(
        session,
        ShipmentDelivered(
            happened_at=shipment.delivered_at,
            audience=(order.buyer_id, order.owner_id, part.seller_id),
            shipment_id=shipment.id,
            seller_order_id=part.id,
            order_id=order.id,
        ),
    )
    ordering_operations.refresh_status(session, order_id=order.id)


def _count_delivered(session: DbSession, shipment: Shipment) -> None:
    session.execute(
        text("""
            UPDATE ordering_allocations a SET delivered_quantity = a.delivered_quantity + l.quantity
            FROM fulfilment_shipment_lines l
            WHERE l.shipment_id = :shipment_id AND a.id = l.allocation_id
        """),
        {"shipment_id": shipment.id},
    )
