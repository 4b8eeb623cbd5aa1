"""Shipments and their lines."""

import uuid
from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity, Index
from sqlalchemy.orm import Mapped, mapped_column

from app.infra.db import Base, Identified


class Shipment(Identified, Base):
    """What left a location for a seller order, at once."""

    __tablename__ = "fulfilment_shipments"
    __table_args__ = (
        CheckConstraint("delivered_at IS NULL OR delivered_at >= shipped_at", name="delivery"),
    )

    number: Mapped[int] = mapped_column(BigInteger, Identity(start=500001), unique=True)
    seller_order_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("ordering_seller_orders.id"), index=True
    )
    location_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("inventory_locations.id"))
    carrier: Mapped[str | None]
    tracking_number: Mapped[str | None]
    shipped_at: Mapped[datetime]
    delivered_at: Mapped[datetime | None]


class ShipmentLine(Base):
    """A quantity of an allocation in a shipment."""

    __tablename__ = "fulfilment_shipment_lines"
    __table_args__ = (
        CheckConstraint("quantity > 0", name="quantity"),
        Index("ix_fulfilment_shipment_lines_allocation", "allocation_id"),
    )

    shipment_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("fulfilment_shipments.id"), primary_key=True
    )
    allocation_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("ordering_allocations.id"), primary_key=True
    )
    quantity: Mapped[int]
