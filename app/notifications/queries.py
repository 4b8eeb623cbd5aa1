"""The caller's own feed, oldest first, from any point on, as often as it likes."""

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Text, Uuid, bindparam, column, select, table

from app.infra.auth import Caller
from app.infra.db import DbSession
from app.infra.models import OutboxEvent
from app.kernel.errors import Malformed
from app.kernel.paging import Page, PageRequest, encode_cursor, page_of
from app.notifications.models import FeedItem
from app.notifications.rules import outside

_LAST_SEQ = 2**63 - 1

# The order's number and currency, for whoever tells an event to a person.
_orders = table(
    "ordering_orders",
    column("id", Uuid()),
    column("number", BigInteger()),
    column("currency", Text()),
)
_ITEMS = (
    select(
        FeedItem.seq,
        OutboxEvent.id,
        OutboxEvent.name,
        OutboxEvent.payload,
        OutboxEvent.happened_at,
        _orders.c.number,
        _orders.c.currency,
    )
    .join(OutboxEvent, OutboxEvent.id == FeedItem.event_id)
    .outerjoin(_orders, _orders.c.id == OutboxEvent.payload["order_id"].astext.cast(Uuid()))
    .where(FeedItem.organization_id == bindparam("own"))
    .limit(bindparam("rows"))
)
_FEED = _ITEMS.where(FeedItem.seq > bindparam("after")).order_by(FeedItem.seq)
_NEWS = _ITEMS.where(FeedItem.seq < bindparam("before")).order_by(FeedItem.seq.desc())


@dataclass(frozen=True, slots=True)
class FeedEvent:
    """An event as an integration sees it; ``cursor`` is where to go on after it.

    Of an event of an order there are its number and currency, for sentences.
    """

    id: uuid.UUID
    name: str
    happened_at: datetime
    data: dict[str, Any]
    cursor: str
    order_number: int | None = None
    currency: str | None = None


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


def list_news(session: DbSession, *, caller: Caller, page: PageRequest) -> Page[FeedEvent]:
    """The same events, the newest first, before a cursor.

    Raises:
        Malformed: not a cursor of this feed.
    """
    before = page.after.int if page.after else _LAST_SEQ
    if before > _LAST_SEQ:
        raise Malformed("cursor: not a cursor of this feed; start without one")
    rows = session.execute(
        _NEWS, {"own": caller.organization_id, "before": before, "rows": page.limit + 1}
    ).all()
    cut = page_of(rows, limit=page.limit, key=lambda row: uuid.UUID(int=row.seq))
    return Page([_event(*row) for row in cut.items], cut.next_cursor)


def _event(
    seq: int,
    event_id: uuid.UUID,
    name: str,
    payload: dict[str, Any],
    happened_at: datetime,
    *order: Any,  # noqa: ANN401 - its number and currency
) -> FeedEvent:
    cursor = encode_cursor(uuid.UUID(int=seq))
    return FeedEvent(event_id, name, happened_at, outside(payload), cursor, *order)
