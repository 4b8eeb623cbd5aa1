"""Where prices decide and a list derives or is graduated: all matches are priced one by one.

Pricing's grid tells what each seller asks for each match; choice, filter and order are made here.
"""

from datetime import datetime
from functools import lru_cache

from sqlalchemy import TextClause, text

from app.discovery.queries import matching
from app.discovery.queries.asked import Counted, Facet, Search, Slice, binds_of, slice_of
from app.discovery.queries.matching import MOST_EXACT, ORDERS, SMALLEST, SORTED, Shape
from app.discovery.queries.prices import effective_prices
from app.discovery.queries.viewer import Viewer
from app.discovery.rules import BY_PRICE, PRICE, Ask, Cursor, Filters, Priced, price_key
from app.infra.db import DbSession, array_of


@lru_cache(maxsize=256)
def _pricing(shape: Shape) -> TextClause:
    return text(f"""
    WITH RECURSIVE {matching.matches(shape)} {matching.hits(shape, reads="entitled")}
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


def count_by_grid(
    session: DbSession, viewer: Viewer, search: Search, cursor: Cursor | None, now: datetime
) -> Counted:
    """All of it, each at the price that the grid tells: three statements."""
    rows = session.execute(_pricing(search.shape), binds_of(viewer, search, None, now)).all()
    asks = [Ask(row[0], row[1], row[2]) for row in rows]
    prices = effective_prices(session, viewer=viewer, asks=asks, now=now)
    fits = _fitting(search.filters, prices)
    failed = {row[0]: row[3] for row in rows if not search.filters.by_price or row[0] in fits}
    hits = [key for key, failure in failed.items() if not failure]
    return Counted(
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
    FROM sorted s {f"WHERE {sort.after.format(**SORTED)}" if is_later else ""}
    ORDER BY {sort.order.format(**SORTED)} LIMIT :most
    """)  # noqa: S608 - composed of constants only


def _sorted(
    session: DbSession,
    search: Search,
    cursor: Cursor | None,
    hits: list[str],
    prices: dict[str, Priced],
) -> Slice:
    """The page's rows: by price; or, where prices only filtered, in the order that was asked."""
    if search.order in BY_PRICE:
        return _priced_page(search, cursor, hits, prices)
    statement = _sorting(search.shape, search.order, is_later=cursor is not None)
    binds = {
        "ids": array_of(hits),
        "reach": [],  # all of these are in reach
        "words": list(search.question.words),
        "codes": list(search.question.codes),
        "whole": search.question.whole,
        "key": cursor.key if cursor else None,
        "after": cursor.after if cursor else None,
        "most": search.limit + 1,
    }
    return slice_of([(row[0], row[1]) for row in session.execute(statement, binds)], search.limit)


def _priced_page(
    search: Search, cursor: Cursor | None, hits: list[str], prices: dict[str, Priced]
) -> Slice:
    """What has no price comes last in either direction; ties by id."""
    sign = 1 if search.order == PRICE else -1
    keyed = sorted((sign * prices[key].order[0] if key in prices else _LAST, key) for key in hits)
    if cursor is not None:
        seen = int(cursor.key), str(cursor.after)
        keyed = [each for each in keyed if each > seen]
    return slice_of([(str(number), key) for number, key in keyed[: search.limit + 1]], search.limit)


_LAST = 10**29
