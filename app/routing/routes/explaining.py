"""Why a seller delivers a line or not."""

import uuid
from typing import Any

from app.infra.auth import current_caller, requires
from app.infra.db import db
from app.kernel.languages import language_of
from app.routing.routes.blueprint import blueprint
from app.routing.schemas import ExplanationQuery, ExplanationSchema
from app.routing.why.telling import Question, explanation


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
    caller = current_caller()
    question = Question(
        order_id=order_id,
        line=query["line"],
        seller_id=query["seller"],
        attempt=query["attempt"],
        language=language_of(query["lang"], caller.language),
    )
    return explanation(db.session, caller=caller, question=question)
