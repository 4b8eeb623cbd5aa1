"""Shipping and delivering. Stock leaves with the shipment; invoice and split are booked with it."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, text

from app.fulfilment import queries
from app.fulfilment.errors import AlreadyDelivered, LineDoesNotFit, NothingToShip
from app.fulfilment.events import ShipmentDelivered, ShipmentDispatched
from app.fulfilment.models import Shipment, ShipmentLine
from app.infra.auth import Caller
from app.infra.db import DbSession, insert_rows
from app.infra.unit_of_work import record
from app.inventory import operations as inventory_operations
from app.kernel.ids import new_id
from app.ordering import operations as ordering_operations
from app.ordering.models import Allocation, Order, SellerOrder

ShippedLine = tuple[uuid.UUID, int]

# Marks shipments as arrived and counts their goods as delivered, in one statement.
ARRIVE = text("""
WITH arrived AS (
    UPDATE fulfilment_shipments SET delivered_at = GREATEST(CAST(:now AS timestamptz), shipped_at)
    WHERE seller_order_id = :part_id AND id = ANY (:ids) AND delivered_at IS NULL
    RETURNING id, delivered_at
), goods AS (
    SELECT l.allocation_id, sum(l.quantity) AS quantity
    FROM arrived JOIN fulfilment_shipment_lines l ON l.shipment_id = arrived.id
    GROUP BY l.allocation_id
), counted AS (
    UPDATE ordering_allocations a SET delivered_quantity = a.delivered_quantity + goods.quantity
    FROM goods WHERE a.id = goods.allocation_id
)
SELECT id, delivered_at FROM arrived ORDER BY id
""")


@dataclass(frozen=True, slots=True)
class Parcel:
    """Goods that leave a location together."""

    shipment_id: uuid.UUID
    location_id: uuid.UUID
    carrier: str | None
    tracking_number: str | None
    quantities: Mapping[uuid.UUID, int]


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
    accepted = _accepted(session, part)
    parcel = Parcel(
        new_id(), location_id, carrier, tracking_number, _fit(accepted, location_id, lines)
    )
    _dispatch(session, order, part, accepted, [parcel], now)
    return parcel.shipment_id


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
    accepted = _accepted(session, part)
    by_location: dict[uuid.UUID, dict[uuid.UUID, int]] = {}
    for row in accepted:
        if row.quantity > row.shipped_quantity:
            goods = by_location.setdefault(row.location_id, {})
            goods[row.id] = row.quantity - row.shipped_quantity
    if not by_location:
        raise NothingToShip
    parcels = [
        Parcel(new_id(), location_id, None, None, quantities)
        for location_id, quantities in sorted(by_location.items())
    ]
    _dispatch(session, order, part, accepted, parcels, now)
    return [parcel.shipment_id for parcel in parcels]


def _accepted(session: DbSession, part: SellerOrder) -> Sequence[Allocation]:
    return session.scalars(
        select(Allocation)
        .where(Allocation.seller_order_id == part.id, Allocation.status == "accepted")
        .order_by(Allocation.id)
        .execution_options(populate_existing=True)
    ).all()


def _fit(
    accepted: Sequence[Allocation], location_id: uuid.UUID, lines: Sequence[ShippedLine]
) -> dict[uuid.UUID, int]:
    open_units = {
        row.id: row.quantity - row.shipped_quantity
        for row in accepted
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
    accepted: Sequence[Allocation],
    parcels: Sequence[Parcel],
    now: datetime,
) -> None:
    """Write shipments, take their goods from stock, and tell; one statement each for all."""
    goods = {key: units for parcel in parcels for key, units in parcel.quantities.items()}
    _write_shipments(session, part, parcels, now)
    inventory_operations.consume(session, quantities=goods)
    still_here = sum(row.quantity - row.shipped_quantity for row in accepted)
    ordering_operations.ship_units(
        session, part=part, quantities=goods, remaining=still_here - sum(goods.values())
    )
    for parcel in parcels:
        record(
            session,
            ShipmentDispatched(
                happened_at=now,
                audience=(order.buyer_id, order.owner_id, part.seller_id),
                shipment_id=parcel.shipment_id,
                seller_order_id=part.id,
                order_id=order.id,
            ),
        )
    ordering_operations.refresh_status(session, order_id=order.id)


def _write_shipments(
    session: DbSession, part: SellerOrder, parcels: Sequence[Parcel], now: datetime
) -> None:
    shipments = [
        {
            "id": parcel.shipment_id,
            "seller_order_id": part.id,
            "location_id": parcel.location_id,
            "carrier": parcel.carrier,
            "tracking_number": parcel.tracking_number,
            "shipped_at": now,
        }
        for parcel in parcels
    ]
    insert_rows(session, Shipment, shipments)
    lines = [
        {"shipment_id": parcel.shipment_id, "allocation_id": key, "quantity": units}
        for parcel in parcels
        for key, units in parcel.quantities.items()
    ]
    insert_rows(session, ShipmentLine, lines)


def deliver(session: DbSession, *, caller: Caller, shipment_id: uuid.UUID, now: datetime) -> None:
    """A shipment arrived, as its seller (or its carrier, through the seller) reports.

    Raises:
        ShipmentNotFound, SellerOrderNotFound: none, or another seller's.
        AlreadyDelivered: it had arrived before.
    """
    shipment = queries.get_shipment(session, caller=caller, shipment_id=shipment_id)
    deliver_shipments(
        session,
        caller=caller,
        seller_order_id=shipment.seller_order_id,
        shipment_ids=[shipment_id],
        now=now,
    )


def deliver_shipments(
    session: DbSession,
    *,
    caller: Caller,
    seller_order_id: uuid.UUID,
    shipment_ids: Sequence[uuid.UUID],
    now: datetime,
) -> None:
    """Several shipments of one seller order arrived.

    Raises:
        SellerOrderNotFound: none, or another seller's.
        AlreadyDelivered: one of them had arrived before, or is not of this seller order.
    """
    order, part = ordering_operations.lock_seller_order(
        session, caller=caller, seller_order_id=seller_order_id
    )
    binds = {"part_id": part.id, "ids": list(shipment_ids), "now": now}
    arrived = session.execute(ARRIVE, binds).all()
    if len(arrived) != len(set(shipment_ids)):
        raise AlreadyDelivered
    ordering_operations.deliver_units(session, part=part)
    for row in arrived:
        record(
            session,
            ShipmentDelivered(
                happened_at=row.delivered_at,
                audience=(order.buyer_id, order.owner_id, part.seller_id),
                shipment_id=row.id,
                seller_order_id=part.id,
                order_id=order.id,
            ),
        )
    ordering_operations.refresh_status(session, order_id=order.id)
