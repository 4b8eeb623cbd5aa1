"""Price lists as the caller may see them.

A list is its owner's, and the operator's to see. A transfer list that the terms of an active
agreement name is the grantee's to read too: it is what the grantee pays.
"""

import uuid

from sqlalchemy import ColumnElement, Uuid, column, or_, select, text, true

from app.infra.auth import Caller
from app.infra.db import DbSession
from app.infra.listing import page_by_id
from app.kernel.paging import Page, PageRequest
from app.pricing.errors import PriceListNotFound
from app.pricing.models import PriceAssignment, PriceEntry, PriceList

_AGREED_LISTS = text("""
SELECT t.transfer_price_list_id AS id
FROM network_agreements a JOIN network_agreement_terms t ON t.agreement_id = a.id
WHERE a.grantee_id = :price_reader_id AND a.status = 'active'
  AND t.transfer_price_list_id IS NOT NULL
""").columns(column("id", Uuid()))


def get_price_list(session: DbSession, *, caller: Caller, price_list_id: uuid.UUID) -> PriceList:
    """A price list.

    Raises:
        PriceListNotFound: there is none that the caller may know of.
    """
    query = select(PriceList).where(PriceList.id == price_list_id, visible(caller))
    found = session.scalars(query).one_or_none()
    if found is None:
        raise PriceListNotFound
    return found


def list_price_lists(
    session: DbSession, *, caller: Caller, page: PageRequest, purpose: str | None = None
) -> Page[PriceList]:
    """The price lists that the caller may know of."""
    query = select(PriceList).where(visible(caller))
    if purpose:
        query = query.where(PriceList.purpose == purpose)
    return page_by_id(session, query, key=PriceList.id, page=page)


def list_entries(
    session: DbSession,
    *,
    caller: Caller,
    price_list_id: uuid.UUID,
    page: PageRequest,
    variant_id: uuid.UUID | None = None,
) -> Page[PriceEntry]:
    """The entries of a list.

    Raises:
        PriceListNotFound: there is none that the caller may know of.
    """
    get_price_list(session, caller=caller, price_list_id=price_list_id)
    query = select(PriceEntry).where(PriceEntry.price_list_id == price_list_id)
    if variant_id:
        query = query.where(PriceEntry.variant_id == variant_id)
    return page_by_id(session, query, key=PriceEntry.id, page=page)


def list_assignments(
    session: DbSession, *, caller: Caller, price_list_id: uuid.UUID, page: PageRequest
) -> Page[PriceAssignment]:
    """To whom a list of the caller's applies.

    Raises:
        PriceListNotFound: there is none that is the caller's.
    """
    found = get_price_list(session, caller=caller, price_list_id=price_list_id)
    if not caller.is_operator and found.owner_id != caller.organization_id:
        raise PriceListNotFound
    query = select(PriceAssignment).where(PriceAssignment.price_list_id == price_list_id)
    return page_by_id(session, query, key=PriceAssignment.id, page=page)


def visible(caller: Caller) -> ColumnElement[bool]:
    """Whether the caller may read a price list."""
    if caller.is_operator:
        return true()
    own = caller.organization_id
    agreed = _AGREED_LISTS.bindparams(price_reader_id=own)
    return or_(PriceList.owner_id == own, PriceList.id.in_(agreed))
