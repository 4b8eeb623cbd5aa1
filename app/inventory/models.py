"""Locations, stock, reservations. ``available = on_hand - reserved - safety`` never oversells."""

import uuid
from datetime import datetime

from sqlalchemy import CHAR, CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.infra.db import Base, Identified


class Location(Identified, Base):
    """A warehouse of a seller."""

    __tablename__ = "inventory_locations"
    __table_args__ = (UniqueConstraint("seller_id", "code"),)

    seller_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("network_organizations.id"))
    code: Mapped[str]
    name: Mapped[str]
    city: Mapped[str]
    subdivision: Mapped[str]
    postal_code: Mapped[str]
    country: Mapped[str] = mapped_column(CHAR(2))
    latitude: Mapped[float]
    longitude: Mapped[float]
    is_active: Mapped[bool] = mapped_column(server_default=text("true"))
    version: Mapped[int] = mapped_column(server_default="1")


class Stock(Base):
    """Units of a variant at a location. No index holds a quantity, so updates stay in the page."""

    __tablename__ = "inventory_stock"
    __table_args__ = (
        CheckConstraint(
            "reserved >= 0 AND safety >= 0 AND on_hand >= reserved", name="never_oversold"
        ),
        Index("ix_inventory_stock_variant", "variant_id", "location_id"),
        {"postgresql_with": {"fillfactor": 80}},
    )

    location_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("inventory_locations.id"), primary_key=True
    )
    variant_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("catalog_variants.id"), primary_key=True
    )
    on_hand: Mapped[int]
    reserved: Mapped[int] = mapped_column(server_default="0")
    safety: Mapped[int] = mapped_column(server_default="0")
    updated_at: Mapped[datetime]


class Reservation(Identified, Base):
    """Units held for an order's allocation until they are shipped or given back.

    ``quantity`` is what was reserved; what is still held is ``quantity - consumed - released``.
    """

    __tablename__ = "inventory_reservations"
    __table_args__ = (
        CheckConstraint(
            "quantity > 0 AND consumed >= 0 AND released >= 0 AND consumed + released <= quantity",
            name="quantities",
        ),
        Index("ix_inventory_reservations_stock", "location_id", "variant_id"),
        UniqueConstraint("allocation_id"),
    )

    order_id: Mapped[uuid.UUID] = mapped_column(index=True)
    allocation_id: Mapped[uuid.UUID]
    location_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("inventory_locations.id"))
    variant_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("catalog_variants.id"))
    quantity: Mapped[int]
    consumed: Mapped[int] = mapped_column(server_default="0")
    released: Mapped[int] = mapped_column(server_default="0")
    created_at: Mapped[datetime]
