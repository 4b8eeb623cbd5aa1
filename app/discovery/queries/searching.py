"""Search: what fits, what of it the viewer is entitled to, how it counts, and one page of it.

Four statements: the viewer, everything about all matches (total, facets, the page's ids), the
page's details, its prices. Where prices decide on order or filter, all matches are priced between
them. Up to ``MOST_EXACT`` matching documents every figure is exact; beyond that the answer says
``at_least`` and ``sampled``: names and novelties are still walked in exact order, the rest is
ordered within the sample.
"""

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import TextClause, text

from app.discovery.queries import matching
from app.discovery.queries.details import Shown, show
from app.discovery.queries.matching import MOST_EXACT, ORDERS, SMALLEST, Shape
from app.discovery.queries.prices import effective_prices
from app.discovery.queries.viewer import Viewer
from app.discovery.queries.words import similar_words
from app.discovery.rules import (
    BY_PRICE,
    NAME,
    NEWEST,
    PRICE,
    RELEVANCE,
    Ask,
    Cursor,
    Filters,
    Priced,
    Question,
    cursor_of,
    price_key,
)
from app.infra.db import DbSession, array_of

PAGE = 24


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """Everything that is asked of a search."""

    question: Question
    locale: str
    filters: Filters
    sort: str = RELEVANCE
    cursor: str | None = None
    limit: int = PAGE

    @property
    def order(self) -> str:
        """The order that is meant: nothing is relevant to no question."""
        return NAME if self.sort == RELEVANCE and self.question.is_empty else self.sort

    @property
    def shape(self) -> Shape:
        """What decides on the statement's text."""
        return Shape(
            self.locale,
            has_words=not self.question.is_empty,
            groups=len(self.filters.tokens),
            only_available=self.filters.is_available,
        )


@dataclass(frozen=True, slots=True)
class Facet:
    """One value of a facet, how many fit, its name where it is an id, and the attribute's facts.

    ``title`` holds an attribute's name, kind, unit and options as JSON.
    """

    token: str
    many: int
    label: str | None
    title: str | None


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


@dataclass(frozen=True, slots=True)
class _Counted:
    total: int
    is_exact: bool
    facets: Sequence[Facet]
    page: "_Slice"
    prices: dict[str, Priced] | None = None


@dataclass(frozen=True, slots=True)
class _Slice:
    """A page's rows (sort key, id), and the row after which the next one begins."""

    rows: Sequence[tuple[str, str]]
    last: tuple[str, str] | None


def _slice(rows: Sequence[tuple[str, str]], limit: int) -> _Slice:
    return _Slice(rows[:limit], rows[limit - 1] if len(rows) > limit else None)


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
) -> _Counted:
    by_price = search.order in BY_PRICE or search.filters.by_price
    how: Callable[..., _Counted] = _by_price if by_price else _by_text
    counted = how(session, viewer, search, cursor, now)
    if counted.is_exact or by_price or search.order not in {NAME, NEWEST}:
        return counted
    return replace(counted, page=_walk(session, viewer, search, cursor, now))


def _binds(viewer: Viewer, search: Search, cursor: Cursor | None, now: datetime) -> dict[str, Any]:
    binds = viewer.binds(now) | {
        "reach": array_of(viewer.reach),
        "locale": search.locale,
        "words": list(search.question.words),
        "codes": list(search.question.codes),
        "whole": search.question.whole,
        "key": cursor.key if cursor else None,
        "after": cursor.after if cursor else None,
        "most": search.limit + 1,
    }
    tokens = search.filters.tokens
    binds["chosen"] = [each for _, values in tokens for each in values]
    for number, (group, values) in enumerate(tokens):
        binds |= {f"group_{number}": group, f"tokens_{number}": values}
    return binds


_SORTED = {"key": "s.key", "id": "s.variant_id"}  # not the texts that are answered

# --- one statement for all of it


