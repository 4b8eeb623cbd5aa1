"""The event feed."""

from typing import Any

from flask_smorest import Blueprint

from app.infra.auth import current_caller, requires
from app.infra.db import db
from app.infra.http import PageQuery, page_body, page_request, page_schema
from app.notifications import queries
from app.notifications.schemas import EventSchema

blueprint = Blueprint("events", __name__, description="What happened, for integrations")


@blueprint.route("/events")
@blueprint.arguments(PageQuery, location="query")
@blueprint.response(200, page_schema(EventSchema))
@requires("events.read")
def list_events(query: dict[str, Any]) -> dict[str, Any]:
    """Read the own feed, oldest first.

    Keep the `cursor` of the last event that was worked off and ask again with it: nothing is
    missed, and an old cursor replays. An event comes at least once: its `id` tells repetitions.
    """
    page = page_request(query)
    return page_body(queries.list_events(db.session, caller=current_caller(), page=page))
