"""A seller's warehouses, and the days on which they are closed."""

import uuid
from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import select

from app.infra.auth import Caller
from app.infra.db import DbSession
from app.infra.editing import edit, refusing
from app.inventory.errors import ClosureNotFound, LocationCodeTaken
from app.inventory.models import Closure, Location
from app.inventory.operations.alarms import spread_threshold
from app.inventory.operations.owning import own_location, require_seller

_REFUSALS = {"uq_inventory_locations_seller_id_code": LocationCodeTaken()}


def create_location(session: DbSession, *, caller: Caller, facts: Mapping[str, Any]) -> Location:
    """Open a location of the caller's.

    Raises:
        NotASeller: the caller sells nothing.
        LocationCodeTaken: the caller uses the code already.
    """
    require_seller(caller)
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
    """Change a location of the caller's; its threshold becomes that of its rows without their own.

    Raises:
        LocationNotFound: the caller has no such location.
        PreconditionFailed: somebody changed it since the caller read it.
    """
    location = own_location(session, caller=caller, location_id=location_id)
    with refusing(session, _REFUSALS):
        edit(location, expected_version=expected_version, changes=changes)
    if "low_at" in changes:
        spread_threshold(session, location_id=location_id, low_at=changes["low_at"])
    return location


def close_location(
    session: DbSession,
    *,
    caller: Caller,
    location_id: uuid.UUID,
    first_on: date,
    last_on: date,
    reason: str,
) -> Closure:
    """Close a location from a day to a day.

    Raises:
        LocationNotFound: the caller has no such location.
    """
    own_location(session, caller=caller, location_id=location_id)
    closure = Closure(location_id=location_id, first_on=first_on, last_on=last_on, reason=reason)
    session.add(closure)
    session.flush()
    return closure


def reopen_location(
    session: DbSession, *, caller: Caller, location_id: uuid.UUID, closure_id: uuid.UUID
) -> None:
    """Take a closure back.

    Raises:
        LocationNotFound: the caller has no such location.
        ClosureNotFound: the location has no such closure.
    """
    own_location(session, caller=caller, location_id=location_id)
    query = select(Closure).where(Closure.id == closure_id, Closure.location_id == location_id)
    closure = session.scalars(query).one_or_none()
    if closure is None:
        raise ClosureNotFound
    session.delete(closure)
    session.flush()
