"""Stock feeds: numbered messages of a seller's own stock system."""

from collections.abc import Mapping
from typing import Any

from app.infra.auth import current_caller, requires
from app.infra.db import db
from app.infra.http import PageQuery, page_body, page_request, page_schema
from app.infra.idempotency import writes
from app.infra.web import now
from app.inventory import operations, queries
from app.inventory.errors import FeedCodeMalformed, FeedNotFound
from app.inventory.routes.blueprint import blueprint
from app.inventory.rules.feeding import is_code
from app.inventory.schemas.feeds import (
    FeedMessageSchema,
    FeedResultSchema,
    StockFeedSchema,
    StockFeedStateSchema,
)

_SHOWN = 50


@blueprint.route("/stock-feeds")
@blueprint.arguments(PageQuery, location="query")
@blueprint.response(200, page_schema(StockFeedSchema))
@requires("stock.read")
def list_feeds(query: dict[str, Any]) -> dict[str, Any]:
    """List the caller's stock feeds."""
    return page_body(
        queries.list_feeds(db.session, caller=current_caller(), page=page_request(query))
    )


@blueprint.route("/stock-feeds/<feed>")
@blueprint.response(200, StockFeedStateSchema)
@requires("stock.read")
def show_feed(feed: str) -> dict[str, Any]:
    """Show a feed: the last message that took effect, and the latest ones."""
    if not is_code(feed):
        raise FeedNotFound
    found = queries.get_feed(db.session, caller=current_caller(), code=feed)
    return {
        "code": found.code,
        "applied": found.applied,
        "updated_at": found.updated_at,
        "passed": found.passed,
        "messages": queries.list_feed_messages(db.session, feed=found, limit=_SHOWN),
    }


@blueprint.route("/stock-feeds/<feed>", methods=["PUT"])
@writes
@blueprint.arguments(FeedMessageSchema)
@blueprint.response(200, FeedResultSchema)
@requires("stock.write")
def put_feed(payload: dict[str, Any], feed: str) -> Mapping[str, Any]:
    """Tell a feed's next message; a new feed begins with its first.

    Messages may come twice and out of order. Changes wait for those before them; quantities need
    none before them, and make older messages pointless for the rows that they name.
    """
    if not is_code(feed):
        raise FeedCodeMalformed
    message = operations.Message(
        sequence=payload["sequence"], kind=payload["kind"], lines=payload["lines"]
    )
    return operations.put_feed(
        db.session, caller=current_caller(), code=feed, message=message, now=now()
    )
