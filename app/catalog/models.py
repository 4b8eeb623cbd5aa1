"""A manufacturer's master data, its publications, and every version that was published.

Laws: the columns of attributes, categories, products and variants hold what is *published*, which
is what everybody else's SQL reads. Changes of what was published are collected in ``draft``, as
``{column: new value}``, until a publication applies them. A row that was never published has the
status ``draft`` (nobody but its manufacturer sees it), is edited directly, and its ``draft`` is
``{"status": "active"}``; without one the next publication leaves it out.
"""

import uuid
from datetime import datetime
from typing import Annotated, Any

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.infra.db import Base, Document, Identified, Ids, Words

Draft = Annotated[dict[str, Any] | None, mapped_column(JSONB(none_as_null=True))]
Documents = Annotated[list[dict[str, Any]], mapped_column(JSONB)]

_STATUSES = "status IN ('draft', 'active', 'phase_out', 'withdrawn')"
_PUBLISHED = text("status <> 'draft'")


def _drafts(table: str) -> Index:
    return Index(
        f"ix_{table}_drafts", "manufacturer_id", "id", postgresql_where=text("draft IS NOT NULL")
    )


class Attribute(Identified, Base):
    """What a value that products and variants carry means: its kind, unit and options."""

    __tablename__ = "catalog_attributes"
    __table_args__ = (
        UniqueConstraint("manufacturer_id", "code"),
        CheckConstraint(
            "kind IN ('text', 'number', 'enumeration', 'boolean', 'localized')", name="kind"
        ),
        CheckConstraint(
            "(unit_code IS NULL OR kind = 'number') AND (kind = 'enumeration') = (options <> '[]')",
            name="of_kind",
        ),
        CheckConstraint(_STATUSES, name="status"),
        _drafts("catalog_attributes"),
    )

    manufacturer_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("network_organizations.id"))
    code: Mapped[str]
    name: Mapped[str]
    kind: Mapped[str]
    unit_code: Mapped[str | None]
    options: Mapped[Documents] = mapped_column(server_default=text("'[]'"))
    is_facet: Mapped[bool] = mapped_column(server_default=text("false"))
    position: Mapped[int] = mapped_column(server_default="0")
    status: Mapped[str] = mapped_column(server_default="active")
    translations: Mapped[Document] = mapped_column(server_default=text("'{}'"))
    draft: Mapped[Draft]
    version: Mapped[int] = mapped_column(server_default="1")


class Category(Identified, Base):
    """A node of a manufacturer's category tree; ``path`` holds its ancestors and itself."""

    __tablename__ = "catalog_categories"
    __table_args__ = (
        UniqueConstraint("manufacturer_id", "code"),
        CheckConstraint(_STATUSES, name="status"),
        _drafts("catalog_categories"),
    )

    manufacturer_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("network_organizations.id"))
    parent_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("catalog_categories.id"), index=True
    )
    code: Mapped[str]
    name: Mapped[str]
    path: Mapped[Ids]
    position: Mapped[int] = mapped_column(server_default="0")
    status: Mapped[str] = mapped_column(server_default="active")
    translations: Mapped[Document] = mapped_column(server_default=text("'{}'"))
    draft: Mapped[Draft]
    version: Mapped[int] = mapped_column(server_default="1")


class Product(Identified, Base):
    """A manufacturer's product: what its variants have in common."""

    __tablename__ = "catalog_products"
    __table_args__ = (
        UniqueConstraint("manufacturer_id", "code"),
        CheckConstraint(_STATUSES, name="status"),
        _drafts("catalog_products"),
    )

    manufacturer_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("network_organizations.id"))
    category_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("catalog_categories.id"), index=True)
    code: Mapped[str]
    name: Mapped[str]
    brand: Mapped[str] = mapped_column(server_default="")
    description: Mapped[str] = mapped_column(server_default="")
    attributes: Mapped[Document] = mapped_column(server_default=text("'{}'"))
    media: Mapped[Documents] = mapped_column(server_default=text("'[]'"))
    status: Mapped[str] = mapped_column(server_default="active")
    translations: Mapped[Document] = mapped_column(server_default=text("'{}'"))
    draft: Mapped[Draft]
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
        Index(
            "ix_catalog_variants_successor_id", "successor_id",
            postgresql_where=text("successor_id IS NOT NULL"),
        ),
        CheckConstraint("gtin IS NULL OR catalog_gtin_is_valid(gtin)", name="gtin"),
        CheckConstraint("pack_quantity >= 1 AND weight_g >= 0", name="sizes"),
        CheckConstraint("customs_code ~ '^[0-9]{6,10}$'", name="customs_code"),
        CheckConstraint(
            "successor_id IS NULL OR successor_id <> id AND status IN ('phase_out', 'withdrawn')",
            name="successor",
        ),
        CheckConstraint(_STATUSES, name="status"),
        _drafts("catalog_variants"),
        # What somebody else's words may mean: by identifiers however spelt, and by alike names.
        # Drafts are not among it, and cost nothing here.
        Index(
            "ix_catalog_variants_packs", "packs", postgresql_using="gin",
            postgresql_ops={"packs": "jsonb_path_ops"},
            postgresql_where=text("packs <> '[]' AND status <> 'draft'"),
        ),
        Index(
            "ix_catalog_variants_part_code", text("catalog_code(part_number)"),
            postgresql_where=_PUBLISHED,
        ),
        Index(
            "ix_catalog_variants_sku_code", text("catalog_code(sku)"), postgresql_where=_PUBLISHED
        ),
        Index(
            "ix_catalog_variants_words", text("catalog_words(name)"), postgresql_using="gin",
            postgresql_where=_PUBLISHED,
        ),
        Index(
            "ix_catalog_variants_name_alike", "name", postgresql_using="gin",
            postgresql_ops={"name": "gin_trgm_ops"}, postgresql_where=_PUBLISHED,
        ),
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
    packs: Mapped[Documents] = mapped_column(server_default=text("'[]'"))
    weight_g: Mapped[int]
    length_mm: Mapped[int | None]
    width_mm: Mapped[int | None]
    height_mm: Mapped[int | None]
    customs_code: Mapped[str | None]
    media: Mapped[Documents] = mapped_column(server_default=text("'[]'"))
    status: Mapped[str] = mapped_column(server_default="active")
    successor_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("catalog_variants.id"))
    translations: Mapped[Document] = mapped_column(server_default=text("'{}'"))
    draft: Mapped[Draft]
    created_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(server_default="1")


