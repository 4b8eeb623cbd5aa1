"""Where more fits than can be counted, a page is walked to along its order's index."""

from datetime import datetime
from functools import lru_cache

from sqlalchemy import TextClause, text

from app.discovery.queries import matching
from app.discovery.queries.asked import Search, Slice, binds_of, slice_of
from app.discovery.queries.matching import ORDERS, Shape
from app.discovery.queries.viewer import Viewer
from app.discovery.rules import Cursor
from app.infra.db import DbSession


@lru_cache(maxsize=256)
def _walking(shape: Shape, order: str, *, is_later: bool) -> TextClause:
    sort = ORDERS[order]
    return text(f"""
    WITH RECURSIVE {matching.walk(shape, sort, is_later=is_later)}
    {matching.hits(shape)}
    walked AS (
        SELECT CAST(m.key AS text), m.variant_id,
               m.variant_id IN (SELECT variant_id FROM hit) AS is_hit,
               row_number() OVER (
                   ORDER BY {sort.order.format(key="m.key", id="m.variant_id")}
               ) AS place
        FROM d_match m
    )
    SELECT key, CAST(variant_id AS text), place = {matching.WALK} FROM walked
    WHERE is_hit OR place = {matching.WALK}
    ORDER BY place LIMIT :most
    """)  # noqa: S608 - composed of constants only


def walk(
    session: DbSession, viewer: Viewer, search: Search, cursor: Cursor | None, now: datetime
) -> Slice:
    """The page's rows; where too few are entitled, the next page begins where this one ended."""
    statement = _walking(search.shape, search.order, is_later=cursor is not None)
    found = session.execute(statement, binds_of(viewer, search, cursor, now)).all()
    rows = [(key, variant_id) for key, variant_id, _ in found]
    page = slice_of(rows, search.limit)
    if page.last is None and found and found[-1][2]:
        return Slice(rows, rows[-1])
    return page
