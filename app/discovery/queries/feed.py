"""All that a buyer may see with its prices, in the order of ids, for machines that copy it.

A page looks at a bounded number of documents; it may hold fewer entries than asked for, or none,
and still be followed by another: only a missing cursor ends the feed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text

from app.discovery.queries.details import Shown, show
from app.discovery.queries.viewer import Viewer
from app.infra.db import DbSession, array_of
from app.kernel.paging import PageRequest, encode_cursor

_NEXT = text("""
SELECT variant_id FROM discovery_documents
WHERE manufacturer_id = ANY (CAST(:reach AS uuid[]))
  AND variant_id > COALESCE(CAST(:after AS uuid), '00000000-0000-0000-0000-000000000000')
ORDER BY variant_id LIMIT :most
""")


@dataclass(frozen=True, slots=True)
class FeedPage:
    """Entries, and where the next page begins."""

    items: Sequence[Shown]
    next_cursor: str | None


def read_feed(
    session: DbSession, *, viewer: Viewer, locale: str, page: PageRequest, now: datetime
) -> FeedPage:
    """The next entries: three statements after the viewer's, however many."""
    binds = {"reach": array_of(viewer.reach), "after": page.after, "most": page.limit + 1}
    ids = session.scalars(_NEXT, binds).all()
    items = show(session, viewer=viewer, locale=locale, variant_ids=ids[: page.limit], now=now)
    more = len(ids) > page.limit
    return FeedPage(items, encode_cursor(ids[page.limit - 1]) if more else None)
