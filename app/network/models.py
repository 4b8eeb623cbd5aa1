"""Organizations, members, addresses, territories, agreements in versions, trading accounts."""

import uuid
from datetime import datetime

from sqlalchemy import CHAR, CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.infra.db import Base, Currency, Identified, Ids, Minor, Words
from app.kernel.languages import LANGUAGES

KINDS = ("operator", "manufacturer", "distributor", "wholesaler", "reseller", "buyer")
_LANGUAGES_SQL = ", ".join(f"'{each}'" for each in LANGUAGES)
_KINDS_SQL = ", ".join(f"'{kind}'" for kind in KINDS)


class Organization(Identified, Base):
    """A legal entity of the network; it may be of several kinds at once.

    ``language``: in which its people are told things, where they say nothing else.
    """

    __tablename__ = "network_organizations"
    __table_args__ = (
        CheckConstraint(f"kinds <@ ARRAY[{_KINDS_SQL}] AND cardinality(kinds) > 0", name="kinds"),
        CheckConstraint("status IN ('active', 'suspended')", name="status"),
        CheckConstraint(f"language IN ({_LANGUAGES_SQL})", name="language"),
        Index(
            "ix_network_organizations_operator", "id",
            postgresql_where=text("kinds @> '{operator}'"),
        ),
    )  # fmt: skip

    name: Mapped[str]
    code: Mapped[str] = mapped_column(unique=True)
    kinds: Mapped[Words]
    country: Mapped[str] = mapped_column(CHAR(2))
    tax_id: Mapped[str | None]
    language: Mapped[str | None]
    rating_hundredths: Mapped[int | None]
    status: Mapped[str] = mapped_column(server_default="active")
    created_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(server_default="1")


class Member(Identified, Base):
    """A person's role in an organization."""

    __tablename__ = "network_members"
    __table_args__ = (UniqueConstraint("organization_id", "person_id"),)

    organization_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("network_organizations.id"))
    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("identity_persons.id"), index=True)
    role: Mapped[str]
    created_at: Mapped[datetime]


class Address(Identified, Base):
    """A place of an organization: where a buyer receives goods."""

    __tablename__ = "network_addresses"

    organization_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("network_organizations.id"), index=True
    )
    label: Mapped[str]
    recipient: Mapped[str]
    street: Mapped[str] = mapped_column(server_default="")
    city: Mapped[str]
    subdivision: Mapped[str]  # ISO 3166-2, such as BR-SP
    postal_code: Mapped[str]
    country: Mapped[str] = mapped_column(CHAR(2))
    latitude: Mapped[float]
    longitude: Mapped[float]


class Unit(Identified, Base):
    """A part of a buyer company: a branch, a site, a department; ``path`` holds all above it too.

    The path begins at the root and ends with the unit itself.
    """

    __tablename__ = "network_units"
    __table_args__ = (UniqueConstraint("organization_id", "code"),)

    organization_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("network_organizations.id"))
    parent_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("network_units.id"), index=True)
    code: Mapped[str]
    name: Mapped[str]
    path: Mapped[Ids]
    created_at: Mapped[datetime]


class Territory(Identified, Base):
    """A named set of areas."""

    __tablename__ = "network_territories"

    owner_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("network_organizations.id"), index=True)
    name: Mapped[str]


class TerritoryArea(Identified, Base):
    """A country, or a part of it: a subdivision, a range of postal codes, a circle.

    All that is said holds together: of a circle, what lies in the country (and subdivision).
    """

    __tablename__ = "network_territory_areas"
    __table_args__ = (
        Index(
            "ix_network_territory_areas_lookup",
            "territory_id", "country", "subdivision",
            postgresql_include=["postal_from", "postal_to", "latitude", "longitude", "radius_km"],
        ),
        CheckConstraint("(postal_from IS NULL) = (postal_to IS NULL)", name="postal_range"),
        CheckConstraint(
            "num_nonnulls(latitude, longitude, radius_km) IN (0, 3) AND radius_km > 0"
            " AND latitude BETWEEN -90 AND 90 AND longitude BETWEEN -180 AND 180",
            name="circle",
        ),
    )  # fmt: skip

    territory_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("network_territories.id", ondelete="CASCADE")
    )
    country: Mapped[str] = mapped_column(CHAR(2))
    subdivision: Mapped[str | None]
    postal_from: Mapped[str | None]
    postal_to: Mapped[str | None]
    latitude: Mapped[float | None]
    longitude: Mapped[float | None]
    radius_km: Mapped[int | None]


