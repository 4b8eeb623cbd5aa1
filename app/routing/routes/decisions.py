"""Decisions and their explanation."""

import uuid
from typing import Any

from app.infra.auth import current_caller, requires
from app.infra.db import db
from app.routing import queries
from app.routing.explain import Story, sentences, story_of
from app.routing.routes.blueprint import blueprint
from app.routing.schemas import DecisionsSchema


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
