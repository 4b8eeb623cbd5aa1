"""Trading accounts: for both sides, and by both sides for other domains."""

import uuid

from sqlalchemy import ColumnElement, Select, or_, select

from app.infra.auth import Caller
from app.infra.db import DbSession
from app.kernel.paging import Page, PageRequest
from app.network.errors import AccountNotFound
from app.network.models import TradingAccount
from app.network.queries.scope import paged


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
    return paged(session, query, TradingAccount.id, page)


def _account_side(caller: Caller) -> ColumnElement[bool]:
    if caller.is_operator:
        return TradingAccount.id.is_not(None)
    own = caller.organization_id
    return or_(TradingAccount.seller_id == own, TradingAccount.buyer_id == own)
