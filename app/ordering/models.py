"""Carts; orders as the buyer sees them; seller orders as each seller sees its part.

An allocation is a quantity of an order line at one location of one seller. Its four amounts are
frozen for that quantity: what the buyer pays (goods, freight) and what the fulfilling seller is
paid (goods, freight). A part that is rejected becomes an allocation of its own, so that amounts
are split once, exactly, and a replacement inherits what the buyer was promised.
"""

import uuid
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Identity,
    Index,
    UniqueConstraint,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.infra.db import Base, Currency, Document, Identified, Minor


class Cart(Identified, Base):
    """Lines that a buyer wants from a storefront; until when their stock is kept, if it is."""

    __tablename__ = "ordering_carts"
    __table_args__ = (
        CheckConstraint("status IN ('open', 'ordered')", name="status"),
        Index(
            "ix_ordering_carts_open",
            "storefront_id",
            "id",
            postgresql_where=text("status = 'open'"),
        ),
    )

    storefront_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("storefronts_storefronts.id"))
    buyer_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("network_organizations.id"), index=True)
    unit_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("network_units.id"))
    address_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("network_addresses.id"))
    wishes: Mapped[Document] = mapped_column(server_default=text("'{}'"))
    status: Mapped[str] = mapped_column(server_default="open")
    created_at: Mapped[datetime]
    reserved_until: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(server_default="1")


class CartLine(Base):
    """A quantity of a variant in a cart."""

    __tablename__ = "ordering_cart_lines"
    __table_args__ = (CheckConstraint("quantity > 0", name="quantity"),)

    cart_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("ordering_carts.id", ondelete="CASCADE"), primary_key=True
    )
    variant_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("catalog_variants.id"), primary_key=True
    )
    position: Mapped[int]
    quantity: Mapped[int]


class Order(Identified, Base):
    """What the buyer bought, at frozen prices."""

    __tablename__ = "ordering_orders"
    __table_args__ = (
        UniqueConstraint("storefront_id", "buyer_id", "reference"),
        UniqueConstraint("cart_id"),
        Index("ix_ordering_orders_buyer", "buyer_id", "id"),
        CheckConstraint("total_minor = goods_minor + freight_minor", name="total"),
        CheckConstraint("payment_method IN ('on_account', 'prepaid')", name="payment_method"),
    )

    number: Mapped[int] = mapped_column(BigInteger, Identity(start=100001), unique=True)
    storefront_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("storefronts_storefronts.id"), index=True
    )
    owner_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("network_organizations.id"), index=True)
    buyer_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("network_organizations.id"))
    unit_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("network_units.id"))
    cart_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("ordering_carts.id"))
    reference: Mapped[str | None]
    currency: Mapped[Currency]
    ship_to: Mapped[Document]
    wishes: Mapped[Document] = mapped_column(server_default=text("'{}'"))
    payment_method: Mapped[str]
    payment_terms_days: Mapped[int]
    hold_days: Mapped[int]
    status: Mapped[str]
    goods_minor: Mapped[Minor]
    freight_minor: Mapped[Minor]
    total_minor: Mapped[Minor]
    placed_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(server_default="1")


class OrderLine(Identified, Base):
    """One variant of an order: wanted, served at placement, given up since."""

    __tablename__ = "ordering_order_lines"
    __table_args__ = (
        UniqueConstraint("order_id", "position"),
        CheckConstraint(
            "quantity > 0 AND served_quantity >= 0 AND cancelled_quantity >= 0"
            " AND served_quantity <= quantity AND cancelled_quantity <= served_quantity",
            name="quantities",
        ),
    )

    order_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("ordering_orders.id"))
    position: Mapped[int]
    variant_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("catalog_variants.id"))
    sku: Mapped[str]
    name: Mapped[str]
    quantity: Mapped[int]
    served_quantity: Mapped[int]
    cancelled_quantity: Mapped[int] = mapped_column(server_default="0")
    goods_minor: Mapped[Minor]


class SellerOrder(Identified, Base):
    """The part of an order that one seller fulfils, under frozen terms.

    ``joins_id``: an open part of the same seller that this one becomes part of when it is accepted,
    so that what was re-routed travels in the same parcel.
    """

    __tablename__ = "ordering_seller_orders"
    __table_args__ = (
        UniqueConstraint("order_id", "seller_id", "attempt"),
        Index("ix_ordering_seller_orders_seller", "seller_id", "id"),
        Index(
            "ix_ordering_seller_orders_deadline", "accept_by",
            postgresql_where=text("status = 'offered'"),
        ),
        Index(
            "ix_ordering_seller_orders_joins", "joins_id",
            postgresql_where=text("joins_id IS NOT NULL"),
        ),
        CheckConstraint("selling_model IN ('agency', 'resale', 'own')", name="selling_model"),
    )  # fmt: skip

    order_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("ordering_orders.id"))
    seller_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("network_organizations.id"))
    attempt: Mapped[int]
    decision_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("routing_decisions.id"))
    joins_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("ordering_seller_orders.id"))
    terms_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("network_agreement_terms.id"))
    selling_model: Mapped[str]
    status: Mapped[str]
    accept_by: Mapped[datetime]
    currency: Mapped[Currency]
    goods_minor: Mapped[Minor]
    freight_minor: Mapped[Minor]
    created_at: Mapped[datetime]
    accepted_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(server_default="1")


