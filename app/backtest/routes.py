"""Backtests: started, watched, stopped, and their reports."""

import uuid
from typing import Any

from flask import Response, stream_with_context
from flask_smorest import Blueprint

from app.backtest import documents, operations, queries
from app.backtest.operations import Choice
from app.backtest.rules import Scenario
from app.backtest.schemas import (
    BacktestReportSchema,
    BacktestSchema,
    NewBacktestSchema,
    OrderWhatIfSchema,
    WhatIfAnswerSchema,
    WhatIfSchema,
    suppositions_of,
)
from app.infra.auth import current_caller, requires
from app.infra.db import db
from app.infra.http import PageQuery, page_body, page_request, page_schema
from app.infra.idempotency import writes
from app.infra.web import now
from app.kernel.paging import Page
from app.ordering.operations import Placement, PlacementLine
from app.ordering.wishes import Wishes

blueprint = Blueprint(
    "backtest", __name__, description="Past orders decided anew: what would have been, if"
)
BACKTEST = "/backtests/<pid('bt'):backtest_id>"


@blueprint.route("/backtests", methods=["POST"])
@writes
@blueprint.arguments(NewBacktestSchema)
@blueprint.response(202, BacktestReportSchema)
@requires("routing.write")
def start_backtest(payload: dict[str, Any]) -> dict[str, Any]:
    """Decide a past period's orders anew, as a job; nothing but the report is written.

    A storefront's owner for its own orders; the operator for all. Orders are decided one after the
    other, each against what the ones before it left.
    """
    given = payload.pop("scenario") or {}
    for name in ("without_agreements", "baselines"):
        if name in given:
            given[name] = tuple(given[name])
    found = operations.start_backtest(
        db.session,
        caller=current_caller(),
        name=payload.pop("name"),
        choice=Choice(**payload),
        scenario=Scenario(**given),
        now=now(),
    )
    return documents.backtest_document(db.session, found)


@blueprint.route("/backtests")
@blueprint.arguments(PageQuery, location="query")
@blueprint.response(200, page_schema(BacktestSchema))
@requires("routing.read")
def list_backtests(query: dict[str, Any]) -> dict[str, Any]:
    """List the caller's backtests, newest first."""
    page = queries.list_backtests(db.session, caller=current_caller(), page=page_request(query))
    rows = [documents.summary(db.session, each) for each in page.items]
    return page_body(Page(rows, page.next_cursor))


@blueprint.route(BACKTEST)
@blueprint.response(200, BacktestReportSchema)
@requires("routing.read")
def show_backtest(backtest_id: uuid.UUID) -> dict[str, Any]:
    """Show how far a backtest is, and its report."""
    found = queries.get_backtest(db.session, caller=current_caller(), backtest_id=backtest_id)
    return documents.backtest_document(db.session, found)


@blueprint.route(f"{BACKTEST}/cancel", methods=["POST"])
@writes
@blueprint.response(202, BacktestReportSchema)
@requires("routing.write")
def cancel_backtest(backtest_id: uuid.UUID) -> dict[str, Any]:
    """Stop a backtest: at once while it waits, at the next order while it runs."""
    found = operations.cancel_backtest(
        db.session, caller=current_caller(), backtest_id=backtest_id, now=now()
    )
    return documents.backtest_document(db.session, found)


@blueprint.route(f"{BACKTEST}/orders.csv")
@blueprint.response(
    200, {"type": "string"}, content_type="text/csv", description="A row for each order"
)
@requires("routing.read")
def download_orders(backtest_id: uuid.UUID) -> Response:
    """What came of each order: its figures by contender; amounts are minor units."""
    found = queries.get_backtest(db.session, caller=current_caller(), backtest_id=backtest_id)
    rows = queries.outcomes_of(db.session, backtest_id=found.id)
    names = documents.contenders_of(Scenario.read(found.scenario))
    response = Response(
        stream_with_context(documents.order_file(rows, names)),
        content_type="text/csv; charset=utf-8",
    )
    response.headers["Content-Disposition"] = 'attachment; filename="backtest.csv"'
    return response


@blueprint.route("/routing/what-if", methods=["POST"])
@blueprint.arguments(WhatIfSchema)
@blueprint.response(200, WhatIfAnswerSchema)
@requires("routing.read")
def what_if(payload: dict[str, Any]) -> dict[str, Any]:
    """Decide an order as things are and as they are supposed to be; nothing is written.

    For the storefront's owner and the operator.
    """
    caller, supposed = current_caller(), suppositions_of(payload.pop("suppose"))
    facts = {
        "lines": [PlacementLine(**line) for line in payload["lines"]],
        "buyer_id": payload["buyer_id"] or caller.organization_id,
        "wishes": Wishes.read(payload["wishes"]),
    }
    found = operations.what_if(
        db.session,
        caller=caller,
        placement=Placement(**{**payload, **facts}),
        suppositions=supposed,
        now=now(),
    )
    return documents.what_if_document(db.session, found)


@blueprint.route("/carts/<pid('cart'):cart_id>/routing/what-if", methods=["POST"])
@blueprint.arguments(OrderWhatIfSchema)
@blueprint.response(200, WhatIfAnswerSchema)
@requires("routing.read")
def what_if_of_cart(payload: dict[str, Any], cart_id: uuid.UUID) -> dict[str, Any]:
    """Decide what is in an open cart, as things are and as they are supposed to be; writes nothing.

    What is kept for the cart counts as its own. For the storefront's owner and the operator.
    """
    found = operations.what_if_of_cart(
        db.session,
        caller=current_caller(),
        cart_id=cart_id,
        suppositions=suppositions_of(payload["suppose"]),
        now=now(),
    )
    return documents.what_if_document(db.session, found)


@blueprint.route("/orders/<pid('order'):order_id>/routing/what-if", methods=["POST"])
@blueprint.arguments(OrderWhatIfSchema)
@blueprint.response(200, WhatIfAnswerSchema)
@requires("routing.read")
def what_if_of_order(payload: dict[str, Any], order_id: uuid.UUID) -> dict[str, Any]:
    """Decide a placed order anew, as things are and as they are supposed to be; nothing is written.

    What the order took counts as being there. For the storefront's owner and the operator.
    """
    found = operations.what_if_of_order(
        db.session,
        caller=current_caller(),
        order_id=order_id,
        suppositions=suppositions_of(payload["suppose"]),
        now=now(),
    )
    return documents.what_if_document(db.session, found)
