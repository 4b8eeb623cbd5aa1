"""Tables of the plumbing: outbox, inbox, idempotency answers, audit trail, jobs."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Identity, Index, LargeBinary, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.infra.db import Base, Document, Identified, Ids


class OutboxEvent(Identified, Base):
    """A fact that was committed with the change that caused it, waiting to be told."""

    __tablename__ = "infra_outbox"
    __table_args__ = (
        Index("ix_infra_outbox_waiting", "due_at", "id", postgresql_where=text("told_at IS NULL")),
    )

    name: Mapped[str]
    payload: Mapped[Document]
    audience: Mapped[Ids]
    happened_at: Mapped[datetime]
    due_at: Mapped[datetime]
    told_at: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(server_default="0")
    last_error: Mapped[str | None]


class InboxMessage(Base):
    """A message from outside, remembered by its sender's own id so that it works once."""

    __tablename__ = "infra_inbox"

    source: Mapped[str] = mapped_column(primary_key=True)
    external_id: Mapped[str] = mapped_column(primary_key=True)
    received_at: Mapped[datetime]
    payload: Mapped[Document]


class IdempotencyAnswer(Base):
    """What was answered to a write, so that its repetition is answered alike."""

    __tablename__ = "infra_idempotency_answers"

    organization_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    request_digest: Mapped[bytes] = mapped_column(LargeBinary)
    status: Mapped[int | None]
    headers: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    body: Mapped[bytes | None] = mapped_column(LargeBinary)
    created_at: Mapped[datetime] = mapped_column(index=True)


class AuditRecord(Base):
    """Who did what to which object, and on whose behalf. Append-only."""

    __tablename__ = "infra_audit_records"

    seq: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    at: Mapped[datetime]
    actor_id: Mapped[uuid.UUID | None]
    organization_id: Mapped[uuid.UUID | None] = mapped_column(index=True)
    action: Mapped[str]
    subject_type: Mapped[str]
    subject_id: Mapped[uuid.UUID | None] = mapped_column(index=True)
    details: Mapped[Document] = mapped_column(server_default=text("'{}'"))


class Job(Identified, Base):
    """A long piece of work that a person started and watches; the queue carries its id only."""

    __tablename__ = "infra_jobs"

    organization_id: Mapped[uuid.UUID] = mapped_column(index=True)
    kind: Mapped[str]
    arguments: Mapped[Document]
    status: Mapped[str] = mapped_column(server_default="queued")
    attempts: Mapped[int] = mapped_column(server_default="0")
    done: Mapped[int] = mapped_column(BigInteger, server_default="0")
    total: Mapped[int | None] = mapped_column(BigInteger)
    result: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    error: Mapped[str | None]
    created_at: Mapped[datetime]
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
