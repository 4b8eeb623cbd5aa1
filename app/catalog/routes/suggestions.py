"""Articles that sellers suggest, and what manufacturers decide about them."""

import uuid
from typing import Any

from app.catalog import operations, queries
from app.catalog.models import MatchPolicy, Suggestion
from app.catalog.routes.blueprint import blueprint
from app.catalog.rules.matching import Thresholds
from app.catalog.rules.suggesting import Decision, SuggestionDraft
from app.catalog.schemas.suggestions import (
    DecisionBatchFacts,
    DecisionFacts,
    MatchPolicyFacts,
    MatchPolicySchema,
    SuggestionBatchFacts,
    SuggestionBatchSchema,
    SuggestionChanges,
    SuggestionFacts,
    SuggestionQuery,
    SuggestionSchema,
)
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
from app.kernel.paging import Page

SUGGESTION = "/catalog/suggestions/<pid('sug'):suggestion_id>"
_FIELDS = tuple(name for name in SuggestionSchema().fields if name != "candidates")


def _body(suggestion: Suggestion) -> dict[str, Any]:
    seen = queries.readable_by(suggestion, current_caller())
    return {name: getattr(suggestion, name) for name in _FIELDS} | {"candidates": seen}


@blueprint.route("/catalog/suggestions")
@blueprint.arguments(SuggestionQuery, location="query")
@blueprint.response(200, page_schema(SuggestionSchema))
@requires("catalog.read")
def list_suggestions(query: dict[str, Any]) -> dict[str, Any]:
    """List the suggestions of the caller, and those that it reviews."""
    page = queries.list_suggestions(
        db.session, caller=current_caller(), page=page_request(query), status=query["status"]
    )
    return page_body(Page([_body(each) for each in page.items], page.next_cursor))


@blueprint.route("/catalog/suggestions", methods=["POST"])
@writes
@with_etag
@blueprint.arguments(SuggestionFacts)
@blueprint.response(201, SuggestionSchema)
@requires("offers.write")
def suggest_article(payload: SuggestionDraft) -> dict[str, Any]:
    """Suggest an article to sell; what is certain is matched at once, and offered."""
    [made] = operations.suggest(db.session, caller=current_caller(), drafts=[payload], now=now())
    return _body(made)


@blueprint.route("/catalog/suggestions/batch", methods=["POST"])
@writes
@blueprint.arguments(SuggestionBatchFacts)
@blueprint.response(201, SuggestionBatchSchema)
@requires("offers.write")
def suggest_articles(payload: dict[str, Any]) -> dict[str, Any]:
    """Suggest up to 500 articles at once."""
    made = operations.suggest(
        db.session, caller=current_caller(), drafts=payload["items"], now=now()
    )
    return {"items": [_body(each) for each in made]}


@blueprint.route("/catalog/suggestions/decisions", methods=["POST"])
@writes
@blueprint.arguments(DecisionBatchFacts)
@blueprint.response(200, SuggestionBatchSchema)
@requires("catalog.write")
def decide_suggestions(payload: dict[str, Any]) -> dict[str, Any]:
    """Decide up to 100 suggestions that the caller reviews; all of them or none."""
    taken = operations.decide(
        db.session, caller=current_caller(), decisions=payload["items"], now=now()
    )
    return {"items": [_body(each) for each in taken]}


@blueprint.route(SUGGESTION)
@with_etag
@blueprint.response(200, SuggestionSchema)
@requires("catalog.read")
def show_suggestion(suggestion_id: uuid.UUID) -> dict[str, Any]:
    """Show a suggestion, the variants that it may be, and why."""
    found = queries.get_suggestion(db.session, caller=current_caller(), suggestion_id=suggestion_id)
    return _body(found)


@blueprint.route(SUGGESTION, methods=["PATCH"])
@writes
@with_etag
@blueprint.arguments(SuggestionChanges)
@blueprint.response(200, SuggestionSchema)
@requires("offers.write")
def change_suggestion(payload: dict[str, Any], suggestion_id: uuid.UUID) -> dict[str, Any]:
    """Say something else of an article while nothing was decided. Send If-Match."""
    changed = operations.edit_suggestion(
        db.session,
        caller=current_caller(),
        suggestion_id=suggestion_id,
        expected_version=expected_version(),
        changes=payload,
        now=now(),
    )
    return _body(changed)


@blueprint.route(f"{SUGGESTION}/decision", methods=["POST"])
@writes
@blueprint.arguments(DecisionFacts)
@blueprint.response(200, SuggestionSchema)
@requires("catalog.write")
def decide_suggestion(payload: dict[str, Any], suggestion_id: uuid.UUID) -> dict[str, Any]:
    """Decide what a suggestion is: a variant, a new product, or nothing for this catalog."""
    decision = Decision(suggestion_id=suggestion_id, **payload)
    [taken] = operations.decide(
        db.session, caller=current_caller(), decisions=[decision], now=now()
    )
    return _body(taken)


@blueprint.route("/catalog/match-policies")
@blueprint.arguments(PageQuery, location="query")
@blueprint.response(200, page_schema(MatchPolicySchema))
@requires("catalog.read")
def list_match_policies(query: dict[str, Any]) -> dict[str, Any]:
    """List from which scores the caller takes suggestions, by seller."""
    page = queries.list_match_policies(
        db.session, caller=current_caller(), page=page_request(query)
    )
    return page_body(page)


@blueprint.route("/catalog/match-policies", methods=["PUT"])
@writes
@blueprint.arguments(MatchPolicyFacts)
@blueprint.response(200, MatchPolicySchema)
@requires("catalog.write")
def put_match_policy(payload: dict[str, Any]) -> MatchPolicy:
    """Say from which scores a seller's suggestions (or all sellers') are taken."""
    return operations.set_match_policy(
        db.session,
        caller=current_caller(),
        seller_id=payload.pop("seller_id"),
        thresholds=Thresholds(**payload),
        now=now(),
    )
