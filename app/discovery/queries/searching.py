"""Search: what fits, what of it the viewer is entitled to, how it counts, and one page of it.

Five statements: the viewer, everything about all matches, what the facets that they have are
called, the page's details, its prices. Where prices decide on order or filter, one more finds the
lists that may price. Up to ``MOST_EXACT`` matching documents every figure is exact; beyond that the
answer says ``at_least`` and ``sampled``: names, novelties and the cheapest are still walked to in
exact order, the rest is ordered within the sample.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from app.discovery.queries import shelved
from app.discovery.queries.asked import PAGE, Counted, Facet, Search
from app.discovery.queries.columns import TooLarge
from app.discovery.queries.details import Shown, show
from app.discovery.queries.gridded import count_by_grid
from app.discovery.queries.ordered import walk
from app.discovery.queries.paying import places_of
from app.discovery.queries.viewer import Viewer
from app.discovery.queries.walking import walk_by_price
from app.discovery.queries.words import similar_words
from app.discovery.rules import BY_PRICE, NAME, NEWEST, PRICE, Cursor, counted_key, cursor_of
from app.infra.db import DbSession

__all__ = ["PAGE", "Facet", "Found", "Search", "search"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """An answer: one page, and what holds for all that was found."""

    items: Sequence[Shown]
    facets: Sequence[Facet]
    total: int
    is_exact: bool
    is_similar: bool
    next_cursor: str | None
    lag_ms: int


def search(session: DbSession, *, viewer: Viewer, search: Search, now: datetime) -> Found:
    """One page of what fits and may be seen.

    When nothing fits, words that are spelt alike are tried, and the answer says so.

    Raises:
        CursorOfAnother: the cursor is none of this order.
    """
    cursor = cursor_of(search.cursor, sort=search.order) if search.cursor else None
    counted = _count(session, viewer, search, cursor, now)
    is_similar = False
    if not counted.total and not search.question.is_empty:
        other = similar_words(session, question=search.question)
        if other is not None:
            search, is_similar = replace(search, question=other), True
            counted = _count(session, viewer, search, cursor, now)
    items = show(
        session,
        viewer=viewer,
        locale=search.locale,
        variant_ids=[key for _, key in counted.page.rows],
        now=now,
        prices=counted.prices,
    )
    return Found(
        items=items,
        facets=counted.facets,
        total=counted.total,
        is_exact=counted.is_exact,
        is_similar=is_similar and counted.total > 0,
        next_cursor=_cursor(search.order, counted.page.last),
        lag_ms=viewer.lag_ms,
    )


def _count(
    session: DbSession, viewer: Viewer, search: Search, cursor: Cursor | None, now: datetime
) -> Counted:
    if search.order in BY_PRICE or search.filters.by_price:
        return _count_priced(session, viewer, search, cursor, now)
    counted = shelved.count(session, viewer, search, None, cursor, now)
    if counted.is_exact or search.order not in {NAME, NEWEST}:
        return counted
    return replace(counted, page=walk(session, viewer, search, cursor, now))


def _count_priced(
    session: DbSession, viewer: Viewer, search: Search, cursor: Cursor | None, now: datetime
) -> Counted:
    places = places_of(session, viewer=viewer, now=now)
    after = counted_key(cursor) if cursor and search.order in BY_PRICE else cursor
    if places.rungs is None:
        return count_by_grid(session, viewer, search, after, now)
    try:
        counted = shelved.count(session, viewer, search, places, after, now)
    except TooLarge:
        return count_by_grid(session, viewer, search, after, now)
    if counted.is_exact or search.order != PRICE or not places.are_plain:
        return counted
    return replace(counted, page=walk_by_price(session, viewer, search, places, cursor, now))


def _cursor(order: str, last: tuple[str, str] | None) -> str | None:
    return None if last is None else Cursor(order, last[0], uuid.UUID(last[1])).encode()
