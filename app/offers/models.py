"""Offers: one seller, one variant."""

import uuid
from datetime import datetime

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Computed,
    ForeignKey,
    Index,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from app.infra.db import Base, Identified


class Offer(Identified, Base):
    """A seller's readiness to sell a variant, in which quantities, condition, when and how soon.

    ``order_step`` is what every ordered quantity is a multiple of: the least common multiple of
    step and pack. Whoever decides what can be ordered reads it and neither of the two.

    ``backorder``: whether what is not in stock may be ordered, up to ``backorder_limit`` units at a
    location: not at all, out of incoming goods, or always, to leave ``backorder_days`` later.
    """

    __tablename__ = "offers_offers"
    __table_args__ = (
        UniqueConstraint("seller_id", "variant_id"),
        # Covering: the offers of a variant lie scattered over their sellers' pages.
        Index(
            "ix_offers_offers_variant", "variant_id", "seller_id",
            postgresql_include=[
                "id", "status", "minimum_quantity", "maximum_quantity", "order_step",
                "lead_time_days", "valid_from", "valid_to", "backorder",
            ],
        ),
        Index("ix_offers_offers_seller", "seller_id", "id"),
        CheckConstraint("status IN ('active', 'paused', 'withdrawn')", name="status"),
        CheckConstraint(
            "condition IN ('new', 'refurbished', 'used', 'open_box')", name="condition"
        ),
        CheckConstraint(
            "minimum_quantity >= 1 AND quantity_step >= 1 AND pack_quantity >= 1"
            " AND lead_time_days >= 0 AND offers_problem(minimum_quantity, maximum_quantity,"
            " quantity_step, pack_quantity, NULL, NULL) IS NULL",
            name="quantities",
        ),
        CheckConstraint("valid_to > valid_from", name="period"),
        CheckConstraint(
            "backorder IN ('none', 'incoming', 'always') AND backorder_limit >= 0"
            " AND backorder_days >= 0 AND (backorder <> 'always'"
            " OR (backorder_limit IS NOT NULL AND backorder_days IS NOT NULL))",
            name="backorder",
        ),
        Index(
            "ix_offers_offers_backorder", "variant_id", "seller_id",
            postgresql_where=text("backorder <> 'none'"),
        ),
    )  # fmt: skip

    seller_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("network_organizations.id"))
    variant_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("catalog_variants.id"))
    seller_sku: Mapped[str | None]
    status: Mapped[str] = mapped_column(server_default="active")
    condition: Mapped[str] = mapped_column(server_default="new")
    minimum_quantity: Mapped[int] = mapped_column(server_default="1")
    maximum_quantity: Mapped[int | None]
    quantity_step: Mapped[int] = mapped_column(server_default="1")
    pack_quantity: Mapped[int] = mapped_column(server_default="1")
    order_step: Mapped[int] = mapped_column(
        BigInteger, Computed("lcm(quantity_step::bigint, pack_quantity::bigint)", persisted=True)
    )
    lead_time_days: Mapped[int] = mapped_column(server_default="0")
    valid_from: Mapped[datetime | None]
    valid_to: Mapped[datetime | None]
    note: Mapped[str] = mapped_column(server_default="")
    backorder: Mapped[str] = mapped_column(server_default="none")
    backorder_limit: Mapped[int | None]
    backorder_days: Mapped[int | None]
    created_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(server_default="1")
