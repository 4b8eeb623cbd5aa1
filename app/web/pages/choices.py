"""The buyer's choices about units that nobody can serve now, as buttons on the order's page."""

from datetime import UTC, datetime, time

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue

from app.infra.db import db
from app.infra.unit_of_work import transaction
from app.infra.web import now
from app.kernel.errors import NotFound
from app.kernel.ids import public_id
from app.ordering import operations as ordering_operations
from app.web.blueprint import blueprint, id_in_url, me, signed_in

ANSWERS = frozenset({"wait", "cancel", "substitute"})


@blueprint.post("/choices/<text>")
@signed_in
def answer_choice(text: str) -> ResponseReturnValue:
    """Wait, cancel, or take something else."""
    me().require("orders.place")
    answer = request.form.get("answer", "")
    variant = request.form.get("variant_id", "").strip()
    if answer not in ANSWERS or (answer == "substitute" and not variant):
        raise NotFound
    with transaction(db.session) as session:
        choice = ordering_operations.answer_choice(
            session,
            caller=me(),
            choice_id=id_in_url("choice", text),
            answer=answer,
            until=_day(request.form.get("until", "")),
            variant_id=id_in_url("var", variant) if answer == "substitute" else None,
            now=now(),
        )
        order = public_id("order", choice.order_id)
    return redirect(url_for("web.order", text=order) + "#choices")


def _day(text: str) -> datetime | None:
    """The end of a day as a browser sends it."""
    try:
        return datetime.combine(datetime.fromisoformat(text).date(), time.max, tzinfo=UTC)
    except ValueError:
        return None
