"""What inventory can be asked; a seller's stock is the seller's (and the operator's) to know.

``AVAILABLE_SQL`` is what may still be promised of a row ``s`` of ``inventory_stock``; the index
``ix_inventory_stock_variant`` finds the rows of a variant. No index holds a quantity.
"""

import uuid
from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, literal_column, select, text, true

from app.infra.auth import Caller
from app.infra.db import DbSession, array_of
from app.infra.listing import page_by_id
from app.inventory.errors import LocationNotFound
from app.inventory.models import Location, Stock
from app.kernel.paging import Page, PageRequest, page_of

AVAILABLE_SQL = "s.on_hand - s.reserved - s.safety"


_AVAILABLE = text(f"""
SELECT CAST(w.line_no - 1 AS integer), CAST(l.seller_id AS text), CAST(l.id AS text),
       l.latitude, l.longitude, {AVAILABLE_SQL}
FROM unnest(CAST(:variant_ids AS uuid[])) WITH ORDINALITY AS w (variant_id, line_no)
JOIN inventory_stock s ON s.variant_id = w.variant_id
JOIN inventory_locations l ON l.id = s.location_id AND l.is_active
ORDER BY w.line_no, l.seller_id, l.id
""")  # noqa: S608 - composed of constants only


def list_available(
    session: DbSession, *, variant_ids: Sequence[uuid.UUID]
) -> Sequence[Sequence[Any]]:
    """Where variants lie at active locations, and what may still be promised there.

    Rows of (position, seller, location, latitude, longitude, available), ids as text, in the order
    of these; no locks.
    """
    return session.execute(_AVAILABLE, {"variant_ids": array_of(variant_ids)}).all()


def get_location(session: DbSession, *, caller: Caller, location_id: uuid.UUID) -> Location:
    """A location.

    Raises:
        LocationNotFound: there is none that the caller may know of.
    """
    query = select(Location).where(Location.id == location_id, _own(caller))
    found = session.scalars(query).one_or_none()
    if found is None:
        raise LocationNotFound
    return found


def list_locations(session: DbSession, *, caller: Caller, page: PageRequest) -> Page[Location]:
    """The caller's locations."""
    return page_by_id(session, select(Location).where(_own(caller)), key=Location.id, page=page)


def list_stock_at(
    session: DbSession, *, caller: Caller, location_id: uuid.UUID, page: PageRequest
) -> Page[Any]:
    """The stock of every variant at a location of the caller's.

    Raises:
        LocationNotFound: there is none that the caller may know of.
    """
    get_location(session, caller=caller, location_id=location_id)
    s = Stock.__table__.alias("s")
    query = select(s, literal_column(AVAILABLE_SQL).label("available")).where(
        s.c.location_id == location_id
    )
    if page.after:
        query = query.where(s.c.variant_id > page.after)
    rows = session.execute(query.order_by(s.c.variant_id).limit(page.limit + 1)).all()
    return page_of(rows, limit=page.limit, key=lambda row: row.variant_id)


def list_stock_of(
    session: DbSession, *, caller: Caller, variant_id: uuid.UUID, page: PageRequest
) -> Page[Any]:
    """The stock of a variant at every location of the caller's."""
    s = Stock.__table__.alias("s")
    query = (
        select(s, literal_column(AVAILABLE_SQL).label("available"))
        .join(Location, Location.id == s.c.location_id)
        .where(s.c.variant_id == variant_id, _own(caller))
    )
    if page.after:
        query = query.where(s.c.location_id > page.after)
    rows = session.execute(query.order_by(s.c.location_id).limit(page.limit + 1)).all()
    return page_of(rows, limit=page.limit, key=lambda row: row.location_id)


def _own(caller: Caller) -> ColumnElement[bool]:
    return true() if caller.is_operator else Location.seller_id == caller.organization_id
