"""Trading accounts: requested by the buyer, approved and limited by the storefront's owner."""

import uuid
from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any

from app.infra import audit
from app.infra.auth import Caller
from app.infra.db import DbSession
from app.infra.unit_of_work import record
from app.kernel.errors import PreconditionFailed
from app.network import events, queries
from app.network.errors import AccountExists, NotASeller, NotYourMove
from app.network.models import TradingAccount
from app.network.rules import ACCOUNT, ACCOUNT_MOVERS, SELLING_KINDS, require_mover

# What a buyer may say about its own account; all else is the seller's.
BUYERS_FACTS = frozenset({"blocked_seller_ids"})

_EVENTS: Mapping[str, type[events.AccountEvent]] = MappingProxyType(
    {
        "approved": events.TradingAccountApproved,
        "resumed": events.TradingAccountApproved,
        "suspended": events.TradingAccountSuspended,
        "closed": events.TradingAccountClosed,
    }
)


def request_account(
    session: DbSession, *, caller: Caller, seller_id: uuid.UUID, currency: str, now: datetime
) -> TradingAccount:
    """Ask a seller for an account of the caller's organization.

    Raises:
        NotASeller: the other does not sell, does not exist, or is the caller itself.
        AccountExists: there is one.
    """
    kinds = queries.kinds_of(session, organization_ids=[seller_id]).get(seller_id, [])
    if not SELLING_KINDS & set(kinds) or seller_id == caller.organization_id:
        raise NotASeller
    buyer_id = caller.organization_id
    if queries.find_trading_account(session, seller_id=seller_id, buyer_id=buyer_id):
        raise AccountExists
    account = TradingAccount(
        seller_id=seller_id,
        buyer_id=buyer_id,
        status=ACCOUNT.initial,
        currency=currency,
        created_at=now,
    )
    session.add(account)
    session.flush()
    session.refresh(account)
    _tell(session, account, events.TradingAccountRequested, now)
    _note(session, caller, "requested", account, now)
    return account


def approve_account(
    session: DbSession,
    *,
    caller: Caller,
    account_id: uuid.UUID,
    limits: Mapping[str, Any],
    now: datetime,
) -> TradingAccount:
    """Let the buyer buy, within limits: credit, terms, payment methods, customer group.

    Raises:
        AccountNotFound, NotYourMove: the caller is not the seller.
        TransitionNotAllowed: it is not requested.
        AssortmentUnfit: the assortment is not the seller's.
    """
    account = _locked(session, caller, account_id)
    require_mover(ACCOUNT_MOVERS, "approved", _parts(caller, account))
    _require_assortment(session, account, limits)
    for name, value in limits.items():
        setattr(account, name, value)
    return _move(session, caller, account, "approved", now)


def move_account(
    session: DbSession, *, caller: Caller, account_id: uuid.UUID, action: str, now: datetime
) -> TradingAccount:
    """Take one step: suspended, resumed or closed.

    Raises:
        AccountNotFound, NotYourMove: it is not the caller's to take.
        TransitionNotAllowed: it does not lead from the account's state.
    """
    return _move(session, caller, _locked(session, caller, account_id), action, now)


def edit_account(
    session: DbSession,
    *,
    caller: Caller,
    account_id: uuid.UUID,
    version: int,
    changes: Mapping[str, Any],
    now: datetime,
) -> TradingAccount:
    """Change what is given, of the version that was read.

    Raises:
        AccountNotFound: it is not the caller's.
        NotYourMove: limits are the seller's to set.
        PreconditionFailed: it was changed since.
        AssortmentUnfit: the assortment is not the seller's.
    """
    account = _locked(session, caller, account_id)
    is_seller = "seller" in _parts(caller, account)
    if not is_seller and changes.keys() - BUYERS_FACTS:
        raise NotYourMove(
            "These are the seller's to set", fields=sorted(changes.keys() - BUYERS_FACTS)
        )
    if account.version != version:
        raise PreconditionFailed
    _require_assortment(session, account, changes)
    for name, value in changes.items():
        setattr(account, name, value)
    account.version += 1
    session.flush()
    _note(session, caller, "edited", account, now, {"changed": sorted(changes)})
    return account


def _require_assortment(
    session: DbSession, account: TradingAccount, facts: Mapping[str, Any]
) -> None:
    assortment_id = facts.get("assortment_id")
    if assortment_id is not None:
        queries.require_assortment(session, assortment_id=assortment_id, owner_id=account.seller_id)


def _locked(session: DbSession, caller: Caller, account_id: uuid.UUID) -> TradingAccount:
    account = queries.get_trading_account(session, caller=caller, account_id=account_id)
    session.refresh(account, with_for_update=True)
    return account


def _move(
    session: DbSession, caller: Caller, account: TradingAccount, action: str, now: datetime
) -> TradingAccount:
    require_mover(ACCOUNT_MOVERS, action, _parts(caller, account))
    account.status = ACCOUNT.step(account.status, action)
    account.version += 1
    session.flush()
    _tell(session, account, _EVENTS[action], now)
    _note(session, caller, action, account, now)
    return account


def _parts(caller: Caller, account: TradingAccount) -> list[str]:
    parties = {"seller": account.seller_id, "buyer": account.buyer_id}
    parts = [part for part, party in parties.items() if party == caller.organization_id]
    return [*parts, "operator"] if caller.is_operator else parts


def _tell(
    session: DbSession,
    account: TradingAccount,
    event: type[events.AccountEvent],
    now: datetime,
) -> None:
    record(
        session,
        event(
            happened_at=now,
            audience=(account.seller_id, account.buyer_id),
            account_id=account.id,
            seller_id=account.seller_id,
            buyer_id=account.buyer_id,
        ),
    )


def _note(
    session: DbSession,
    caller: Caller,
    action: str,
    account: TradingAccount,
    now: datetime,
    details: dict[str, Any] | None = None,
) -> None:
    audit.note(
        session,
        caller=caller,
        action=f"trading_account.{action}",
        subject_type="acct",
        subject_id=account.id,
        now=now,
        details=details,
    )
