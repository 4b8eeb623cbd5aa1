"""What is where; a seller's stock is the seller's (and the operator's) to know.

``AVAILABLE_SQL`` is what may still be promised of a row ``s`` of ``inventory_stock``; the index
``ix_inventory_stock_variant`` finds the rows of a variant. No index holds a quantity.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, literal_column, select, text, true

from app.infra.auth import Caller
from app.infra.db import DbSession, answering, array_of, tuples_of
from app.infra.listing import page_by_id
from app.inventory.errors import LocationNotFound, VariantUnclear
from app.inventory.models import Location, Stock
from app.kernel.paging import Page, PageRequest, page_of

AVAILABLE_SQL = "s.on_hand - s.reserved - s.safety"


_LYING = (
    "line_no", "seller_id", "location_id", "latitude", "longitude", "available", "calendar"
)  # fmt: skip
_AVAILABLE = answering(
    f"""
SELECT CAST(w.line_no - 1 AS integer), CAST(l.seller_id AS text), CAST(l.id AS text),
       l.latitude, l.longitude, {AVAILABLE_SQL}, l.calendar
FROM unnest(CAST(:variant_ids AS uuid[])) WITH ORDINALITY AS w (variant_id, line_no)
JOIN inventory_stock s ON s.variant_id = w.variant_id
JOIN inventory_locations l ON l.id = s.location_id AND l.is_active
ORDER BY w.line_no, l.seller_id, l.id
""",  # noqa: S608 - composed of constants only
    *_LYING,
)

# What a cart keeps from others is there for its own order; of promises what has come by now.
_AVAILABLE_TO_CART = answering(
    f"""
SELECT CAST(w.line_no - 1 AS integer), CAST(l.seller_id AS text), CAST(l.id AS text),
       l.latitude, l.longitude, {AVAILABLE_SQL} + COALESCE(h.quantity, 0), l.calendar