class Consignment(Base):
    """What one location sends for a seller order: its planned weight and freight.

    ``later_on``: of goods that are still to come, the day on which they are to leave.
    """

    __tablename__ = "ordering_consignments"
    __table_args__ = (
        UniqueConstraint(
            "seller_order_id", "location_id", "later_on", postgresql_nulls_not_distinct=True
        ),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, server_default=text("uuidv7()"))
    seller_order_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("ordering_seller_orders.id"))
    location_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("inventory_locations.id"))
    later_on: Mapped[date | None]
    weight_g: Mapped[int] = mapped_column(BigInteger)
    distance_km: Mapped[int]
    freight_minor: Mapped[Minor]


class Allocation(Identified, Base):
    """A quantity of an order line at one location; see the module for its amounts.

    ``hops``: the resale chain from the fulfilling seller to the storefront's owner, each with what
    the buying tier pays the selling tier for this quantity. ``dues``: what others than the
    storefront's owner pay towards what this quantity costs more than the units it replaces.
    ``ships_on``: when it is to leave; ``is_later``: it was not in stock when that was promised.
    ``offered_at``: since when it is this seller's, whatever part it has joined since.
    """

    __tablename__ = "ordering_allocations"
    __table_args__ = (
        Index("ix_ordering_allocations_seller_order", "seller_order_id"),
        Index("ix_ordering_allocations_order_line", "order_line_id"),
        # Block ranges cost an insert nothing: what was given in the last days is asked for.
        Index("ix_ordering_allocations_offered", "offered_at", postgresql_using="brin"),
        CheckConstraint(
            "quantity > 0 AND 0 <= delivered_quantity AND delivered_quantity <= shipped_quantity"
            " AND shipped_quantity <= quantity",
            name="quantities",
        ),
        CheckConstraint(
            "buyer_goods_minor >= 0 AND buyer_freight_minor >= 0 AND seller_goods_minor >= 0"
            " AND seller_freight_minor >= 0",
            name="amounts",
        ),
        CheckConstraint(
            "status IN ('offered', 'accepted', 'rejected', 'expired', 'cancelled', 'waiting',"
            " 'replaced')",
            name="status",
        ),
        CheckConstraint("NOT is_later OR ships_on IS NOT NULL", name="later"),
    )

    order_line_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("ordering_order_lines.id"))
    seller_order_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("ordering_seller_orders.id"))
    location_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("inventory_locations.id"))
    variant_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("catalog_variants.id"))
    quantity: Mapped[int]
    shipped_quantity: Mapped[int] = mapped_column(server_default="0")
    delivered_quantity: Mapped[int] = mapped_column(server_default="0")
    status: Mapped[str] = mapped_column(server_default="offered")
    reason: Mapped[str | None]
    ships_on: Mapped[date | None]
    is_later: Mapped[bool] = mapped_column(server_default=text("false"))
    offered_at: Mapped[datetime] = mapped_column(server_default=func.now())
    replaces_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("ordering_allocations.id"))
    seller_unit_minor: Mapped[Minor]
    seller_per_quantity: Mapped[int]
    buyer_goods_minor: Mapped[Minor]
    buyer_freight_minor: Mapped[Minor]
    seller_goods_minor: Mapped[Minor]
    seller_freight_minor: Mapped[Minor]
    hops: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, server_default=text("'[]'"))
    dues: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, server_default=text("'[]'"))


class Choice(Identified, Base):
    """Units that nobody could serve and what the buyer does about them.

    They are an allocation that waits: reserved nowhere, promised at the buyer's unchanged amounts.
    ``open`` until the buyer chooses or ``expires_at``; ``waiting``: tried again until then.
    """

    __tablename__ = "ordering_choices"
    __table_args__ = (
        UniqueConstraint("allocation_id"),
        Index(
            "ix_ordering_choices_line_open", "order_line_id", unique=True,
            postgresql_where=text("ended_at IS NULL"),
        ),
        Index(
            "ix_ordering_choices_due", "expires_at", postgresql_where=text("ended_at IS NULL")
        ),
        CheckConstraint(
            "status IN ('open', 'waiting', 'served', 'cancelled', 'substituted', 'expired')",
            name="status",
        ),
        CheckConstraint("(ended_at IS NULL) = (status IN ('open', 'waiting'))", name="ended"),
    )  # fmt: skip

    order_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("ordering_orders.id"), index=True)
    order_line_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("ordering_order_lines.id"))
    allocation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("ordering_allocations.id"))
    status: Mapped[str]
    reason: Mapped[str]
    opened_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    tried_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(server_default="1")
