"""Policies in versions, what sellers can take, freight tables, decisions kept for ever."""

import uuid
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Computed,
    ForeignKey,
    Index,
    UniqueConstraint,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSON, ExcludeConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.infra.db import Base, Currency, Document, Identified, Minor

NETWORK = uuid.UUID(int=0)
"""What stands for the whole network among scopes."""


class RoutingPolicy(Identified, Base):
    """A version of a policy for one scope: a document, and when it decides.

    Of storefront, manufacturer, category and buyer at most one is named; none means the network.
    Without ``valid_from`` it is a draft; what has one is never edited again, and of one scope no
    two versions hold at an instant. ``restores_number``: the version whose document it repeats.
    """

    __tablename__ = "routing_policies"
    __table_args__ = (
        UniqueConstraint("scope_id", "number"),
        CheckConstraint(
            "num_nonnulls(storefront_id, manufacturer_id, category_id, buyer_id) <= 1",
            name="scope",
        ),
        CheckConstraint("valid_to >= valid_from", name="period"),
        CheckConstraint("valid_from IS NOT NULL OR valid_to IS NULL", name="draft"),
        ExcludeConstraint(
            ("scope_id", "="),
            (text("tstzrange(valid_from, valid_to)"), "&&"),
            where=text("valid_from IS NOT NULL"),
            using="gist",
            name="one_at_a_time",
        ),
        # Most networks have none of these, and every decision asks.
        Index(
            "ix_routing_policies_of_goods",
            "valid_from",
            postgresql_where=text(
                "valid_from IS NOT NULL"
                " AND (manufacturer_id IS NOT NULL OR category_id IS NOT NULL)"
            ),
        ),
    )

    storefront_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("storefronts_storefronts.id")
    )
    manufacturer_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("network_organizations.id")
    )
    category_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("catalog_categories.id"))
    buyer_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("network_organizations.id"))
    scope_id: Mapped[uuid.UUID] = mapped_column(
        Computed(
            f"COALESCE(storefront_id, manufacturer_id, category_id, buyer_id, '{NETWORK}'::uuid)",
            persisted=True,
        )
    )
    number: Mapped[int]
    valid_from: Mapped[datetime | None]
    valid_to: Mapped[datetime | None]
    restores_number: Mapped[int | None]
    note: Mapped[str] = mapped_column(server_default="")
    document: Mapped[Document] = mapped_column(server_default=text("'{}'"))
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    version: Mapped[int] = mapped_column(server_default="1")


class SellerCapacity(Base):
    """What a seller takes in a day of its own, in orders and in units; null: all that there is."""

    __tablename__ = "routing_seller_capacities"
    __table_args__ = (CheckConstraint("orders_a_day >= 0 AND units_a_day >= 0", name="amounts"),)

    seller_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("network_organizations.id"), primary_key=True
    )
    orders_a_day: Mapped[int | None]
    units_a_day: Mapped[int | None]


class SellerClosure(Identified, Base):
    """Days (its own, both included) on which a seller takes no orders."""

    __tablename__ = "routing_seller_closures"
    __table_args__ = (
        CheckConstraint("to_on >= from_on", name="period"),
        Index("ix_routing_seller_closures_seller", "seller_id", "to_on"),
    )

    seller_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("network_organizations.id"))
    from_on: Mapped[date]
    to_on: Mapped[date]
    reason: Mapped[str] = mapped_column(server_default="")


class LocationAbility(Base):
    """Which special goods a location handles; one that is not named here handles none."""

    __tablename__ = "routing_location_abilities"

    location_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("inventory_locations.id"), primary_key=True
    )
    hazardous: Mapped[bool] = mapped_column(server_default=text("false"))
    oversize: Mapped[bool] = mapped_column(server_default=text("false"))


class FreightTable(Identified, Base):
    """What a seller's parcels cost; no seller means every seller without a table of its own.

    ``rates_id`` names the rates as they are: with other rates it is another one.
    """

    __tablename__ = "routing_freight_tables"
    __table_args__ = (
        UniqueConstraint("seller_id", "currency", postgresql_nulls_not_distinct=True),
    )

    seller_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("network_organizations.id"))
    currency: Mapped[Currency]
    name: Mapped[str]
    rates_id: Mapped[uuid.UUID] = mapped_column(server_default=text("gen_random_uuid()"))


class FreightRate(Base):
    """One cell: up to this distance and weight a parcel costs so much.

    A heavier consignment travels in parcels of the last band's weight, the rest by its band.
    """

    __tablename__ = "routing_freight_rates"
    __table_args__ = (
        CheckConstraint(
            "distance_km_up_to > 0 AND weight_g_up_to > 0 AND price_minor >= 0", name="cell"
        ),
    )

    table_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("routing_freight_tables.id", ondelete="CASCADE"), primary_key=True
    )
    distance_km_up_to: Mapped[int] = mapped_column(primary_key=True)
    weight_g_up_to: Mapped[int] = mapped_column(primary_key=True)
    price_minor: Mapped[Minor]


class RoutingDecision(Identified, Base):
    """What was decided for an order, from which candidates, and how well it is proved.

    ``candidates`` holds every candidate with the rules that excluded it; ``plan`` what was chosen;
    ``problem`` what the strategy decided, so that it can be decided anew with one thing changed.
    All are read whole or not at all, so they are kept as they were written: taking hundreds of
    rows apart for a binary document costs more than all else that a placement writes.
    Amounts are minor units; ``bound_minor`` is the proved floor of the objective.
    """

    __tablename__ = "routing_decisions"
    __table_args__ = (
        UniqueConstraint("order_id", "attempt"),
        Index("ix_routing_decisions_proof", "proof"),
    )

    order_id: Mapped[uuid.UUID]
    attempt: Mapped[int]
    trigger: Mapped[str]
    storefront_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("storefronts_storefronts.id"))
    policy_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("routing_policies.id"))
    decided_at: Mapped[datetime]
    units_requested: Mapped[int]
    units_served: Mapped[int]
    objective_minor: Mapped[Minor]
    goods_minor: Mapped[Minor]
    freight_minor: Mapped[Minor]
    bound_minor: Mapped[Minor]
    proof: Mapped[str]
    method: Mapped[str]
    duration_us: Mapped[int] = mapped_column(BigInteger)
    candidates: Mapped[dict[str, Any]] = mapped_column(JSON)
    plan: Mapped[dict[str, Any]] = mapped_column(JSON)
    problem: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
