"""When locations work: closures, and the day on which a parcel leaves."""

import uuid
from collections.abc import Mapping
from typing import Any

from app.infra.auth import current_caller, requires
from app.infra.db import db
from app.infra.http import PageQuery, page_body, page_request, page_schema
from app.infra.idempotency import writes
from app.infra.web import now
from app.inventory import operations, queries
from app.inventory.models import Closure
from app.inventory.routes.blueprint import blueprint
from app.inventory.rules.calendars import ship_day
from app.inventory.schemas.calendars import (
    ClosureSchema,
    NewClosureSchema,
    ShipDayQuery,
    ShipDaySchema,
)


@blueprint.route("/locations/<pid('loc'):location_id>/closures")
@blueprint.arguments(PageQuery, location="query")
@blueprint.response(200, page_schema(ClosureSchema))
@requires("stock.read")
def list_closures(query: dict[str, Any], location_id: uuid.UUID) -> dict[str, Any]:
    """List the days on which nothing leaves a location."""
    found = queries.list_closures(
        db.session, caller=current_caller(), location_id=location_id, page=page_request(query)
    )
    return page_body(found)


@blueprint.route("/locations/<pid('loc'):location_id>/closures", methods=["POST"])
@writes
@blueprint.arguments(NewClosureSchema)
@blueprint.response(201, ClosureSchema)
@requires("stock.write")
def close_location(payload: dict[str, Any], location_id: uuid.UUID) -> Closure:
    """Close a location from a day to a day."""
    return operations.close_location(
        db.session, caller=current_caller(), location_id=location_id, **payload
    )


@blueprint.route(
    "/locations/<pid('loc'):location_id>/closures/<pid('closure'):closure_id>", methods=["DELETE"]
)
@writes
@blueprint.response(204)
@requires("stock.write")
def reopen_location(location_id: uuid.UUID, closure_id: uuid.UUID) -> None:
    """Take a closure back."""
    operations.reopen_location(
        db.session, caller=current_caller(), location_id=location_id, closure_id=closure_id
    )


@blueprint.route("/locations/<pid('loc'):location_id>/ship-day")
@blueprint.arguments(ShipDayQuery, location="query")
@blueprint.response(200, ShipDaySchema)
@requires("stock.read")
def show_ship_day(query: dict[str, Any], location_id: uuid.UUID) -> Mapping[str, Any]:
    """Show on which day a parcel leaves that is ordered now, after so many working days."""
    queries.get_location(db.session, caller=current_caller(), location_id=location_id)
    at = now()
    calendars = queries.calendars_of(db.session, location_ids=[location_id], now=at)
    return {"ship_on": ship_day(calendars[location_id], at, query["lead_time_days"])}
