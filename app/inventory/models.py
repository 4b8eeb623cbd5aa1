"""Locations, stock, reservations, and the movements that stock is the sum of.

``available = on_hand - reserved - safety`` never oversells. ``on_hand`` is the sum of movements:
the database adds inserted movements to it, and logs who writes it past them; movements are never
changed. ``reserved`` is what reservations and holds have of it, ``promised`` what orders were
promised beyond it.
"""

import uuid
from datetime import date, datetime, time
from typing import Any

from sqlalchemy import (
    ARRAY,
    CHAR,
    BigInteger,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Time,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.infra.db import Base, Document, Identified
from app.inventory.rules.moving import REASONS


def _to_stock() -> ForeignKeyConstraint:
    return ForeignKeyConstraint(
        ["location_id", "variant_id"], ["inventory_stock.location_id", "inventory_stock.variant_id"]
    )


class Location(Identified, Base):
    """A warehouse of a seller, and when it works.

    ``cutoffs``: from Monday on, until when of a day's local time an order leaves on that day; null
    when nothing leaves. ``low_at``: below how many available units stock is scarce there.
    ``calendar``: zone, cut-offs and closures in one text, which the database keeps.
    """

    __tablename__ = "inventory_locations"
    __table_args__ = (
        UniqueConstraint("seller_id", "code"),
        CheckConstraint("cardinality(cutoffs) = 7 AND low_at >= 0", name="calendar"),
    )

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
    time_zone: Mapped[str] = mapped_column(server_default="UTC")
    cutoffs: Mapped[list[time | None]] = mapped_column(
        ARRAY(Time), server_default=text("'{17:00,17:00,17:00,17:00,17:00,NULL,NULL}'")
    )
    low_at: Mapped[int | None]
    calendar: Mapped[str] = mapped_column(
        server_default="UTC|17:00:00,17:00:00,17:00:00,17:00:00,17:00:00,-,-|"
    )
    version: Mapped[int] = mapped_column(server_default="1")


class Closure(Identified, Base):
    """Days on which nothing leaves a location, whatever day of the week they are."""

    __tablename__ = "inventory_closures"
    __table_args__ = (
        CheckConstraint("last_on >= first_on", name="period"),
        Index("ix_inventory_closures_location", "location_id", "last_on"),
    )

    location_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("inventory_locations.id"))
    first_on: Mapped[date]
    last_on: Mapped[date]
    reason: Mapped[str]


class Stock(Base):
    """Units of a variant at a location. No index holds a quantity, so updates stay in the page.

    ``promised`` units are of orders, and not here yet. ``low_at`` is the location's unless
    ``is_low_own``; ``is_low`` is what was told last. ``is_lotted``: some units lie in lots.
    """

    __tablename__ = "inventory_stock"
    __table_args__ = (
        CheckConstraint(
            "reserved >= 0 AND safety >= 0 AND on_hand >= reserved", name="never_oversold"
        ),
        CheckConstraint("promised >= 0 AND low_at >= 0", name="promised"),
        Index("ix_inventory_stock_variant", "variant_id", "location_id"),
        Index(
            "ix_inventory_stock_promised", "location_id", "variant_id",
            postgresql_where=text("promised > 0"),
        ),
        {"postgresql_with": {"fillfactor": 80}},
    )  # fmt: skip

    location_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("inventory_locations.id"), primary_key=True
    )
    variant_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("catalog_variants.id"), primary_key=True
    )
    on_hand: Mapped[int]
    reserved: Mapped[int] = mapped_column(server_default="0")
    safety: Mapped[int] = mapped_column(server_default="0")
    promised: Mapped[int] = mapped_column(server_default="0")
    low_at: Mapped[int | None]
    is_low_own: Mapped[bool] = mapped_column(server_default=text("false"))
    is_low: Mapped[bool] = mapped_column(server_default=text("false"))
    is_lotted: Mapped[bool] = mapped_column(server_default=text("false"))
    updated_at: Mapped[datetime]


class Watched(Base):
    """A stock row that has become scarce, or no longer is, and nobody was told yet."""

    __tablename__ = "inventory_watched"

    location_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    variant_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)


class Reservation(Identified, Base):
    """Units held for an order's allocation until they are shipped or given back.

    ``quantity`` is what was reserved; what is still the order's is ``quantity - consumed -
    released``. Of these, ``promised`` units are not in stock yet: the others are held there.
    ``due_on``: the day on which the goods of a promise were to come; none where no delivery was
    named. ``expires_at``: of what was promised to a cart, which then stands for the order, the
    instant until which it is kept.
    """

    __tablename__ = "inventory_reservations"
    __table_args__ = (
        CheckConstraint(
            "quantity > 0 AND consumed >= 0 AND released >= 0 AND promised >= 0"
            " AND consumed + released + promised <= quantity",
            name="quantities",
        ),
        Index("ix_inventory_reservations_stock", "location_id", "variant_id"),
        Index(
            "ix_inventory_reservations_promised", "location_id", "variant_id",
            postgresql_where=text("promised > 0"),
        ),
        Index(
            "ix_inventory_reservations_due", "expires_at",
            postgresql_where=text("expires_at IS NOT NULL"),
        ),
        UniqueConstraint("allocation_id"),
    )  # fmt: skip

    order_id: Mapped[uuid.UUID] = mapped_column(index=True)
    allocation_id: Mapped[uuid.UUID]
    location_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("inventory_locations.id"))
    variant_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("catalog_variants.id"))
    quantity: Mapped[int]
    consumed: Mapped[int] = mapped_column(server_default="0")
    released: Mapped[int] = mapped_column(server_default="0")
    promised: Mapped[int] = mapped_column(server_default="0")
    due_on: Mapped[date | None]
    expires_at: Mapped[datetime | None]
    created_at: Mapped[datetime]


