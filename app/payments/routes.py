"""Invoices, payments, credit."""

import uuid
from typing import Any

from flask_smorest import Blueprint

from app.infra.auth import current_caller, requires
from app.infra.db import db
from app.infra.http import PageQuery, page_body, page_request, page_schema
from app.infra.idempotency import writes
from app.infra.web import now
from app.payments import operations, queries
from app.payments.models import Invoice, Payment
from app.payments.rules import Credit
from app.payments.schemas import (
    CreditSchema,
    InvoiceQuery,
    InvoiceSchema,
    NewPaymentSchema,
    PaymentSchema,
    PaymentsSchema,
    ReceiptsSchema,
)

blueprint = Blueprint("payments", __name__, description="Invoices, payments and credit")


@blueprint.route("/invoices")
@blueprint.arguments(InvoiceQuery, location="query")
@blueprint.response(200, page_schema(InvoiceSchema))
@requires("payments.read")
def list_invoices(query: dict[str, Any]) -> dict[str, Any]:
    """List invoices that the caller received, issued or collects, the newest first."""
    page = queries.list_invoices(
        db.session,
        caller=current_caller(),
        page=page_request(query),
        order_id=query["order_id"],
    )
    return page_body(page)


@blueprint.route("/invoices/<pid('inv'):invoice_id>")
@blueprint.response(200, InvoiceSchema)
@requires("payments.read")
def show_invoice(invoice_id: uuid.UUID) -> Invoice:
    """Show an invoice."""
    return queries.get_invoice(db.session, caller=current_caller(), invoice_id=invoice_id)


@blueprint.route("/invoices/<pid('inv'):invoice_id>/payments")
@blueprint.arguments(PageQuery, location="query")
@blueprint.response(200, page_schema(PaymentSchema))
@requires("payments.read")
def list_payments(query: dict[str, Any], invoice_id: uuid.UUID) -> dict[str, Any]:
    """List what was paid for an invoice, in order."""
    page = queries.list_payments(
        db.session, caller=current_caller(), invoice_id=invoice_id, page=page_request(query)
    )
    return page_body(page)


@blueprint.route("/invoices/<pid('inv'):invoice_id>/payments", methods=["POST"])
@writes
@blueprint.arguments(NewPaymentSchema)
@blueprint.response(201, PaymentSchema)
@requires("payments.write")
def record_payment(payload: dict[str, Any], invoice_id: uuid.UUID) -> Payment:
    """Record money that arrived for an invoice (its creditor, or the operator)."""
    payment_id = operations.record_payment(
        db.session, caller=current_caller(), invoice_id=invoice_id, now=now(), **payload
    )
    return queries.get_payment(db.session, payment_id=payment_id)


@blueprint.route("/payments", methods=["POST"])
@writes
@blueprint.arguments(ReceiptsSchema)
@blueprint.response(201, PaymentsSchema)
@requires("payments.write")
def record_payments(payload: dict[str, Any]) -> dict[str, Any]:
    """Record the lines of a bank statement, all or none (their creditor, or the operator)."""
    payment_ids = operations.record_payments(
        db.session, caller=current_caller(), receipts=payload["payments"], now=now()
    )
    return {"payments": queries.get_payments(db.session, payment_ids=payment_ids)}


@blueprint.route("/orders/<pid('order'):order_id>/prepayments", methods=["POST"])
@writes
@blueprint.arguments(NewPaymentSchema)
@blueprint.response(201, PaymentSchema)
@requires("payments.write")
def record_prepayment(payload: dict[str, Any], order_id: uuid.UUID) -> Payment:
    """Record money that arrived in advance, for a prepaid order."""
    payment_id = operations.record_prepayment(
        db.session, caller=current_caller(), order_id=order_id, now=now(), **payload
    )
    return queries.get_payment(db.session, payment_id=payment_id)


@blueprint.route("/trading-accounts/<pid('acct'):account_id>/credit")
@blueprint.response(200, CreditSchema)
@requires("accounts.read")
def show_credit(account_id: uuid.UUID) -> Credit:
    """Show a trading account's credit: limit, reserved, owed, free."""
    return queries.get_credit(db.session, caller=current_caller(), account_id=account_id)
