"""Persons and API keys. Secrets are stored as digests only."""

import uuid
from datetime import datetime

from sqlalchemy import ForeignKey, LargeBinary, text
from sqlalchemy.orm import Mapped, mapped_column

from app.infra.db import Base, Identified, Words


class Person(Identified, Base):
    """A human being; may be a member of several organizations."""

    __tablename__ = "identity_persons"

    email: Mapped[str] = mapped_column(unique=True)
    display_name: Mapped[str]
    created_at: Mapped[datetime]


class ApiKey(Identified, Base):
    """A bearer secret of one organization, shown once, scoped, revocable."""

    __tablename__ = "identity_api_keys"

    organization_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("network_organizations.id"), index=True
    )
    person_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("identity_persons.id"))
    label: Mapped[str]
    hint: Mapped[str]
    secret_digest: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    permissions: Mapped[Words] = mapped_column(server_default=text("'{}'"))
    created_at: Mapped[datetime]
    last_used_at: Mapped[datetime | None]
    expires_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
