"""Policies: drafted, looked at, activated, gone back to, retired."""

import uuid
from datetime import datetime
from typing import Any

from app.infra.auth import current_caller, requires
from app.infra.db import db
from app.infra.http import (
    expected_version,
    page_body,
    page_request,
    page_schema,
    with_etag,
)
from app.infra.idempotency import writes
from app.infra.web import now
from app.kernel.paging import Page
from app.routing import operations, queries
from app.routing.documents import policy_body, preview_body
from app.routing.errors import document_at
from app.routing.routes.blueprint import blueprint
from app.routing.rules.policies import SCOPES, PolicyScope
from app.routing.schemas import (
    ActivationSchema,
    EditedPolicySchema,
    NewPolicySchema,
    PolicyPreviewSchema,
    PolicyQuery,
    PolicySchema,
    PreviewSchema,
)

_DOCUMENT = "/document"
POLICY = "/routing-policies/<pid('policy'):policy_id>"


def _scope(payload: dict[str, Any]) -> PolicyScope:
    """Take the scope out of a payload."""
    return PolicyScope(**{f"{kind}_id": payload.pop(f"{kind}_id") for kind in SCOPES[:-1]})


def _at(payload: dict[str, Any]) -> datetime:
    at: datetime | None = payload["at"]
    return at or now()


@blueprint.route("/routing-policies")
@blueprint.arguments(PolicyQuery, location="query")
@blueprint.response(200, page_schema(PolicySchema))
@requires("routing.read")
def list_policies(query: dict[str, Any]) -> dict[str, Any]:
    """List policies in all versions: the network's, and those of the caller's shops and goods."""
    asked = _scope(query)
    page = queries.list_policies(
        db.session,
        caller=current_caller(),
        page=page_request(query),
        scope=asked if asked.subject_id else None,
    )
    bodies = [policy_body(policy, now=now()) for policy in page.items]
    return page_body(Page(bodies, page.next_cursor))


@blueprint.route("/routing-policies", methods=["POST"])
@with_etag
@writes
@blueprint.arguments(NewPolicySchema)
@blueprint.response(201, PolicySchema)
@requires("routing.write")
def draft_policy(payload: dict[str, Any]) -> dict[str, Any]:
    """Draft a new version of a policy; it decides nothing until it is activated.

    A storefront's owner for its storefront; the operator for everything.
    """
    with document_at(_DOCUMENT):
        policy = operations.draft_policy(
            db.session,
            caller=current_caller(),
            scope=_scope(payload),
            document=payload["document"],
            note=payload["note"],
            now=now(),
        )
    return policy_body(policy, now=now())


@blueprint.route(POLICY)
@with_etag
@blueprint.response(200, PolicySchema)
@requires("routing.read")
def show_policy(policy_id: uuid.UUID) -> dict[str, Any]:
    """Show a version of a policy."""
    found = queries.get_policy(db.session, caller=current_caller(), policy_id=policy_id)
    return policy_body(found, now=now())


@blueprint.route(POLICY, methods=["PATCH"])
@with_etag
@writes
@blueprint.arguments(EditedPolicySchema)
@blueprint.response(200, PolicySchema)
@requires("routing.write")
def edit_policy(payload: dict[str, Any], policy_id: uuid.UUID) -> dict[str, Any]:
    """Replace a draft's document; what was activated is never edited."""
    with document_at(_DOCUMENT):
        policy = operations.edit_policy(
            db.session,
            caller=current_caller(),
            policy_id=policy_id,
            expected_version=expected_version(),
            document=payload["document"],
            note=payload["note"],
            now=now(),
        )
    return policy_body(policy, now=now())


@blueprint.route(POLICY, methods=["DELETE"])
@writes
@blueprint.response(204)
@requires("routing.write")
def delete_policy(policy_id: uuid.UUID) -> None:
    """Throw a draft away (If-Match with its ETag); what was activated is kept for ever."""
    operations.delete_policy(
        db.session,
        caller=current_caller(),
        policy_id=policy_id,
        expected_version=expected_version(),
        now=now(),
    )


@blueprint.route("/routing-policies/validate", methods=["POST"])
@blueprint.arguments(NewPolicySchema)
@blueprint.response(204)
@requires("routing.read")
def validate_policy(payload: dict[str, Any]) -> None:
    """Tell what is wrong with a document, each fault with its place; nothing is kept."""
    with document_at(_DOCUMENT):
        operations.check_document(db.session, document=payload["document"])


@blueprint.route("/routing-policies/preview", methods=["POST"])
@blueprint.arguments(PreviewSchema)
@blueprint.response(200, PolicyPreviewSchema)
@requires("routing.write")
def preview_policy(payload: dict[str, Any]) -> dict[str, Any]:
    """Compare a document with what is in force, on the scope's last orders; nothing is kept.

    Both decide now, against stock as it is plus what each order took.
    """
    with document_at(_DOCUMENT):
        found = operations.preview_policy(
            db.session,
            caller=current_caller(),
            scope=_scope(payload),
            document=payload["document"],
            count=payload["orders"],
            now=now(),
        )
    return preview_body(found)


@blueprint.route(f"{POLICY}/activation", methods=["POST"])
@with_etag
@writes
@blueprint.arguments(ActivationSchema)
@blueprint.response(200, PolicySchema)
@requires("routing.write")
def activate_policy(payload: dict[str, Any], policy_id: uuid.UUID) -> dict[str, Any]:
    """Let a draft decide from an instant on; the version before it ends there."""
    policy = operations.activate_policy(
        db.session,
        caller=current_caller(),
        policy_id=policy_id,
        expected_version=expected_version(),
        at=_at(payload),
        now=now(),
    )
    return policy_body(policy, now=now())


@blueprint.route(f"{POLICY}/rollback", methods=["POST"])
@with_etag
@writes
@blueprint.arguments(ActivationSchema)
@blueprint.response(201, PolicySchema)
@requires("routing.write")
def roll_back_policy(payload: dict[str, Any], policy_id: uuid.UUID) -> dict[str, Any]:
    """Go back to a version: a new one with its document decides from an instant on."""
    policy = operations.roll_back_policy(
        db.session, caller=current_caller(), policy_id=policy_id, at=_at(payload), now=now()
    )
    return policy_body(policy, now=now())


@blueprint.route(f"{POLICY}/retirement", methods=["POST"])
@with_etag
@writes
@blueprint.arguments(ActivationSchema)
@blueprint.response(200, PolicySchema)
@requires("routing.write")
def retire_policy(payload: dict[str, Any], policy_id: uuid.UUID) -> dict[str, Any]:
    """End a version without another: less specific policies decide from then on."""
    policy = operations.retire_policy(
        db.session, caller=current_caller(), policy_id=policy_id, at=_at(payload), now=now()
    )
    return policy_body(policy, now=now())
