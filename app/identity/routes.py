"""API keys, and who am I."""

import uuid
from typing import Any

import orjson
from flask_smorest import Blueprint

from app.identity import operations, queries
from app.identity.models import ApiKey
from app.identity.schemas import (
    ApiKeySchema,
    CreatedApiKeySchema,
    LanguageSchema,
    MeSchema,
    NewApiKeySchema,
)
from app.infra.auth import current_caller, requires
from app.infra.db import db
from app.infra.http import PageQuery, page_body, page_request, page_schema
from app.infra.idempotency import remember_instead, writes
from app.infra.web import now
from app.kernel.ids import public_id

blueprint = Blueprint("identity", __name__, description="API keys and the caller itself")


@blueprint.route("/me")
@blueprint.response(200, MeSchema)
def show_me() -> dict[str, Any]:
    """Who the caller is and what it may do."""
    caller = current_caller()
    found = queries.find_organization(db.session, organization_id=caller.organization_id)
    is_key = db.session.get(ApiKey, caller.actor_id) is not None
    return {
        "organization_id": caller.organization_id,
        "organization_name": found.name if found else "",
        "kinds": sorted(caller.kinds),
        "actor_id": public_id("key" if is_key else "person", caller.actor_id),
        "permissions": sorted(caller.permissions),
        "language": caller.language,
    }


@blueprint.route("/me/language", methods=["PUT"])
@writes
@blueprint.arguments(LanguageSchema)
@blueprint.response(200, LanguageSchema)
def set_language(payload: dict[str, Any]) -> dict[str, Any]:
    """Say in which language the person behind this key is told things."""
    person = operations.set_language(db.session, caller=current_caller(), **payload)
    return {"language": person.language}


@blueprint.route("/api-keys")
@blueprint.arguments(PageQuery, location="query")
@blueprint.response(200, page_schema(ApiKeySchema))
@requires("keys.write")
def list_api_keys(query: dict[str, Any]) -> dict[str, Any]:
    """List the keys of the caller's organization."""
    page = queries.list_keys(db.session, caller=current_caller(), page=page_request(query))
    return page_body(page)


@blueprint.route("/api-keys", methods=["POST"])
@writes
@blueprint.arguments(NewApiKeySchema)
@blueprint.response(201, CreatedApiKeySchema)
@requires("keys.write")
def create_api_key(payload: dict[str, Any]) -> dict[str, Any]:
    """Make a key; its secret is shown this once."""
    made = operations.create_key(db.session, caller=current_caller(), now=now(), **payload)
    body: dict[str, Any] = ApiKeySchema().dump(made.key)
    # The answer is kept for repetitions; the secret must not be kept with it.
    remember_instead(orjson.dumps(body | {"secret": None}))
    return {name: getattr(made.key, name) for name in body} | {"secret": made.secret}


@blueprint.route("/api-keys/<pid('key'):key_id>", methods=["DELETE"])
@writes
@blueprint.response(200, ApiKeySchema)
@requires("keys.write")
def revoke_api_key(key_id: uuid.UUID) -> ApiKey:
    """Revoke a key, at once and for ever."""
    return operations.revoke_key(db.session, caller=current_caller(), key_id=key_id, now=now())
