"""How a seller's stock feeds do."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, select, text

from app.infra.auth import Caller
from app.infra.db import DbSession
from app.infra.listing import page_by_id
from app.inventory.errors import FeedNotFound
from app.inventory.models import Feed
from app.kernel.paging import Page, PageRequest

_MESSAGES = text("""
SELECT sequence, kind, status, result, received_at FROM inventory_feed_messages
WHERE feed_id = :feed_id ORDER BY sequence DESC LIMIT CAST(:limit AS integer)
""")


def list_feeds(session: DbSession, *, caller: Caller, page: PageRequest) -> Page[Feed]:
    """The caller's feeds."""
    query = select(Feed).where(Feed.seller_id == caller.organization_id)
    return page_by_id(session, query, key=Feed.id, page=page)


def get_feed(session: DbSession, *, caller: Caller, code: str) -> Feed:
    """A feed of the caller's.

    Raises:
        FeedNotFound: there is none.
    """
    query = select(Feed).where(Feed.seller_id == caller.organization_id, Feed.code == code)
    found = session.scalars(query).one_or_none()
    if found is None:
        raise FeedNotFound
    return found


def list_feed_messages(session: DbSession, *, feed: Feed, limit: int) -> Sequence[Row[Any]]:
    """The messages with the greatest numbers, those first."""
    return session.execute(_MESSAGES, {"feed_id": feed.id, "limit": limit}).all()
