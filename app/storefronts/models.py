"""Storefronts and their pools of sellers."""

import uuid
from datetime import datetime

from sqlalchemy import CHAR, CheckConstraint, ForeignKey, text
from sqlalchemy.orm import Mapped, mapped_column

from app.infra.db import Base, Currency, Identified, Minor


class Storefront(Identified, Base):
    """A shop of one organization.

    ``open``: everybody may look, trading accounts may buy; ``closed``: trading accounts only;
    ``restricted``: trading accounts that the owner named. ``assortment_id``, one of the owner's,
    narrows what it shows; empty: all that its sellers may sell here.

    After the plan: ``price_difference`` says who pays when refused units cost more elsewhere,
    ``last_resort`` what becomes of units that nobody can serve, ``choice_within_s`` how long the
    buyer may choose, ``wait_days`` how long units wait, ``most_attempts`` how often an order is
    routed; ``reoptimizes``: offered parts may be planned again together when that saves more than
    ``reoptimize_above_minor``. A cart keeps stock for ``cart_minutes`` at the most; nought: never.
    """

    __tablename__ = "storefronts_storefronts"
    __table_args__ = (
        CheckConstraint("access IN ('open', 'closed', 'restricted')", name="access"),
        CheckConstraint("accept_within_s > 0 AND hold_days >= 0", name="terms"),
        CheckConstraint(
            "price_difference IN ('operator', 'storefront', 'refusing_seller')"
            " AND last_resort IN ('cancel', 'ask_buyer', 'wait')"
            " AND choice_within_s > 0 AND wait_days > 0 AND most_attempts > 0"
            " AND reoptimize_above_minor >= 0",
            name="aftercare",
        ),
        CheckConstraint("cart_minutes BETWEEN 0 AND 10080", name="carts"),
    )

    owner_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("network_organizations.id"), index=True)
    slug: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    country: Mapped[str] = mapped_column(CHAR(2))
    currency: Mapped[Currency]
    access: Mapped[str] = mapped_column(server_default="closed")
    is_active: Mapped[bool] = mapped_column(server_default=text("true"))
    accept_within_s: Mapped[int] = mapped_column(server_default="86400")
    hold_days: Mapped[int] = mapped_column(server_default="14")
    price_difference: Mapped[str] = mapped_column(server_default="storefront")
    last_resort: Mapped[str] = mapped_column(server_default="cancel")
    choice_within_s: Mapped[int] = mapped_column(server_default="259200")
    wait_days: Mapped[int] = mapped_column(server_default="30")
    most_attempts: Mapped[int] = mapped_column(server_default="10")
    reoptimizes: Mapped[bool] = mapped_column(server_default=text("false"))
    reoptimize_above_minor: Mapped[Minor] = mapped_column(server_default="500")
    cart_minutes: Mapped[int] = mapped_column(server_default="1440")
    assortment_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("assortments_assortments.id"), index=True
    )
    created_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(server_default="1")


class PoolSeller(Base):
    """A seller that may fulfil a storefront's orders."""

    __tablename__ = "storefronts_pool_sellers"

    storefront_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("storefronts_storefronts.id"), primary_key=True
    )
    seller_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("network_organizations.id"), primary_key=True
    )
