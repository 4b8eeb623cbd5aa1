"""What a seller says of itself that policies may ask: daily capacity, blackouts, special goods."""

import uuid
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy.dialects.postgresql import insert

from app.infra import audit
from app.infra.auth import Caller
from app.infra.db import Base, DbSession
from app.inventory import queries as inventory_queries
from app.kernel.ids import new_id
from app.routing.errors import ClosureNotFound
from app.routing.models import LocationAbility, SellerCapacity, SellerClosure


def put_capacity(
    session: DbSession,
    *,
    caller: Caller,
    orders_a_day: int | None,
    units_a_day: int | None,
    now: datetime,
) -> SellerCapacity:
    """Say what the caller takes in a day; nothing said means as much as there is."""
    row = {
        "seller_id": caller.organization_id,
        "orders_a_day": orders_a_day,
        "units_a_day": units_a_day,
    }
    _put(session, SellerCapacity, "seller_id", row)
    _note(session, caller, "capacity_set", caller.organization_id, now)
    return session.get_one(SellerCapacity, caller.organization_id, populate_existing=True)


def add_closure(
    session: DbSession,
    *,
    caller: Caller,
    from_on: date,
    to_on: date,
    reason: str,
    now: datetime,
) -> SellerClosure:
    """Say on which days the caller takes no orders."""
    closure = SellerClosure(
        id=new_id(), seller_id=caller.organization_id, from_on=from_on, to_on=to_on, reason=reason
    )
    session.add(closure)
    session.flush()
    _note(session, caller, "closed", closure.id, now)
    return closure


def remove_closure(
    session: DbSession, *, caller: Caller, closure_id: uuid.UUID, now: datetime
) -> None:
    """Take a blackout back.

    Raises:
        ClosureNotFound: the caller has no such blackout.
    """
    closure = session.get(SellerClosure, closure_id)
    if closure is None or closure.seller_id != caller.organization_id:
        raise ClosureNotFound
    session.delete(closure)
    session.flush()
    _note(session, caller, "opened", closure_id, now)


def put_abilities(
    session: DbSession,
    *,
    caller: Caller,
    location_id: uuid.UUID,
    abilities: Mapping[str, bool],
    now: datetime,
) -> LocationAbility:
    """Say which special goods a location of the caller's handles.

    Raises:
        LocationNotFound: the caller has no such location.
    """
    inventory_queries.get_location(session, caller=caller, location_id=location_id)
    _put(session, LocationAbility, "location_id", {"location_id": location_id, **abilities})
    _note(session, caller, "abilities_set", location_id, now)
    return session.get_one(LocationAbility, location_id, populate_existing=True)


def _put(session: DbSession, model: type[Base], key: str, row: Mapping[str, Any]) -> None:
    changes = {name: value for name, value in row.items() if name != key}
    session.execute(
        insert(model).values(**row).on_conflict_do_update(index_elements=[key], set_=changes)
    )


def _note(
    session: DbSession, caller: Caller, action: str, subject_id: uuid.UUID, now: datetime
) -> None:
    audit.note(
        session,
        caller=caller,
        action=f"routing_seller.{action}",
        subject_type="routing_seller",
        subject_id=subject_id,
        now=now,
    )
