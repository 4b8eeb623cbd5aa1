"""Goods that come, leave and change places, and the log of all of them."""

from typing import Any

from app.infra.auth import current_caller, requires
from app.infra.db import db
from app.infra.http import page_body, page_request, page_schema
from app.infra.idempotency import writes
from app.infra.web import now
from app.inventory import operations, queries
from app.inventory.routes.blueprint import blueprint
from app.inventory.schemas.goods import (
    AdjustmentsSchema,
    AnnouncementsSchema,
    GoodsMovedSchema,
    GoodsReceiptSchema,
    GoodsTransferSchema,
    IncomingSchema,
    LotQuery,
    LotSchema,
    MovementQuery,
    MovementSchema,
    PlaceQuery,
)
from app.inventory.schemas.stock import StockWrittenSchema


@blueprint.route("/stock/movements")
@blueprint.arguments(MovementQuery, location="query")
@blueprint.response(200, page_schema(MovementSchema))
@requires("stock.read")
def list_movements(query: dict[str, Any]) -> dict[str, Any]:
    """List what came and left at a location, the newest first; stock is the sum of all of it."""
    wanted = queries.MovementFilter(variant_id=query["variant_id"], reason=query["reason"])
    found = queries.list_movements(
        db.session,
        caller=current_caller(),
        location_id=query["location_id"],
        wanted=wanted,
        page=page_request(query),
    )
    return page_body(found)


@blueprint.route("/stock/receipts", methods=["POST"])
@writes
@blueprint.arguments(GoodsReceiptSchema)
@blueprint.response(201, GoodsMovedSchema)
@requires("stock.write")
def receive(payload: dict[str, Any]) -> dict[str, int]:
    """Receive goods at a location; orders that were promised them get them first."""
    moved = operations.receive(
        db.session,
        caller=current_caller(),
        location_id=payload["location_id"],
        reference=payload["reference"],
        goods=payload["lines"],
        now=now(),
    )
    return {"moved": moved}


@blueprint.route("/stock/adjustments", methods=["POST"])
@writes
@blueprint.arguments(AdjustmentsSchema)
@blueprint.response(201, GoodsMovedSchema)
@requires("stock.write")
def adjust(payload: dict[str, Any]) -> dict[str, int]:
    """Correct what is on hand by so many units, for a reason; all rows or none."""
    moved = operations.adjust(
        db.session,
        caller=current_caller(),
        rows=payload["rows"],
        reference=payload["reference"],
        now=now(),
    )
    return {"moved": moved}


@blueprint.route("/stock/transfers", methods=["POST"])
@writes
@blueprint.arguments(GoodsTransferSchema)
@blueprint.response(201, GoodsMovedSchema)
@requires("stock.write")
def transfer(payload: dict[str, Any]) -> dict[str, int]:
    """Bring goods from one location of the caller's to another."""
    moved = operations.transfer(
        db.session,
        caller=current_caller(),
        from_id=payload["from_id"],
        to_id=payload["to_id"],
        goods=payload["lines"],
        reference=payload["reference"],
        now=now(),
    )
    return {"moved": moved}


@blueprint.route("/stock/incoming")
@blueprint.arguments(PlaceQuery, location="query")
@blueprint.response(200, page_schema(IncomingSchema))
@requires("stock.read")
def list_incoming(query: dict[str, Any]) -> dict[str, Any]:
    """List what is still to come to a location."""
    found = queries.list_incoming(
        db.session,
        caller=current_caller(),
        location_id=query["location_id"],
        page=page_request(query),
    )
    return page_body(found)


@blueprint.route("/stock/incoming", methods=["PUT"])
@writes
@blueprint.arguments(AnnouncementsSchema)
@blueprint.response(200, StockWrittenSchema)
@requires("stock.write")
def announce(payload: dict[str, Any]) -> dict[str, int]:
    """Announce what will come, or say it anew: another day, another quantity, 0 to call it off."""
    written = operations.announce(
        db.session, caller=current_caller(), rows=payload["rows"], now=now()
    )
    return {"written": written}


@blueprint.route("/stock/lots")
@blueprint.arguments(LotQuery, location="query")
@blueprint.response(200, page_schema(LotSchema))
@requires("stock.read")
def list_lots(query: dict[str, Any]) -> dict[str, Any]:
    """List the lots at a location that are not empty; what expires first leaves first."""
    found = queries.list_lots(
        db.session,
        caller=current_caller(),
        location_id=query["location_id"],
        variant_id=query["variant_id"],
        page=page_request(query),
    )
    return page_body(found)
