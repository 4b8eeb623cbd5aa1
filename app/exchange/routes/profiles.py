"""Saved mappings."""

import uuid
from typing import Any

from app.exchange import operations, queries
from app.exchange.models import Profile
from app.exchange.routes.blueprint import blueprint
from app.exchange.schemas import ProfileChanges, ProfileFacts, ProfileQuery, ProfileSchema
from app.infra.auth import current_caller, requires
from app.infra.db import db
from app.infra.http import expected_version, page_body, page_request, page_schema, with_etag
from app.infra.idempotency import writes
from app.infra.web import now


@blueprint.route("/import-profiles")
@blueprint.arguments(ProfileQuery, location="query")
@blueprint.response(200, page_schema(ProfileSchema))
@requires("imports.read")
def list_profiles(query: dict[str, Any]) -> dict[str, Any]:
    """List the caller's saved mappings."""
    page = queries.list_profiles(
        db.session,
        caller=current_caller(),
        page=page_request(query),
        resource=query["resource"],
    )
    return page_body(page)


@blueprint.route("/import-profiles", methods=["POST"])
@writes
@with_etag
@blueprint.arguments(ProfileFacts)
@blueprint.response(201, ProfileSchema)
@requires("imports.write")
def create_profile(payload: dict[str, Any]) -> Profile:
    """Save a mapping."""
    return operations.create_profile(db.session, caller=current_caller(), now=now(), **payload)


@blueprint.route("/import-profiles/<pid('impprof'):profile_id>")
@with_etag
@blueprint.response(200, ProfileSchema)
@requires("imports.read")
def show_profile(profile_id: uuid.UUID) -> Profile:
    """Show a saved mapping."""
    return queries.get_profile(db.session, caller=current_caller(), profile_id=profile_id)


@blueprint.route("/import-profiles/<pid('impprof'):profile_id>", methods=["PATCH"])
@writes
@with_etag
@blueprint.arguments(ProfileChanges)
@blueprint.response(200, ProfileSchema)
@requires("imports.write")
def change_profile(payload: dict[str, Any], profile_id: uuid.UUID) -> Profile:
    """Change a saved mapping; send If-Match."""
    return operations.update_profile(
        db.session,
        caller=current_caller(),
        profile_id=profile_id,
        expected_version=expected_version(),
        changes=payload,
        now=now(),
    )


@blueprint.route("/import-profiles/<pid('impprof'):profile_id>", methods=["DELETE"])
@writes
@blueprint.response(204)
@requires("imports.write")
def delete_profile(profile_id: uuid.UUID) -> None:
    """Forget a saved mapping."""
    operations.delete_profile(db.session, caller=current_caller(), profile_id=profile_id)
