"""What payments can be asked: invoices, credit, and shipments as money sees them.

Hot facts are read across domains by one SQL statement each; nothing of another domain is written.
"""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter
from typing import Any

from sqlalchemy import ColumnElement, or_, select, text, true

from app.infra.auth import Caller
from app.infra.db import DbSession
from app.kernel.paging import Page, PageRequest, page_of
from app.ledger import queries as ledger_queries
from app.network import queries as network_queries
from app.payments.errors import InvoiceNotFound, OrderNotFound, TradingAccountNotFound
from app.payments.models import Invoice, Payment
from app.payments.rules import (
    Credit,
    Due,
    Hop,
    Parcel,
    Rates,
    ShippedLine,
    exposure,
    part_of,
    receivable,
)


@dataclass(frozen=True, slots=True)
class OrderMoney:
    """An order, seen with the eyes of money."""

    id: uuid.UUID
    owner_id: uuid.UUID
    buyer_id: uuid.UUID
    currency: str
    payment_method: str
    total_minor: int
    credit_limit_minor: int

    @property
    def on_account(self) -> bool:
        """Whether it is paid by invoice, later."""
        return self.payment_method == "on_account"

    @property
    def sides(self) -> dict[str, Any]:
        """The parts that name the accounts between buyer and creditor."""
        return {
            "currency": self.currency,
            "buyer_id": self.buyer_id,
            "creditor_id": self.owner_id,
        }


def get_order_money(session: DbSession, *, order_id: uuid.UUID) -> OrderMoney:
    """An order's parties, money and credit limit (0 where the account is in another currency).

    Raises:
        OrderNotFound: there is none.
    """
    row = session.execute(_ORDER, {"order_id": order_id}).one_or_none()
    if row is None:
        raise OrderNotFound
    return OrderMoney(*row)


def lock_orders_money(
    session: DbSession, *, order_ids: Iterable[uuid.UUID]
) -> dict[uuid.UUID, OrderMoney]:
    """The same of several; their rows are held, in the order of their ids, to the end."""
    rows = session.execute(_ORDERS_LOCKED, {"order_ids": list(set(order_ids))})
    return {row[0]: OrderMoney(*row) for row in rows}


def get_parcels(session: DbSession, *, shipment_ids: Sequence[uuid.UUID]) -> list[Parcel]:
    """Shipments with the portions of their allocations' amounts that they carry, oldest first."""
    rows = session.execute(_PARCELS, {"shipment_ids": list(shipment_ids)})
    return [
        _parcel(session, list(of_shipment))
        for _, of_shipment in groupby(rows, key=attrgetter("shipment_id"))
    ]


def _parcel(session: DbSession, rows: Sequence[Any]) -> Parcel:
    first = rows[0]
    return Parcel(
        shipment_id=first.shipment_id,
        order_id=first.order_id,
        seller_order_id=first.seller_order_id,
        seller_id=first.seller_id,
        owner_id=first.owner_id,
        buyer_id=first.buyer_id,
        operator_id=first.operator_id or network_queries.operator_id(session),
        currency=first.currency,
        selling_model=first.selling_model,
        payment_method=first.payment_method,
        payment_terms_days=first.payment_terms_days,
        hold_days=first.hold_days,
        shipped_at=first.shipped_at,
        rates=Rates(first.royalty_bps, first.commission_bps, first.platform_fee_bps),
        lines=[_shipped(row) for row in rows],
    )


def _shipped(row: Any) -> ShippedLine:  # noqa: ANN401 - a row
    units: Mapping[str, int] = {
        "whole": row.whole, "before": row.before, "quantity": row.quantity
    }  # fmt: skip
    return ShippedLine(
        allocation_id=row.allocation_id,
        order_line_id=row.order_line_id,
        manufacturer_id=row.manufacturer_id,
        buyer_goods_minor=part_of(row.buyer_goods_minor, **units),
        buyer_freight_minor=part_of(row.buyer_freight_minor, **units),
        seller_goods_minor=part_of(row.seller_goods_minor, **units),
        seller_freight_minor=part_of(row.seller_freight_minor, **units),
        hops=[
            Hop(
                uuid.UUID(hop["seller_id"]),
                uuid.UUID(hop["buyer_id"]),
                part_of(hop["amount_minor"], **units),
            )
            for hop in row.hops
        ],
        dues=[
            Due(uuid.UUID(due["payer_id"]), part_of(due["amount_minor"], **units))
            for due in row.dues
        ],
    )


