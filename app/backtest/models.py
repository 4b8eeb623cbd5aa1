"""Backtests with what they suppose and report, and their orders with what came of each.

``state`` is how far a run is (books and tallies); it is committed with the outcomes of the orders
that it has seen, so that a run whose worker died goes on there. A run that ended has none.
"""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.dialects.postgresql import JSON, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.infra.db import Base, Currency, Document, Identified


class Backtest(Identified, Base):
    """A past period's orders, decided anew."""

    __tablename__ = "backtest_runs"
    __table_args__ = (
        CheckConstraint(
            "status IN ('queued', 'running', 'done', 'failed', 'cancelled')", name="status"
        ),
        CheckConstraint("0 <= done AND done <= orders", name="progress"),
        Index("ix_backtest_runs_organization", "organization_id", "id"),
        Index("ix_backtest_runs_storefront", "storefront_id"),
    )

    organization_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("network_organizations.id"))
    actor_id: Mapped[uuid.UUID]
    name: Mapped[str]
    storefront_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("storefronts_storefronts.id")
    )
    placed_from: Mapped[datetime | None]
    placed_to: Mapped[datetime | None]
    scenario: Mapped[Document]
    currency: Mapped[Currency]
    orders: Mapped[int]
    done: Mapped[int] = mapped_column(server_default="0")
    status: Mapped[str] = mapped_column(server_default="queued")
    job_id: Mapped[uuid.UUID | None]
    state: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    report: Mapped[Document] = mapped_column(server_default=text("'{}'"))
    error: Mapped[str | None]
    created_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]


class BacktestOrder(Base):
    """An order of a backtest, in its place, and what each contender made of it."""

    __tablename__ = "backtest_orders"

    backtest_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("backtest_runs.id", ondelete="CASCADE"), primary_key=True
    )
    position: Mapped[int] = mapped_column(primary_key=True)
    order_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("ordering_orders.id"), index=True)
    outcome: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