@lru_cache(maxsize=256)
def _statement(shape: Shape, order: str, *, is_later: bool) -> TextClause:
    sort = ORDERS[order]
    key = sort.key.format(locale=shape.locale)
    return text(f"""
    WITH RECURSIVE {matching.matches(shape, key=key)} {matching.hits(shape)} {matching.FACETS}
    sorted AS (SELECT key, variant_id FROM hit WHERE failed = '')
    SELECT 'total' AS what, NULL AS key, NULL AS label,
           (SELECT count(*) FROM hit WHERE failed = '') AS many,
           (SELECT count(*) FROM d_match WHERE failed = '') AS looked_at, NULL AS title
    UNION ALL SELECT 'facet', token, label, many, 0, title FROM facet
    UNION ALL SELECT * FROM (
        SELECT 'hit', CAST(s.key AS text), CAST(s.variant_id AS text), 0, 0, NULL
        FROM sorted s {f"WHERE {sort.after.format(**_SORTED)}" if is_later else ""}
        ORDER BY {sort.order.format(**_SORTED)} LIMIT :most
    ) page
    """)  # noqa: S608 - composed of constants only


def _by_text(
    session: DbSession, viewer: Viewer, search: Search, cursor: Cursor | None, now: datetime
) -> _Counted:
    statement = _statement(search.shape, search.order, is_later=cursor is not None)
    rows = session.execute(statement, _binds(viewer, search, cursor, now)).all()
    return _counted(rows, search.limit)


def _counted(rows: Sequence[Any], limit: int) -> _Counted:
    total, looked_at = next((row[3], row[4]) for row in rows if row[0] == "total")
    return _Counted(
        total,
        looked_at <= MOST_EXACT,
        [Facet(row[1], row[3], row[2], row[5]) for row in rows if row[0] == "facet"],
        _slice([(row[1], row[2]) for row in rows if row[0] == "hit"], limit),
    )


# --- more than can be counted: walk the order's index until the page is full


@lru_cache(maxsize=256)
def _walking(shape: Shape, order: str, *, is_later: bool) -> TextClause:
    sort = ORDERS[order]
    return text(f"""
    WITH RECURSIVE {matching.walk(shape, sort, is_later=is_later)}
    {matching.hits(shape)}
    seen AS (
        SELECT CAST(m.key AS text), m.variant_id,
               m.variant_id IN (SELECT variant_id FROM hit) AS is_hit,
               row_number() OVER (
                   ORDER BY {sort.order.format(key="m.key", id="m.variant_id")}
               ) AS place
        FROM d_match m
    )
    SELECT key, CAST(variant_id AS text), place = {matching.WALK} FROM seen
    WHERE is_hit OR place = {matching.WALK}
    ORDER BY place LIMIT :most
    """)  # noqa: S608 - composed of constants only


def _walk(
    session: DbSession, viewer: Viewer, search: Search, cursor: Cursor | None, now: datetime
) -> _Slice:
    """The page's rows; where too few are entitled, the next page begins where this one ended."""
    statement = _walking(search.shape, search.order, is_later=cursor is not None)
    found = session.execute(statement, _binds(viewer, search, cursor, now)).all()
    rows = [(key, variant_id) for key, variant_id, _ in found]
    page = _slice(rows, search.limit)
    if page.last is None and found and found[-1][2]:
        return _Slice(rows, rows[-1])
    return page


# --- prices decide


@lru_cache(maxsize=256)
def _pricing(shape: Shape) -> TextClause:
    return text(f"""
    WITH RECURSIVE {matching.matches(shape)} {matching.hits(shape)}
    ask AS (
        SELECT DISTINCT h.variant_id, h.failed,
               CASE WHEN e.model = 'agency' THEN e.seller_id END AS seller_id,
               {SMALLEST} AS quantity
        FROM hit h JOIN entitled e ON e.variant_id = h.variant_id
    )
    SELECT CAST(variant_id AS text), CAST(seller_id AS text), quantity, failed,
           (SELECT count(*) FROM d_match WHERE failed = '')
    FROM ask
    """)  # noqa: S608 - composed of constants only


_COUNTING = text(f"""
WITH hit AS MATERIALIZED (
    SELECT f.failed, d.tokens
    FROM unnest(CAST(:ids AS uuid[]), CAST(:failures AS text[])) AS f (variant_id, failed)
    JOIN discovery_documents d ON d.variant_id = f.variant_id
),
{matching.FACETS.strip().rstrip(",")}
SELECT token, many, label, title FROM facet
""")  # noqa: S608 - composed of constants only


