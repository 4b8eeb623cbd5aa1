"""Backtests for people: choose orders and what to suppose, watch, read the report.

Works without JavaScript: a page of a running backtest refreshes itself; plots are drawn in it.
"""

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import Response, redirect, render_template, request, stream_with_context, url_for
from flask.typing import ResponseReturnValue

from app.backtest import documents, operations, queries
from app.backtest.documents import WORDS
from app.backtest.operations import Choice
from app.backtest.rules import BASELINES, Scenario
from app.infra.db import db
from app.infra.unit_of_work import transaction
from app.infra.web import now
from app.kernel.errors import AppError, Malformed
from app.kernel.ids import parse_id, public_id
from app.kernel.paging import MAX_PAGE_SIZE, PageRequest
from app.routing import documents as routing_documents
from app.routing import operations as routing_operations
from app.routing import queries as routing_queries
from app.storefronts import queries as storefront_queries
from app.web.blueprint import blueprint, id_in_url, me, page_asked, signed_in

_STOCKS = {
    "recorded": "as the decisions of then saw it",
    "today": "as it is today",
    "unlimited": "as much as anybody wants",
}


@blueprint.get("/backtests")
@signed_in
def backtests() -> ResponseReturnValue:
    """Begin one, see earlier ones."""
    me().require("routing.read")
    return _listed()


@blueprint.post("/backtests")
@signed_in
def start_backtest() -> ResponseReturnValue:
    """Begin a backtest."""
    me().require("routing.write")
    try:
        with transaction(db.session):
            found = operations.start_backtest(
                db.session,
                caller=me(),
                name=request.form.get("name", "").strip()[:200],
                choice=_choice(),
                scenario=_scenario(),
                now=now(),
            )
            backtest_id = found.id
    except AppError as refusal:
        return _listed(refusal), 400
    return redirect(_page(backtest_id))


@blueprint.get("/backtests/<text>")
@signed_in
def backtest(text: str) -> ResponseReturnValue:
    """How far a backtest is, or its report."""
    me().require("routing.read")
    found = queries.get_backtest(db.session, caller=me(), backtest_id=id_in_url("bt", text))
    shown = documents.shown(documents.backtest_document(db.session, found))
    return render_template("backtests/show.html", text=text, **shown)


@blueprint.post("/backtests/<text>/cancel")
@signed_in
def cancel_backtest(text: str) -> ResponseReturnValue:
    """Stop a backtest."""
    me().require("routing.write")
    backtest_id = id_in_url("bt", text)
    with transaction(db.session):
        operations.cancel_backtest(db.session, caller=me(), backtest_id=backtest_id, now=now())
    return redirect(_page(backtest_id))


@blueprint.get("/backtests/<text>/orders.csv")
@signed_in
def backtest_orders(text: str) -> ResponseReturnValue:
    """What came of each order, as a file."""
    me().require("routing.read")
    found = queries.get_backtest(db.session, caller=me(), backtest_id=id_in_url("bt", text))
    names = documents.contenders_of(Scenario.read(found.scenario))
    rows = queries.outcomes_of(db.session, backtest_id=found.id)
    body = documents.order_file(rows, names)
    response = Response(stream_with_context(body), mimetype="text/csv")
    response.headers["Content-Disposition"] = 'attachment; filename="backtest.csv"'
    return response


def _listed(refusal: AppError | None = None) -> str:
    page = queries.list_backtests(db.session, caller=me(), page=page_asked())
    every = PageRequest(limit=MAX_PAGE_SIZE)
    policies = routing_queries.list_policies(db.session, caller=me(), page=every).items
    shops = storefront_queries.list_storefronts(db.session, caller=me(), page=every).items
    return render_template(
        "backtests/list.html",
        page=page,
        storefronts=[
            shop for shop in shops if me().is_operator or shop.owner_id == me().organization_id
        ],
        policies=[routing_documents.policy_body(each, now=now()) for each in policies],
        strategies=routing_operations.strategy_names(),
        stocks=_STOCKS,
        baselines=BASELINES,
        contender_words=WORDS,
        form=request.form,
        refusal=refusal,
    )


def _choice() -> Choice:
    last = _day("placed_to")
    return Choice(
        storefront_id=_id("shop", "storefront"),
        placed_from=_day("placed_from"),
        placed_to=last + timedelta(days=1) if last else None,
    )


def _scenario() -> Scenario:
    form = request.form
    without = _id("agr", "without")
    stock: Any = form.get("stock", "recorded")
    baselines: Any = tuple(form.getlist("baseline"))
    return Scenario(
        policy_id=_id("policy", "policy"),
        strategy=form.get("strategy") or None,
        agreements_as_of=_day("agreements_as_of"),
        without_agreements=(without,) if without else (),
        stock=stock,
        baselines=baselines,
    )


def _day(name: str) -> datetime | None:
    text = request.form.get(name, "")
    try:
        return datetime.fromisoformat(text).replace(tzinfo=UTC) if text else None
    except ValueError as error:
        raise Malformed(f"{text} is no day") from error


def _id(prefix: str, name: str) -> uuid.UUID | None:
    text = request.form.get(name, "").strip()
    try:
        return parse_id(prefix, text) if text else None
    except ValueError as error:
        raise Malformed(f"{text} is not an id of the form {prefix}_…") from error


def _page(backtest_id: uuid.UUID) -> str:
    return url_for("web.backtest", text=public_id("bt", backtest_id))
