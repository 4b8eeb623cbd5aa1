"""What payments can do: reserve and free credit, issue invoices, record money that arrived.

Locks: the order, then the invoice, then balances (by the ledger). Every amount is booked by a
journal in the same transaction.
"""

import uuid
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from app.infra import audit
from app.infra.auth import Caller
from app.infra.db import DbSession
from app.infra.unit_of_work import record
from app.kernel.ids import new_id
from app.ledger import operations as ledger
from app.ledger import queries as ledger_queries
from app.payments import queries
from app.payments.errors import (
    InvoiceNotFound,
    MoreThanOpen,
    OrderNotFound,
    OrderNotPrepaid,
    ReferenceReused,
)
from app.payments.events import InvoicePaid, PaymentReceived
from app.payments.models import Invoice, Payment
from app.payments.queries import OrderMoney
from app.payments.rules import (
    Parcel,
    bank,
    buyer_credit,
    clearing,
    exposure,
    exposure_contra,
    receivable,
)


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
    amount_minor: int,
    now: datetime,
) -> None:
    """Units will not come: free the credit they held, or owe the buyer what it paid for them."""
    order = queries.get_order_money(session, order_id=order_id)
    key = f"cancelled:{min(allocation_ids)}"
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


def issue_invoice(session: DbSession, *, parcel: Parcel, now: datetime) -> uuid.UUID:
    """Bill a shipment. A prepaid (or free) one is paid by the time it is billed."""
    on_account = parcel.payment_method == "on_account"
    settled = not on_account or not parcel.amount_minor
    invoice_id = new_id()
    session.execute(
        insert(Invoice).values(
            id=invoice_id,
            order_id=parcel.order_id,
            seller_order_id=parcel.seller_order_id,
            shipment_id=parcel.shipment_id,
            issuer_id=parcel.issuer_id,
            recipient_id=parcel.buyer_id,
            currency=parcel.currency,
            goods_minor=parcel.goods_minor,
            freight_minor=parcel.freight_minor,
            amount_minor=parcel.amount_minor,
            paid_minor=parcel.amount_minor if settled else 0,
            issued_at=now,
            due_at=now + timedelta(days=parcel.payment_terms_days if on_account else 0),
            paid_at=now if settled else None,
        )
    )
    if settled:
        _tell_paid(session, parcel, invoice_id, now)
    return invoice_id


def _tell_paid(session: DbSession, parcel: Parcel, invoice_id: uuid.UUID, now: datetime) -> None:
    record(
        session,
        InvoicePaid(
            happened_at=now,
            audience=(parcel.buyer_id, parcel.issuer_id, parcel.owner_id),
            invoice_id=invoice_id,
            shipment_id=parcel.shipment_id,
            order_id=parcel.order_id,
        ),
    )


def record_payment(
    session: DbSession,
    *,
    caller: Caller,
    invoice_id: uuid.UUID,
    amount_minor: int,
    method: str,
    reference: str,
    now: datetime,
) -> uuid.UUID:
    """A buyer's money arrived for an invoice, in part or in full.

    The creditor's reference names the payment: told again, it is the same payment.

    Raises:
        InvoiceNotFound: none, or not the caller's business.
        Forbidden: the caller is neither the creditor nor the operator.
        MoreThanOpen: nobody pays more than is open.
        ReferenceReused: the reference names another payment.
    """
    seen = queries.get_invoice(session, caller=caller, invoice_id=invoice_id)
    order = _lock_order(session, caller, seen.order_id)
    invoice = _lock_invoice(session, invoice_id)
    known = _known_payment(session, order, method, reference)
    if known:
        return _same(known, order, amount_minor, invoice_id)
    if amount_minor > invoice.amount_minor - invoice.paid_minor:
        raise MoreThanOpen(open_minor=invoice.amount_minor - invoice.paid_minor)
    payment_id = _receive(session, caller, order, invoice_id, amount_minor, method, reference, now)
    lines = ledger.transfer(
        amount_minor, debit_to=bank(currency=order.currency), credit_to=receivable(**order.sides)
    )
    _post(session, f"payment:{payment_id}", "payment", lines, order.id, now, caller.actor_id)
    _count_paid(session, invoice, amount_minor, order, now)
    return payment_id


