"""Price lists as the caller may see them.

A list is its owner's, and the operator's to see. A transfer list that the terms of an active
agreement name is the grantee's to read too: it is what the grantee pays. So are the recommended
and the floor prices of a manufacturer, to whoever sells its goods under an active agreement.

A list's entries come the cheapest first, as its index holds them.
"""

import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Double, Uuid, cast, column, or_, select, text, true, tuple_

from app.infra.auth import Caller
from app.infra.db import DbSession
from app.infra.listing import page_by_id
from app.kernel.paging import Page, PageRequest, decode_place, encode_place
from app.pricing.errors import PriceListNotFound
from app.pricing.models import PriceAssignment, PriceEntry, PriceList

_AGREED_LISTS = text("""
SELECT t.transfer_price_list_id AS id
FROM network_agreements a JOIN network_agreement_terms t ON t.agreement_id = a.id
WHERE a.grantee_id = :price_reader_id AND a.status = 'active'
  AND t.transfer_price_list_id IS NOT NULL
UNION
SELECT l.id
FROM network_agreements a
JOIN pricing_price_lists l ON l.owner_id = a.manufacturer_id AND l.purpose IN ('list', 'floor')
WHERE a.grantee_id = :price_reader_id AND a.status = 'active'
""").columns(column("id", Uuid()))


_UNIT_PRICE = cast(PriceEntry.amount_minor, Double) / PriceEntry.per_quantity


@dataclass(frozen=True, slots=True)
class EntryPageRequest:
    """Entries after a place: unit price, variant, from quantity, valid from."""

    after: tuple[Any, ...] | None
    limit: int


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


def names_of(session: DbSession, list_ids: Collection[uuid.UUID]) -> Mapping[uuid.UUID, str]:
    """What lists are called, whoever asks: for explanations, which name lists by their ids."""
    rows = session.execute(select(PriceList.id, PriceList.name).where(PriceList.id.in_(list_ids)))
    return {row.id: row.name for row in rows}


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
    page: EntryPageRequest,
    variant_id: uuid.UUID | None = None,
) -> Page[PriceEntry]:
    """The entries of a list, the cheapest unit price first.

    Raises:
        PriceListNotFound: there is none that the caller may know of.
    """
    get_price_list(session, caller=caller, price_list_id=price_list_id)
    query = select(PriceEntry).where(PriceEntry.price_list_id == price_list_id)
    if variant_id:
        query = query.where(PriceEntry.variant_id == variant_id)
    order = (
        _UNIT_PRICE,
        PriceEntry.variant_id,
        PriceEntry.from_quantity,
        PriceEntry.valid_from,
    )
    if page.after:
        query = query.where(tuple_(*order) > tuple_(*page.after))
    rows = session.scalars(query.order_by(*order).limit(page.limit + 1)).all()
    items = rows[: page.limit]
    more = len(rows) > page.limit
    return Page(items, _cursor(items[-1]) if more else None)


def entry_page(cursor: str | None, limit: int) -> EntryPageRequest:
    """The page of entries that a cursor of this API begins.

    Raises:
        Malformed: it is none.
    """
    if not cursor:
        return EntryPageRequest(None, limit)
    after = decode_place(cursor, float, uuid.UUID, int, datetime.fromisoformat)
    return EntryPageRequest(after, limit)


def _cursor(entry: PriceEntry) -> str:
    return encode_place(
        entry.amount_minor / entry.per_quantity,
        entry.variant_id,
        entry.from_quantity,
        entry.valid_from,
    )


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
