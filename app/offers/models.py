"""Offers: one seller, one variant."""

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.infra.db import Base, Identified


class Offer(Identified, Base):
    """A seller's readiness to sell a variant, in which quantities and how soon."""

    __tablename__ = "offers_offers"
    __table_args__ = (
        UniqueConstraint("seller_id", "variant_id"),
        # Covering: the offers of a variant lie scattered over their sellers' pages.
        Index(
            "ix_offers_offers_variant", "variant_id", "seller_id",
            postgresql_include=[
                "id", "status", "minimum_quantity", "maximum_quantity", "quantity_step",
                "lead_time_days",
            ],
        ),
        CheckConstraint("status IN ('active', 'paused', 'withdrawn')", name="status"),
        CheckConstraint(
            "minimum_quantity >= 1 AND quantity_step >= 1 AND lead_time_days >= 0"
            " AND (maximum_quantity IS NULL OR maximum_quantity >= minimum_quantity)",
            name="quantities",
        ),
    )  # fmt: skip

    seller_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("network_organizations.id"))
    variant_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("catalog_variants.id"))
    seller_sku: Mapped[str | None]
    status: Mapped[str] = mapped_column(server_default="active")
    minimum_quantity: Mapped[int] = mapped_column(server_default="1")
    maximum_quantity: Mapped[int | None]
    quantity_step: Mapped[int] = mapped_column(server_default="1")
    lead_time_days: Mapped[int] = mapped_column(server_default="0")
    created_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(server_default="1")
