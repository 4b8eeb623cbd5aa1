"""A seller's warehouses."""

import uuid
from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from app.infra.auth import Caller
from app.infra.db import DbSession
from app.infra.editing import edit, refusing
from app.inventory.errors import LocationCodeTaken, LocationNotFound, NotASeller
from app.inventory.models import Location
from app.network.rules import SELLING_KINDS

_REFUSALS = {"uq_inventory_locations_seller_id_code": LocationCodeTaken()}


def create_location(session: DbSession, *, caller: Caller, facts: Mapping[str, Any]) -> Location:
    """Open a location of the caller's.

    Raises:
        NotASeller: the caller sells nothing.
        LocationCodeTaken: the caller uses the code already.
    """
    if not SELLING_KINDS & caller.kinds:
        raise NotASeller
    location = Location(seller_id=caller.organization_id, version=1, **facts)
    with refusing(session, _REFUSALS):
        session.add(location)
    return location


def update_location(
    session: DbSession,
    *,
    caller: Caller,
    location_id: uuid.UUID,
    expected_version: int,
    changes: Mapping[str, Any],
) -> Location:
    """Change a location of the caller's.

    Raises:
        LocationNotFound: the caller has no such location.
        PreconditionFailed: somebody changed it since the caller read it.
    """
    query = select(Location).where(
        Location.id == location_id, Location.seller_id == caller.organization_id
    )
    location = session.scalars(
        query.with_for_update().execution_options(populate_existing=True)
    ).one_or_none()
    if location is None:
        raise LocationNotFound
    with refusing(session, _REFUSALS):
        edit(location, expected_version=expected_version, changes=changes)
    return location
