"""Splits, releases, periods and statements.

A closed period claims journals: each belongs to the statements of exactly one period, whatever
the clocks said. A journal that arrives late is claimed by the next period.
"""

import uuid
from datetime import datetime

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from app.infra.db import Base, Currency, Identified, Minor


class Split(Identified, Base):
    """One party's part of a shipped allocation, at frozen terms; parts sum to the buyer's price.

    ``amount_minor`` is signed: a storefront that carries a re-routing's cost has a negative one.
    A split is of a line of a shipment; what that implies (allocation, order, its line and part) is
    repeated without foreign keys of its own: a shipment has dozens of splits, and each key would
    be looked up for every one of them.
    """

    __tablename__ = "settlement_splits"
    __table_args__ = (
        ForeignKeyConstraint(
            ["shipment_id", "allocation_id"],
            ["fulfilment_shipment_lines.shipment_id", "fulfilment_shipment_lines.allocation_id"],
        ),
        UniqueConstraint("shipment_id", "allocation_id", "kind", "organization_id"),
        Index("ix_settlement_splits_organization", "organization_id", "id"),
        Index("ix_settlement_splits_order", "order_id"),
        Index("ix_settlement_splits_journal", "journal_id"),
    )

    order_id: Mapped[uuid.UUID]
    order_line_id: Mapped[uuid.UUID]
    seller_order_id: Mapped[uuid.UUID]
    allocation_id: Mapped[uuid.UUID]
    shipment_id: Mapped[uuid.UUID]
    organization_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("network_organizations.id"))
    kind: Mapped[str]  # goods, freight, commission, royalty, platform_fee, margin, rerouting
    currency: Mapped[Currency]
    amount_minor: Mapped[Minor]
    booked_at: Mapped[datetime]
    journal_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("ledger_journals.id"))


class Release(Identified, Base):
    """The end of a shipment's hold: due some days after delivery, done when the buyer has paid."""

    __tablename__ = "settlement_releases"
    __table_args__ = (
        UniqueConstraint("shipment_id"),
        Index("ix_settlement_releases_due", "due_at", postgresql_where=text("released_at IS NULL")),
    )

    shipment_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("fulfilment_shipments.id"))
    order_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("ordering_orders.id"), index=True)
    currency: Mapped[Currency]
    due_at: Mapped[datetime | None]
    released_at: Mapped[datetime | None]


class Period(Identified, Base):
    """A span of time for which statements were closed; periods follow each other without gaps."""

    __tablename__ = "settlement_periods"
    __table_args__ = (
        UniqueConstraint("period_from"),
        CheckConstraint("period_to > period_from", name="period"),
    )

    period_from: Mapped[datetime]
    period_to: Mapped[datetime]
    closed_at: Mapped[datetime]


class PeriodJournal(Base):
    """A period's claim on a journal."""

    __tablename__ = "settlement_period_journals"
    __table_args__ = (Index("ix_settlement_period_journals_period", "period_id", "journal_id"),)

    journal_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("ledger_journals.id"), primary_key=True
    )
    period_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("settlement_periods.id"))


class Statement(Identified, Base):
    """One organization's money in one currency over one period; closed, never edited.

    Positive is owed to the organization: ``closing = opening + movement``.
    """

    __tablename__ = "settlement_statements"
    __table_args__ = (
        UniqueConstraint("organization_id", "currency", "period_from"),
        CheckConstraint("closing_minor = opening_minor + movement_minor", name="sums"),
        CheckConstraint("period_to > period_from", name="period"),
    )

    organization_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("network_organizations.id"))
    period_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("settlement_periods.id"))
    currency: Mapped[Currency]
    period_from: Mapped[datetime]
    period_to: Mapped[datetime]
    opening_minor: Mapped[Minor]
    movement_minor: Mapped[Minor]
    closing_minor: Mapped[Minor]
    line_count: Mapped[int]
    closed_at: Mapped[datetime]
