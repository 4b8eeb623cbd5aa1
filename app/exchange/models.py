"""Imports, the rows that they refused, and the saved mappings of organizations.

What is staged of a file lives in tables of its own in the schema ``exchange_staging``, unlogged:
after a crash of the server they are empty and the file is read again.
"""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.infra.db import Base, Document, Identified

_RESOURCES = "resource IN ('products', 'offers', 'prices', 'stock')"


class Profile(Identified, Base):
    """A mapping that an organization saved; a header's fingerprint finds it again."""

    __tablename__ = "exchange_profiles"
    __table_args__ = (
        UniqueConstraint("organization_id", "resource", "name"),
        Index(
            "ix_exchange_profiles_fingerprint", "organization_id", "resource", "header_fingerprint"
        ),
        CheckConstraint(_RESOURCES, name="resource"),
    )

    organization_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("network_organizations.id"))
    resource: Mapped[str]
    name: Mapped[str]
    header_fingerprint: Mapped[str | None]
    mapping: Mapped[Document]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(server_default="1")


class Import(Identified, Base):
    """A file that an organization sent, how it is read, how far it is, and what came of it.

    ``merged_pages`` says how far each lane of the staged rows is merged: it is committed with them,
    so that an import whose worker died goes on where it was and doubles nothing.
    """

    __tablename__ = "exchange_imports"
    __table_args__ = (
        CheckConstraint(_RESOURCES, name="resource"),
        CheckConstraint("mode IN ('delta', 'full', 'delete')", name="mode"),
        CheckConstraint("policy IN ('partial', 'all_or_nothing')", name="policy"),
        CheckConstraint(
            "status IN ('uploaded', 'queued', 'running', 'checked', 'done', 'failed', 'cancelled')",
            name="status",
        ),
        CheckConstraint(
            "phase IN ('waiting', 'reading', 'checking', 'merging', 'ended')", name="phase"
        ),
        CheckConstraint("NOT publish OR resource = 'products'", name="publish"),
        Index("ix_exchange_imports_organization", "organization_id", "id"),
        Index(
            "ix_exchange_imports_kept",
            "created_at",
            postgresql_where=text("file_removed_at IS NULL"),
        ),
    )

    organization_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("network_organizations.id"))
    actor_id: Mapped[uuid.UUID]
    resource: Mapped[str]
    mode: Mapped[str]
    policy: Mapped[str]
    dry_run: Mapped[bool]
    publish: Mapped[bool] = mapped_column(server_default=text("false"))
    price_list_id: Mapped[uuid.UUID | None]
    file_name: Mapped[str]
    size_bytes: Mapped[int] = mapped_column(BigInteger)
    sha256: Mapped[str]
    layout: Mapped[Document]
    header: Mapped[list[str]] = mapped_column(JSONB)
    sample: Mapped[list[list[str]]] = mapped_column(JSONB)
    mapping: Mapped[Document]
    profile_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("exchange_profiles.id", ondelete="SET NULL"), index=True
    )
    status: Mapped[str] = mapped_column(server_default="uploaded")
    phase: Mapped[str] = mapped_column(server_default="waiting")
    job_id: Mapped[uuid.UUID | None]
    rows_read: Mapped[int] = mapped_column(BigInteger, server_default="0")
    merged_pages: Mapped[list[int]] = mapped_column(ARRAY(BigInteger), server_default=text("'{}'"))
    report: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=text("'{}'"))
    error: Mapped[str | None]
    created_at: Mapped[datetime]
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    file_removed_at: Mapped[datetime | None]


class Refusal(Base):
    """A cell, or a whole row, that an import did not take."""

    __tablename__ = "exchange_refusals"

    import_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("exchange_imports.id", ondelete="CASCADE"), primary_key=True
    )
    row_no: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    place: Mapped[int] = mapped_column(primary_key=True)
    field: Mapped[str]
    column_name: Mapped[str]
    value: Mapped[str]
    code: Mapped[str]
