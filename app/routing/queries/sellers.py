"""What sellers say of themselves, as they said it last."""

import uuid

from sqlalchemy import select

from app.infra.auth import Caller
from app.infra.db import DbSession
from app.infra.listing import page_by_id
from app.inventory import queries as inventory_queries
from app.kernel.paging import Page, PageRequest
from app.routing.models import LocationAbility, SellerCapacity, SellerClosure


def get_capacity(session: DbSession, *, caller: Caller) -> SellerCapacity:
    """What the caller takes in a day; who has said nothing takes all that there is."""
    said = session.get(SellerCapacity, caller.organization_id)
    return said or SellerCapacity(orders_a_day=None, units_a_day=None)


def list_closures(session: DbSession, *, caller: Caller, page: PageRequest) -> Page[SellerClosure]:
    """The caller's blackouts."""
    query = select(SellerClosure).where(SellerClosure.seller_id == caller.organization_id)
    return page_by_id(session, query, key=SellerClosure.id, page=page)


def get_abilities(session: DbSession, *, caller: Caller, location_id: uuid.UUID) -> LocationAbility:
    """Which special goods a location of the caller's handles: none, where nothing was said.

    Raises:
        LocationNotFound: there is none that the caller may know of.
    """
    inventory_queries.get_location(session, caller=caller, location_id=location_id)
    said = session.get(LocationAbility, location_id)
    return said or LocationAbility(hazardous=False, oversize=False)
