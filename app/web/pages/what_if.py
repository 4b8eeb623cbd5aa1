"""What if: one order under what is supposed, beside the order as it is.

Asking changes nothing, so a question is an address: it can be kept, sent, and asked again.
"""

import uuid
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import marshmallow as ma
import orjson
from flask import render_template, request
from flask.typing import ResponseReturnValue

from app.backtest import documents, operations, queries
from app.backtest.operations import Suppositions
from app.backtest.rules import bps_of
from app.infra.db import db
from app.infra.http import status_of
from app.infra.web import now
from app.kernel.errors import AppError, Malformed
from app.kernel.ids import parse_id, public_id
from app.kernel.paging import MAX_PAGE_SIZE, PageRequest
from app.kernel.quantity import MAX_QUANTITY
from app.routing import documents as routing_documents
from app.routing import operations as routing_operations
from app.routing import queries as routing_queries
from app.routing.schemas import DocumentSchema
from app.web.blueprint import blueprint, id_in_url, me, signed_in

MOST_SELLERS = 40
STOCK_ROWS = 3


@blueprint.get("/orders/<text>/what-if")
@signed_in
def order_what_if(text: str) -> ResponseReturnValue:
    """Suppose something of an order, and see both decisions side by side."""
    me().require("routing.read")
    order_id = id_in_url("order", text)
    asked = queries.asked_order(db.session, caller=me(), order_id=order_id)
    status, refusal, found = 200, None, None
    if any(value.strip() for value in request.args.values()):
        try:
            found = operations.what_if_of_order(
                db.session, caller=me(), order_id=order_id, suppositions=_suppositions(), now=now()
            )
        except AppError as error:
            status, refusal = status_of(error), error
    page = render_template(
        "what_if.html",
        text=text,
        order=asked,
        said=request.args,
        refusal=refusal,
        told=documents.what_if_document(db.session, found) if found else None,
        term_words=documents.TERM_WORDS,
        stock_rows=range(STOCK_ROWS),
        **_choices(order_id),
    )
    return page, status


def _choices(order_id: uuid.UUID) -> dict[str, Any]:
    """What the form lets one choose from: who was considered, and their places."""
    _, decisions = routing_queries.get_decisions(db.session, caller=me(), order_id=order_id)
    kept = decisions[0].candidates
    locations = [uuid.UUID(each) for each in kept["locations"]]
    sellers = [uuid.UUID(each) for each in kept["sellers"]]
    owners = queries.owners_of_locations(db.session, ids=locations)
    names = routing_queries.names_of(db.session, [*locations, *sellers])
    every = PageRequest(limit=MAX_PAGE_SIZE)
    policies = routing_queries.list_policies(db.session, caller=me(), page=every).items
    places = [(public_id("loc", each), f"{names[owners[each][0]]}: {names[each]}")
              for each in locations if each in owners]  # fmt: skip
    return {
        "sellers": [(public_id("org", each), names[each]) for each in sellers[:MOST_SELLERS]],
        "hidden": max(0, len(sellers) - MOST_SELLERS),
        "places": sorted(places, key=lambda place: place[1]),
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
        raise Malformed(f"The policy cannot be read: {error}") from error
    return read


def _bps(text: str) -> int:
    try:
        return bps_of(text)
    except ValueError as error:
        raise Malformed(str(error)) from error


def _whole(text: str) -> int:
    try:
        number = int(text.replace("\u2212", "-"))
    except ValueError as error:
        raise Malformed(f"{text} is no whole number") from error
    if abs(number) > MAX_QUANTITY:
        raise Malformed(f"{text} is more than there can be")
    return number


def _id(prefix: str, text: str) -> uuid.UUID:
    try:
        return parse_id(prefix, text)
    except ValueError as error:
        raise Malformed(f"{text} is not an id of the form {prefix}_…") from error
