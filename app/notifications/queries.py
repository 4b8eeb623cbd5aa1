"""The caller's own feed, oldest first, from any point on, as often as it likes."""

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select

from app.infra.auth import Caller
from app.infra.db import DbSession
from app.infra.models import OutboxEvent
from app.kernel.errors import Malformed
from app.kernel.paging import Page, PageRequest, encode_cursor, page_of
from app.notifications.models import FeedItem
from app.notifications.rules import outside

_LAST_SEQ = 2**63 - 1

_FEED = (
    select(
        FeedItem.seq,
        OutboxEvent.id,
        OutboxEvent.name,
        OutboxEvent.payload,
        OutboxEvent.happened_at,
    )
    .join(OutboxEvent, OutboxEvent.id == FeedItem.event_id)
    .where(FeedItem.organization_id == bindparam("own"), FeedItem.seq > bindparam("after"))
    .order_by(FeedItem.seq)
    .limit(bindparam("rows"))
)


@dataclass(frozen=True, slots=True)
class FeedEvent:
    """An event as an integration sees it; ``cursor`` is where to go on after it."""

    id: uuid.UUID
    name: str
    happened_at: datetime
    data: dict[str, Any]
    cursor: str


def list_events(session: DbSession, *, caller: Caller, page: PageRequest) -> Page[FeedEvent]:
    """The events of the caller's organization after a cursor.

    Raises:
        Malformed: not a cursor of this feed.
    """
    after = page.after.int if page.after else 0
    if after > _LAST_SEQ:
        raise Malformed("cursor: not a cursor of this feed; start without one")
    rows = session.execute(
        _FEED, {"own": caller.organization_id, "after": after, "rows": page.limit + 1}
    ).all()
    cut = page_of(rows, limit=page.limit, key=lambda row: uuid.UUID(int=row.seq))
    return Page([_event(*row) for row in cut.items], cut.next_cursor)


def _event(
    seq: int, event_id: uuid.UUID, name: str, payload: dict[str, Any], happened_at: datetime
) -> FeedEvent:
    cursor = encode_cursor(uuid.UUID(int=seq))
    return FeedEvent(event_id, name, happened_at, outside(payload), cursor)
