"""Trading accounts: requested by buyers, approved and limited by sellers."""

import uuid
from typing import Any

from app.infra.auth import current_caller, requires
from app.infra.db import db
from app.infra.http import expected_version, page_body, page_request, page_schema, with_etag
from app.infra.idempotency import writes
from app.infra.web import now
from app.network import operations, queries
from app.network.models import TradingAccount
from app.network.routes.blueprint import blueprint
from app.network.schemas import (
    AccountChangesSchema,
    AccountLimitsSchema,
    AccountQuery,
    AccountRequestSchema,
    AccountSchema,
)

ACCOUNT = "/trading-accounts/<pid('acct'):account_id>"


def _move(account_id: uuid.UUID, action: str) -> TradingAccount:
    return operations.move_account(
        db.session, caller=current_caller(), account_id=account_id, action=action, now=now()
    )


@blueprint.route("/trading-accounts")
@blueprint.arguments(AccountQuery, location="query")
@blueprint.response(200, page_schema(AccountSchema))
@requires("accounts.read")
def list_accounts(query: dict[str, Any]) -> dict[str, Any]:
    """List the caller's trading accounts, as seller and as buyer."""
    page = queries.list_trading_accounts(
        db.session, caller=current_caller(), page=page_request(query), status=query["status"]
    )
    return page_body(page)


@blueprint.route("/trading-accounts", methods=["POST"])
@writes
@blueprint.arguments(AccountRequestSchema)
@blueprint.response(201, AccountSchema)
@requires("accounts.write")
def request_account(payload: dict[str, Any]) -> TradingAccount:
    """Ask a seller for an account of the caller's organization."""
    return operations.request_account(db.session, caller=current_caller(), now=now(), **payload)


@blueprint.route(ACCOUNT)
@with_etag
@blueprint.response(200, AccountSchema)
@requires("accounts.read")
def show_account(account_id: uuid.UUID) -> TradingAccount:
    """Show a trading account."""
    return queries.get_trading_account(db.session, caller=current_caller(), account_id=account_id)


@blueprint.route(ACCOUNT, methods=["PATCH"])
@writes
@with_etag
@blueprint.arguments(AccountChangesSchema)
@blueprint.response(200, AccountSchema)
@requires("accounts.write")
def edit_account(payload: dict[str, Any], account_id: uuid.UUID) -> TradingAccount:
    """Change limits (seller) or blocked sellers (both); `If-Match` names the version read."""
    return operations.edit_account(
        db.session,
        caller=current_caller(),
        account_id=account_id,
        version=expected_version(),
        changes=payload,
        now=now(),
    )


@blueprint.route(f"{ACCOUNT}/approval", methods=["POST"])
@writes
@blueprint.arguments(AccountLimitsSchema)
@blueprint.response(200, AccountSchema)
@requires("accounts.write")
def approve_account(payload: dict[str, Any], account_id: uuid.UUID) -> TradingAccount:
    """Let the buyer buy, within limits (seller)."""
    return operations.approve_account(
        db.session, caller=current_caller(), account_id=account_id, limits=payload, now=now()
    )


@blueprint.route(f"{ACCOUNT}/suspension", methods=["POST"])
@writes
@blueprint.response(200, AccountSchema)
@requires("accounts.write")
def suspend_account(account_id: uuid.UUID) -> TradingAccount:
    """Stop new orders for a while (seller or operator)."""
    return _move(account_id, "suspended")


@blueprint.route(f"{ACCOUNT}/resumption", methods=["POST"])
@writes
@blueprint.response(200, AccountSchema)
@requires("accounts.write")
def resume_account(account_id: uuid.UUID) -> TradingAccount:
    """End a suspension (seller or operator)."""
    return _move(account_id, "resumed")


@blueprint.route(f"{ACCOUNT}/closure", methods=["POST"])
@writes
@blueprint.response(200, AccountSchema)
@requires("accounts.write")
def close_account(account_id: uuid.UUID) -> TradingAccount:
    """End the relation (seller, buyer or operator)."""
    return _move(account_id, "closed")
