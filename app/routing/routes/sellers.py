"""What sellers say of themselves: freight tables, capacity, blackouts, special goods."""

import uuid
from typing import Any

from app.infra.auth import current_caller, requires
from app.infra.db import db
from app.infra.http import PageQuery, page_body, page_request, page_schema
from app.infra.idempotency import writes
from app.infra.web import now
from app.routing import operations, queries
from app.routing.models import LocationAbility, SellerCapacity, SellerClosure
from app.routing.routes.blueprint import blueprint
from app.routing.schemas import (
    AbilitiesSchema,
    CapacitySchema,
    FreightTableSchema,
    NewSellerClosureSchema,
    SellerClosureSchema,
)


@blueprint.route("/freight-table", methods=["PUT"])
@writes
@blueprint.arguments(FreightTableSchema)
@blueprint.response(200, FreightTableSchema)
@requires("routing.write")
def put_freight_table(payload: dict[str, Any]) -> dict[str, Any]:
    """Replace the caller's freight table (operator: the one of sellers without their own)."""
    caller = current_caller()
    operations.put_freight_table(
        db.session,
        seller_id=None if caller.is_operator else caller.organization_id,
        currency=payload["currency"],
        name=payload["name"],
        rates=[
            (rate["distance_km_up_to"], rate["weight_g_up_to"], rate["price_minor"])
            for rate in payload["rates"]
        ],
    )
    return payload


@blueprint.route("/seller-capacity", methods=["PUT"])
@writes
@blueprint.arguments(CapacitySchema)
@blueprint.response(200, CapacitySchema)
@requires("routing.write")
def put_capacity(payload: dict[str, Any]) -> SellerCapacity:
    """Say what the caller takes in a day; policies may keep to it."""
    return operations.put_capacity(db.session, caller=current_caller(), now=now(), **payload)


@blueprint.route("/seller-capacity")
@blueprint.response(200, CapacitySchema)
@requires("routing.read")
def show_capacity() -> SellerCapacity:
    """Show what the caller takes in a day; null: as much as there is."""
    return queries.get_capacity(db.session, caller=current_caller())


@blueprint.route("/seller-closures")
@blueprint.arguments(PageQuery, location="query")
@blueprint.response(200, page_schema(SellerClosureSchema))
@requires("routing.read")
def list_seller_closures(query: dict[str, Any]) -> dict[str, Any]:
    """List the days on which the caller takes no orders."""
    page = queries.list_closures(db.session, caller=current_caller(), page=page_request(query))
    return page_body(page)


@blueprint.route("/seller-closures", methods=["POST"])
@writes
@blueprint.arguments(NewSellerClosureSchema)
@blueprint.response(201, SellerClosureSchema)
@requires("routing.write")
def add_seller_closure(payload: dict[str, Any]) -> SellerClosure:
    """Say on which days the caller takes no orders; policies may keep to it."""
    return operations.add_closure(db.session, caller=current_caller(), now=now(), **payload)


@blueprint.route("/seller-closures/<pid('closure'):closure_id>", methods=["DELETE"])
@writes
@blueprint.response(204)
@requires("routing.write")
def remove_seller_closure(closure_id: uuid.UUID) -> None:
    """Take orders on these days after all."""
    operations.remove_closure(db.session, caller=current_caller(), closure_id=closure_id, now=now())


@blueprint.route("/locations/<pid('loc'):location_id>/abilities")
@blueprint.response(200, AbilitiesSchema)
@requires("routing.read")
def show_abilities(location_id: uuid.UUID) -> LocationAbility:
    """Show which special goods a location of the caller's handles."""
    return queries.get_abilities(db.session, caller=current_caller(), location_id=location_id)


@blueprint.route("/locations/<pid('loc'):location_id>/abilities", methods=["PUT"])
@writes
@blueprint.arguments(AbilitiesSchema)
@blueprint.response(200, AbilitiesSchema)
@requires("routing.write")
def put_abilities(payload: dict[str, bool], location_id: uuid.UUID) -> LocationAbility:
    """Say which special goods a location of the caller's handles."""
    return operations.put_abilities(
        db.session,
        caller=current_caller(),
        location_id=location_id,
        abilities=payload,
        now=now(),
    )
