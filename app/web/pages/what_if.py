"""What if: one order or cart under what is supposed, beside it as it is.

Asking changes nothing, so a question is an address: it can be kept, sent, and asked again.
"""

import uuid
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import marshmallow as ma
import orjson
from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.backtest import documents, operations, queries
from app.backtest.operations import Suppositions
from app.backtest.queries import Asked
from app.backtest.rules import bps_of
from app.infra.db import db
from app.infra.http import status_of
from app.infra.web import now
from app.kernel.errors import AppError
from app.kernel.ids import parse_id, public_id
from app.kernel.paging import MAX_PAGE_SIZE, PageRequest
from app.kernel.quantity import MAX_QUANTITY
from app.routing import documents as routing_documents
from app.routing import operations as routing_operations
from app.routing import queries as routing_queries
from app.routing.schemas import DocumentSchema
from app.web.blueprint import blueprint, id_in_url, me, signed_in
from app.web.pages.policy_words import FormUnread, fault_told, headline, language_of, words_asked

MOST_SELLERS = 40
STOCK_ROWS = 3


@blueprint.get("/orders/<text>/what-if")
@signed_in
def order_what_if(text: str) -> ResponseReturnValue:
    """Suppose something of an order, and see both decisions side by side."""
    me().require("routing.read")
    asked = queries.asked_order(db.session, caller=me(), order_id=id_in_url("order", text))
    return _page(asked, {"here": url_for("web.order_what_if", text=text),
                         "back": url_for("web.order_why", text=text)})  # fmt: skip


@blueprint.get("/carts/<text>/what-if")
@signed_in
def cart_what_if(text: str) -> ResponseReturnValue:
    """Suppose something of an open cart, and see both decisions side by side."""
    me().require("routing.read")
    asked = operations.asked_cart(db.session, caller=me(), cart_id=id_in_url("cart", text))
    return _page(asked, {"here": url_for("web.cart_what_if", text=text),
                         "back": url_for("web.cart", text=text)})  # fmt: skip


def _page(asked: Asked, ways: Mapping[str, str]) -> ResponseReturnValue:
    status, refusal, found, words = 200, None, None, words_asked()
    if any(value.strip() for name, value in request.args.items() if name != "lang"):
        try:
            found = operations.what_if_of(
                db.session, caller=me(), asked=asked, suppositions=_suppositions(), now=now()
            )
        except AppError as error:
            status, refusal = status_of(error), error
    page = render_template(
        "what_if.html",
        asked=asked,
        said=request.args,
        refusal=headline(refusal, words) if refusal else None,
        faults=[fault_told(each, words) for each in _errors(refusal)],
        told=documents.what_if_document(db.session, found) if found else None,
        stock_rows=range(STOCK_ROWS),
        example='{"terms": {"split_minor": 500}}',
        **ways,
        **_choices(asked),
        **language_of(words),
    )
    return page, status


def _errors(refusal: AppError | None) -> Sequence[Mapping[str, Any]]:
    return refusal.details.get("errors", ()) if refusal else ()


def _choices(asked: Asked) -> dict[str, Any]:
    """What the form lets one choose from: who might deliver, and their places."""
    sellers = operations.sellers_of(db.session, request=asked.request, now=now())
    shown = sellers[:MOST_SELLERS]
    names = routing_queries.names_of(db.session, shown)
    every = PageRequest(limit=MAX_PAGE_SIZE)
    policies = routing_queries.list_policies(db.session, caller=me(), page=every).items
    places = queries.places_of(db.session, sellers=shown)
    return {
        "sellers": [(public_id("org", each), names[each]) for each in shown],
        "hidden": max(0, len(sellers) - MOST_SELLERS),
        "places": [(public_id("loc", each), f"{seller}: {name}") for each, seller, name in places],
        "policies": [routing_documents.policy_body(each, now=now()) for each in policies],
        "strategies": routing_operations.strategy_names(),
    }


def _suppositions() -> Suppositions:
    args = request.args
    return Suppositions(
        policy_id=_id("policy", args["policy"]) if args.get("policy") else None,
        document=_document(args.get("document", "").strip()),
        strategy=args.get("strategy") or None,
        stock_changes=dict(_stock(args)),
        prices_bps={seller: _bps(text) for seller, text in _of_sellers(args, "price.")},
        without_sellers=frozenset(s for s, said in _of_sellers(args, "is.") if said == "without"),
        only_sellers=frozenset(s for s, said in _of_sellers(args, "is.") if said == "only"),
        line_sellers={
            _whole(name.removeprefix("line.")) - 1: _id("org", value)
            for name, value in args.items()
            if name.startswith("line.") and value
        },
    )


def _of_sellers(args: Mapping[str, str], prefix: str) -> Iterator[tuple[uuid.UUID, str]]:
    for name, value in args.items():
        if name.startswith(prefix) and value.strip():
            yield _id("org", name.removeprefix(prefix)), value.strip()


def _stock(args: Mapping[str, str]) -> Iterator[tuple[tuple[uuid.UUID, uuid.UUID], int]]:
    for row in range(STOCK_ROWS):
        place, goods, change = (args.get(f"stock.{row}.{name}", "") for name in _STOCK_FIELDS)
        if place and goods and change.strip():
            yield (_id("loc", place), _id("var", goods)), _whole(change)


_STOCK_FIELDS: Sequence[str] = ("place", "goods", "change")


def _document(text: str) -> dict[str, Any] | None:
    if not text:
        return None
    try:
        read: dict[str, Any] = DocumentSchema().load(orjson.loads(text))
    except (orjson.JSONDecodeError, ma.ValidationError) as error:
        raise _unread("document", "document_unread", str(error)) from error
    return read


def _bps(text: str) -> int:
    try:
        return bps_of(text)
    except ValueError as error:
        raise _unread("prices", "no_percentage", text) from error


def _whole(text: str) -> int:
    try:
        number = int(text.replace("\u2212", "-"))
    except ValueError as error:
        raise _unread("stock", "no_whole_number", text) from error
    if abs(number) > MAX_QUANTITY:
        raise _unread("stock", "no_whole_number", text)
    return number


def _id(prefix: str, text: str) -> uuid.UUID:
    try:
        return parse_id(prefix, text)
    except ValueError as error:
        raise _unread(prefix, "no_id", text, prefix=prefix) from error


def _unread(place: str, code: str, text: str, **facts: str) -> FormUnread:
    """The form says nothing that can be supposed."""
    fault = {"pointer": f"/{place}", "code": code, "text": text, "message": text, **facts}
    return FormUnread(errors=[fault])
