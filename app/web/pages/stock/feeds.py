"""How the caller's stock feeds do: the last message that took effect, and what waits for what."""

from flask import render_template
from flask.typing import ResponseReturnValue

from app.infra.db import db
from app.inventory import queries as inventory_queries
from app.kernel.paging import PageRequest
from app.web.blueprint import blueprint, me, signed_in

_MESSAGES = 10
_FEEDS = 20


@blueprint.get("/stock-feeds")
@signed_in
def stock_feeds() -> ResponseReturnValue:
    """The caller's feeds with their latest messages."""
    me().require("stock.read")
    page = inventory_queries.list_feeds(db.session, caller=me(), page=PageRequest(limit=_FEEDS))
    feeds = [
        (feed, inventory_queries.list_feed_messages(db.session, feed=feed, limit=_MESSAGES))
        for feed in page.items
    ]
    return render_template("stock/feeds.html", feeds=feeds)
