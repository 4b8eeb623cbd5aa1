"""The units of buyer companies."""

import uuid
from typing import Any

from app.infra.auth import current_caller, requires
from app.infra.db import db
from app.infra.http import PageQuery, page_body, page_request, page_schema
from app.infra.idempotency import writes
from app.infra.web import now
from app.network import operations, queries
from app.network.models import Unit
from app.network.routes.blueprint import blueprint
from app.network.schemas import BuyerUnitNameSchema, BuyerUnitSchema, NewBuyerUnitSchema

UNIT = "/buyer-units/<pid('unit'):unit_id>"


@blueprint.route("/organizations/<pid('org'):organization_id>/buyer-units")
@blueprint.arguments(PageQuery, location="query")
@blueprint.response(200, page_schema(BuyerUnitSchema))
@requires("organizations.read")
def list_units(query: dict[str, Any], organization_id: uuid.UUID) -> dict[str, Any]:
    """List a buyer's units: for itself, and for sellers with an active account with it."""
    page = queries.list_units(
        db.session,
        caller=current_caller(),
        organization_id=organization_id,
        page=page_request(query),
    )
    return page_body(page)


@blueprint.route("/buyer-units", methods=["POST"])
@writes
@blueprint.arguments(NewBuyerUnitSchema)
@blueprint.response(201, BuyerUnitSchema)
@requires("organizations.write")
def create_unit(payload: dict[str, Any]) -> Unit:
    """Add a unit to the caller's tree."""
    return operations.create_unit(db.session, caller=current_caller(), now=now(), **payload)


@blueprint.route(UNIT)
@blueprint.response(200, BuyerUnitSchema)
@requires("organizations.read")
def show_unit(unit_id: uuid.UUID) -> Unit:
    """Show a unit."""
    return queries.get_unit(db.session, caller=current_caller(), unit_id=unit_id)


@blueprint.route(UNIT, methods=["PUT"])
@writes
@blueprint.arguments(BuyerUnitNameSchema)
@blueprint.response(200, BuyerUnitSchema)
@requires("organizations.write")
def rename_unit(payload: dict[str, Any], unit_id: uuid.UUID) -> Unit:
    """Call a unit otherwise."""
    return operations.rename_unit(
        db.session, caller=current_caller(), unit_id=unit_id, now=now(), **payload
    )
