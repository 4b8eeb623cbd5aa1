"""Whose locations and variants rows name: refused before anything is locked, each row pointed at.

Locations are named by id or by the seller's own code, variants by id or by the seller's own SKU.
"""

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select, text

from app.catalog import queries as catalog_queries
from app.infra.auth import Caller
from app.infra.db import DbSession
from app.inventory.errors import LocationNotFound, NotASeller, StockRowsUnknown
from app.inventory.models import Location
from app.network.rules import SELLING_KINDS

_BY_SKU = text("""
SELECT o.seller_sku, CAST(min(CAST(o.variant_id AS text)) AS uuid) AS variant_id, count(*) AS offers
FROM offers_offers o
WHERE o.seller_id = :seller_id AND o.seller_sku = ANY (CAST(:skus AS text[]))
GROUP BY o.seller_sku
""")


def require_seller(caller: Caller) -> None:
    """Refuse who sells nothing.

    Raises:
        NotASeller: the caller does not.
    """
    if not SELLING_KINDS & caller.kinds:
        raise NotASeller


def own_location(session: DbSession, *, caller: Caller, location_id: uuid.UUID) -> Location:
    """A location of the caller's, locked; orders may refer to it meanwhile.

    Raises:
        LocationNotFound: the caller has no such location.
    """
    query = select(Location).where(
        Location.id == location_id, Location.seller_id == caller.organization_id
    )
    location = session.scalars(
        query.with_for_update(key_share=True).execution_options(populate_existing=True)
    ).one_or_none()
    if location is None:
        raise LocationNotFound
    return location


def require_known(
    session: DbSession,
    *,
    caller: Caller,
    places: Sequence[tuple[uuid.UUID, uuid.UUID]],
    rows_at: str = "/rows",
    location_at: str | None = None,
) -> None:
    """Refuse rows (location, variant) that are not of the caller's locations and catalogs.

    Raises:
        StockRowsUnknown: some are not; ``errors`` points at them below ``rows_at``, or at
            ``location_at`` where all rows are of one location.
    """
    own = set(
        session.scalars(select(Location.id).where(Location.seller_id == caller.organization_id))
    )
    variants = catalog_queries.known_variants(
        session, caller=caller, variant_ids=list({place[1] for place in places})
    )
    problems = []
    if location_at is not None and not own.issuperset(place[0] for place in places):
        problems.append(pointed(location_at, "No location of yours"))
    for row, (location_id, variant_id) in enumerate(places):
        if location_at is None and location_id not in own:
            problems.append(pointed(f"{rows_at}/{row}/location_id", "No location of yours"))
        if variant_id not in variants:
            problems.append(pointed(f"{rows_at}/{row}/variant_id", "No variant that you may sell"))
    if problems:
        raise StockRowsUnknown(errors=problems)


def named_places(
    session: DbSession, *, caller: Caller, lines: Sequence[Mapping[str, Any]]
) -> list[tuple[uuid.UUID, uuid.UUID]]:
    """The places that lines name, by ids or by the seller's own codes, in the order of lines.

    Raises:
        StockRowsUnknown: some name none; ``errors`` points at them.
    """
    locations = _locations(session, caller)
    skus = _variants_by_sku(session, caller, lines)
    problems: list[dict[str, str]] = []
    places: list[tuple[uuid.UUID, uuid.UUID]] = []
    for row, line in enumerate(lines):
        location_id = line.get("location_id") or locations.get(line.get("location_code"))
        variant_id = line.get("variant_id")
        if variant_id is None:
            variant_id, offers = skus.get(line.get("seller_sku"), (None, 0))
            if offers != 1:
                told = "Several of your offers have" if offers else "None of your offers has"
                problems.append(pointed(f"/lines/{row}/seller_sku", f"{told} this SKU"))
        if location_id is None:
            problems.append(pointed(f"/lines/{row}/location_code", "No location of yours"))
        if location_id is not None and variant_id is not None:
            places.append((location_id, variant_id))
    if problems:
        raise StockRowsUnknown(errors=problems)
    require_known(session, caller=caller, places=places, rows_at="/lines")
    return places


def _locations(session: DbSession, caller: Caller) -> dict[str | None, uuid.UUID]:
    query = select(Location.code, Location.id).where(Location.seller_id == caller.organization_id)
    return {row.code: row.id for row in session.execute(query)}


def _variants_by_sku(
    session: DbSession, caller: Caller, lines: Sequence[Mapping[str, Any]]
) -> dict[str | None, tuple[uuid.UUID | None, int]]:
    skus = {line["seller_sku"] for line in lines if line.get("variant_id") is None}
    if not skus:
        return {}
    binds = {"seller_id": caller.organization_id, "skus": list(skus)}
    rows = session.execute(_BY_SKU, binds)
    return {row.seller_sku: (row.variant_id, row.offers) for row in rows}


def pointed(pointer: str, message: str) -> dict[str, str]:
    """A fault of a request's body."""
    return {"in": "json", "pointer": pointer, "message": message}