class Hold(Base):
    """Units that a cart keeps from others until an instant."""

    __tablename__ = "inventory_holds"
    __table_args__ = (
        CheckConstraint("quantity > 0", name="quantity"),
        _to_stock(),
        Index("ix_inventory_holds_due", "expires_at"),
        Index("ix_inventory_holds_stock", "location_id", "variant_id"),
    )

    cart_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    location_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    variant_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    quantity: Mapped[int]
    expires_at: Mapped[datetime]


class Lot(Identified, Base):
    """Units of a variant at a location that were made together and expire together."""

    __tablename__ = "inventory_lots"
    __table_args__ = (
        CheckConstraint("on_hand >= 0", name="on_hand"),
        _to_stock(),
        UniqueConstraint("location_id", "variant_id", "code"),
        Index("ix_inventory_lots_expiry", "expires_on", postgresql_where=text("on_hand > 0")),
    )

    location_id: Mapped[uuid.UUID]
    variant_id: Mapped[uuid.UUID]
    code: Mapped[str]
    expires_on: Mapped[date | None]
    on_hand: Mapped[int] = mapped_column(server_default="0")


class Movement(Base):
    """Units that came or left, and why. ``held`` of those that left had been reserved."""

    __tablename__ = "inventory_movements"
    __table_args__ = (
        CheckConstraint(f"reason IN ({', '.join(map(repr, REASONS))})", name="reason"),
        CheckConstraint(
            "quantity <> 0 AND held >= 0 AND (held = 0 OR held <= -quantity)", name="quantity"
        ),
        Index("ix_inventory_movements_stock", "location_id", "variant_id", "id"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, server_default=text("uuidv7()"))
    location_id: Mapped[uuid.UUID]
    variant_id: Mapped[uuid.UUID]
    quantity: Mapped[int]
    held: Mapped[int] = mapped_column(server_default="0")
    lot_id: Mapped[uuid.UUID | None]
    reason: Mapped[str]
    code: Mapped[str | None]
    reference: Mapped[str | None]
    actor_id: Mapped[uuid.UUID | None]
    at: Mapped[datetime] = mapped_column(server_default=text("now()"))


class LotMovement(Base):
    """How many of a movement's units are a lot's."""

    __tablename__ = "inventory_lot_movements"
    __table_args__ = (Index("ix_inventory_lot_movements_lot", "lot_id"),)

    movement_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("inventory_movements.id"), primary_key=True
    )
    lot_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("inventory_lots.id"), primary_key=True)
    quantity: Mapped[int]


class Incoming(Identified, Base):
    """Units that a delivery will bring on a day; ``quantity`` 0 when it was called off."""

    __tablename__ = "inventory_incoming"
    __table_args__ = (
        CheckConstraint("quantity >= 0 AND received >= 0", name="quantities"),
        _to_stock(),
        UniqueConstraint("location_id", "variant_id", "reference"),
        Index(
            "ix_inventory_incoming_open", "variant_id", "location_id", "due_on",
            postgresql_where=text("received < quantity"),
        ),
    )  # fmt: skip

    location_id: Mapped[uuid.UUID]
    variant_id: Mapped[uuid.UUID]
    reference: Mapped[str]
    due_on: Mapped[date]
    quantity: Mapped[int]
    received: Mapped[int] = mapped_column(server_default="0")
    updated_at: Mapped[datetime]


class Feed(Identified, Base):
    """A sequence of messages about a seller's stock; ``applied`` is the last that took effect.

    ``passed`` are numbers before it that have not come and still may.
    """

    __tablename__ = "inventory_feeds"
    __table_args__ = (UniqueConstraint("seller_id", "code"),)

    seller_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("network_organizations.id"))
    code: Mapped[str]
    applied: Mapped[int] = mapped_column(BigInteger, server_default="0")
    passed: Mapped[list[int]] = mapped_column(ARRAY(BigInteger), server_default=text("'{}'"))
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class FeedMessage(Base):
    """A message of a feed and what became of it.

    Its lines are kept while it is held, and while older ones may still come.
    """

    __tablename__ = "inventory_feed_messages"
    __table_args__ = (
        CheckConstraint("kind IN ('absolute', 'delta')", name="kind"),
        CheckConstraint("status IN ('applied', 'held', 'ignored')", name="status"),
        CheckConstraint("status <> 'held' OR lines IS NOT NULL", name="lines"),
        Index("ix_inventory_feed_messages_received", "received_at"),
    )

    feed_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("inventory_feeds.id"), primary_key=True)
    sequence: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    kind: Mapped[str]
    status: Mapped[str]
    digest: Mapped[bytes]
    lines: Mapped[list[dict[str, Any]] | None] = mapped_column(JSONB(none_as_null=True))
    result: Mapped[Document]
    received_at: Mapped[datetime]