def credit_of(session: DbSession, *, order: OrderMoney) -> Credit:
    """The credit that an order on account is checked against."""
    return _credit(session, limit_minor=order.credit_limit_minor, sides=order.sides)


def get_credit(session: DbSession, *, caller: Caller, account_id: uuid.UUID) -> Credit:
    """A trading account's credit, for its two sides and the operator.

    Raises:
        TradingAccountNotFound: none, or not the caller's business.
    """
    row = session.execute(_TRADING_ACCOUNT, {"account_id": account_id}).one_or_none()
    if row is None or not _is_one_of(caller, row.seller_id, row.buyer_id):
        raise TradingAccountNotFound
    sides = {
        "currency": row.currency, "buyer_id": row.buyer_id, "creditor_id": row.seller_id
    }  # fmt: skip
    return _credit(session, limit_minor=row.credit_limit_minor, sides=sides)


def _credit(session: DbSession, *, limit_minor: int, sides: dict[str, Any]) -> Credit:
    reserved, owed = exposure(**sides), receivable(**sides)
    held = ledger_queries.amounts_of(session, accounts=[reserved, owed])
    return Credit(sides["currency"], limit_minor, held[reserved], held[owed])


def _is_one_of(caller: Caller, *organization_ids: uuid.UUID) -> bool:
    return caller.is_operator or caller.organization_id in organization_ids


def open_value(session: DbSession, *, order_id: uuid.UUID) -> int:
    """What the buyer still expects of an order, in money: neither shipped nor given up."""
    value: int = session.execute(_OPEN_VALUE, {"order_id": order_id}).scalar_one()
    return value


def _visible(caller: Caller) -> ColumnElement[bool]:
    """Invoices of the caller: received, issued, or (its storefront's) to be collected."""
    if caller.is_operator:
        return true()
    mine = caller.organization_id
    owned = text("SELECT id FROM ordering_orders WHERE owner_id = :mine").bindparams(mine=mine)
    return or_(
        Invoice.recipient_id == mine,
        Invoice.issuer_id == mine,
        Invoice.order_id.in_(owned.columns(Invoice.order_id)),
    )


def list_invoices(
    session: DbSession,
    *,
    caller: Caller,
    page: PageRequest,
    order_id: uuid.UUID | None = None,
) -> Page[Invoice]:
    """Invoices, the newest first."""
    query = select(Invoice).where(_visible(caller)).order_by(Invoice.id.desc())
    if order_id:
        query = query.where(Invoice.order_id == order_id)
    if page.after:
        query = query.where(Invoice.id < page.after)
    rows = session.scalars(query.limit(page.limit + 1)).all()
    return page_of(rows, limit=page.limit, key=lambda invoice: invoice.id)


def get_invoice(session: DbSession, *, caller: Caller, invoice_id: uuid.UUID) -> Invoice:
    """One invoice.

    Raises:
        InvoiceNotFound: none, or not the caller's business.
    """
    query = select(Invoice).where(Invoice.id == invoice_id, _visible(caller))
    invoice = session.scalars(query).one_or_none()
    if invoice is None:
        raise InvoiceNotFound
    return invoice


def orders_of_invoices(
    session: DbSession, *, caller: Caller, invoice_ids: Iterable[uuid.UUID]
) -> dict[uuid.UUID, uuid.UUID]:
    """Which orders invoices belong to; those that are not the caller's business are left out."""
    query = select(Invoice.id, Invoice.order_id).where(
        Invoice.id.in_(list(invoice_ids)), _visible(caller)
    )
    return {row.id: row.order_id for row in session.execute(query)}


def list_payments(
    session: DbSession, *, caller: Caller, invoice_id: uuid.UUID, page: PageRequest
) -> Page[Payment]:
    """What was paid for an invoice, in order.

    Raises:
        InvoiceNotFound: none, or not the caller's business.
    """
    get_invoice(session, caller=caller, invoice_id=invoice_id)
    query = select(Payment).where(Payment.invoice_id == invoice_id).order_by(Payment.id)
    if page.after:
        query = query.where(Payment.id > page.after)
    rows = session.scalars(query.limit(page.limit + 1)).all()
    return page_of(rows, limit=page.limit, key=lambda payment: payment.id)


