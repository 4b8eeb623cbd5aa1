"""Accounts, journals, entries and the balances that have a floor.

Debits are positive, credits negative. A journal sums to zero per currency, and so do its memo
lines (codes from 9000) alone. Nothing is ever changed: a correction is a further journal.
"""

import uuid
from datetime import datetime

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    SmallInteger,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from app.infra.db import Base, Currency, Identified, Minor


class Account(Identified, Base):
    """Whose money of which sort, in one currency; its id is derived from these (rules).

    ``floor`` is the side it may not cross to: ``credit`` accounts stay <= 0 (credit balance),
    ``debit`` accounts stay >= 0, ``none`` may be anything.
    """

    __tablename__ = "ledger_accounts"
    __table_args__ = (
        UniqueConstraint(
            "code", "owner_id", "reference_id", "currency", postgresql_nulls_not_distinct=True
        ),
        Index("ix_ledger_accounts_owner", "owner_id"),
        Index(
            "ix_ledger_accounts_creditor", "reference_id",
            postgresql_where=text("code IN (1300, 2710, 9200, 9201)"),
        ),
        CheckConstraint("floor IN ('none', 'debit', 'credit')", name="floor"),
    )  # fmt: skip

    code: Mapped[int] = mapped_column(SmallInteger)
    owner_id: Mapped[uuid.UUID | None]
    reference_id: Mapped[uuid.UUID | None]
    currency: Mapped[Currency]
    floor: Mapped[str]


class Journal(Identified, Base):
    """One business fact, booked once: ``event_key`` is its name."""

    __tablename__ = "ledger_journals"
    __table_args__ = (
        UniqueConstraint("event_key"),
        UniqueConstraint("reverses_id"),
        Index("ix_ledger_journals_order", "order_id"),
        Index("ix_ledger_journals_occurred", "occurred_at"),
    )

    event_key: Mapped[str]
    kind: Mapped[str]
    order_id: Mapped[uuid.UUID | None]
    occurred_at: Mapped[datetime]
    posted_at: Mapped[datetime] = mapped_column(server_default=text("clock_timestamp()"))
    reverses_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("ledger_journals.id"))
    actor_id: Mapped[uuid.UUID | None]
    reason: Mapped[str | None]
    # The writing transaction: entries may join a journal in this one and in no later one.
    transaction_id: Mapped[int] = mapped_column(
        BigInteger, server_default=text("pg_current_xact_id()::text::bigint")
    )


class Entry(Base):
    """One line of a journal; debit positive, credit negative."""

    __tablename__ = "ledger_entries"
    __table_args__ = (
        CheckConstraint("amount_minor <> 0", name="amount"),
        Index("ix_ledger_entries_account", "account_id"),
    )

    journal_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("ledger_journals.id"), primary_key=True
    )
    line_no: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("ledger_accounts.id"))
    amount_minor: Mapped[Minor]
    currency: Mapped[Currency]


class Balance(Base):
    """The running balance of an account that has a floor; locked while it is written."""

    __tablename__ = "ledger_balances"

    account_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("ledger_accounts.id"), primary_key=True
    )
    amount_minor: Mapped[Minor] = mapped_column(server_default="0")
    version: Mapped[int] = mapped_column(server_default="0")