class Agreement(Identified, Base):
    """A grantor authorizes a grantee one tier down to sell a manufacturer's products.

    The first link of a chain is granted by the manufacturer itself; ``parent_id`` names the
    agreement under which a seller that is not the manufacturer may grant in its turn.
    """

    __tablename__ = "network_agreements"
    __table_args__ = (
        CheckConstraint("grantor_id <> grantee_id", name="parties"),
        CheckConstraint("(grantor_id = manufacturer_id) = (parent_id IS NULL)", name="chain"),
        CheckConstraint(
            "status IN ('draft', 'proposed', 'active', 'suspended', 'terminated')", name="status"
        ),
        Index(
            "ix_network_agreements_grantee",
            "grantee_id", "manufacturer_id",
            postgresql_include=["id", "parent_id", "status"],
        ),
    )  # fmt: skip

    manufacturer_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("network_organizations.id"), index=True
    )
    grantor_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("network_organizations.id"), index=True
    )
    grantee_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("network_organizations.id"))
    parent_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("network_agreements.id"))
    status: Mapped[str] = mapped_column(server_default="draft")
    created_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(server_default="1")


class AgreementTerms(Identified, Base):
    """One version of an agreement's terms: where, what, how, from when to when.

    ``agency``: the grantee sells in its own name, the storefront earns ``commission_bps``.
    ``resale``: the grantee buys from the grantor at ``transfer_price_list_id`` and resells.
    Rates are basis points of goods. ``territory_id`` empty means everywhere; ``assortment_id``, one
    of the grantor's, narrows what the categories cover.
    """

    __tablename__ = "network_agreement_terms"
    __table_args__ = (
        UniqueConstraint("agreement_id", "number"),
        CheckConstraint("valid_to IS NULL OR valid_to > valid_from", name="period"),
        CheckConstraint("selling_model IN ('agency', 'resale')", name="selling_model"),
        CheckConstraint(
            "(selling_model = 'resale') = (transfer_price_list_id IS NOT NULL)", name="transfer"
        ),
        CheckConstraint(
            "commission_bps >= 0 AND royalty_bps >= 0 AND platform_fee_bps >= 0"
            " AND commission_bps + royalty_bps + platform_fee_bps <= 10000",
            name="rates",
        ),
        CheckConstraint("minimum_order_minor >= 0", name="minimum"),
        Index(
            "ix_network_agreement_terms_standing",
            "agreement_id", "valid_from",
            postgresql_include=[
                "id", "valid_to", "priority", "minimum_order_minor", "currency", "selling_model",
                "territory_id", "assortment_id", "transfer_price_list_id",
            ],
        ),
    )  # fmt: skip

    agreement_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("network_agreements.id"))
    number: Mapped[int]
    valid_from: Mapped[datetime]
    valid_to: Mapped[datetime | None]
    territory_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("network_territories.id"))
    priority: Mapped[int] = mapped_column(server_default="0")
    currency: Mapped[Currency]
    minimum_order_minor: Mapped[Minor] = mapped_column(server_default="0")
    selling_model: Mapped[str]
    transfer_price_list_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("pricing_price_lists.id")
    )
    assortment_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("assortments_assortments.id"), index=True
    )
    commission_bps: Mapped[int] = mapped_column(server_default="0")
    royalty_bps: Mapped[int] = mapped_column(server_default="0")
    platform_fee_bps: Mapped[int] = mapped_column(server_default="0")
    created_at: Mapped[datetime]


class AgreementCategory(Base):
    """The assortment of terms: categories (with all below them); none means everything."""

    __tablename__ = "network_agreement_categories"

    terms_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("network_agreement_terms.id"), primary_key=True
    )
    category_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("catalog_categories.id"), primary_key=True
    )


class Exclusivity(Identified, Base):
    """Within this territory and category nobody else may sell, whatever their terms say.

    Whom the holder supplies may: whose agreements come from the holder's, through however many.
    """

    __tablename__ = "network_exclusivities"

    terms_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("network_agreement_terms.id"), index=True
    )
    territory_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("network_territories.id"))
    category_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("catalog_categories.id"))


class TradingAccount(Identified, Base):
    """A storefront owner's relation with one buyer: terms, credit, group, blocked sellers."""

    __tablename__ = "network_trading_accounts"
    __table_args__ = (
        UniqueConstraint("seller_id", "buyer_id"),
        CheckConstraint("status IN ('requested', 'active', 'suspended', 'closed')", name="status"),
        CheckConstraint("credit_limit_minor >= 0 AND payment_terms_days >= 0", name="terms"),
    )

    seller_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("network_organizations.id"))
    buyer_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("network_organizations.id"), index=True)
    status: Mapped[str] = mapped_column(server_default="requested")
    currency: Mapped[Currency]
    credit_limit_minor: Mapped[Minor] = mapped_column(server_default="0")
    payment_terms_days: Mapped[int] = mapped_column(server_default="30")
    payment_methods: Mapped[Words] = mapped_column(server_default=text("'{on_account}'"))
    customer_group: Mapped[str | None]
    assortment_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("assortments_assortments.id"), index=True
    )
    blocked_seller_ids: Mapped[Ids] = mapped_column(server_default=text("'{}'"))
    created_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(server_default="1")
