"""What happened that concerns the reader's organization, in the reader's language."""

from flask import render_template
from flask.typing import ResponseReturnValue

from app.infra.db import db
from app.kernel.ids import parse_id, public_id
from app.notifications import queries
from app.notifications.documents import sentence
from app.notifications.texts import LABELS, LANGUAGES
from app.ordering import queries as ordering_queries
from app.web.blueprint import blueprint, me, page_asked, signed_in
from app.web.languages import language_asked
from app.web.texts import LANGUAGES as NAMES


@blueprint.get("/news")
@signed_in
def news() -> ResponseReturnValue:
    """The feed for people, the newest first."""
    me().require("events.read")
    language = language_asked(LANGUAGES)
    page = queries.list_news(db.session, caller=me(), page=page_asked())
    return render_template(
        "news.html",
        page=page,
        told=[(event, sentence(event, language=language)) for event in page.items],
        t=LABELS[language],
        language=language,
        languages=NAMES,
        pages=_pages([event.data["order_id"] for event in page.items if "order_id" in event.data]),
    )


def _pages(orders: list[str]) -> set[str]:
    """The orders whose pages the reader may open."""
    ids = [parse_id("order", text) for text in orders]
    seen = ordering_queries.visible_orders(db.session, caller=me(), order_ids=ids)
    return {public_id("order", each) for each in seen}
