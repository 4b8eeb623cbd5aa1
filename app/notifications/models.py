"""The event feed: which organization may read which event."""

import uuid

from sqlalchemy import BigInteger, ForeignKey, Identity, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.infra.db import Base


class FeedItem(Base):
    """An event in an organization's feed.

    ``seq`` grows in the order in which items become visible (see ``handlers``), so a reader that
    remembers the last one misses nothing that comes later.
    """

    __tablename__ = "notifications_feed"
    __table_args__ = (UniqueConstraint("organization_id", "seq"),)

    organization_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("network_organizations.id"), primary_key=True
    )
    event_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("infra_outbox.id"), primary_key=True)
    seq: Mapped[int] = mapped_column(BigInteger, Identity())
