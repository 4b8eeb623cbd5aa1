"""Assortments, their rules and their lists.

Who belongs to an assortment is decided by the database function ``assortments_holds`` alone.
"""

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.infra.db import Base, Document, Identified, Ids, Words


class Assortment(Identified, Base):
    """A named selection of variants."""

    __tablename__ = "assortments_assortments"
    __table_args__ = (UniqueConstraint("owner_id", "name"),)

    owner_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("network_organizations.id"))
    name: Mapped[str]
    description: Mapped[str] = mapped_column(server_default="")
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(server_default="1")


class AssortmentRule(Base):
    """One of the alternatives; all of its conditions must hold, an empty one holds always."""

    __tablename__ = "assortments_rules"
    __table_args__ = (CheckConstraint("jsonb_typeof(attributes) = 'object'", name="attributes"),)

    assortment_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("assortments_assortments.id", ondelete="CASCADE"), primary_key=True
    )
    position: Mapped[int] = mapped_column(primary_key=True)
    manufacturer_ids: Mapped[Ids] = mapped_column(server_default=text("'{}'"))
    category_ids: Mapped[Ids] = mapped_column(server_default=text("'{}'"))
    brands: Mapped[Words] = mapped_column(server_default=text("'{}'"))
    attributes: Mapped[Document] = mapped_column(server_default=text("'{}'"))
    statuses: Mapped[Words] = mapped_column(server_default=text("'{}'"))


class AssortmentItem(Base):
    """A variant that is in or out by name."""

    __tablename__ = "assortments_items"

    assortment_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("assortments_assortments.id", ondelete="CASCADE"), primary_key=True
    )
    variant_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("catalog_variants.id"), primary_key=True, index=True
    )
    included: Mapped[bool]
