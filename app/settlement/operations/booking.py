"""Shipments become money: invoice, splits and journal in one transaction."""

import uuid
from datetime import datetime

import orjson
from sqlalchemy import insert, text

from app.infra.db import DbSession
from app.kernel.ids import new_id
from app.ledger import operations as ledger
from app.ledger import queries as ledger_queries
from app.ledger.errors import FloorBreached
from app.payments import operations as payments_operations
from app.payments import queries as payments_queries
from app.payments.errors import OrderNotPaid
from app.payments.rules import Parcel, ShippedLine
from app.settlement.models import Release
from app.settlement.rules import (
    Part,
    Parties,
    exposure_lines,
    paid_lines,
    shares_of,
    shipment_lines,
    split,
)

_SPLITS = text(
    """
    INSERT INTO settlement_splits (
        id, order_id, order_line_id, seller_order_id, allocation_id, shipment_id,
        organization_id, kind, currency, amount_minor, booked_at, journal_id)
    SELECT n.id, :order_id, n.order_line_id, :seller_order_id, n.allocation_id, :shipment_id,
           n.organization_id, n.kind, :currency, n.amount_minor, :now, :journal_id
    FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS n(
        id uuid, order_line_id uuid, allocation_id uuid, organization_id uuid, kind text,
        amount_minor bigint)
    """
)
_DUE = text(
    """
    UPDATE settlement_releases r
    SET due_at = h.delivered_at + make_interval(days => o.hold_days)
    FROM fulfilment_shipments h, ordering_orders o
    WHERE r.shipment_id = :shipment_id AND h.id = r.shipment_id AND o.id = r.order_id
      AND r.released_at IS NULL
    """
)


def book_shipment(session: DbSession, *, shipment_id: uuid.UUID, now: datetime) -> None:
    """Bill a shipment and give every cent of it an owner.

    Raises:
        OrderNotPaid: the order is prepaid and not paid that far.
        ChainBroken: resold goods without a chain.
    """
    parcel = payments_queries.get_parcel(session, shipment_id=shipment_id)
    payments_operations.issue_invoice(session, parcel=parcel, now=now)
    parties = Parties(parcel.seller_id, parcel.owner_id, parcel.operator_id)
    splits = [
        (line, part)
        for line in parcel.lines
        for part in split(
            line, selling_model=parcel.selling_model, rates=parcel.rates, parties=parties
        )
    ]
    _hold(session, parcel)
    if splits:
        journal_id = _post(session, parcel, [part for _, part in splits], now)
        _write(session, parcel, splits, journal_id, now)


def _post(
    session: DbSession,
    parcel: Parcel,
    parts: list[Part],
    now: datetime,
) -> uuid.UUID:
    draft = ledger.JournalDraft(
        event_key=_key(parcel.shipment_id),
        kind="shipment",
        occurred_at=now,
        lines=[
            *shipment_lines(parcel, shares_of(parts)),
            *exposure_lines(parcel),
        ],
        order_id=parcel.order_id,
    )
    try:
        return ledger.post(session, journals=[draft])[0]
    except FloorBreached as error:
        if error.details.get("account_code") != ledger.Code.ORDER_CLEARING:
            raise
        raise OrderNotPaid(
            paid_minor=error.details["held_minor"], needed_minor=error.details["moved_minor"]
        ) from error


def _write(
    session: DbSession,
    parcel: Parcel,
    splits: list[tuple[ShippedLine, Part]],
    journal_id: uuid.UUID,
    now: datetime,
) -> None:
    """Write a shipment's splits, in one statement."""
    rows = [
        {
            "id": new_id(),
            "order_line_id": line.order_line_id,
            "allocation_id": line.allocation_id,
            "organization_id": part.organization_id,
            "kind": part.kind,
            "amount_minor": part.amount_minor,
        }
        for line, part in splits
    ]
    session.execute(
        _SPLITS,
        {
            "rows": orjson.dumps(rows).decode(),
            "order_id": parcel.order_id,
            "seller_order_id": parcel.seller_order_id,
            "shipment_id": parcel.shipment_id,
            "currency": parcel.currency,
            "now": now,
            "journal_id": journal_id,
        },
    )


def _hold(session: DbSession, parcel: Parcel) -> None:
    session.execute(
        insert(Release).values(
            id=new_id(),
            shipment_id=parcel.shipment_id,
            order_id=parcel.order_id,
            currency=parcel.currency,
        )
    )


def note_delivery(session: DbSession, *, shipment_id: uuid.UUID) -> None:
    """The hold of a delivered shipment's money begins to run."""
    session.execute(_DUE, {"shipment_id": shipment_id})


def note_payment(
    session: DbSession, *, shipment_id: uuid.UUID, order_id: uuid.UUID, now: datetime
) -> None:
    """The buyer paid a shipment's invoice: what waited for that is now held.

    A prepaid shipment's money never waited.
    """
    waiting = ledger_queries.lines_of(
        session, event_key=_key(shipment_id), code=ledger.Code.PAYABLE_WAITING
    )
    if waiting:
        draft = ledger.JournalDraft(
            event_key=f"paid:{shipment_id}",
            kind="invoice_paid",
            occurred_at=now,
            lines=paid_lines(waiting),
            order_id=order_id,
        )
        ledger.post(session, journals=[draft])


def _key(shipment_id: uuid.UUID) -> str:
    return f"shipment:{shipment_id}"