def get_payment(session: DbSession, *, payment_id: uuid.UUID) -> Payment:
    """A payment that is known to exist."""
    return session.get_one(Payment, payment_id)


def get_payments(session: DbSession, *, payment_ids: Sequence[uuid.UUID]) -> list[Payment]:
    """Payments that are known to exist, in the order of the ids (which may be repeated)."""
    rows = session.scalars(select(Payment).where(Payment.id.in_(set(payment_ids))))
    payments = {payment.id: payment for payment in rows}
    return [payments[payment_id] for payment_id in payment_ids]


_ORDERS_SQL = """
    SELECT o.id, o.owner_id, o.buyer_id, o.currency, o.payment_method, o.total_minor,
           CASE WHEN t.currency = o.currency THEN t.credit_limit_minor ELSE 0 END
    FROM ordering_orders o
    LEFT JOIN network_trading_accounts t ON t.seller_id = o.owner_id AND t.buyer_id = o.buyer_id
"""
_ORDER = text(_ORDERS_SQL + "WHERE o.id = :order_id")
_ORDERS_LOCKED = text(
    _ORDERS_SQL + "WHERE o.id = ANY(:order_ids) ORDER BY o.id FOR NO KEY UPDATE OF o"
)
_TRADING_ACCOUNT = text(
    "SELECT seller_id, buyer_id, currency, credit_limit_minor FROM network_trading_accounts"
    " WHERE id = :account_id"
)

# ``before`` counts the units that left in earlier shipments, by number: several shipments of one
# transaction each carry their own portion.
_PARCELS = text(
    """
    SELECT h.id AS shipment_id, h.shipped_at, o.id AS order_id, o.owner_id, o.buyer_id,
           o.currency, o.payment_method, o.payment_terms_days, o.hold_days,
           s.id AS seller_order_id, s.seller_id, s.selling_model,
           COALESCE(t.royalty_bps, 0) AS royalty_bps,
           COALESCE(t.commission_bps, 0) AS commission_bps,
           COALESCE(t.platform_fee_bps, 0) AS platform_fee_bps,
           a.id AS allocation_id, a.order_line_id, a.quantity AS whole, l.quantity,
           a.buyer_goods_minor, a.buyer_freight_minor, a.seller_goods_minor,
           a.seller_freight_minor, a.hops, a.dues, v.manufacturer_id,
           (SELECT id FROM network_organizations WHERE kinds @> '{operator}'
            ORDER BY id LIMIT 1) AS operator_id,
           (SELECT COALESCE(sum(e.quantity), 0)::integer
            FROM fulfilment_shipment_lines e JOIN fulfilment_shipments f ON f.id = e.shipment_id
            WHERE e.allocation_id = a.id AND f.number < h.number) AS before
    FROM fulfilment_shipments h
    JOIN fulfilment_shipment_lines l ON l.shipment_id = h.id
    JOIN ordering_allocations a ON a.id = l.allocation_id
    JOIN ordering_seller_orders s ON s.id = h.seller_order_id
    JOIN ordering_orders o ON o.id = s.order_id
    JOIN catalog_variants v ON v.id = a.variant_id
    LEFT JOIN network_agreement_terms t ON t.id = s.terms_id
    WHERE h.id = ANY(:shipment_ids)
    ORDER BY h.number, a.id
    """
)

# The unshipped rest of every amount, by the same rounding as kernel.money.portion.
REST_SQL = "(a.{0} - (2 * a.{0} * a.shipped_quantity + a.quantity) / (2 * a.quantity))"  # half up
OPEN_VALUE_SQL = (
    f"{REST_SQL.format('buyer_goods_minor')} + {REST_SQL.format('buyer_freight_minor')}"
)
_OPEN_VALUE = text(
    f"""
    SELECT COALESCE(sum({OPEN_VALUE_SQL}), 0)::bigint
    FROM ordering_allocations a JOIN ordering_seller_orders s ON s.id = a.seller_order_id
    WHERE s.order_id = :order_id AND a.status IN ('offered', 'accepted', 'waiting')
    """  # noqa: S608 - constants
)
