"""Shipments."""

import uuid
from collections.abc import Sequence
from typing import Any

from flask_smorest import Blueprint

from app.fulfilment import operations, queries
from app.fulfilment.models import Shipment, ShipmentLine
from app.fulfilment.schemas import NewShipmentSchema, ShipmentSchema
from app.infra.auth import current_caller, requires
from app.infra.db import db
from app.infra.http import PageQuery, page_body, page_request, page_schema
from app.infra.idempotency import writes
from app.infra.web import now
from app.kernel.paging import Page

blueprint = Blueprint("fulfilment", __name__, description="Shipments and their arrival")


@blueprint.route("/seller-orders/<pid('sorder'):seller_order_id>/shipments", methods=["POST"])
@writes
@blueprint.arguments(NewShipmentSchema)
@blueprint.response(201, ShipmentSchema)
@requires("shipments.write")
def ship(payload: dict[str, Any], seller_order_id: uuid.UUID) -> dict[str, Any]:
    """Report what left a location; the invoice and everybody's share are booked with it."""
    lines = [(line["allocation_id"], line["quantity"]) for line in payload.pop("lines")]
    shipment_id = operations.ship(
        db.session,
        caller=current_caller(),
        seller_order_id=seller_order_id,
        lines=lines,
        now=now(),
        **payload,
    )
    return _document(shipment_id)


@blueprint.route("/shipments")
@blueprint.arguments(PageQuery, location="query")
@blueprint.response(200, page_schema(ShipmentSchema))
@requires("orders.read")
def list_shipments(query: dict[str, Any]) -> dict[str, Any]:
    """List shipments, the newest first."""
    page = queries.list_visible(db.session, caller=current_caller(), page=page_request(query))
    return page_body(Page(_documents(page.items), page.next_cursor))


@blueprint.route("/shipments/<pid('ship'):shipment_id>")
@blueprint.response(200, ShipmentSchema)
@requires("orders.read")
def show_shipment(shipment_id: uuid.UUID) -> dict[str, Any]:
    """Show a shipment, to its seller, the storefront's owner or the buyer."""
    return _document(shipment_id)


@blueprint.route("/shipments/<pid('ship'):shipment_id>/delivery", methods=["POST"])
@writes
@blueprint.response(200, ShipmentSchema)
@requires("shipments.write")
def deliver(shipment_id: uuid.UUID) -> dict[str, Any]:
    """Report that a shipment arrived; the hold of its money starts to run."""
    operations.deliver(db.session, caller=current_caller(), shipment_id=shipment_id, now=now())
    return _document(shipment_id)


def _document(shipment_id: uuid.UUID) -> dict[str, Any]:
    db.session.flush()
    shipment = queries.get_shipment(db.session, caller=current_caller(), shipment_id=shipment_id)
    return _documents([shipment])[0]


def _documents(shipments: Sequence[Shipment]) -> list[dict[str, Any]]:
    lines = queries.list_shipment_lines(db.session, shipment_ids=[item.id for item in shipments])
    return [
        _one(item, [line for line in lines if line.shipment_id == item.id]) for item in shipments
    ]


def _one(shipment: Shipment, lines: Sequence[ShipmentLine]) -> dict[str, Any]:
    return {
        "id": shipment.id,
        "number": shipment.number,
        "seller_order_id": shipment.seller_order_id,
        "location_id": shipment.location_id,
        "carrier": shipment.carrier,
        "tracking_number": shipment.tracking_number,
        "shipped_at": shipment.shipped_at,
        "delivered_at": shipment.delivered_at,
        "lines": lines,
    }
