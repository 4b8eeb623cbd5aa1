"""Shipping and delivering. Stock leaves with the shipment; invoice and split are booked with it.

What leaves or arrives together, of however many seller orders, needs as many statements as one
shipment: rows are locked first, orders before parts before stock, then written set by set.
"""

import uuid
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import text

from app.fulfilment import queries
from app.fulfilment.errors import AlreadyDelivered, LineDoesNotFit, NothingToShip
from app.fulfilment.events import ShipmentDelivered, ShipmentDispatched
from app.fulfilment.models import Shipment, ShipmentLine
from app.infra.auth import Caller
from app.infra.db import DbSession, insert_rows
from app.infra.unit_of_work import record
from app.inventory import operations as inventory_operations
from app.kernel.ids import new_id, public_id
from app.ordering import operations as ordering_operations
from app.ordering.operations import Act, Part

ShippedLine = tuple[uuid.UUID, int]
Arrival = tuple[Act, Sequence[uuid.UUID]]

_ACCEPTED = text("""
SELECT a.seller_order_id, a.id, a.location_id,
       a.quantity - a.shipped_quantity - COALESCE(r.promised, 0) AS here,
       a.quantity - a.shipped_quantity AS open
FROM ordering_allocations a LEFT JOIN inventory_reservations r ON r.allocation_id = a.id
WHERE a.seller_order_id = ANY(:ids) AND a.status = 'accepted' AND a.shipped_quantity < a.quantity
ORDER BY a.id
""")

# Marks shipments as arrived and counts their goods as delivered, in one statement.
_ARRIVE = text("""
WITH arrived AS (
    UPDATE fulfilment_shipments h SET delivered_at = GREATEST(w.arrived_at, h.shipped_at)
    FROM unnest(CAST(:ids AS uuid[]), CAST(:part_ids AS uuid[]),
                CAST(:arrived_at AS timestamptz[])) AS w (id, part_id, arrived_at)
    WHERE h.id = w.id AND h.seller_order_id = w.part_id AND h.delivered_at IS NULL
    RETURNING h.id, h.seller_order_id, h.delivered_at
), goods AS (
    SELECT l.allocation_id, sum(l.quantity) AS quantity
    FROM arrived JOIN fulfilment_shipment_lines l ON l.shipment_id = arrived.id
    GROUP BY l.allocation_id
), counted AS (
    UPDATE ordering_allocations a SET delivered_quantity = a.delivered_quantity + goods.quantity
    FROM goods WHERE a.id = goods.allocation_id
)
SELECT id, seller_order_id, delivered_at FROM arrived ORDER BY id
""")


class Goods(NamedTuple):
    """Accepted units of an allocation that have not left; ``here`` are those that have come."""

    seller_order_id: uuid.UUID
    allocation_id: uuid.UUID
    location_id: uuid.UUID
    here: int
    open: int


@dataclass(frozen=True, slots=True)
class Parcel:
    """Goods of a seller order that leave a location together."""

    shipment_id: uuid.UUID
    part: Part
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
    acts = [Act(caller, seller_order_id, now)]
    [part] = ordering_operations.lock_parts(session, acts=acts)
    accepted = _accepted(session, [part])
    quantities = _fit(accepted[part.id], location_id, lines)
    parcel = Parcel(new_id(), part, location_id, carrier, tracking_number, quantities)
    _dispatch(session, accepted, [parcel])
    return parcel.shipment_id


def ship_everything(
    session: DbSession, *, caller: Caller, seller_order_id: uuid.UUID, now: datetime
) -> list[uuid.UUID]:
    """Everything accepted that is still here leaves: one shipment a location.

    Raises:
        SellerOrderNotFound: none, or another seller's.
        NothingToShip: nothing is accepted and still here.
    """
    return ship_seller_orders(session, acts=[Act(caller, seller_order_id, now)])


def ship_seller_orders(session: DbSession, *, acts: Sequence[Act]) -> list[uuid.UUID]:
    """The same of several seller orders, each at its time; the shipments, in the acts' order.

    Raises:
        SellerOrderNotFound: one of them is none, or another seller's.
        NothingToShip: nothing of one of them is accepted and still here; nothing leaves.
    """
    locked = ordering_operations.lock_parts(session, acts=acts)
    accepted = _accepted(session, locked)
    parcels = [parcel for part in locked for parcel in _pack(part, accepted[part.id])]
    _dispatch(session, accepted, parcels)
    return [parcel.shipment_id for parcel in parcels]


def _accepted(session: DbSession, locked: Sequence[Part]) -> Mapping[uuid.UUID, list[Goods]]:
    """What of parts is accepted and still here."""
    goods: dict[uuid.UUID, list[Goods]] = defaultdict(list)
    for row in session.execute(_ACCEPTED, {"ids": [part.id for part in locked]}):
        goods[row.seller_order_id].append(Goods(*row))
    return goods


