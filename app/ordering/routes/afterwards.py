"""After the plan: sellers take units back, buyers choose about those that nobody can serve."""

import uuid
from typing import Any

from app.infra.auth import current_caller, requires
from app.infra.db import db
from app.infra.idempotency import writes
from app.infra.web import now
from app.ordering import documents, operations, queries
from app.ordering.routes.orders import blueprint, seller_order_document_of
from app.ordering.schemas import (
    ChoiceAnswerSchema,
    ChoiceSchema,
    ChoicesSchema,
    SellerOrderSchema,
    WithdrawalSchema,
)


@blueprint.route("/orders/<pid('order'):order_id>/choices")
@blueprint.response(200, ChoicesSchema)
@requires("orders.read")
def show_choices(order_id: uuid.UUID) -> dict[str, Any]:
    """List units that nobody can serve now, and what the buyer may do about them."""
    return {"items": _choices(order_id)}


@blueprint.route("/choices/<pid('choice'):choice_id>/answer", methods=["POST"])
@writes
@blueprint.arguments(ChoiceAnswerSchema)
@blueprint.response(200, ChoiceSchema)
@requires("orders.place")
def answer_choice(payload: dict[str, Any], choice_id: uuid.UUID) -> dict[str, Any]:
    """Wait for the goods, cancel them, or take another variant at no more than was promised.

    Who waits is served when stock arrives; who does not choose in time owes nothing for the units.
    """
    choice = operations.answer_choice(
        db.session, caller=current_caller(), choice_id=choice_id, now=now(), **payload
    )
    db.session.flush()
    return next(each for each in _choices(choice.order_id) if each["id"] == choice_id)


@blueprint.route("/seller-orders/<pid('sorder'):seller_order_id>/withdrawal", methods=["POST"])
@writes
@blueprint.arguments(WithdrawalSchema)
@blueprint.response(200, SellerOrderSchema)
@requires("seller_orders.answer")
def withdraw_units(payload: dict[str, Any], seller_order_id: uuid.UUID) -> dict[str, Any]:
    """Take back accepted units that cannot be delivered after all; they find other sellers.

    For a short pick, lost or damaged goods, or a cancellation by the seller. What has left stays.
    """
    operations.withdraw_units(
        db.session,
        caller=current_caller(),
        seller_order_id=seller_order_id,
        lines=[operations.Withdrawal(**line) for line in payload["lines"]],
        now=now(),
    )
    return seller_order_document_of(seller_order_id)


def _choices(order_id: uuid.UUID) -> list[dict[str, Any]]:
    caller = current_caller()
    currency = queries.get_order(db.session, caller=caller, order_id=order_id).currency
    seen = queries.list_choices(db.session, caller=caller, order_id=order_id)
    return [documents.choice_document(each, currency=currency) for each in seen]