def record_prepayment(
    session: DbSession,
    *,
    caller: Caller,
    order_id: uuid.UUID,
    amount_minor: int,
    method: str,
    reference: str,
    now: datetime,
) -> uuid.UUID:
    """A buyer's money arrived in advance, for a prepaid order, in part or in full.

    Raises:
        OrderNotFound: none, or not the caller's business.
        Forbidden: the caller is neither the creditor nor the operator.
        OrderNotPrepaid: its invoices are paid instead.
        MoreThanOpen: nobody pays more than is open.
        ReferenceReused: the reference names another payment.
    """
    order = _lock_order(session, caller, order_id)
    if order.on_account:
        raise OrderNotPrepaid
    known = _known_payment(session, order, method, reference)
    if known:
        return _same(known, order, amount_minor, None)
    account = clearing(currency=order.currency, buyer_id=order.buyer_id, order_id=order_id)
    paid = -ledger_queries.lock_amounts(session, accounts=[account])[account]
    needed = queries.open_value(session, order_id=order_id) - paid
    if amount_minor > needed:
        raise MoreThanOpen(open_minor=needed)
    payment_id = _receive(session, caller, order, None, amount_minor, method, reference, now)
    lines = ledger.transfer(amount_minor, debit_to=bank(currency=order.currency), credit_to=account)
    _post(session, f"payment:{payment_id}", "prepayment", lines, order_id, now, caller.actor_id)
    return payment_id


def _lock_order(session: DbSession, caller: Caller, order_id: uuid.UUID) -> OrderMoney:
    order = queries.lock_order_money(session, order_id=order_id)
    if not caller.is_operator and caller.organization_id not in {order.owner_id, order.buyer_id}:
        raise OrderNotFound
    caller.require_one_of(order.owner_id)
    return order


def _lock_invoice(session: DbSession, invoice_id: uuid.UUID) -> Invoice:
    query = select(Invoice).where(Invoice.id == invoice_id).with_for_update()
    invoice = session.scalars(query.execution_options(populate_existing=True)).one_or_none()
    if invoice is None:
        raise InvoiceNotFound
    return invoice


def _known_payment(
    session: DbSession, order: OrderMoney, method: str, reference: str
) -> Payment | None:
    return session.scalars(
        select(Payment).where(
            Payment.creditor_id == order.owner_id,
            Payment.method == method,
            Payment.reference == reference,
        )
    ).one_or_none()


def _same(
    known: Payment, order: OrderMoney, amount_minor: int, invoice_id: uuid.UUID | None
) -> uuid.UUID:
    told = (order.id, invoice_id, amount_minor)
    if (known.order_id, known.invoice_id, known.amount_minor) != told:
        raise ReferenceReused(method=known.method, reference=known.reference)
    return known.id


def _receive(
    session: DbSession,
    caller: Caller,
    order: OrderMoney,
    invoice_id: uuid.UUID | None,
    amount_minor: int,
    method: str,
    reference: str,
    now: datetime,
) -> uuid.UUID:
    values: dict[str, Any] = {
        "id": new_id(),
        "order_id": order.id,
        "invoice_id": invoice_id,
        "creditor_id": order.owner_id,
        "method": method,
        "reference": reference,
        "currency": order.currency,
        "amount_minor": amount_minor,
        "received_at": now,
        "recorded_by": caller.actor_id,
    }
    claimed = session.execute(
        insert(Payment).values(values).on_conflict_do_nothing().returning(Payment.id)
    ).first()
    if claimed is None:  # a twin for another order was faster
        raise ReferenceReused(method=method, reference=reference)
    payment_id: uuid.UUID = values["id"]
    record(
        session,
        PaymentReceived(
            happened_at=now,
            audience=(order.buyer_id, order.owner_id),
            payment_id=payment_id,
            order_id=order.id,
            invoice_id=invoice_id,
        ),
    )
    audit.note(
        session,
        caller=caller,
        action="payment.recorded",
        subject_type="payment",
        subject_id=payment_id,
        now=now,
        details={"amount_minor": amount_minor, "currency": order.currency},
    )
    return payment_id


def _count_paid(
    session: DbSession, invoice: Invoice, amount_minor: int, order: OrderMoney, now: datetime
) -> None:
    invoice.paid_minor += amount_minor
    if invoice.paid_minor == invoice.amount_minor:
        invoice.paid_at = now
        record(
            session,
            InvoicePaid(
                happened_at=now,
                audience=(order.buyer_id, invoice.issuer_id, order.owner_id),
                invoice_id=invoice.id,
                shipment_id=invoice.shipment_id,
                order_id=order.id,
            ),
        )
    session.flush()


def _post(
    session: DbSession,
    event_key: str,
    kind: str,
    lines: list[ledger.Line],
    order_id: uuid.UUID,
    now: datetime,
    actor_id: uuid.UUID | None = None,
) -> None:
    draft = ledger.JournalDraft(
        event_key=event_key,
        kind=kind,
        occurred_at=now,
        lines=lines,
        order_id=order_id,
        actor_id=actor_id,
    )
    ledger.post(session, journals=[draft])
