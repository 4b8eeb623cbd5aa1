"""Credit that orders take up and give back, and advances that are the buyer's again."""

import uuid
from datetime import datetime

from app.infra.db import DbSession
from app.ledger import operations as ledger
from app.ledger import queries as ledger_queries
from app.payments import queries
from app.payments.queries import OrderMoney
from app.payments.rules import buyer_credit, clearing, exposure, exposure_contra


def reserve_credit(session: DbSession, *, order_id: uuid.UUID, now: datetime) -> None:
    """Hold a placed order's total against the buyer's credit; prepaid orders need none.

    Placement holds the trading account's row, so two orders never share the same free credit.

    Raises:
        CreditLimitExceeded: it does not fit.
    """
    order = queries.get_order_money(session, order_id=order_id)
    if not order.on_account or not order.total_minor:
        return
    queries.credit_of(session, order=order).require(order.total_minor)
    lines = ledger.transfer(
        order.total_minor,
        debit_to=exposure(**order.sides),
        credit_to=exposure_contra(**order.sides),
    )
    _post(session, f"placed:{order_id}", "credit_reserved", lines, order_id, now)


def give_up(
    session: DbSession,
    *,
    order_id: uuid.UUID,
    allocation_ids: tuple[uuid.UUID, ...],
    units: int,
    amount_minor: int,
    now: datetime,
) -> None:
    """Units will not come: free the credit they held, or owe the buyer what it paid for them.

    No units: they come, but cost the buyer less than was promised.
    """
    order = queries.get_order_money(session, order_id=order_id)
    key = f"{'cancelled' if units else 'lowered'}:{min(allocation_ids)}"
    if order.on_account and amount_minor:
        lines = ledger.transfer(
            amount_minor,
            debit_to=exposure_contra(**order.sides),
            credit_to=exposure(**order.sides),
        )
        _post(session, key, "credit_released", lines, order_id, now)
    elif not order.on_account:
        _credit_buyer(session, order, key, now)


def _credit_buyer(session: DbSession, order: OrderMoney, key: str, now: datetime) -> None:
    """What was paid in advance beyond what can still come is the buyer's again."""
    account = clearing(currency=order.currency, buyer_id=order.buyer_id, order_id=order.id)
    paid = -ledger_queries.lock_amounts(session, accounts=[account])[account]
    spare = paid - queries.open_value(session, order_id=order.id)
    if spare > 0:
        lines = ledger.transfer(spare, debit_to=account, credit_to=buyer_credit(**order.sides))
        _post(session, key, "buyer_credited", lines, order.id, now)


def _post(
    session: DbSession,
    event_key: str,
    kind: str,
    lines: list[ledger.Line],
    order_id: uuid.UUID,
    now: datetime,
) -> None:
    draft = ledger.JournalDraft(
        event_key=event_key, kind=kind, occurred_at=now, lines=lines, order_id=order_id
    )
    ledger.post(session, journals=[draft])
