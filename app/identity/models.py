"""Persons and API keys. Secrets are stored as digests only."""

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, LargeBinary, text
from sqlalchemy.orm import Mapped, mapped_column

from app.infra.db import Base, Identified, Words
from app.kernel.languages import LANGUAGES

_LANGUAGES_SQL = ", ".join(f"'{each}'" for each in LANGUAGES)


class Person(Identified, Base):
    """A human being; may be a member of several organizations.

    ``language``: in which it reads, whatever its organization does; none where that is not said.
    """

    __tablename__ = "identity_persons"
    __table_args__ = (CheckConstraint(f"language IN ({_LANGUAGES_SQL})", name="language"),)

    email: Mapped[str] = mapped_column(unique=True)
    display_name: Mapped[str]
    language: Mapped[str | None]
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
