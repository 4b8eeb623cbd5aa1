"""Organizations, members and addresses as the caller may see them.

An organization sees itself and those that it is linked to: by an agreement, by a trading account,
or by a storefront that it sells in. The operator sees all. Everything else is not found.
"""

import uuid
from collections.abc import Collection
from typing import Any

from sqlalchemy import ColumnElement, Uuid, column, exists, or_, select, table
from sqlalchemy.orm import InstrumentedAttribute

from app.infra.auth import Caller
from app.infra.db import DbSession
from app.kernel.paging import Page, PageRequest
from app.network.errors import AddressNotFound, MemberNotFound, OrganizationNotFound
from app.network.models import Address, Agreement, Member, Organization, TradingAccount
from app.network.queries.scope import is_own, paged, require_own

# One layer up; named here only, because a seller in a pool and the owner know each other.
_storefronts = table(
    "storefronts_storefronts", column("id", Uuid()), column("owner_id", Uuid())
)  # fmt: skip
_pool = table(
    "storefronts_pool_sellers", column("storefront_id", Uuid()), column("seller_id", Uuid())
)


def operator_id(session: DbSession) -> uuid.UUID:
    """The organization that runs the network.

    Raises:
        OrganizationNotFound: the network has no operator yet.
    """
    found = session.scalar(
        select(Organization.id)
        .where(Organization.kinds.contains(["operator"]))
        .order_by(Organization.id)
        .limit(1)
    )
    if found is None:
        raise OrganizationNotFound("The network has no operator")
    return found


def get_organization(session: DbSession, *, organization_id: uuid.UUID) -> Organization:
    """An organization by id, whoever asks: for rules of other domains.

    Raises:
        OrganizationNotFound: there is none.
    """
    organization = session.get(Organization, organization_id)
    if organization is None:
        raise OrganizationNotFound
    return organization


def kinds_of(
    session: DbSession, *, organization_ids: Collection[uuid.UUID]
) -> dict[uuid.UUID, list[str]]:
    """The kinds of those organizations that exist."""
    rows = session.execute(
        select(Organization.id, Organization.kinds).where(Organization.id.in_(organization_ids))
    )
    return {row.id: row.kinds for row in rows}


def find_organization_by_code(session: DbSession, *, code: str) -> Organization | None:
    """The organization with a code."""
    return session.scalars(select(Organization).where(Organization.code == code)).one_or_none()


def see_organization(
    session: DbSession, *, caller: Caller, organization_id: uuid.UUID
) -> Organization:
    """An organization that the caller may know of.

    Raises:
        OrganizationNotFound: there is none, or none of the caller's business.
    """
    query = select(Organization).where(Organization.id == organization_id, _visible(caller))
    organization = session.scalars(query).one_or_none()
    if organization is None:
        raise OrganizationNotFound
    return organization


def list_organizations(
    session: DbSession, *, caller: Caller, page: PageRequest, kind: str | None = None
) -> Page[Organization]:
    """The caller's organization and those that it is linked to."""
    query = select(Organization).where(_visible(caller))
    if kind:
        query = query.where(Organization.kinds.contains([kind]))
    return paged(session, query, Organization.id, page)


def _visible(caller: Caller) -> ColumnElement[bool]:
    if caller.is_operator:
        return Organization.id.is_not(None)
    own = caller.organization_id
    return or_(
        Organization.id == own,
        Organization.kinds.contains(["operator"]),
        _linked(Agreement.grantor_id, Agreement.grantee_id, own),
        _linked(Agreement.manufacturer_id, Agreement.grantee_id, own),
        _linked(TradingAccount.seller_id, TradingAccount.buyer_id, own),
        exists().where(
            _pool.c.storefront_id == _storefronts.c.id,
            or_(
                (_storefronts.c.owner_id == own) & (_pool.c.seller_id == Organization.id),
                (_pool.c.seller_id == own) & (_storefronts.c.owner_id == Organization.id),
            ),
        ),
    )


def _linked(
    one: InstrumentedAttribute[uuid.UUID], other: InstrumentedAttribute[uuid.UUID], own: uuid.UUID
) -> ColumnElement[bool]:
    return exists().where(
        or_((one == own) & (other == Organization.id), (other == own) & (one == Organization.id))
    )


def list_members(
    session: DbSession, *, caller: Caller, organization_id: uuid.UUID, page: PageRequest
) -> Page[Any]:
    """The members of the caller's organization with their names."""
    require_own(caller, organization_id)
    query = select(Member).where(Member.organization_id == organization_id)
    return paged(session, query, Member.id, page)


def get_member(session: DbSession, *, caller: Caller, member_id: uuid.UUID) -> Member:
    """A member of the caller's organization.

    Raises:
        MemberNotFound: there is none that the caller may know of.
    """
    member = session.get(Member, member_id)
    if member is None or not is_own(caller, member.organization_id):
        raise MemberNotFound
    return member


def find_member(
    session: DbSession, *, organization_id: uuid.UUID, person_id: uuid.UUID
) -> Member | None:
    """The membership of a person in an organization."""
    return session.scalars(
        select(Member).where(
            Member.organization_id == organization_id, Member.person_id == person_id
        )
    ).one_or_none()


def find_first_address(session: DbSession, *, organization_id: uuid.UUID) -> Address | None:
    """Where an organization receives goods, as far as one place says it, whoever asks."""
    query = select(Address).where(Address.organization_id == organization_id)
    return session.scalars(query.order_by(Address.id).limit(1)).one_or_none()


def list_addresses(
    session: DbSession, *, caller: Caller, organization_id: uuid.UUID, page: PageRequest
) -> Page[Address]:
    """The addresses of the caller's organization."""
    require_own(caller, organization_id)
    query = select(Address).where(Address.organization_id == organization_id)
    return paged(session, query, Address.id, page)


def get_address(session: DbSession, *, caller: Caller, address_id: uuid.UUID) -> Address:
    """An address of the caller's organization.

    Raises:
        AddressNotFound: there is none that the caller may know of.
    """
    address = session.get(Address, address_id)
    if address is None or not is_own(caller, address.organization_id):
        raise AddressNotFound
    return address


def get_address_of(
    session: DbSession, *, organization_id: uuid.UUID, address_id: uuid.UUID
) -> Address:
    """An address of an organization, for whoever may already deal with it.

    Raises:
        AddressNotFound: it has no such address.
    """
    address = session.get(Address, address_id)
    if address is None or address.organization_id != organization_id:
        raise AddressNotFound
    return address
