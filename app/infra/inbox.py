"""The inbox: what comes from outside is remembered by its sender's id and works once."""

from datetime import datetime
from typing import Any

from sqlalchemy.dialects.postgresql import insert

from app.infra.db import DbSession
from app.infra.models import InboxMessage


def is_first(
    session: DbSession, *, source: str, external_id: str, payload: dict[str, Any], now: datetime
) -> bool:
    """Remember a message; False when it was seen before (a concurrent twin waits for the first)."""
    row = session.execute(
        insert(InboxMessage)
        .values(source=source, external_id=external_id, payload=payload, received_at=now)
        .on_conflict_do_nothing()
        .returning(InboxMessage.external_id)
    ).first()
    return row is not None