def _pack(part: Part, accepted: Sequence[Goods]) -> list[Parcel]:
    by_location: dict[uuid.UUID, dict[uuid.UUID, int]] = defaultdict(dict)
    for goods in accepted:
        if not goods.here:
            continue
        by_location[goods.location_id][goods.allocation_id] = goods.here
    if not by_location:
        raise NothingToShip
    return [
        Parcel(new_id(), part, location_id, None, None, quantities)
        for location_id, quantities in sorted(by_location.items())
    ]


def _fit(
    accepted: Sequence[Goods], location_id: uuid.UUID, lines: Sequence[ShippedLine]
) -> dict[uuid.UUID, int]:
    here = {
        row.allocation_id: row.here
        for row in accepted
        if row.location_id == location_id and row.here
    }
    if not here:
        raise NothingToShip
    quantities: dict[uuid.UUID, int] = {}
    for position, (allocation_id, quantity) in enumerate(lines):
        taken = quantities.get(allocation_id, 0) + quantity
        if not 0 < taken <= here.get(allocation_id, 0):
            raise LineDoesNotFit(position=position, open=here.get(allocation_id, 0))
        quantities[allocation_id] = taken
    if not quantities:
        raise NothingToShip
    return quantities


def _dispatch(
    session: DbSession, accepted: Mapping[uuid.UUID, Sequence[Goods]], parcels: Sequence[Parcel]
) -> None:
    """Write shipments, take their goods from stock, and tell; one statement each for all."""
    goods = {key: units for parcel in parcels for key, units in parcel.quantities.items()}
    _write_shipments(session, parcels)
    inventory_operations.consume(session, quantities=goods, causes=_causes(parcels))
    ordering_operations.ship_units(
        session, quantities=goods, remaining=_remaining(accepted, parcels)
    )
    for parcel in parcels:
        record(
            session,
            ShipmentDispatched(
                happened_at=parcel.part.now,
                audience=(parcel.part.buyer_id, parcel.part.owner_id, parcel.part.seller_id),
                shipment_id=parcel.shipment_id,
                seller_order_id=parcel.part.id,
                order_id=parcel.part.order_id,
            ),
        )
    ordering_operations.refresh_status(
        session, order_ids=[parcel.part.order_id for parcel in parcels]
    )


def _causes(parcels: Sequence[Parcel]) -> dict[uuid.UUID, inventory_operations.Cause]:
    """Why goods of allocations leave: each with its shipment."""
    causes = {}
    for parcel in parcels:
        shipped = inventory_operations.Cause(
            reason="shipment", reference=public_id("ship", parcel.shipment_id), at=parcel.part.now
        )
        causes.update(dict.fromkeys(parcel.quantities, shipped))
    return causes


def _remaining(
    accepted: Mapping[uuid.UUID, Sequence[Goods]], parcels: Sequence[Parcel]
) -> list[tuple[Part, int]]:
    """What of each part has not left, come or not, when the parcels have."""
    left = {parcel.part: sum(row.open for row in accepted[parcel.part.id]) for parcel in parcels}
    for parcel in parcels:
        left[parcel.part] -= sum(parcel.quantities.values())
    return list(left.items())


def _write_shipments(session: DbSession, parcels: Sequence[Parcel]) -> None:
    shipments = [
        {
            "id": parcel.shipment_id,
            "seller_order_id": parcel.part.id,
            "location_id": parcel.location_id,
            "carrier": parcel.carrier,
            "tracking_number": parcel.tracking_number,
            "shipped_at": parcel.part.now,
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
    act = Act(caller, shipment.seller_order_id, now)
    deliver_shipments(session, arrivals=[(act, [shipment_id])])
    session.expire(shipment)


def deliver_shipments(session: DbSession, *, arrivals: Sequence[Arrival]) -> None:
    """Shipments arrived: of each seller order these, at its time.

    Raises:
        SellerOrderNotFound: one of the seller orders is none, or another seller's.
        AlreadyDelivered: a shipment had arrived before, or is not of its seller order.
    """
    locked = ordering_operations.lock_parts(session, acts=[act for act, _ in arrivals])
    parts = {part.id: part for part in locked}
    ids = {key: act.seller_order_id for act, shipments in arrivals for key in shipments}
    arrived_at = [parts[part_id].now for part_id in ids.values()]
    binds = {"ids": list(ids), "part_ids": list(ids.values()), "arrived_at": arrived_at}
    arrived = session.execute(_ARRIVE, binds).all()
    if len(arrived) != len(ids):
        raise AlreadyDelivered
    ordering_operations.deliver_units(session, parts=locked)
    for row in arrived:
        _tell_delivered(session, parts[row.seller_order_id], row.id, row.delivered_at)
    ordering_operations.refresh_status(session, order_ids=[part.order_id for part in locked])


def _tell_delivered(
    session: DbSession, part: Part, shipment_id: uuid.UUID, delivered_at: datetime
) -> None:
    record(
        session,
        ShipmentDelivered(
            happened_at=delivered_at,
            audience=(part.buyer_id, part.owner_id, part.seller_id),
            shipment_id=shipment_id,
            seller_order_id=part.id,
            order_id=part.order_id,
        ),
    )
