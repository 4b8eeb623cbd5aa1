"""Searching by effective prices where all lists that may price are plain: within one statement.

Up to what can be counted every figure is exact. Beyond, a page in order of price is walked to, and
nothing needs to be priced for it here.
"""

from datetime import datetime
from functools import lru_cache

from sqlalchemy import TextClause, text

from app.discovery.queries import matching
from app.discovery.queries.asked import Counted, Search, binds_of, counted_of
from app.discovery.queries.matching import ORDERS, Order, Shape
from app.discovery.queries.paying import ALL_PAID, FEW_PAID, Places
from app.discovery.queries.viewer import Viewer
from app.discovery.rules import BILLION, BY_PRICE, DEAREST, Cursor
from app.infra.db import DbSession

_LAST = 10**29  # what has no price, in either direction
_BETWEEN = """
    WHERE p.unit >= COALESCE(CAST(:price_from AS bigint), 0)
      AND (CAST(:price_to AS bigint) IS NULL OR p.unit <= CAST(:price_to AS bigint))
"""
_BY_PRICE = Order(
    "CAST(COALESCE({sign} * p.unit * {billion}, {last}) AS numeric(40))",
    "{key}, {id}",
    "({key}, {id}) > (CAST(:key AS numeric), CAST(:after AS uuid))",
)


@lru_cache(maxsize=256)
def _statement(shape: Shape, order: str, *, is_filtered: bool, is_later: bool) -> TextClause:
    by_price = order in BY_PRICE
    sort = _BY_PRICE if by_price else ORDERS[order]
    read = "0" if by_price else sort.key.format(locale=shape.locale)
    sign = -1 if order == DEAREST else 1
    key = sort.key.format(sign=sign, billion=BILLION, last=_LAST) if by_price else "f.key"
    between = _BETWEEN if is_filtered else ""
    return text(f"""
    WITH RECURSIVE {matching.matches(shape, key=read)}
    {matching.hits(shape, name="fit", reads="entitled")}
    {ALL_PAID if is_filtered or order == DEAREST else FEW_PAID}
    hit AS MATERIALIZED (
        SELECT f.variant_id, f.failed, f.tokens, {key} AS key
        FROM fit f LEFT JOIN paid p ON p.variant_id = f.variant_id {between}
    ),
    {matching.answer(sort, is_later=is_later)}
    """)  # noqa: S608 - composed of constants only


def count_by_price(
    session: DbSession,
    viewer: Viewer,
    search: Search,
    places: Places,
    cursor: Cursor | None,
    now: datetime,
) -> Counted:
    """All of it, each at its effective price."""
    statement = _statement(
        search.shape,
        search.order,
        is_filtered=search.filters.by_price,
        is_later=cursor is not None,
    )
    binds = binds_of_prices(viewer, search, places, cursor, now)
    return counted_of(session.execute(statement, binds).all(), search.limit)


def binds_of_prices(
    viewer: Viewer, search: Search, places: Places, cursor: Cursor | None, now: datetime
) -> dict[str, object]:
    """What both ways of searching by price are bound to."""
    return {
        **binds_of(viewer, search, cursor, now),
        **places.binds(),
        "price_from": search.filters.price_from,
        "price_to": search.filters.price_to,
    }
