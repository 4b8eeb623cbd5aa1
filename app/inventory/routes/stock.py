"""Locations and their stock."""

import uuid
from typing import Any

from app.infra.auth import current_caller, requires
from app.infra.db import db
from app.infra.http import (
    PageQuery,
    expected_version,
    page_body,
    page_request,
    page_schema,
    with_etag,
)
from app.infra.idempotency import writes
from app.infra.web import now
from app.inventory import operations, queries
from app.inventory.errors import StockQueryTooWide
from app.inventory.models import Location
from app.inventory.routes.blueprint import blueprint
from app.inventory.schemas.stock import (
    AvailabilityQuery,
    LocationChanges,
    LocationFacts,
    LocationSchema,
    PromisesSchema,
    StockLevelsSchema,
    StockQuery,
    StockSchema,
    StockWrittenSchema,
    ThresholdsSchema,
)


@blueprint.route("/locations")
@blueprint.arguments(PageQuery, location="query")
@blueprint.response(200, page_schema(LocationSchema))
@requires("stock.read")
def list_locations(query: dict[str, Any]) -> dict[str, Any]:
    """List the caller's locations."""
    return page_body(
        queries.list_locations(db.session, caller=current_caller(), page=page_request(query))
    )


@blueprint.route("/locations", methods=["POST"])
@writes
@with_etag
@blueprint.arguments(LocationFacts)
@blueprint.response(201, LocationSchema)
@requires("stock.write")
def create_location(payload: dict[str, Any]) -> Location:
    """Open a location."""
    return operations.create_location(db.session, caller=current_caller(), facts=payload)


@blueprint.route("/locations/<pid('loc'):location_id>")
@with_etag
@blueprint.response(200, LocationSchema)
@requires("stock.read")
def show_location(location_id: uuid.UUID) -> Location:
    """Show a location."""
    return queries.get_location(db.session, caller=current_caller(), location_id=location_id)


@blueprint.route("/locations/<pid('loc'):location_id>", methods=["PATCH"])
@writes
@with_etag
@blueprint.arguments(LocationChanges)
@blueprint.response(200, LocationSchema)
@requires("stock.write")
def change_location(payload: dict[str, Any], location_id: uuid.UUID) -> Location:
    """Change a location; send If-Match."""
    return operations.update_location(
        db.session,
        caller=current_caller(),
        location_id=location_id,
        expected_version=expected_version(),
        changes=payload,
    )


@blueprint.route("/stock")
@blueprint.arguments(StockQuery, location="query")
@blueprint.response(200, page_schema(StockSchema))
@requires("stock.read")
def list_stock(query: dict[str, Any]) -> dict[str, Any]:
    """List the stock at one location, or of one variant at the caller's locations."""
    location_id, variant_id = query["location_id"], query["variant_id"]
    if (location_id is None) == (variant_id is None):
        raise StockQueryTooWide
    caller, page = current_caller(), page_request(query)
    if location_id:
        found = queries.list_stock_at(db.session, caller=caller, location_id=location_id, page=page)
    else:
        found = queries.list_stock_of(db.session, caller=caller, variant_id=variant_id, page=page)
    return page_body(found)


@blueprint.route("/stock", methods=["PUT"])
@writes
@blueprint.arguments(StockLevelsSchema)
@blueprint.response(200, StockWrittenSchema)
@requires("stock.write")
def set_stock(payload: dict[str, Any]) -> dict[str, int]:
    """Set how much there is, up to 1,000 rows at once, all or none."""
    written = operations.set_stock(
        db.session, caller=current_caller(), levels=payload["rows"], now=now()
    )
    return {"written": written}


@blueprint.route("/stock/thresholds", methods=["PUT"])
@writes
@blueprint.arguments(ThresholdsSchema)
@blueprint.response(200, StockWrittenSchema)
@requires("stock.write")
def set_thresholds(payload: dict[str, Any]) -> dict[str, int]:
    """Set below how many available units rows are scarce; null: as their location says.

    `stock.low` is told once when a row falls below, `stock.recovered` once when it no longer is.
    """
    rows = [operations.Threshold(**row) for row in payload["rows"]]
    written = operations.set_thresholds(db.session, caller=current_caller(), rows=rows, now=now())
    return {"written": written}


@blueprint.route("/stock/availability")
@blueprint.arguments(AvailabilityQuery, location="query")
@blueprint.response(200, PromisesSchema)
@requires("stock.read")
def show_availability(query: dict[str, Any]) -> dict[str, Any]:
    """Show how much may be promised of a variant at a location: today, and as more comes."""
    promises = queries.list_available_to_promise(
        db.session,
        caller=current_caller(),
        location_id=query["location_id"],
        variant_id=query["variant_id"],
        now=now(),
    )
    return {"promises": promises}