FROM unnest(CAST(:variant_ids AS uuid[])) WITH ORDINALITY AS w (variant_id, line_no)
JOIN inventory_stock s ON s.variant_id = w.variant_id
JOIN inventory_locations l ON l.id = s.location_id AND l.is_active
LEFT JOIN (
    SELECT location_id, variant_id, sum(quantity)::integer AS quantity FROM (
        SELECT location_id, variant_id, quantity FROM inventory_holds WHERE cart_id = :cart_id
        UNION ALL
        SELECT location_id, variant_id, quantity - promised FROM inventory_reservations
        WHERE order_id = :cart_id AND expires_at IS NOT NULL
    ) kept GROUP BY 1, 2
) h ON h.location_id = s.location_id AND h.variant_id = s.variant_id
ORDER BY w.line_no, l.seller_id, l.id
""",  # noqa: S608 - composed of constants only
    *_LYING,
)


def list_available(
    session: DbSession, *, variant_ids: Sequence[uuid.UUID], cart_id: uuid.UUID | None = None
) -> Sequence[Sequence[Any]]:
    """Where variants lie at active locations, and what may still be promised there.

    Rows of (position, seller, location, latitude, longitude, available, calendar), ids as text, in
    the order of these; no locks. To a cart, what it keeps itself is available. A calendar is for
    ``rules.calendars.read_calendar``.
    """
    if cart_id is not None:
        binds = {"variant_ids": array_of(variant_ids), "cart_id": cart_id}
        return tuples_of(session, _AVAILABLE_TO_CART, binds)
    return tuples_of(session, _AVAILABLE, {"variant_ids": array_of(variant_ids)})


def get_location(session: DbSession, *, caller: Caller, location_id: uuid.UUID) -> Location:
    """A location.

    Raises:
        LocationNotFound: there is none that the caller may know of.
    """
    query = select(Location).where(Location.id == location_id, own_locations(caller))
    found = session.scalars(query).one_or_none()
    if found is None:
        raise LocationNotFound
    return found


def list_locations(session: DbSession, *, caller: Caller, page: PageRequest) -> Page[Location]:
    """The caller's locations."""
    return page_by_id(
        session, select(Location).where(own_locations(caller)), key=Location.id, page=page
    )


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
        .where(s.c.variant_id == variant_id, own_locations(caller))
    )
    if page.after:
        query = query.where(s.c.location_id > page.after)
    rows = session.execute(query.order_by(s.c.location_id).limit(page.limit + 1)).all()
    return page_of(rows, limit=page.limit, key=lambda row: row.location_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class StockFilter:
    """Which rows of a location: part of a name or SKU, or only those that are scarce."""

    q: str = ""
    scarce: str = ""


def browse_stock(
    session: DbSession,
    *,
    caller: Caller,
    location_id: uuid.UUID,
    wanted: StockFilter,
    page: PageRequest,
) -> Page[Any]:
    """The stock of a location of the caller's with what it is of, as a person looks at it.

    Raises:
        LocationNotFound: there is none that the caller may know of.
    """
    get_location(session, caller=caller, location_id=location_id)
    binds = {
        "location_id": location_id,
        "after": page.after,
        "limit": page.limit + 1,
        "q": f"%{_escaped(wanted.q)}%" if wanted.q else None,
        "scarce": wanted.scarce or None,
    }
    rows = session.execute(_BROWSE, binds).all()
    return page_of(rows, limit=page.limit, key=lambda row: row.variant_id)


_BROWSE = text(f"""
SELECT s.location_id, s.variant_id, s.on_hand, s.reserved, s.safety, s.promised, s.low_at,
       {AVAILABLE_SQL} AS available, s.is_lotted, s.updated_at,
       ({AVAILABLE_SQL} < s.low_at) IS TRUE AS is_scarce, v.sku, v.name,
       COALESCE((
           SELECT sum(i.quantity - i.received) FROM inventory_incoming i
           WHERE i.location_id = s.location_id AND i.variant_id = s.variant_id
             AND i.received < i.quantity
       ), 0) AS incoming
FROM inventory_stock s JOIN catalog_variants v ON v.id = s.variant_id
WHERE s.location_id = :location_id
  AND (CAST(:after AS uuid) IS NULL OR s.variant_id > :after)
  AND (CAST(:q AS text) IS NULL OR v.sku ILIKE :q OR v.name ILIKE :q)
  AND (CAST(:scarce AS text) IS NULL OR ({AVAILABLE_SQL} < s.low_at) IS TRUE)
ORDER BY s.variant_id LIMIT CAST(:limit AS integer)
""")  # noqa: S608 - composed of constants only


# By the seller's own SKU of an offer, or by SKU or GTIN of what it offers or has somewhere.
_NAMED = text("""
SELECT o.variant_id FROM offers_offers o
WHERE o.seller_id = :seller_id AND o.seller_sku = :word
UNION
SELECT v.id FROM catalog_variants v
WHERE (v.sku = :word OR v.gtin = :word) AND (
    EXISTS (SELECT FROM offers_offers o WHERE o.seller_id = :seller_id AND o.variant_id = v.id)
    OR EXISTS (
        SELECT FROM inventory_stock s JOIN inventory_locations l ON l.id = s.location_id
        WHERE s.variant_id = v.id AND l.seller_id = :seller_id
    )
)
""")


def find_variant(session: DbSession, *, caller: Caller, word: str) -> uuid.UUID:
    """The one variant that a word means to the caller: a SKU (its own or the maker's) or a GTIN.

    Raises:
        VariantUnclear: it means none, or several.
    """
    binds = {"seller_id": caller.organization_id, "word": word.strip()}
    found: Sequence[uuid.UUID] = session.scalars(_NAMED, binds).all()
    if len(found) != 1:
        told = "Several of your variants are" if found else "None of your variants is"
        raise VariantUnclear(f"{told} called {word!r}")
    return found[0]


def _escaped(words: str) -> str:
    return words.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def own_locations(caller: Caller) -> ColumnElement[bool]:
    """Which locations a caller may know of."""
    return true() if caller.is_operator else Location.seller_id == caller.organization_id
