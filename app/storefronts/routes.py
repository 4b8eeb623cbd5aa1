"""Storefronts and their pools of sellers."""

import uuid
from typing import Any

from flask_smorest import Blueprint

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
from app.storefronts import operations, queries
from app.storefronts.models import Storefront
from app.storefronts.schemas import (
    NewStorefrontSchema,
    PoolSchema,
    StorefrontChangesSchema,
    StorefrontSchema,
)

blueprint = Blueprint("storefronts", __name__, description="Where buyers shop, and who fulfils")


@blueprint.route("/storefronts")
@blueprint.arguments(PageQuery, location="query")
@blueprint.response(200, page_schema(StorefrontSchema))
@requires("storefronts.read")
def list_storefronts(query: dict[str, Any]) -> dict[str, Any]:
    """List the storefronts that the caller may look into."""
    page = page_request(query)
    return page_body(queries.list_storefronts(db.session, caller=current_caller(), page=page))


@blueprint.route("/storefronts", methods=["POST"])
@writes
@blueprint.arguments(NewStorefrontSchema)
@blueprint.response(201, StorefrontSchema)
@requires("storefronts.write")
def create_storefront(payload: dict[str, Any]) -> Storefront:
    """Open a storefront of the caller's organization."""
    return operations.create_storefront(
        db.session, caller=current_caller(), facts=payload, now=now()
    )


@blueprint.route("/storefronts/<pid('shop'):storefront_id>")
@with_etag
@blueprint.response(200, StorefrontSchema)
@requires("storefronts.read")
def show_storefront(storefront_id: uuid.UUID) -> Storefront:
    """Show a storefront."""
    return queries.see_storefront(db.session, caller=current_caller(), storefront_id=storefront_id)


@blueprint.route("/storefronts/<pid('shop'):storefront_id>", methods=["PATCH"])
@writes
@with_etag
@blueprint.arguments(StorefrontChangesSchema)
@blueprint.response(200, StorefrontSchema)
@requires("storefronts.write")
def edit_storefront(payload: dict[str, Any], storefront_id: uuid.UUID) -> Storefront:
    """Change a storefront; `If-Match` names the version that was read."""
    return operations.edit_storefront(
        db.session,
        caller=current_caller(),
        storefront_id=storefront_id,
        version=expected_version(),
        changes=payload,
        now=now(),
    )


@blueprint.route("/storefronts/<pid('shop'):storefront_id>/pool")
@blueprint.response(200, PoolSchema)
@requires("storefronts.read")
def show_pool(storefront_id: uuid.UUID) -> dict[str, Any]:
    """Show the sellers that may fulfil the storefront's orders (its owner only)."""
    storefront = queries.see_storefront(
        db.session, caller=current_caller(), storefront_id=storefront_id
    )
    current_caller().require_one_of(storefront.owner_id)
    return {"seller_ids": queries.list_pool(db.session, storefront_id=storefront_id)}


@blueprint.route("/storefronts/<pid('shop'):storefront_id>/pool", methods=["PUT"])
@writes
@blueprint.arguments(PoolSchema)
@blueprint.response(200, PoolSchema)
@requires("storefronts.write")
def set_pool(payload: dict[str, Any], storefront_id: uuid.UUID) -> dict[str, Any]:
    """Say which sellers may fulfil the storefront's orders; others leave the pool."""
    operations.set_pool(
        db.session,
        caller=current_caller(),
        storefront_id=storefront_id,
        seller_ids=payload["seller_ids"],
        now=now(),
    )
    return {"seller_ids": queries.list_pool(db.session, storefront_id=storefront_id)}
