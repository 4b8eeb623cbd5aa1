"""Orders and seller orders, and one order's whole story."""

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from flask import render_template
from flask.typing import ResponseReturnValue

from app.infra.db import db
from app.kernel.errors import NotFound
from app.kernel.paging import MAX_PAGE_SIZE, PageRequest
from app.ledger import queries as ledger_queries
from app.ordering import documents
from app.ordering import queries as ordering_queries
from app.routing import queries as routing_queries
from app.routing.explain import sentences, story_of
from app.routing.rules import REASONS
from app.web.blueprint import blueprint, id_in_url, me, page_asked, signed_in


@blueprint.get("/orders")
@signed_in
def orders() -> ResponseReturnValue:
    """All orders that the caller bought or sold, the newest first."""
    found = ordering_queries.list_orders(db.session, caller=me(), page=page_asked())
    return render_template("orders.html", page=found)


@blueprint.get("/seller-orders")
@signed_in
def seller_orders() -> ResponseReturnValue:
    """All seller orders that the caller fulfils or sold, the newest first."""
    found = ordering_queries.list_seller_orders(db.session, caller=me(), page=page_asked())
    return render_template("seller_orders.html", page=found)


@blueprint.get("/orders/<text>")
@signed_in
def order(text: str) -> ResponseReturnValue:
    """One order's story: lines, sellers, the routing decision, the money."""
    order_id = id_in_url("order", text)
    found = ordering_queries.get_order(db.session, caller=me(), order_id=order_id)
    document = documents.order_document(db.session, order=found)
    journals = _journals(found.id)
    return render_template(
        "order.html",
        order=document,
        stories=_stories(found.id, found.currency),
        reasons=REASONS,
        journals=journals,
        owners=_owners(journals),
        text=text,
        choices=[
            documents.choice_document(seen, currency=found.currency)
            for seen in ordering_queries.list_choices(db.session, caller=me(), order_id=found.id)
        ],
    )


def _stories(order_id: uuid.UUID, currency: str) -> list[dict[str, Any]]:
    """The decisions in words, for those who may read them."""
    if not me().may("routing.read"):
        return []
    try:
        _, decisions = routing_queries.get_decisions(db.session, caller=me(), order_id=order_id)
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
    if not me().may("ledger.read"):
        return []
    page = PageRequest(limit=MAX_PAGE_SIZE)
    found = ledger_queries.list_journals(db.session, caller=me(), page=page, order_id=order_id)
    return found.items


def _owners(journals: Sequence[ledger_queries.SeenJournal]) -> Mapping[uuid.UUID, str]:
    ids = {line.owner_id for journal in journals for line in journal.lines if line.owner_id}
    return routing_queries.names_of(db.session, list(ids))