class Publication(Identified, Base):
    """A version of a manufacturer's whole catalog; number 0 is what was there before the first."""

    __tablename__ = "catalog_publications"
    __table_args__ = (
        UniqueConstraint("manufacturer_id", "number"),
        CheckConstraint("number >= 0", name="number"),
        CheckConstraint("restores_number < number", name="restores"),
    )

    manufacturer_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("network_organizations.id"))
    number: Mapped[int]
    restores_number: Mapped[int | None]
    note: Mapped[str] = mapped_column(server_default="")
    counts: Mapped[Document]
    published_at: Mapped[datetime]
    actor_id: Mapped[uuid.UUID]


class PublishedVersion(Base):
    """What a thing was from one publication until another: all its columns, as ``content``.

    Written for what changed only: what has no version row was always as it is now. A version ends
    where another one begins (a foreign key), no two end at once, one is open: so those of a thing
    are one chain without overlaps and gaps, and the database keeps it so.
    """

    __tablename__ = "catalog_versions"
    __table_args__ = (
        ForeignKeyConstraint(
            ["manufacturer_id", "from_number"],
            ["catalog_publications.manufacturer_id", "catalog_publications.number"],
        ),
        CheckConstraint(
            "subject_kind IN ('attribute', 'category', 'product', 'variant')", name="subject_kind"
        ),
        CheckConstraint("to_number > from_number", name="period"),
        UniqueConstraint("subject_id", "to_number", postgresql_nulls_not_distinct=True),
        ForeignKeyConstraint(
            ["subject_id", "to_number"],
            ["catalog_versions.subject_id", "catalog_versions.from_number"],
        ),
        Index("ix_catalog_versions_publication", "manufacturer_id", "from_number", "subject_id"),
    )

    subject_kind: Mapped[str]
    subject_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    manufacturer_id: Mapped[uuid.UUID]
    from_number: Mapped[int] = mapped_column(primary_key=True)
    to_number: Mapped[int | None]
    change: Mapped[str]
    fields: Mapped[Words]
    content: Mapped[Document]


class Suggestion(Identified, Base):
    """An article that a seller wants to sell, in its own words, and which variant that is.

    ``manufacturer_id`` is whose the seller says it is; ``reviewer_id`` who decides what it is
    (none: the operator). ``candidates`` are the variants that may be meant, as last scored.
    """

    __tablename__ = "catalog_suggestions"
    __table_args__ = (
        UniqueConstraint("seller_id", "seller_sku"),
        Index("ix_catalog_suggestions_seller", "seller_id", "id"),
        Index("ix_catalog_suggestions_queue", "reviewer_id", "status", "id"),
        CheckConstraint(
            "status IN ('pending', 'matched', 'new_product', 'refused')", name="status"
        ),
        CheckConstraint("(status = 'pending') = (decided_at IS NULL)", name="decided"),
        CheckConstraint("decided_by IN ('auto', 'manual')", name="decided_by"),
        CheckConstraint(
            "(status IN ('matched', 'new_product')) = (variant_id IS NOT NULL)", name="variant"
        ),
    )

    seller_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("network_organizations.id"))
    manufacturer_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("network_organizations.id")
    )
    reviewer_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("network_organizations.id"))
    seller_sku: Mapped[str]
    name: Mapped[str]
    brand: Mapped[str] = mapped_column(server_default="")
    gtin: Mapped[str | None]
    part_number: Mapped[str | None]
    category_hint: Mapped[str] = mapped_column(server_default="")
    attributes: Mapped[Document] = mapped_column(server_default=text("'{}'"))
    weight_g: Mapped[int | None]
    status: Mapped[str] = mapped_column(server_default="pending")
    reason: Mapped[str] = mapped_column(server_default="")
    score: Mapped[int] = mapped_column(server_default="0")
    candidates: Mapped[Documents] = mapped_column(server_default=text("'[]'"))
    variant_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("catalog_variants.id"), index=True
    )
    created_at: Mapped[datetime]
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[str | None]
    version: Mapped[int] = mapped_column(server_default="1")


class MatchPolicy(Identified, Base):
    """From which scores a manufacturer (or the operator, for all) takes a seller's suggestions.

    Without a seller it holds for all sellers; the narrower one wins, the manufacturer's first.
    ``auto_at`` above 100 means that a person always decides.
    """

    __tablename__ = "catalog_match_policies"
    __table_args__ = (
        UniqueConstraint("owner_id", "seller_id", postgresql_nulls_not_distinct=True),
        CheckConstraint(
            "review_at BETWEEN 0 AND 100 AND auto_at BETWEEN review_at AND 101", name="thresholds"
        ),
        CheckConstraint("unmatched IN ('review', 'refuse')", name="unmatched"),
    )

    owner_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("network_organizations.id"))
    seller_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("network_organizations.id"))
    auto_at: Mapped[int]
    review_at: Mapped[int]
    unmatched: Mapped[str] = mapped_column(server_default="review")
    changed_at: Mapped[datetime]
