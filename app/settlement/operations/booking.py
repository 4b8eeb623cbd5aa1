"""Shipments become money: invoices, splits and journals in one transaction.

A transaction's shipments are booked together, in as many statements as one of them needs; each at
the instant at which it left.
"""

import uuid
from collections.abc import Mapping, Sequence

from sqlalchemy import text

from app.infra.db import DbSession, insert_rows
from app.kernel.ids import new_id
from app.ledger import operations as ledger
from app.ledger import queries as ledger_queries
from app.ledger.errors import FloorBreached
from app.payments import operations as payments_operations
from app.payments import queries as payments_queries
from app.payments.errors import OrderNotPaid
from app.payments.events import InvoicePaid
from app.payments.rules import Parcel, ShippedLine
from app.settlement.models import Release, Split
from app.settlement.rules import (
    Part,
    Parties,
    exposure_lines,
    paid_lines,
    shares_of,
    shipment_lines,
    split,
)

Portions = Sequence[tuple[ShippedLine, Part]]

_DUE = text(
    """
    UPDATE settlement_releases r
    SET due_at = h.delivered_at + make_interval(days => o.hold_days)
    FROM fulfilment_shipments h, ordering_orders o
    WHERE r.shipment_id = ANY(:shipment_ids) AND h.id = r.shipment_id AND o.id = r.order_id
      AND r.released_at IS NULL
    """
)


def book_shipments(session: DbSession, *, shipment_ids: Sequence[uuid.UUID]) -> None:
    """Bill shipments and give every cent of them an owner.

    Raises:
        OrderNotPaid: an order is prepaid and not paid that far.
        ChainBroken: resold goods without a chain.
    """
    parcels = payments_queries.get_parcels(session, shipment_ids=shipment_ids)
    payments_operations.issue_invoices(session, parcels=parcels)
    _hold(session, parcels)
    booked = [(parcel, portions) for parcel in parcels if (portions := _portions(parcel))]
    journals = _post(session, booked)
    rows = [
        row
        for (parcel, portions), journal_id in zip(booked, journals, strict=True)
        for row in _splits(parcel, portions, journal_id)
    ]
    insert_rows(session, Split, rows)


def _portions(parcel: Parcel) -> Portions:
    parties = Parties(parcel.seller_id, parcel.owner_id, parcel.operator_id)
    return [
        (line, part)
        for line in parcel.lines
        for part in split(
            line, selling_model=parcel.selling_model, rates=parcel.rates, parties=parties
        )
    ]


def _post(session: DbSession, booked: Sequence[tuple[Parcel, Portions]]) -> list[uuid.UUID]:
    drafts = [_draft(parcel, [part for _, part in portions]) for parcel, portions in booked]
    try:
        return ledger.post(session, journals=drafts)
    except FloorBreached as error:
        if error.details.get("account_code") != ledger.Code.ORDER_CLEARING:
            raise
        raise OrderNotPaid(
            paid_minor=error.details["held_minor"], needed_minor=error.details["moved_minor"]
        ) from error


def _draft(parcel: Parcel, parts: Sequence[Part]) -> ledger.JournalDraft:
    return ledger.JournalDraft(
        event_key=_key(parcel.shipment_id),
        kind="shipment",
        occurred_at=parcel.shipped_at,
        lines=[
            *shipment_lines(parcel, shares_of(parts)),
            *exposure_lines(parcel),
        ],
        order_id=parcel.order_id,
    )


def _splits(
    parcel: Parcel, portions: Portions, journal_id: uuid.UUID
) -> list[Mapping[str, object]]:
    return [
        {
            "id": new_id(),
            "order_id": parcel.order_id,
            "order_line_id": line.order_line_id,
            "seller_order_id": parcel.seller_order_id,
            "allocation_id": line.allocation_id,
            "shipment_id": parcel.shipment_id,
            "organization_id": part.organization_id,
            "kind": part.kind,
            "currency": parcel.currency,
            "amount_minor": part.amount_minor,
            "booked_at": parcel.shipped_at,
            "journal_id": journal_id,
        }
        for line, part in portions
    ]


def _hold(session: DbSession, parcels: Sequence[Parcel]) -> None:
    rows = [
        {
            "id": new_id(),
            "shipment_id": parcel.shipment_id,
            "order_id": parcel.order_id,
            "currency": parcel.currency,
        }
        for parcel in parcels
    ]
    insert_rows(session, Release, rows)


def note_deliveries(session: DbSession, *, shipment_ids: Sequence[uuid.UUID]) -> None:
    """The hold of delivered shipments' money begins to run."""
    session.execute(_DUE, {"shipment_ids": list(shipment_ids)})


def note_payments(session: DbSession, *, paid: Sequence[InvoicePaid]) -> None:
    """The buyer paid shipments' invoices: what waited for that is now held.

    A prepaid shipment's money never waited.
    """
    waiting = ledger_queries.lines_of(
        session,
        event_keys=[_key(event.shipment_id) for event in paid],
        code=ledger.Code.PAYABLE_WAITING,
    )
    drafts = [
        ledger.JournalDraft(
            event_key=f"paid:{event.shipment_id}",
            kind="invoice_paid",
            occurred_at=event.happened_at,
            lines=paid_lines(lines),
            order_id=event.order_id,
        )
        for event in paid
        if (lines := waiting.get(_key(event.shipment_id)))
    ]
    ledger.post(session, journals=drafts)


def _key(shipment_id: uuid.UUID) -> str:
    return f"shipment:{shipment_id}"
