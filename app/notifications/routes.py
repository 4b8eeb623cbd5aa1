"""The event feed."""

from typing import Any

from flask_smorest import Blueprint

from app.infra.auth import current_caller, requires
from app.infra.db import db
from app.infra.http import page_body, page_request, page_schema
from app.kernel.languages import language_of
from app.kernel.paging import Page
from app.notifications import queries
from app.notifications.documents import sentence
from app.notifications.schemas import EventQuery, EventSchema

_FIELDS = ("id", "name", "happened_at", "data", "cursor")

blueprint = Blueprint("events", __name__, description="What happened, for integrations")


@blueprint.route("/events")
@blueprint.arguments(EventQuery, location="query")
@blueprint.response(200, page_schema(EventSchema))
@requires("events.read")
def list_events(query: dict[str, Any]) -> dict[str, Any]:
    """Read the own feed, oldest first.

    Keep the `cursor` of the last event that was worked off and ask again with it: nothing is
    missed, and an old cursor replays. An event comes at least once: its `id` tells repetitions.
    """
    caller = current_caller()
    found = queries.list_events(db.session, caller=caller, page=page_request(query))
    language = language_of(query["lang"], caller.language)
    bodies = [
        {
            **{name: getattr(event, name) for name in _FIELDS},
            "text": sentence(event, language=language),
        }
        for event in found.items
    ]
    return page_body(Page(bodies, found.next_cursor))
