"""Territories."""

import uuid
from typing import Any

from app.infra.auth import current_caller, requires
from app.infra.db import db
from app.infra.http import PageQuery, page_body, page_request, page_schema
from app.infra.idempotency import writes
from app.infra.web import now
from app.network import operations, queries
from app.network.models import Territory
from app.network.routes.blueprint import blueprint
from app.network.schemas import NewTerritorySchema, TerritorySchema, TerritoryWithAreasSchema

TERRITORY = "/territories/<pid('terr'):territory_id>"


def _body(territory: Territory) -> dict[str, Any]:
    areas = queries.areas_of(db.session, territory_ids=[territory.id])
    return {
        "id": territory.id,
        "owner_id": territory.owner_id,
        "name": territory.name,
        "areas": areas[territory.id],
    }


@blueprint.route("/territories")
@blueprint.arguments(PageQuery, location="query")
@blueprint.response(200, page_schema(TerritorySchema))
@requires("agreements.read")
def list_territories(query: dict[str, Any]) -> dict[str, Any]:
    """List the territories that the caller's organization drew."""
    page = page_request(query)
    return page_body(queries.list_territories(db.session, caller=current_caller(), page=page))


@blueprint.route("/territories", methods=["POST"])
@writes
@blueprint.arguments(NewTerritorySchema)
@blueprint.response(201, TerritoryWithAreasSchema)
@requires("agreements.write")
def create_territory(payload: dict[str, Any]) -> dict[str, Any]:
    """Draw a territory: countries, subdivisions, ranges of postal codes."""
    return _body(
        operations.create_territory(db.session, caller=current_caller(), now=now(), **payload)
    )


@blueprint.route(TERRITORY)
@blueprint.response(200, TerritoryWithAreasSchema)
@requires("agreements.read")
def show_territory(territory_id: uuid.UUID) -> dict[str, Any]:
    """Show a territory of the caller's, or one that its agreements speak of."""
    return _body(
        queries.get_territory(db.session, caller=current_caller(), territory_id=territory_id)
    )


@blueprint.route(TERRITORY, methods=["PUT"])
@writes
@blueprint.arguments(NewTerritorySchema)
@blueprint.response(200, TerritoryWithAreasSchema)
@requires("agreements.write")
def redraw_territory(payload: dict[str, Any], territory_id: uuid.UUID) -> dict[str, Any]:
    """Replace the areas of a territory that only drafts speak of."""
    territory = operations.redraw_territory(
        db.session, caller=current_caller(), territory_id=territory_id, now=now(), **payload
    )
    return _body(territory)
