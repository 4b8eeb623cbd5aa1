"""Policies, freight tables, and decisions that are kept for ever."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSON
from sqlalchemy.orm import Mapped, mapped_column

from app.infra.db import Base, Currency, Identified, Minor


class RoutingPolicy(Identified, Base):
    """Versioned weights of the objective, in money; no storefront means the network's default.

    ``priority_weight_minor``: what one step of lower agreement priority costs a seller order.
    ``lead_time_weight_minor``: what a day of lead time costs, a unit. ``split_weight_minor``: what
    each consignment costs beyond its freight.
    """

    __tablename__ = "routing_policies"
    __table_args__ = (
        UniqueConstraint("storefront_id", "number", postgresql_nulls_not_distinct=True),
        CheckConstraint(
            "priority_weight_minor >= 0 AND lead_time_weight_minor >= 0"
            " AND split_weight_minor >= 0 AND time_limit_ms > 0",
            name="weights",
        ),
    )

    storefront_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("storefronts_storefronts.id")
    )
    number: Mapped[int]
    valid_from: Mapped[datetime]
    priority_weight_minor: Mapped[Minor] = mapped_column(server_default="0")
    lead_time_weight_minor: Mapped[Minor] = mapped_column(server_default="0")
    split_weight_minor: Mapped[Minor] = mapped_column(server_default="0")
    time_limit_ms: Mapped[int] = mapped_column(server_default="1000")


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
