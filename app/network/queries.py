"""Organizations, links, agreements and trading accounts as the caller may see them.

An organization sees itself and those that it is linked to: by an agreement, by a trading account,
or by a storefront that it sells in. The operator sees all. Everything else is not found.
"""

import uuid
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, Uuid, column, exists, or_, select, table
from sqlalchemy.orm import InstrumentedAttribute

from app.infra.auth import Caller
from app.infra.db import DbSession
from app.kernel.paging import Page, PageRequest, page_of
from app.network.errors import (
    AccountNotFound,
    AddressNotFound,
    AgreementNotFound,
    MemberNotFound,
    OrganizationNotFound,
    TermsNotFound,
    TerritoryNotFound,
)
from app.network.models import (
    Address,
    Agreement,
    AgreementCategory,
    AgreementTerms,
    Exclusivity,
    Member,
    Organization,
    Territory,
    TerritoryArea,
    TradingAccount,
)

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
    return _paged(session, query, Organization.id, page)


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
    _require_own(caller, organization_id)
    query = select(Member).where(Member.organization_id == organization_id)
    return _paged(session, query, Member.id, page)


def get_member(session: DbSession, *, caller: Caller, member_id: uuid.UUID) -> Member:
    """A member of the caller's organization.

    Raises:
        MemberNotFound: there is none that the caller may know of.
    """
    member = session.get(Member, member_id)
    if member is None or not _is_own(caller, member.organization_id):
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


def list_addresses(
    session: DbSession, *, caller: Caller, organization_id: uuid.UUID, page: PageRequest
) -> Page[Address]:
    """The addresses of the caller's organization."""
    _require_own(caller, organization_id)
    query = select(Address).where(Address.organization_id == organization_id)
    return _paged(session, query, Address.id, page)


def get_address(session: DbSession, *, caller: Caller, address_id: uuid.UUID) -> Address:
    """An address of the caller's organization.

    Raises:
        AddressNotFound: there is none that the caller may know of.
    """
    address = session.get(Address, address_id)
    if address is None or not _is_own(caller, address.organization_id):
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


def list_territories(session: DbSession, *, caller: Caller, page: PageRequest) -> Page[Territory]:
    """The territories that the caller's organization drew."""
    query = select(Territory)
    if not caller.is_operator:
        query = query.where(Territory.owner_id == caller.organization_id)
    return _paged(session, query, Territory.id, page)


def get_territory(session: DbSession, *, caller: Caller, territory_id: uuid.UUID) -> Territory:
    """A territory of the caller's, or one that an agreement of the caller's speaks of.

    Raises:
        TerritoryNotFound: there is none that the caller may know of.
    """
    agreed = exists().where(
        AgreementTerms.territory_id == Territory.id,
        AgreementTerms.agreement_id == Agreement.id,
        _of_party(caller),
    )
    query = select(Territory).where(Territory.id == territory_id)
    if not caller.is_operator:
        query = query.where(or_(Territory.owner_id == caller.organization_id, agreed))
    territory = session.scalars(query).one_or_none()
    if territory is None:
        raise TerritoryNotFound
    return territory


def areas_of(
    session: DbSession, *, territory_ids: Sequence[uuid.UUID]
) -> dict[uuid.UUID, list[TerritoryArea]]:
    """The areas of territories."""
    found: dict[uuid.UUID, list[TerritoryArea]] = {each: [] for each in territory_ids}
    rows = session.scalars(
        select(TerritoryArea)
        .where(TerritoryArea.territory_id.in_(territory_ids))
        .order_by(TerritoryArea.id)
    )
    for area in rows:
        found[area.territory_id].append(area)
    return found


def list_agreements(
    session: DbSession, *, caller: Caller, page: PageRequest, status: str | None = None
) -> Page[Agreement]:
    """The agreements that the caller's organization is a party of, or whose goods it makes."""
    query = select(Agreement)
    if not caller.is_operator:
        query = query.where(_of_party(caller))
    if status:
        query = query.where(Agreement.status == status)
    return _paged(session, query, Agreement.id, page)


def get_agreement(session: DbSession, *, caller: Caller, agreement_id: uuid.UUID) -> Agreement:
    """An agreement that the caller may know of.

    Raises:
        AgreementNotFound: there is none.
    """
    query = select(Agreement).where(Agreement.id == agreement_id)
    if not caller.is_operator:
        query = query.where(_of_party(caller))
    agreement = session.scalars(query).one_or_none()
    if agreement is None:
        raise AgreementNotFound
    return agreement


def _of_party(caller: Caller) -> ColumnElement[bool]:
    """Grantor, grantee, manufacturer; a draft is the grantor's alone."""
    own = caller.organization_id
    told = (Agreement.status != "draft") & or_(
        Agreement.grantee_id == own, Agreement.manufacturer_id == own
    )
    return or_(Agreement.grantor_id == own, told)


