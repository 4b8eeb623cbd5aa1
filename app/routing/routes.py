"""Decisions and their explanation, policies, freight tables."""

import uuid
from typing import Any

from flask_smorest import Blueprint

from app.infra import audit
from app.infra.auth import current_caller, requires
from app.infra.db import db
from app.infra.http import PageQuery, page_body, page_request, page_schema
from app.infra.idempotency import writes
from app.infra.web import now
from app.routing import operations, queries
from app.routing.explain import Story, sentences, story_of
from app.routing.models import RoutingPolicy
from app.routing.schemas import (
    DecisionsSchema,
    ExplanationQuery,
    ExplanationSchema,
    FreightTableSchema,
    NewPolicySchema,
    PolicySchema,
)
from app.routing.why.telling import Question, explanation

blueprint = Blueprint("routing", __name__, description="Routing decisions, policies and freight")


@blueprint.route("/orders/<pid('order'):order_id>/routing")
@blueprint.response(200, DecisionsSchema)
@requires("routing.read")
def explain(order_id: uuid.UUID) -> dict[str, Any]:
    """Explain why each line goes to whom, and why to nobody else.

    For the storefront's owner and the operator.
    """
    currency, decisions = queries.get_decisions(
        db.session, caller=current_caller(), order_id=order_id
    )
    stories = [story_of(decision) for decision in decisions]
    named = {party for story in stories for party in story.parties()}
    names = queries.names_of(db.session, list(named))
    return {"items": [_document(story, currency, names) for story in stories]}


@blueprint.route("/orders/<pid('order'):order_id>/routing/explanation")
@blueprint.arguments(ExplanationQuery, location="query")
@blueprint.response(200, ExplanationSchema)
@requires("orders.read")
def explain_why(query: dict[str, Any], order_id: uuid.UUID) -> dict[str, Any]:
    """Tell why a seller delivers a line or not, and what would have to change for it to.

    Asked about a line or a seller, plans with it are worked out anew from what the decision kept:
    the answer is the same for ever. The operator and the storefront's owner are told all; a seller
    about itself, without what others ask; a buyer about the sellers that were chosen.
    """
    question = Question(
        order_id=order_id,
        line=query["line"],
        seller_id=query["seller"],
        attempt=query["attempt"],
        language=query["lang"],
    )
    return explanation(db.session, caller=current_caller(), question=question)


@blueprint.route("/routing-policies")
@blueprint.arguments(PageQuery, location="query")
@blueprint.response(200, page_schema(PolicySchema))
@requires("routing.read")
def list_policies(query: dict[str, Any]) -> dict[str, Any]:
    """List policies in all versions: the network's default and the caller's storefronts'."""
    page = queries.list_policies(db.session, caller=current_caller(), page=page_request(query))
    return page_body(page)


@blueprint.route("/routing-policies", methods=["POST"])
@writes
@blueprint.arguments(NewPolicySchema)
@blueprint.response(201, PolicySchema)
@requires("routing.write")
def create_policy(payload: dict[str, Any]) -> RoutingPolicy:
    """Publish a new version of a storefront's policy (operator: also the network's default)."""
    caller = current_caller()
    storefront_id = payload.pop("storefront_id")
    queries.require_policy_owner(db.session, caller=caller, storefront_id=storefront_id)
    policy = operations.create_policy(
        db.session,
        storefront_id=storefront_id,
        valid_from=max(payload.pop("valid_from"), now()),
        weights=payload,
    )
    audit.note(
        db.session,
        caller=caller,
        action="routing_policy.created",
        subject_type="routing_policy",
        subject_id=policy.id,
        now=now(),
        details=payload,
    )
    return policy


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


def _document(story: Story, currency: str, names: dict[uuid.UUID, str]) -> dict[str, Any]:
    made = story.decision
    return {
        "id": made.id,
        "attempt": made.attempt,
        "trigger": made.trigger,
        "decided_at": made.decided_at,
        "policy_number": made.plan["policy"]["number"],
        "currency": currency,
        "units_requested": made.units_requested,
        "units_served": made.units_served,
        "goods_minor": made.goods_minor,
        "freight_minor": made.freight_minor,
        "objective_minor": made.objective_minor,
        "bound_minor": made.bound_minor,
        "proof": made.proof,
        "method": made.method,
        "duration_us": made.duration_us,
        "funnel": story.funnel,
        "sentences": sentences(story, currency=currency, names=names),
        "lines": story.lines,
    }
