"""Walk to a page along the lists' own order of prices, where more fits than can be counted.

The entries of all lists that may price are read by price and merged; each variant that they name is
judged as ever: whether it fits, is entitled, and what its effective price is, which may be another
one. Before the horizon, the first of the lists' last entries read, nothing is missing, and all is
in order. A page reads a bounded number of entries: it may hold fewer rows than asked for and still
be followed by another. What has no price is not reached. (There is no walk from the dearest down:
dear entries are mostly those that a cheaper seller's price hides, so it would read nearly all.)
"""

from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import TextClause, text

from app.discovery.queries import matching
from app.discovery.queries.asked import Search, Slice, binds_of, slice_of
from app.discovery.queries.matching import Shape
from app.discovery.queries.paying import WALK_PAID, Places
from app.discovery.queries.viewer import Viewer
from app.discovery.rules import NO_PRICE, Cursor, walked_unit
from app.infra.db import DbSession

AT_FIRST = 600  # entries of all lists together
AT_MOST = 30_000
_FEWEST = 8  # of each list
_FASTER = 4
_NOWHERE = "00000000-0000-0000-0000-000000000000"
_UNIT = "CAST(x.amount_minor AS double precision) / x.per_quantity"


class _Step(NamedTuple):
    rows: list[tuple[str, str]]
    horizon: tuple[str, str] | None


@lru_cache(maxsize=128)
def _statement(shape: Shape, *, is_later: bool) -> TextClause:
    start = "(CAST(:unit AS double precision), CAST(:after AS uuid))"
    near = "(horizon.unit IS NULL OR ({0}, {1}) <= (horizon.unit, horizon.variant_id))"
    return text(f"""
    WITH RECURSIVE {matching.asked(shape)}
    popped AS MATERIALIZED (
        SELECT l.id AS list_id, e.unit, e.variant_id,
               row_number() OVER (
                   PARTITION BY l.id ORDER BY e.unit, e.variant_id
               ) AS place
        FROM (SELECT DISTINCT unnest(CAST(:place_lists AS uuid[])) AS id) l
        CROSS JOIN LATERAL (
            SELECT {_UNIT} AS unit, x.variant_id FROM pricing_entries x
            WHERE x.price_list_id = l.id
              {f"AND ({_UNIT}, x.variant_id) > {start}" if is_later else ""}
            ORDER BY {_UNIT}, x.variant_id LIMIT :step
        ) e
    ),
    horizon AS MATERIALIZED (
        SELECT h.unit, h.variant_id FROM (SELECT 1) one LEFT JOIN (
            SELECT unit, variant_id FROM popped WHERE place = :step
            ORDER BY unit, variant_id LIMIT 1
        ) h ON true
    ),
    d_match AS MATERIALIZED (
        SELECT d.variant_id, d.manufacturer_id, d.category_id, '' AS failed,
               CAST('{{}}' AS text[]) AS tokens, 0 AS key
        FROM (
            SELECT DISTINCT p.variant_id FROM popped p, horizon
            WHERE {near.format("p.unit", "p.variant_id")}
        ) c
        JOIN discovery_documents d ON d.variant_id = c.variant_id
        WHERE {matching.fits(shape, failing=None)}
    ),
    {matching.hits(shape, reads="entitled")}
    {WALK_PAID}
    page AS (
        SELECT p.unit, p.variant_id
        FROM hit h JOIN paid p ON p.variant_id = h.variant_id CROSS JOIN horizon
        WHERE {near.format("p.unit", "p.variant_id")}
          {f"AND (p.unit, p.variant_id) > {start}" if is_later else ""}
          AND p.unit >= COALESCE(CAST(:price_from AS bigint), 0)
          AND (CAST(:price_to AS bigint) IS NULL OR p.unit <= CAST(:price_to AS bigint))
        ORDER BY p.unit, p.variant_id LIMIT :most
    )
    SELECT true, CAST(unit AS text), CAST(variant_id AS text) FROM page
    UNION ALL
    SELECT false, CAST(unit AS text), CAST(variant_id AS text) FROM horizon WHERE unit IS NOT NULL
    """)  # noqa: S608 - composed of constants only


def walk_by_price(
    session: DbSession,
    viewer: Viewer,
    search: Search,
    places: Places,
    cursor: Cursor | None,
    now: datetime,
) -> Slice:
    """The page's rows; where too few fit, the next page begins where this one ended."""
    if cursor is not None and cursor.key == NO_PRICE:
        return Slice([], None)
    lists = len({each.price_list_id for each in places.places})
    binds = binds_of_walk(viewer, search, places, now)
    start = _start(search, cursor)
    step, read = max(_FEWEST, AT_FIRST // max(lists, 1)), 0
    rows: list[tuple[str, str]] = []
    while True:
        one = _step(session, search, binds | {"step": step}, start)
        rows += one.rows
        read += step * lists
        if len(rows) > search.limit or one.horizon is None or _is_over(search, one.horizon):
            return slice_of(rows, search.limit)
        if read >= AT_MOST:
            unit, key = one.horizon
            return Slice(rows, (f"w{unit}", key))
        start, step = one.horizon, step * _FASTER


def binds_of_walk(viewer: Viewer, search: Search, places: Places, now: datetime) -> dict[str, Any]:
    """What the statement is bound to, but for where it starts and how far it goes."""
    return {
        **binds_of(viewer, search, None, now),
        **places.binds(),
        "price_from": search.filters.price_from,
        "price_to": search.filters.price_to,
    }


def _start(search: Search, cursor: Cursor | None) -> tuple[str, str] | None:
    """The cursor's row, or as far as the filter lets one skip."""
    if cursor is not None:
        return walked_unit(cursor), str(cursor.after)
    if search.filters.price_from is not None:
        return str(search.filters.price_from), _NOWHERE
    return None


def _step(
    session: DbSession, search: Search, binds: dict[str, Any], start: tuple[str, str] | None
) -> _Step:
    statement = _statement(search.shape, is_later=start is not None)
    unit, after = start or (None, None)
    found = session.execute(statement, binds | {"unit": unit, "after": after}).all()
    rows = [(f"w{unit}", key) for is_hit, unit, key in found if is_hit]
    return _Step(rows, next(((unit, key) for is_hit, unit, key in found if not is_hit), None))


def _is_over(search: Search, horizon: tuple[str, str]) -> bool:
    """Whether nothing beyond passes the filter."""
    high = search.filters.price_to
    return high is not None and float(horizon[0]) > high