def list_terms(session: DbSession, *, agreement_id: uuid.UUID) -> Sequence[AgreementTerms]:
    """All versions of an agreement's terms, oldest first."""
    return session.scalars(
        select(AgreementTerms)
        .where(AgreementTerms.agreement_id == agreement_id)
        .order_by(AgreementTerms.number)
    ).all()


def get_terms(session: DbSession, *, terms_id: uuid.UUID) -> AgreementTerms:
    """One version of terms by id, whoever asks: orders name the version they were made under.

    Raises:
        TermsNotFound: there is none.
    """
    terms = session.get(AgreementTerms, terms_id)
    if terms is None:
        raise TermsNotFound
    return terms


def find_terms_at(
    session: DbSession, *, agreement_id: uuid.UUID, at: datetime
) -> AgreementTerms | None:
    """The terms in force at an instant."""
    return session.scalars(
        select(AgreementTerms)
        .where(
            AgreementTerms.agreement_id == agreement_id,
            AgreementTerms.valid_from <= at,
            or_(AgreementTerms.valid_to.is_(None), AgreementTerms.valid_to > at),
        )
        .order_by(AgreementTerms.number.desc())
        .limit(1)
    ).one_or_none()


def categories_of(
    session: DbSession, *, terms_ids: Sequence[uuid.UUID]
) -> dict[uuid.UUID, list[uuid.UUID]]:
    """The assortments of terms: categories; an empty list means everything."""
    found: dict[uuid.UUID, list[uuid.UUID]] = {each: [] for each in terms_ids}
    rows = session.execute(
        select(AgreementCategory.terms_id, AgreementCategory.category_id)
        .where(AgreementCategory.terms_id.in_(terms_ids))
        .order_by(AgreementCategory.category_id)
    )
    for terms_id, category_id in rows:
        found[terms_id].append(category_id)
    return found


def exclusivities_of(
    session: DbSession, *, terms_ids: Sequence[uuid.UUID]
) -> dict[uuid.UUID, list[Exclusivity]]:
    """What terms reserve for their grantee alone."""
    found: dict[uuid.UUID, list[Exclusivity]] = {each: [] for each in terms_ids}
    rows = session.scalars(
        select(Exclusivity).where(Exclusivity.terms_id.in_(terms_ids)).order_by(Exclusivity.id)
    )
    for each in rows:
        found[each.terms_id].append(each)
    return found


def find_trading_account(
    session: DbSession, *, seller_id: uuid.UUID, buyer_id: uuid.UUID
) -> TradingAccount | None:
    """The relation of a storefront owner with a buyer, in whatever status."""
    return session.scalars(_account(seller_id, buyer_id)).one_or_none()


def lock_trading_account(
    session: DbSession, *, seller_id: uuid.UUID, buyer_id: uuid.UUID
) -> TradingAccount:
    """The same, held until the end of the transaction and read afresh: credit is checked under it.

    Raises:
        AccountNotFound: they have none.
    """
    query = _account(seller_id, buyer_id).with_for_update()
    account = session.scalars(query.execution_options(populate_existing=True)).one_or_none()
    if account is None:
        raise AccountNotFound
    return account


def _account(seller_id: uuid.UUID, buyer_id: uuid.UUID) -> Select[TradingAccount]:
    return select(TradingAccount).where(
        TradingAccount.seller_id == seller_id, TradingAccount.buyer_id == buyer_id
    )


def get_trading_account(
    session: DbSession, *, caller: Caller, account_id: uuid.UUID
) -> TradingAccount:
    """A trading account of the caller's, as seller or as buyer.

    Raises:
        AccountNotFound: there is none that the caller may know of.
    """
    query = select(TradingAccount).where(TradingAccount.id == account_id, _account_side(caller))
    account = session.scalars(query).one_or_none()
    if account is None:
        raise AccountNotFound
    return account


def list_trading_accounts(
    session: DbSession, *, caller: Caller, page: PageRequest, status: str | None = None
) -> Page[TradingAccount]:
    """The caller's trading accounts, as seller and as buyer."""
    query = select(TradingAccount).where(_account_side(caller))
    if status:
        query = query.where(TradingAccount.status == status)
    return _paged(session, query, TradingAccount.id, page)


def _account_side(caller: Caller) -> ColumnElement[bool]:
    if caller.is_operator:
        return TradingAccount.id.is_not(None)
    own = caller.organization_id
    return or_(TradingAccount.seller_id == own, TradingAccount.buyer_id == own)


def _is_own(caller: Caller, organization_id: uuid.UUID) -> bool:
    return caller.is_operator or caller.organization_id == organization_id


def _require_own(caller: Caller, organization_id: uuid.UUID) -> None:
    if not _is_own(caller, organization_id):
        raise OrganizationNotFound


def _paged(
    session: DbSession,
    query: Select[Any],
    key: InstrumentedAttribute[uuid.UUID],
    page: PageRequest,
) -> Page[Any]:
    if page.after:
        query = query.where(key > page.after)
    rows = session.scalars(query.order_by(key).limit(page.limit + 1)).all()
    return page_of(rows, limit=page.limit, key=lambda row: row.id)
