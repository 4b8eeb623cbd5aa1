"""What all queries of the network share: whose a thing is, and cutting pages."""

import uuid
from typing import Any

from sqlalchemy import Select
from sqlalchemy.orm import InstrumentedAttribute

from app.infra.auth import Caller
from app.infra.db import DbSession
from app.kernel.paging import Page, PageRequest, page_of
from app.network.errors import OrganizationNotFound


def is_own(caller: Caller, organization_id: uuid.UUID) -> bool:
    """Whether a thing of this organization is the caller's (everything is the operator's)."""
    return caller.is_operator or caller.organization_id == organization_id


def require_own(caller: Caller, organization_id: uuid.UUID) -> None:
    """Refuse to know of another organization's things.

    Raises:
        OrganizationNotFound: it is not the caller's.
    """
    if not is_own(caller, organization_id):
        raise OrganizationNotFound


def paged(
    session: DbSession,
    query: Select[Any],
    key: InstrumentedAttribute[uuid.UUID],
    page: PageRequest,
) -> Page[Any]:
    """The rows after the cursor, and the next cursor."""
    if page.after:
        query = query.where(key > page.after)
    rows = session.scalars(query.order_by(key).limit(page.limit + 1)).all()
    return page_of(rows, limit=page.limit, key=lambda row: row.id)
