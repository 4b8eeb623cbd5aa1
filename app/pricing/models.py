"""Price lists, their formulas and entries over time, and to whom a list applies."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    FetchedValue,
    ForeignKey,
    Index,
    PrimaryKeyConstraint,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.infra.db import Base, Currency, Identified, Minor


class PriceList(Identified, Base):
    """One owner's prices in one currency for one purpose.

    A list with ``base_list_id`` derives its prices from that list by formulas, except where it has
    entries of its own. ``breaks``: *volume* (all units cost what the break reached says) or
    *graduated* (each unit costs what its own break says). On a recommended list, the corridor says
    how far below and above its prices sellers may sell, in basis points of them.
    """

    __tablename__ = "pricing_price_lists"
    __table_args__ = (
        CheckConstraint("purpose IN ('sale', 'transfer', 'list', 'floor')", name="purpose"),
        CheckConstraint("valid_to IS NULL OR valid_to > valid_from", name="period"),
        CheckConstraint("breaks IN ('volume', 'graduated')", name="breaks"),
        CheckConstraint(
            "num_nonnulls(corridor_below_bps, corridor_above_bps) = 0 OR purpose = 'list'"
            " AND COALESCE(corridor_below_bps, 0) BETWEEN 0 AND 10000"
            " AND COALESCE(corridor_above_bps, 0) >= 0",
            name="corridor",
        ),
        Index("ix_pricing_price_lists_owner", "owner_id", "purpose", "currency"),
        Index(
            "ix_pricing_price_lists_base", "base_list_id",
            postgresql_where=text("base_list_id IS NOT NULL"),
        ),
        Index(
            "ix_pricing_price_lists_bounds", "owner_id",
            postgresql_where=text(
                "purpose = 'floor' OR num_nonnulls(corridor_below_bps, corridor_above_bps) > 0"
            ),
        ),
    )  # fmt: skip

    owner_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("network_organizations.id"))
    name: Mapped[str]
    currency: Mapped[Currency]
    purpose: Mapped[str]
    valid_from: Mapped[datetime]
    valid_to: Mapped[datetime | None]
    breaks: Mapped[str] = mapped_column(server_default="volume")
    base_list_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("pricing_price_lists.id"))
    corridor_below_bps: Mapped[int | None]
    corridor_above_bps: Mapped[int | None]
    created_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(server_default="1")


class PriceFormula(Identified, Base):
    """One formula of a derived list; :class:`app.pricing.rules.Formula` says what it computes."""

    __tablename__ = "pricing_formulas"
    __table_args__ = (
        UniqueConstraint("price_list_id", "position"),
        CheckConstraint("(attribute IS NULL) = (attribute_value IS NULL)", name="attribute"),
        CheckConstraint("factor_bps BETWEEN 0 AND 1000000", name="factor"),
        CheckConstraint(
            "rounding IN ('nearest', 'up', 'down') AND round_to_minor >= 1"
            " AND round_ending_minor >= 0 AND round_ending_minor < round_to_minor",
            name="rounding",
        ),
        CheckConstraint("minimum_margin_bps BETWEEN 0 AND 1000000", name="margin"),
    )

    price_list_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("pricing_price_lists.id", ondelete="CASCADE")
    )
    position: Mapped[int]
    category_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("catalog_categories.id"))
    brand: Mapped[str | None]
    attribute: Mapped[str | None]
    attribute_value: Mapped[str | None]
    factor_bps: Mapped[int] = mapped_column(server_default="10000")
    add_minor: Mapped[Minor] = mapped_column(server_default="0")
    round_to_minor: Mapped[Minor] = mapped_column(server_default="1")
    round_ending_minor: Mapped[Minor] = mapped_column(server_default="0")
    rounding: Mapped[str] = mapped_column(server_default="nearest")
    margin_list_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("pricing_price_lists.id"), index=True
    )
    minimum_margin_bps: Mapped[int] = mapped_column(server_default="0")


class PriceEntry(Base):
    """The price of a variant from a quantity on, in a period: of ``per_quantity`` units.

    Its key says what it is; there is no other id. Periods of one variant and quantity on a list
    never overlap, and what an entry names exists: a trigger looks at all rows of a statement at
    once, under the locks of their lists. (A GiST exclusion constraint and two foreign keys say the
    same, and make writing seven times as dear.)
    """

    __tablename__ = "pricing_entries"
    __table_args__ = (
        PrimaryKeyConstraint(
            # Covering: a page of prices is read from the index alone, one place a variant.
            "variant_id", "price_list_id", "from_quantity", "valid_from",
            postgresql_include=["amount_minor", "per_quantity", "valid_to"],
        ),
        CheckConstraint(
            "amount_minor >= 0 AND per_quantity >= 1 AND from_quantity >= 1", name="price"
        ),
        CheckConstraint("valid_to IS NULL OR valid_to > valid_from", name="period"),
        # A list's prices in order: for whoever reads a list, or wants the cheapest first.
        Index(
            "ix_pricing_entries_by_price", "price_list_id",
            text("(CAST(amount_minor AS double precision) / per_quantity)"), "variant_id",
        ),
    )  # fmt: skip

    variant_id: Mapped[uuid.UUID]
    price_list_id: Mapped[uuid.UUID]
    from_quantity: Mapped[int] = mapped_column(server_default="1")
    valid_from: Mapped[datetime]
    valid_to: Mapped[datetime | None]
    amount_minor: Mapped[Minor]
    per_quantity: Mapped[int] = mapped_column(server_default="1")


class PriceAssignment(Identified, Base):
    """Whom a sale list applies to: all that is named must fit; nothing named means everybody.

    The narrower scope wins, then the higher ``priority``; ``stops`` ends the search in this
    owner's lists even where this list has no entry. The database fills in itself what repeats
    other rows, so that one owner's assignments to a buyer are one index probe: ``owner_id`` (the
    list's) and the buyer that a unit belongs to.
    """

    __tablename__ = "pricing_assignments"
    __table_args__ = (
        Index(
            "ix_pricing_assignments_scope",
            "owner_id", "buyer_id", "customer_group", "storefront_id",
            postgresql_include=["price_list_id", "territory_id", "unit_id", "priority", "stops"],
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
    territory_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("network_territories.id"))
    customer_group: Mapped[str | None]
    buyer_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("network_organizations.id"))
    unit_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("network_units.id"))
    priority: Mapped[int] = mapped_column(server_default="0")
    stops: Mapped[bool] = mapped_column(server_default=text("false"))


class PricingSettings(Base):
    """How an owner's lists decide between them: the *first* with a price, or the *lowest* price."""

    __tablename__ = "pricing_settings"
    __table_args__ = (CheckConstraint("strategy IN ('first', 'lowest')", name="strategy"),)

    owner_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("network_organizations.id"), primary_key=True
    )
    strategy: Mapped[str] = mapped_column(server_default="first")
    version: Mapped[int] = mapped_column(server_default="1")


class PastEntry(Base):
    """An entry as it was until it was changed or deleted; the database writes these itself.

    Only what is asked about an instant in the past reads them.
    """

    __tablename__ = "pricing_past_entries"

    variant_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    price_list_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    from_quantity: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    valid_from: Mapped[datetime] = mapped_column(primary_key=True)
    valid_to: Mapped[datetime | None]
    amount_minor: Mapped[Minor]
    per_quantity: Mapped[int]
    replaced_at: Mapped[datetime] = mapped_column(primary_key=True)


class PastRow(Base):
    """Another row that decides over prices, as it was; without ``was``, there was none before.

    ``source`` is its table, ``scope_id`` what it is looked up by: an owner, or a list. Written by
    the database itself for lists, formulas, assignments and settings.
    """

    __tablename__ = "pricing_past"
    __table_args__ = (Index("ix_pricing_past_scope", "source", "scope_id"),)

    source: Mapped[str] = mapped_column(primary_key=True)
    row_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    scope_id: Mapped[uuid.UUID]
    replaced_at: Mapped[datetime] = mapped_column(primary_key=True)
    was: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
