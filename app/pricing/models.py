"""Price lists, their entries over time, and to whom a list applies."""

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, FetchedValue, ForeignKey, Index, text
from sqlalchemy.dialects.postgresql import ExcludeConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.infra.db import Base, Currency, Identified, Minor


class PriceList(Identified, Base):
    """One owner's prices in one currency for one purpose."""

    __tablename__ = "pricing_price_lists"
    __table_args__ = (
        CheckConstraint("purpose IN ('sale', 'transfer', 'list', 'floor')", name="purpose"),
        CheckConstraint("valid_to IS NULL OR valid_to > valid_from", name="period"),
        Index("ix_pricing_price_lists_owner", "owner_id", "purpose", "currency"),
    )

    owner_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("network_organizations.id"))
    name: Mapped[str]
    currency: Mapped[Currency]
    purpose: Mapped[str]
    valid_from: Mapped[datetime]
    valid_to: Mapped[datetime | None]
    created_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(server_default="1")


class PriceEntry(Identified, Base):
    """The price of a variant from a quantity on, in a period; periods never overlap.

    ``amount_minor`` is the price of ``per_quantity`` units.
    """

    __tablename__ = "pricing_entries"
    __table_args__ = (
        CheckConstraint("amount_minor >= 0 AND per_quantity >= 1", name="price"),
        CheckConstraint("from_quantity >= 1", name="from_quantity"),
        CheckConstraint("valid_to IS NULL OR valid_to > valid_from", name="period"),
        # Covering: a page of prices is read from the index alone.
        Index(
            "ix_pricing_entries_lookup", "variant_id", "price_list_id", "from_quantity",
            postgresql_include=["amount_minor", "per_quantity", "valid_from", "valid_to", "id"],
        ),
        # Hashed, the constraint's GiST index is small and no rival of the lookup's B-tree.
        ExcludeConstraint(
            (text("hash_record_extended(ROW(price_list_id, variant_id, from_quantity), 0)"), "="),
            (text("tstzrange(valid_from, valid_to)"), "&&"),
            name="no_overlap",
            using="gist",
        ),
    )  # fmt: skip

    price_list_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("pricing_price_lists.id", ondelete="CASCADE")
    )
    variant_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("catalog_variants.id"))
    from_quantity: Mapped[int] = mapped_column(server_default="1")
    amount_minor: Mapped[Minor]
    per_quantity: Mapped[int] = mapped_column(server_default="1")
    valid_from: Mapped[datetime]
    valid_to: Mapped[datetime | None]


class PriceAssignment(Identified, Base):
    """Whom a sale list applies to: a buyer, a customer group, a storefront, or everybody.

    The narrower scope wins, then the higher ``priority``; ``stops`` ends the search in this
    owner's lists even where this list has no entry. ``owner_id`` repeats the list's, so that the
    assignments of one owner and scope are one index probe; the database fills it in itself.
    """

    __tablename__ = "pricing_assignments"
    __table_args__ = (
        CheckConstraint(
            "num_nonnulls(storefront_id, customer_group, buyer_id) <= 1", name="one_scope"
        ),
        Index(
            "ix_pricing_assignments_scope",
            "owner_id", "buyer_id", "customer_group", "storefront_id",
        ),
    )  # fmt: skip

    owner_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("network_organizations.id"), server_default=FetchedValue()
    )
    price_list_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("pricing_price_lists.id", ondelete="CASCADE"), index=True
    )
    storefront_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("storefronts_storefronts.id")
    )
    customer_group: Mapped[str | None]
    buyer_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("network_organizations.id"))
    priority: Mapped[int] = mapped_column(server_default="0")
    stops: Mapped[bool] = mapped_column(server_default=text("false"))
