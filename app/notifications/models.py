"""The event feed: which organization may read which event."""

import uuid

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from app.infra.db import Base


class FeedItem(Base):
    """An event in an organization's feed, in the order of event ids."""

    __tablename__ = "notifications_feed"

    organization_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("network_organizations.id"), primary_key=True
    )
    event_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("infra_outbox.id"), primary_key=True)
