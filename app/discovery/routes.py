"""Finding things in a storefront, with a key or without one."""

import hashlib
import uuid
from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec

from flask import Response, current_app, request
from flask_smorest import Blueprint

from app.discovery import documents, queries
from app.discovery.errors import NotOnShow
from app.discovery.queries import Viewer
from app.discovery.schemas import (
    EyesQuery,
    FeedPageSchema,
    FeedQuery,
    FoundSchema,
    SearchQuery,
    SearchSuggestionsSchema,
    ShownProductSchema,
    SuggestQuery,
)
from app.infra.auth import Caller, bearer_token, current_caller
from app.infra.db import db
from app.infra.http import page_request
from app.infra.marks import mark
from app.infra.web import now
from app.kernel.ids import parse_id

P = ParamSpec("P")
blueprint = Blueprint("discovery", __name__, description="Search, products and feeds of a buyer")

PERMISSION = "catalog.read"


def visited(view: Callable[P, Response]) -> Callable[P, Response]:
    """Route decorator: nobody needs a key; who shows one needs the permission of readers."""

    @wraps(view)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> Response:
        if bearer_token() is not None:
            current_caller().require(PERMISSION)
        return view(*args, **kwargs)

    mark(guarded, view, permission=PERMISSION, visitors="of open storefronts")
    return guarded


@blueprint.route("/storefronts/<pid('shop'):storefront_id>/search")
@blueprint.arguments(SearchQuery, location="query")
@blueprint.response(200, FoundSchema)
@visited
def search(query: dict[str, Any], storefront_id: uuid.UUID) -> Response:
    """Search a storefront: words, codes, facets, effective prices, availability."""
    viewer = _viewer(query, storefront_id)
    found = queries.search(db.session, viewer=viewer, search=query["search"], now=now())
    return _answer(documents.found_document(found, viewer, query["search"].locale))


@blueprint.route("/storefronts/<pid('shop'):storefront_id>/suggestions")
@blueprint.arguments(SuggestQuery, location="query")
@blueprint.response(200, SearchSuggestionsSchema)
@visited
def suggest(query: dict[str, Any], storefront_id: uuid.UUID) -> Response:
    """Suggest products, codes, brands and categories for the beginning of a question."""
    viewer = _viewer(query, storefront_id)
    found = queries.suggest(
        db.session, viewer=viewer, prefix=query["q"], locale=query["locale"], now=now()
    )
    return _answer(documents.suggestion_documents(found))


@blueprint.route("/storefronts/<pid('shop'):storefront_id>/products/<string:product_id>")
@blueprint.arguments(EyesQuery, location="query")
@blueprint.response(200, ShownProductSchema)
@visited
def show_in_storefront(
    query: dict[str, Any], storefront_id: uuid.UUID, product_id: str
) -> Response:
    """Show a product by its id, or by the id of one of its variants, with sellers and breaks."""
    viewer = _viewer(query, storefront_id)
    page = queries.product(
        db.session, viewer=viewer, locale=query["locale"], now=now(), **either_id(product_id)
    )
    return _answer(documents.product_document(page, viewer))


@blueprint.route("/storefronts/<pid('shop'):storefront_id>/feed")
@blueprint.arguments(FeedQuery, location="query")
@blueprint.response(200, FeedPageSchema)
@visited
def list_feed(query: dict[str, Any], storefront_id: uuid.UUID) -> Response:
    """List all that the buyer may see with its prices, for a system that keeps a copy."""
    viewer = _viewer(query, storefront_id)
    page = queries.read_feed(
        db.session, viewer=viewer, locale=query["locale"], page=page_request(query), now=now()
    )
    response = _answer(documents.feed_document(page, viewer))
    response.set_etag(hashlib.sha256(response.get_data()).hexdigest()[:32])
    response.make_conditional(request)
    return response


def either_id(text: str) -> dict[str, uuid.UUID]:
    """A product's id or a variant's.

    Raises:
        NotOnShow: it is neither.
    """
    for prefix, name in (("prod", "product_id"), ("var", "variant_id")):
        if text.startswith(f"{prefix}_"):
            try:
                return {name: parse_id(prefix, text)}
            except ValueError as error:
                raise NotOnShow from error
    raise NotOnShow


def _viewer(query: dict[str, Any], storefront_id: uuid.UUID) -> Viewer:
    caller: Caller | None = current_caller() if bearer_token() is not None else None
    return queries.look(
        db.session,
        caller=caller,
        storefront=storefront_id,
        buyer_id=query["buyer_id"],
        place=query["place"],
    )


def _answer(document: dict[str, Any]) -> Response:
    return current_app.response_class(
        current_app.json.dumps(document), content_type="application/json"
    )
