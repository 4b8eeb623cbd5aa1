"""Territories, agreements and their terms: for their parties, and by id for other domains."""

import uuid
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, exists, or_, select

from app.infra.auth import Caller
from app.infra.db import DbSession
from app.kernel.paging import Page, PageRequest
from app.network.errors import AgreementNotFound, TermsNotFound, TerritoryNotFound
from app.network.models import (
    Agreement,
    AgreementCategory,
    AgreementTerms,
    Exclusivity,
    Territory,
    TerritoryArea,
)
from app.network.queries.scope import paged


def list_territories(session: DbSession, *, caller: Caller, page: PageRequest) -> Page[Territory]:
    """The territories that the caller's organization drew."""
    query = select(Territory)
    if not caller.is_operator:
        query = query.where(Territory.owner_id == caller.organization_id)
    return paged(session, query, Territory.id, page)


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
    return paged(session, query, Agreement.id, page)


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


def page_terms(
    session: DbSession, *, caller: Caller, agreement_id: uuid.UUID, page: PageRequest
) -> Page[AgreementTerms]:
    """The versions of the terms of an agreement that the caller may know of, oldest first.

    Raises:
        AgreementNotFound: there is none.
    """
    get_agreement(session, caller=caller, agreement_id=agreement_id)
    query = select(AgreementTerms).where(AgreementTerms.agreement_id == agreement_id)
    return paged(session, query, AgreementTerms.id, page)


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
