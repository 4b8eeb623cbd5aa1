"""Pages for people, in front of the same operations and queries as the API.

A person signs in with an API key; the browser's signed session keeps the key's id, so that a
revoked key ends every session at once.
"""

import uuid
from collections.abc import Callable, Mapping, Sequence
from functools import wraps
from typing import Any, ParamSpec

from flask import Blueprint, Flask, g, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

from app.identity import queries as identity_queries
from app.infra.auth import Caller
from app.infra.db import db
from app.infra.http import status_of
from app.infra.web import now
from app.kernel.errors import AppError, NotFound
from app.kernel.ids import parse_id, public_id
from app.kernel.paging import MAX_PAGE_SIZE, PageRequest, decode_cursor
from app.ledger import queries as ledger_queries
from app.network import queries as network_queries
from app.ordering import documents
from app.ordering import queries as ordering_queries
from app.routing import queries as routing_queries
from app.routing.explain import sentences, story_of
from app.routing.rules import REASONS
from app.web import format as formats

P = ParamSpec("P")
PAGE = 25

blueprint = Blueprint(
    "web", __name__, template_folder="templates", static_folder="static", static_url_path="/static"
)


def install(app: Flask) -> None:
    """Register the pages and how values look on them."""
    app.register_blueprint(blueprint)
    app.jinja_env.filters.update(
        money=formats.money,
        number=formats.number,
        moment=formats.moment,
        words=formats.words,
        public_id=lambda value, prefix: public_id(prefix, value),
    )
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True


def signed_in(view: Callable[P, ResponseReturnValue]) -> Callable[P, ResponseReturnValue]:
    """Page decorator: who is not signed in is asked to."""

    @wraps(view)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> ResponseReturnValue:
        if _caller() is None:
            return redirect(url_for("web.home"))
        return view(*args, **kwargs)

    return guarded


def _caller() -> Caller | None:
    key_id = session.get("key_id")
    if key_id is None:
        return None
    if "web_caller" not in g:
        found = identity_queries.find_credential_by_key(
            db.session, key_id=uuid.UUID(key_id), now=now()
        )
        g.web_caller = found.caller if found else None
    caller: Caller | None = g.web_caller
    return caller


def _me() -> Caller:
    caller = _caller()
    assert caller is not None
    return caller


@blueprint.context_processor
def _who() -> dict[str, Any]:
    caller = _caller()
    if caller is None:
        return {"me": None}
    found = network_queries.get_organization(db.session, organization_id=caller.organization_id)
    return {"me": found}


@blueprint.get("/")
def home() -> ResponseReturnValue:
    """Welcome, or the caller's own overview."""
    caller = _caller()
    if caller is None:
        return render_template("welcome.html")
    page = PageRequest(limit=10)
    orders = ordering_queries.list_orders(db.session, caller=caller, page=page)
    parts = ordering_queries.list_seller_orders(db.session, caller=caller, page=page)
    balances = ledger_queries.balances_of(db.session, organization_id=caller.organization_id)
    return render_template("home.html", orders=orders, parts=parts, balances=balances)


@blueprint.post("/session")
def sign_in() -> ResponseReturnValue:
    """Sign in with an API key."""
    token = request.form.get("key", "").strip()
    found = identity_queries.find_credential(db.session, token=token, now=now())
    if found is None:
        return render_template("welcome.html", failed=True), 401
    session.clear()
    session["key_id"] = str(found.key_id)
    return redirect(url_for("web.home"))


@blueprint.post("/session/end")
def sign_out() -> ResponseReturnValue:
    """Sign out."""
    session.clear()
    return redirect(url_for("web.home"))


@blueprint.get("/orders")
@signed_in
def orders() -> ResponseReturnValue:
    """All orders that the caller bought or sold, the newest first."""
    cursor = request.args.get("cursor")
    page = PageRequest(after=decode_cursor(cursor) if cursor else None, limit=PAGE)
    found = ordering_queries.list_orders(db.session, caller=_me(), page=page)
    return render_template("orders.html", page=found)


@blueprint.get("/seller-orders")
@signed_in
def seller_orders() -> ResponseReturnValue:
    """All seller orders that the caller fulfils or sold, the newest first."""
    cursor = request.args.get("cursor")
    page = PageRequest(after=decode_cursor(cursor) if cursor else None, limit=PAGE)
    found = ordering_queries.list_seller_orders(db.session, caller=_me(), page=page)
    return render_template("seller_orders.html", page=found)


@blueprint.get("/orders/<text>")
@signed_in
def order(text: str) -> ResponseReturnValue:
    """One order's story: lines, sellers, the routing decision, the money."""
    found = ordering_queries.get_order(db.session, caller=_me(), order_id=_order_id(text))
    document = documents.order_document(db.session, order=found)
    journals = _journals(found.id)
    return render_template(
        "order.html",
        order=document,
        stories=_stories(found.id, found.currency),
        reasons=REASONS,
        journals=journals,
        owners=_owners(journals),
        names={line["id"]: line["sku"] for line in document["lines"]},
    )


def _order_id(text: str) -> uuid.UUID:
    try:
        return parse_id("order", text)
    except ValueError as error:
        raise NotFound from error


def _stories(order_id: uuid.UUID, currency: str) -> list[dict[str, Any]]:
    """The decisions in words, for those who may read them."""
    if not _me().may("routing.read"):
        return []
    try:
        _, decisions = routing_queries.get_decisions(db.session, caller=_me(), order_id=order_id)
    except NotFound:
        return []
    stories = [story_of(decision) for decision in decisions]
    named = {party for story in stories for party in story.parties()}
    names = routing_queries.names_of(db.session, list(named))
    return [
        {
            "decision": story.decision,
            "sentences": sentences(story, currency=currency, names=names),
            "funnel": story.funnel,
            "lines": story.lines,
            "names": names,
        }
        for story in stories
    ]


def _journals(order_id: uuid.UUID) -> Sequence[ledger_queries.SeenJournal]:
    """The order's journals, as far as they concern the reader."""
    if not _me().may("ledger.read"):
        return []
    page = PageRequest(limit=MAX_PAGE_SIZE)
    found = ledger_queries.list_journals(db.session, caller=_me(), page=page, order_id=order_id)
    return found.items


def _owners(journals: Sequence[ledger_queries.SeenJournal]) -> Mapping[uuid.UUID, str]:
    ids = {line.owner_id for journal in journals for line in journal.lines if line.owner_id}
    return routing_queries.names_of(db.session, list(ids))


@blueprint.errorhandler(AppError)
def refused(error: AppError) -> ResponseReturnValue:
    """A refusal as a page."""
    return render_template("refused.html", error=error), status_of(error)
