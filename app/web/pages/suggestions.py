"""What sellers suggest: the queue of whoever reviews it, with candidates, scores and reasons."""

import uuid
from collections.abc import Sequence
from typing import Any

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.catalog import operations as catalog_operations
from app.catalog import queries as catalog_queries
from app.catalog.rules.suggesting import STATES, Decision
from app.infra.db import db
from app.infra.http import status_of
from app.infra.unit_of_work import transaction
from app.infra.web import now
from app.kernel.errors import AppError
from app.routing import queries as routing_queries
from app.web.blueprint import blueprint, id_in_url, me, page_asked, signed_in

# Why something waits, for people.
WHY = {
    "no_identifier": "No GTIN, and no part number with brand: only the name is alike",
    "no_match": "Nothing in the catalog is alike",
    "conflict": "The GTIN names one variant and the part number another",
    "ambiguous": "Two variants fit as well",
    "below_auto": "Alike, but less than you accept unseen",
}


@blueprint.get("/suggestions")
@signed_in
def suggestions() -> ResponseReturnValue:
    """The queue, or what was decided."""
    me().require("catalog.read")
    return _shown(None), 200


@blueprint.post("/suggestions/<text>/decision")
@signed_in
def decide_suggestion(text: str) -> ResponseReturnValue:
    """One decision."""
    me().require("catalog.write")
    try:
        with transaction(db.session) as session:
            decision = _decision(id_in_url("sug", text))
            catalog_operations.decide(session, caller=me(), decisions=[decision], now=now())
    except AppError as error:
        return _shown(error), status_of(error)
    return redirect(url_for("web.suggestions"))


def _decision(suggestion_id: uuid.UUID) -> Decision:
    """What the form says; a choice of a variant is its id, anything else is the action."""
    chosen, category = request.form.get("choice", ""), request.form.get("category_id")
    is_variant = chosen.startswith("var_")
    return Decision(
        suggestion_id=suggestion_id,
        action="match" if is_variant else chosen if chosen == "new_product" else "refuse",
        variant_id=id_in_url("var", chosen) if is_variant else None,
        category_id=id_in_url("cat", category) if category else None,
        sku=request.form.get("sku", "").strip() or None,
        reason=request.form.get("reason", "").strip(),
    )


def _shown(error: AppError | None) -> str:
    status = request.args.get("status", "pending")
    page = catalog_queries.list_suggestions(
        db.session,
        caller=me(),
        page=page_asked(),
        status=status if status in STATES else "pending",
    )
    return render_template(
        "suggestions/queue.html",
        page=page,
        candidates={each.id: catalog_queries.readable_by(each, me()) for each in page.items},
        names=_names(page.items),
        tree=catalog_queries.tree_of(db.session, manufacturer_id=me().organization_id),
        own=me().organization_id,
        may_decide=me().may("catalog.write"),
        status=status,
        states=STATES,
        why=WHY,
        error=error,
    )


def _names(suggestions: Sequence[Any]) -> dict[uuid.UUID, str]:
    """Who suggests and who makes."""
    ids = {each.seller_id for each in suggestions} | {each.reviewer_id for each in suggestions}
    return routing_queries.names_of(db.session, [each for each in ids if each])
