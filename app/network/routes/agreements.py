"""Agreements, their terms in versions, and the steps of their life."""

import uuid
from collections.abc import Sequence
from typing import Any

from app.infra.auth import current_caller, requires
from app.infra.db import db
from app.infra.http import PageQuery, page_body, page_request, page_schema, with_etag
from app.infra.idempotency import writes
from app.infra.web import now
from app.kernel.paging import Page
from app.network import operations, queries
from app.network.models import Agreement, AgreementTerms
from app.network.routes.blueprint import blueprint
from app.network.rules import TermsDraft
from app.network.schemas import (
    AgreementQuery,
    AgreementSchema,
    NewAgreementSchema,
    NewTermsSchema,
    TermsSchema,
)

AGREEMENT = "/agreements/<pid('agr'):agreement_id>"
_FIELDS = tuple(TermsSchema().fields)


def _bodies(terms: Sequence[AgreementTerms]) -> list[dict[str, Any]]:
    ids = [each.id for each in terms]
    categories = queries.categories_of(db.session, terms_ids=ids)
    exclusivities = queries.exclusivities_of(db.session, terms_ids=ids)
    extra = {
        each: {"category_ids": categories[each], "exclusivities": exclusivities[each]}
        for each in ids
    }
    plain = [name for name in _FIELDS if name not in {"category_ids", "exclusivities"}]
    return [{name: getattr(each, name) for name in plain} | extra[each.id] for each in terms]


def _move(agreement_id: uuid.UUID, action: str) -> Agreement:
    return operations.move_agreement(
        db.session, caller=current_caller(), agreement_id=agreement_id, action=action, now=now()
    )


@blueprint.route("/agreements")
@blueprint.arguments(AgreementQuery, location="query")
@blueprint.response(200, page_schema(AgreementSchema))
@requires("agreements.read")
def list_agreements(query: dict[str, Any]) -> dict[str, Any]:
    """List agreements that the caller's organization is a party of, or whose goods it makes."""
    page = queries.list_agreements(
        db.session, caller=current_caller(), page=page_request(query), status=query["status"]
    )
    return page_body(page)


@blueprint.route("/agreements", methods=["POST"])
@writes
@blueprint.arguments(NewAgreementSchema)
@blueprint.response(201, AgreementSchema)
@requires("agreements.write")
def create_agreement(payload: dict[str, Any]) -> Agreement:
    """Draft an agreement that the caller's organization grants, with its first terms."""
    return operations.create_agreement(db.session, caller=current_caller(), now=now(), **payload)


@blueprint.route(AGREEMENT)
@with_etag
@blueprint.response(200, AgreementSchema)
@requires("agreements.read")
def show_agreement(agreement_id: uuid.UUID) -> Agreement:
    """Show an agreement."""
    return queries.get_agreement(db.session, caller=current_caller(), agreement_id=agreement_id)


@blueprint.route(f"{AGREEMENT}/terms")
@blueprint.arguments(PageQuery, location="query")
@blueprint.response(200, page_schema(TermsSchema))
@requires("agreements.read")
def list_terms(query: dict[str, Any], agreement_id: uuid.UUID) -> dict[str, Any]:
    """List all versions of an agreement's terms, oldest first."""
    page = queries.page_terms(
        db.session,
        caller=current_caller(),
        agreement_id=agreement_id,
        page=page_request(query),
    )
    return page_body(Page(_bodies(page.items), page.next_cursor))


@blueprint.route(f"{AGREEMENT}/terms", methods=["POST"])
@writes
@blueprint.arguments(NewTermsSchema)
@blueprint.response(201, TermsSchema)
@requires("agreements.write")
def add_terms(payload: TermsDraft, agreement_id: uuid.UUID) -> dict[str, Any]:
    """Add a version of terms; the version before it ends where this one begins."""
    added = operations.add_terms(
        db.session, caller=current_caller(), agreement_id=agreement_id, terms=payload, now=now()
    )
    return _bodies([added])[0]


@blueprint.route(f"{AGREEMENT}/proposal", methods=["POST"])
@writes
@blueprint.response(200, AgreementSchema)
@requires("agreements.write")
def propose_agreement(agreement_id: uuid.UUID) -> Agreement:
    """Ask the grantee to accept a draft (grantor)."""
    return _move(agreement_id, "proposed")


@blueprint.route(f"{AGREEMENT}/acceptance", methods=["POST"])
@writes
@blueprint.response(200, AgreementSchema)
@requires("agreements.write")
def accept_agreement(agreement_id: uuid.UUID) -> Agreement:
    """Accept a proposal: the agreement is active (grantee)."""
    return _move(agreement_id, "accepted")


@blueprint.route(f"{AGREEMENT}/suspension", methods=["POST"])
@writes
@blueprint.response(200, AgreementSchema)
@requires("agreements.write")
def suspend_agreement(agreement_id: uuid.UUID) -> Agreement:
    """Stop new sales for a while (grantor or operator)."""
    return _move(agreement_id, "suspended")


@blueprint.route(f"{AGREEMENT}/resumption", methods=["POST"])
@writes
@blueprint.response(200, AgreementSchema)
@requires("agreements.write")
def resume_agreement(agreement_id: uuid.UUID) -> Agreement:
    """End a suspension (grantor or operator)."""
    return _move(agreement_id, "resumed")


@blueprint.route(f"{AGREEMENT}/termination", methods=["POST"])
@writes
@blueprint.response(200, AgreementSchema)
@requires("agreements.write")
def terminate_agreement(agreement_id: uuid.UUID) -> Agreement:
    """End an agreement for ever, or decline a proposal (either party, or the operator)."""
    return _move(agreement_id, "terminated")
