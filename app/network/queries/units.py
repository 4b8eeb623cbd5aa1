"""A buyer company's units, as itself and the sellers that it trades with may see them."""

import uuid

from sqlalchemy import ColumnElement, exists, or_, select, true

from app.infra.auth import Caller
from app.infra.db import DbSession
from app.kernel.paging import Page, PageRequest
from app.network.errors import UnitNotFound
from app.network.models import TradingAccount, Unit
from app.network.queries.scope import paged


def get_unit(session: DbSession, *, caller: Caller, unit_id: uuid.UUID) -> Unit:
    """A unit.

    Raises:
        UnitNotFound: there is none that the caller may know of.
    """
    found = session.scalars(select(Unit).where(Unit.id == unit_id, _visible(caller))).one_or_none()
    if found is None:
        raise UnitNotFound
    return found


def get_unit_of(session: DbSession, *, organization_id: uuid.UUID, unit_id: uuid.UUID) -> Unit:
    """A unit of an organization, whoever asks: for rules of other domains.

    Raises:
        UnitNotFound: the organization has none such.
    """
    found = session.get(Unit, unit_id)
    if found is None or found.organization_id != organization_id:
        raise UnitNotFound
    return found


def list_units(
    session: DbSession, *, caller: Caller, organization_id: uuid.UUID, page: PageRequest
) -> Page[Unit]:
    """The units of an organization, as far as the caller may know of them; the oldest first."""
    query = select(Unit).where(Unit.organization_id == organization_id, _visible(caller))
    return paged(session, query, Unit.id, page)


def _visible(caller: Caller) -> ColumnElement[bool]:
    if caller.is_operator:
        return true()
    trades = exists().where(
        TradingAccount.buyer_id == Unit.organization_id,
        TradingAccount.seller_id == caller.organization_id,
        TradingAccount.status == "active",
    )
    return or_(Unit.organization_id == caller.organization_id, trades)
