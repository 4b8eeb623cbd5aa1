"""Invoices: one for each shipment, at the instant at which it left."""

import uuid
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from app.infra.db import DbSession, insert_rows
from app.infra.unit_of_work import record
from app.kernel.ids import new_id
from app.payments.events import InvoicePaid
from app.payments.models import Invoice
from app.payments.rules import Parcel


def issue_invoices(session: DbSession, *, parcels: Sequence[Parcel]) -> list[uuid.UUID]:
    """Bill shipments. A prepaid (or free) one is paid by the time it is billed."""
    rows = [_row(parcel) for parcel in parcels]
    insert_rows(session, Invoice, rows)
    ids: list[uuid.UUID] = [row["id"] for row in rows]
    for invoice_id, parcel in zip(ids, parcels, strict=True):
        if _is_settled(parcel):
            _tell_paid(session, parcel, invoice_id)
    return ids


def _is_settled(parcel: Parcel) -> bool:
    return parcel.payment_method != "on_account" or not parcel.amount_minor


def _row(parcel: Parcel) -> dict[str, Any]:
    on_account, settled = parcel.payment_method == "on_account", _is_settled(parcel)
    return {
        "id": new_id(),
        "order_id": parcel.order_id,
        "seller_order_id": parcel.seller_order_id,
        "shipment_id": parcel.shipment_id,
        "issuer_id": parcel.issuer_id,
        "recipient_id": parcel.buyer_id,
        "currency": parcel.currency,
        "goods_minor": parcel.goods_minor,
        "freight_minor": parcel.freight_minor,
        "amount_minor": parcel.amount_minor,
        "paid_minor": parcel.amount_minor if settled else 0,
        "issued_at": parcel.shipped_at,
        "due_at": parcel.shipped_at
        + timedelta(days=parcel.payment_terms_days if on_account else 0),
        "paid_at": parcel.shipped_at if settled else None,
    }


def _tell_paid(session: DbSession, parcel: Parcel, invoice_id: uuid.UUID) -> None:
    record(
        session,
        InvoicePaid(
            happened_at=parcel.shipped_at,
            audience=(parcel.buyer_id, parcel.issuer_id, parcel.owner_id),
            invoice_id=invoice_id,
            shipment_id=parcel.shipment_id,
            order_id=parcel.order_id,
        ),
    )
