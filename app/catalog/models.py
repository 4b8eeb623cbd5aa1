"""Categories in trees, products, variants with identifiers, units and sizes."""

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.infra.db import Base, Document, Identified, Ids


class Category(Identified, Base):
    """A node of a manufacturer's category tree; ``path`` holds its ancestors and itself."""

    __tablename__ = "catalog_categories"
    __table_args__ = (UniqueConstraint("manufacturer_id", "code"),)

    manufacturer_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("network_organizations.id"))
    parent_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("catalog_categories.id"))
    code: Mapped[str]
    name: Mapped[str]
    path: Mapped[Ids]


class Product(Identified, Base):
    """A manufacturer's product: what its variants have in common."""

    __tablename__ = "catalog_products"
    __table_args__ = (UniqueConstraint("manufacturer_id", "code"),)

    manufacturer_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("network_organizations.id"))
    category_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("catalog_categories.id"), index=True)
    code: Mapped[str]
    name: Mapped[str]
    brand: Mapped[str] = mapped_column(server_default="")
    description: Mapped[str] = mapped_column(server_default="")
    created_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(server_default="1")


class Variant(Identified, Base):
    """What is stocked and sold. Sizes are of one base unit, in grams and millimetres.

    ``manufacturer_id`` and ``category_id`` repeat the product's, so that hot queries need no join.
    """

    __tablename__ = "catalog_variants"
    __table_args__ = (
        UniqueConstraint("manufacturer_id", "sku"),
        Index(
            "uq_catalog_variants_gtin", "gtin", unique=True,
            postgresql_where=text("gtin IS NOT NULL"),
        ),
        CheckConstraint("gtin IS NULL OR catalog_gtin_is_valid(gtin)", name="gtin"),
        CheckConstraint("pack_quantity >= 1 AND weight_g >= 0", name="sizes"),
        CheckConstraint("status IN ('draft', 'active', 'withdrawn')", name="status"),
    )  # fmt: skip

    product_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("catalog_products.id"), index=True)
    manufacturer_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("network_organizations.id"))
    category_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("catalog_categories.id"), index=True)
    sku: Mapped[str]
    gtin: Mapped[str | None]
    part_number: Mapped[str | None]
    name: Mapped[str]
    attributes: Mapped[Document] = mapped_column(server_default=text("'{}'"))
    unit_code: Mapped[str] = mapped_column(server_default="C62")  # UN/ECE Recommendation 20
    pack_quantity: Mapped[int] = mapped_column(server_default="1")
    weight_g: Mapped[int]
    length_mm: Mapped[int | None]
    width_mm: Mapped[int | None]
    height_mm: Mapped[int | None]
    status: Mapped[str] = mapped_column(server_default="active")
    created_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(server_default="1")
