"""A page of rows in the order of their ids: keyset paging for every list."""

import uuid
from typing import Any

from sqlalchemy import Select
from sqlalchemy.orm import InstrumentedAttribute

from app.infra.db import DbSession
from app.kernel.paging import Page, PageRequest, page_of


def page_by_id(
    session: DbSession,
    query: Select[Any],
    *,
    key: InstrumentedAttribute[uuid.UUID],
    page: PageRequest,
) -> Page[Any]:
    """The rows of a query after the cursor, one statement."""
    if page.after:
        query = query.where(key > page.after)
    rows = session.scalars(query.order_by(key).limit(page.limit + 1)).all()
    return page_of(rows, limit=page.limit, key=lambda row: row.id)