def _by_price(
    session: DbSession, viewer: Viewer, search: Search, cursor: Cursor | None, now: datetime
) -> _Counted:
    rows = session.execute(_pricing(search.shape), _binds(viewer, search, None, now)).all()
    asks = [Ask(row[0], row[1], row[2]) for row in rows]
    prices = effective_prices(session, viewer=viewer, asks=asks, now=now)
    fits = _fitting(search.filters, prices)
    failed = {row[0]: row[3] for row in rows if not search.filters.by_price or row[0] in fits}
    hits = [key for key, failure in failed.items() if not failure]
    return _Counted(
        len(hits),
        not rows or rows[0][4] <= MOST_EXACT,
        _facets(session, viewer, search, failed),
        _sorted(session, search, cursor, hits, prices),
        prices,
    )


def _fitting(filters: Filters, prices: dict[str, Priced]) -> set[str]:
    """Variants whose unit price lies between the bounds, both inclusive."""
    low = None if filters.price_from is None else price_key(filters.price_from, 1)
    high = None if filters.price_to is None else price_key(filters.price_to, 1)
    return {
        variant_id
        for variant_id, priced in prices.items()
        if (low is None or priced.order[0] >= low) and (high is None or priced.order[0] <= high)
    }


def _facets(
    session: DbSession, viewer: Viewer, search: Search, failed: dict[str, str]
) -> list[Facet]:
    binds = {
        "ids": array_of(failed),
        "failures": list(failed.values()),
        "reach": array_of(viewer.reach),
        "locale": search.locale,
        "chosen": [each for _, values in search.filters.tokens for each in values],
    }
    return [Facet(*row) for row in session.execute(_COUNTING, binds)] if failed else []


@lru_cache(maxsize=64)
def _sorting(shape: Shape, order: str, *, is_later: bool) -> TextClause:
    sort = ORDERS[order]
    asked = matching.asked(shape)
    return text(f"""
    WITH {asked} sorted AS (
        SELECT {sort.key.format(locale=shape.locale)} AS key, d.variant_id
        FROM discovery_documents d WHERE d.variant_id = ANY (CAST(:ids AS uuid[]))
    )
    SELECT CAST(s.key AS text), CAST(s.variant_id AS text)
    FROM sorted s {f"WHERE {sort.after.format(**_SORTED)}" if is_later else ""}
    ORDER BY {sort.order.format(**_SORTED)} LIMIT :most
    """)  # noqa: S608 - composed of constants only


def _sorted(
    session: DbSession,
    search: Search,
    cursor: Cursor | None,
    hits: list[str],
    prices: dict[str, Priced],
) -> _Slice:
    """The page's rows: by price; or, where prices only filtered, in the order that was asked."""
    if search.order in BY_PRICE:
        return _priced_page(search, cursor, hits, prices)
    statement = _sorting(search.shape, search.order, is_later=cursor is not None)
    binds = {
        "ids": array_of(hits),
        "words": list(search.question.words),
        "codes": list(search.question.codes),
        "whole": search.question.whole,
        "key": cursor.key if cursor else None,
        "after": cursor.after if cursor else None,
        "most": search.limit + 1,
    }
    return _slice([(row[0], row[1]) for row in session.execute(statement, binds)], search.limit)


def _priced_page(
    search: Search, cursor: Cursor | None, hits: list[str], prices: dict[str, Priced]
) -> _Slice:
    """What has no price comes last in either direction; ties by id."""
    sign = 1 if search.order == PRICE else -1
    keyed = sorted((sign * prices[key].order[0] if key in prices else _LAST, key) for key in hits)
    if cursor is not None:
        seen = int(cursor.key), str(cursor.after)
        keyed = [each for each in keyed if each > seen]
    return _slice([(str(number), key) for number, key in keyed[: search.limit + 1]], search.limit)


_LAST = 10**29


def _cursor(order: str, last: tuple[str, str] | None) -> str | None:
    return None if last is None else Cursor(order, last[0], uuid.UUID(last[1])).encode()
