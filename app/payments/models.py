"""Invoices to buyers and the money that came in for them."""

import uuid
from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.infra.db import Base, Currency, Identified, Minor


class Invoice(Identified, Base):
    """What a buyer owes for one shipment; issued by the seller of record."""

    __tablename__ = "payments_invoices"
    __table_args__ = (
        UniqueConstraint("shipment_id"),
        Index("ix_payments_invoices_recipient", "recipient_id", "id"),
        Index("ix_payments_invoices_issuer", "issuer_id", "id"),
        CheckConstraint("amount_minor = goods_minor + freight_minor", name="amount"),
        CheckConstraint("paid_minor BETWEEN 0 AND amount_minor", name="paid"),
    )

    number: Mapped[int] = mapped_column(BigInteger, Identity(start=700001), unique=True)
    order_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("ordering_orders.id"), index=True)
    seller_order_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("ordering_seller_orders.id"))
    shipment_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("fulfilment_shipments.id"))
    issuer_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("network_organizations.id"))
    recipient_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("network_organizations.id"))
    currency: Mapped[Currency]
    goods_minor: Mapped[Minor]
    freight_minor: Mapped[Minor]
    amount_minor: Mapped[Minor]
    paid_minor: Mapped[Minor] = mapped_column(server_default="0")
    issued_at: Mapped[datetime]
    due_at: Mapped[datetime]
    paid_at: Mapped[datetime | None]


class Payment(Identified, Base):
    """Money that arrived: for an invoice, or in advance for a prepaid order.

    A creditor's reference within a method names one payment for ever.
    """

    __tablename__ = "payments_payments"
    __table_args__ = (
        UniqueConstraint("creditor_id", "method", "reference"),
        CheckConstraint("amount_minor > 0", name="amount"),
    )

    order_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("ordering_orders.id"), index=True)
    invoice_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("payments_invoices.id"), index=True
    )
    creditor_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("network_organizations.id"))
    method: Mapped[str]
    reference: Mapped[str]
    currency: Mapped[Currency]
    amount_minor: Mapped[Minor]
    received_at: Mapped[datetime]
    recorded_by: Mapped[uuid.UUID]
