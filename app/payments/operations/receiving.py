"""Money that arrived, for invoices or in advance: many payments in as many statements as one.

A creditor's reference within a method names one payment: told again, also within one bank
statement, it is the same payment. All of a statement's lines count, or none.
"""

import uuid
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import text

from app.infra import audit
from app.infra.auth import Caller
from app.infra.db import DbSession
from app.infra.unit_of_work import record
from app.kernel.errors import AppError, Forbidden
from app.kernel.ids import new_id
from app.ledger import operations as ledger
from app.ledger import queries as ledger_queries
from app.payments import queries
from app.payments.errors import (
    InvoiceNotFound,
    MoreThanOpen,
    OrderNotFound,
    OrderNotPrepaid,
)
from app.payments.events import InvoicePaid, PaymentReceived
from app.payments.operations.arriving import (
    Arrival,
    Name,
    OpenInvoice,
    Receipt,
    Told,
    reused,
)
from app.payments.queries import OrderMoney
from app.payments.rules import bank, clearing, receivable

_INVOICES_LOCKED = text(
    """
    SELECT id, shipment_id, issuer_id, amount_minor, paid_minor FROM payments_invoices
    WHERE id = ANY(:ids) ORDER BY id FOR NO KEY UPDATE
    """
)
_KNOWN = text(
    """
    SELECT p.creditor_id, p.method, p.reference, p.id, p.order_id, p.invoice_id, p.amount_minor
    FROM unnest(CAST(:creditor_ids AS uuid[]), CAST(:methods AS text[]),
                CAST(:named AS text[])) AS n (creditor_id, method, reference)
    JOIN payments_payments p USING (creditor_id, method, reference)
    """
)
# Twins wait for each other at the unique name, so names are claimed in one order.
_CLAIM = text(
    """
    INSERT INTO payments_payments (
        id, order_id, invoice_id, creditor_id, method, reference, currency, amount_minor,
        received_at, recorded_by)
    SELECT n.id, n.order_id, n.invoice_id, n.creditor_id, n.method, n.reference, n.currency,
           n.amount_minor, n.received_at, n.recorded_by
    FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS n(
        id uuid, order_id uuid, invoice_id uuid, creditor_id uuid, method text, reference text,
        currency char(3), amount_minor bigint, received_at timestamptz, recorded_by uuid)
    ORDER BY n.creditor_id, n.method, n.reference
    ON CONFLICT DO NOTHING RETURNING id
    """
)
_COUNT = text(
    """
    UPDATE payments_invoices i SET paid_minor = n.paid_minor, paid_at = n.paid_at
    FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS n(
        id uuid, paid_minor bigint, paid_at timestamptz)
    WHERE i.id = n.id
    """
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

    Raises:
        InvoiceNotFound, Forbidden, MoreThanOpen, ReferenceReused: as :func:`record_payments`.
    """
    receipt = Receipt(invoice_id, amount_minor, method, reference)
    with _nowhere():
        [payment_id] = record_payments(session, caller=caller, receipts=[receipt], now=now)
    return payment_id


def record_payments(
    session: DbSession, *, caller: Caller, receipts: Sequence[Receipt], now: datetime
) -> list[uuid.UUID]:
    """Buyers' money arrived for invoices, in part or in full; the payments' ids, in order.

    The creditor's reference names the payment: told again, it is the same payment. A refusal
    names the ``position`` of the receipt that it is about.

    Raises:
        InvoiceNotFound: none, or not the caller's business.
        Forbidden: the caller is neither the creditor nor the operator.
        MoreThanOpen: nobody pays more than is open.
        ReferenceReused: the reference names another payment.
    """
    if not receipts:
        return []
    arrivals = _arrivals(session, caller, receipts, now)
    invoices = _lock_invoices(session, {receipt.invoice_id for receipt in receipts})
    known = _known(session, arrivals)
    ids, fresh = [], []
    for arrival, receipt in zip(arrivals, receipts, strict=True):
        told = known.get(arrival.name)
        if told is None:
            invoices[receipt.invoice_id].take(arrival)
            fresh.append(arrival)
            told = known[arrival.name] = arrival.told
        ids.append(told.require_same(arrival))
    if fresh:
        _receive(session, caller, fresh, now)
        _post(session, caller, fresh, kind="payment")
        _count(session, fresh, invoices)
    return ids


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
    arrival = Arrival(0, new_id(), order, None, amount_minor, method, reference, now)
    with _nowhere():
        told = _known(session, [arrival]).get(arrival.name)
        if told:
            return told.require_same(arrival)
        needed = _still_needed(session, order)
        if amount_minor > needed:
            raise MoreThanOpen(open_minor=needed)
        _receive(session, caller, [arrival], now)
    _post(session, caller, [arrival], kind="prepayment")
    return arrival.id


def _lock_order(session: DbSession, caller: Caller, order_id: uuid.UUID) -> OrderMoney:
    order = queries.lock_orders_money(session, order_ids=[order_id]).get(order_id)
    if order is None or not (
        caller.is_operator or caller.organization_id in {order.owner_id, order.buyer_id}
    ):
        raise OrderNotFound
    caller.require_one_of(order.owner_id)
    return order


def _still_needed(session: DbSession, order: OrderMoney) -> int:
    account = _cleared(order)
    paid = -ledger_queries.lock_amounts(session, accounts=[account])[account]
    return queries.open_value(session, order_id=order.id) - paid


def _arrivals(
    session: DbSession, caller: Caller, receipts: Sequence[Receipt], now: datetime
) -> list[Arrival]:
    """Every receipt with its order, locked; refused where the caller may not collect."""
    wanted = {receipt.invoice_id for receipt in receipts}
    order_of = queries.orders_of_invoices(session, caller=caller, invoice_ids=wanted)
    for position, receipt in enumerate(receipts):
        if receipt.invoice_id not in order_of:
            raise InvoiceNotFound(position=position)
    orders = queries.lock_orders_money(session, order_ids=order_of.values())
    arrivals = [
        Arrival(
            position=position,
            id=new_id(),
            order=orders[order_of[receipt.invoice_id]],
            invoice_id=receipt.invoice_id,
            amount_minor=receipt.amount_minor,
            method=receipt.method,
            reference=receipt.reference,
            received_at=receipt.received_at or now,
        )
        for position, receipt in enumerate(receipts)
    ]
    for arrival in arrivals:
        if not caller.is_operator and caller.organization_id != arrival.order.owner_id:
            raise Forbidden(position=arrival.position)
    return arrivals


def _lock_invoices(
    session: DbSession, invoice_ids: Iterable[uuid.UUID]
) -> dict[uuid.UUID, OpenInvoice]:
    rows = session.execute(_INVOICES_LOCKED, {"ids": list(invoice_ids)})
    return {row[0]: OpenInvoice(*row) for row in rows}


def _known(session: DbSession, arrivals: Sequence[Arrival]) -> dict[Name, Told]:
    """What is known of the references that arrivals bear."""
    binds = {
        "creditor_ids": [arrival.order.owner_id for arrival in arrivals],
        "methods": [arrival.method for arrival in arrivals],
        "named": [arrival.reference for arrival in arrivals],
    }
    return {(row[0], row[1], row[2]): Told(*row[3:]) for row in session.execute(_KNOWN, binds)}


def _receive(
    session: DbSession, caller: Caller, arrivals: Sequence[Arrival], now: datetime
) -> None:
    """Write payments, tell of them, and who recorded them."""
    rows = [_row(arrival, caller) for arrival in arrivals]
    claimed = set(session.scalars(_CLAIM, {"rows": orjson.dumps(rows).decode()}))
    for arrival in arrivals:
        if arrival.id not in claimed:  # a twin for another order was faster
            raise reused(arrival)
        _tell(session, arrival)
    audit.note_each(
        session,
        caller=caller,
        action="payment.recorded",
        subject_type="payment",
        subjects={
            arrival.id: {"amount_minor": arrival.amount_minor, "currency": arrival.order.currency}
            for arrival in arrivals
        },
        now=now,
    )


def _row(arrival: Arrival, caller: Caller) -> dict[str, Any]:
    return {
        "id": arrival.id,
        "order_id": arrival.order.id,
        "invoice_id": arrival.invoice_id,
        "creditor_id": arrival.order.owner_id,
        "method": arrival.method,
        "reference": arrival.reference,
        "currency": arrival.order.currency,
        "amount_minor": arrival.amount_minor,
        "received_at": arrival.received_at,
        "recorded_by": caller.actor_id,
    }


def _tell(session: DbSession, arrival: Arrival) -> None:
    record(
        session,
        PaymentReceived(
            happened_at=arrival.received_at,
            audience=(arrival.order.buyer_id, arrival.order.owner_id),
            payment_id=arrival.id,
            order_id=arrival.order.id,
            invoice_id=arrival.invoice_id,
        ),
    )


def _post(session: DbSession, caller: Caller, arrivals: Sequence[Arrival], *, kind: str) -> None:
    drafts = [
        ledger.JournalDraft(
            event_key=f"payment:{arrival.id}",
            kind=kind,
            occurred_at=arrival.received_at,
            lines=_lines(arrival),
            order_id=arrival.order.id,
            actor_id=caller.actor_id,
        )
        for arrival in arrivals
    ]
    ledger.post(session, journals=drafts)


def _lines(arrival: Arrival) -> list[ledger.Line]:
    order = arrival.order
    settled = receivable(**order.sides) if arrival.invoice_id else _cleared(order)
    return ledger.transfer(
        arrival.amount_minor, debit_to=bank(currency=order.currency), credit_to=settled
    )


def _cleared(order: OrderMoney) -> ledger.AccountRef:
    return clearing(currency=order.currency, buyer_id=order.buyer_id, order_id=order.id)


def _count(
    session: DbSession, arrivals: Sequence[Arrival], invoices: dict[uuid.UUID, OpenInvoice]
) -> None:
    """Write what invoices were paid, and tell which of them are paid in full."""
    orders = {arrival.invoice_id: arrival.order for arrival in arrivals if arrival.invoice_id}
    touched = [(invoices[key], order) for key, order in orders.items()]
    rows = [
        {"id": invoice.id, "paid_minor": invoice.paid_minor, "paid_at": invoice.paid_at}
        for invoice, _ in touched
    ]
    session.execute(_COUNT, {"rows": orjson.dumps(rows).decode()})
    for invoice, order in touched:
        if invoice.paid_at:
            record(
                session,
                InvoicePaid(
                    happened_at=invoice.paid_at,
                    audience=(order.buyer_id, invoice.issuer_id, order.owner_id),
                    invoice_id=invoice.id,
                    shipment_id=invoice.shipment_id,
                    order_id=order.id,
                ),
            )


@contextmanager
def _nowhere() -> Iterator[None]:
    """A refusal of the only payment of a request need not say which one it is about."""
    try:
        yield
    except AppError as refusal:
        refusal.details.pop("position", None)
        raise
