"""Backtests and the outcomes of their orders, as their organization may see them."""

import uuid
from collections.abc import Iterator
from typing import Any

from sqlalchemy import select, text

from app.backtest.errors import BacktestNotFound
from app.backtest.models import Backtest
from app.infra.auth import Caller
from app.infra.db import DbSession
from app.kernel.paging import Page, PageRequest, page_of

_BLOCK = 2000
_OUTCOMES = text("""
SELECT b.position, o.id, o.number, o.placed_at, b.outcome
FROM backtest_orders b JOIN ordering_orders o ON o.id = b.order_id
WHERE b.backtest_id = :backtest_id AND b.position > :after AND b.outcome IS NOT NULL
ORDER BY b.position LIMIT :limit
""")


def get_backtest(session: DbSession, *, caller: Caller, backtest_id: uuid.UUID) -> Backtest:
    """A backtest.

    Raises:
        BacktestNotFound: there is none that the caller may know of.
    """
    found = session.get(Backtest, backtest_id, populate_existing=True)
    if found is None or not (caller.is_operator or found.organization_id == caller.organization_id):
        raise BacktestNotFound
    return found


def list_backtests(session: DbSession, *, caller: Caller, page: PageRequest) -> Page[Backtest]:
    """The caller's backtests, newest first."""
    query = select(Backtest).where(Backtest.organization_id == caller.organization_id)
    if page.after:
        query = query.where(Backtest.id < page.after)
    rows = session.scalars(query.order_by(Backtest.id.desc()).limit(page.limit + 1)).all()
    return page_of(rows, limit=page.limit, key=lambda each: each.id)


def outcomes_of(session: DbSession, *, backtest_id: uuid.UUID) -> Iterator[Any]:
    """What came of each order, in their order; read block by block."""
    after = 0
    while True:
        binds = {"backtest_id": backtest_id, "after": after, "limit": _BLOCK}
        block = session.execute(_OUTCOMES, binds).all()
        yield from block
        if len(block) < _BLOCK:
            return
        after = block[-1].position
