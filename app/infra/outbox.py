"""The relay: tells committed events to the handlers that may learn of them later.

At least once, oldest first, several relays side by side (rows are claimed with SKIP LOCKED). A
handler's writes commit together with the mark that it was told, so inside this database an event
is handled exactly once; a failing handler delays only its own event, with growing pauses.
"""

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import select

from app.infra.db import DbSession
from app.infra.models import OutboxEvent

log = structlog.get_logger(__name__)

BATCH = 200
_PAUSES_S = (5, 30, 120, 600, 3600)


@dataclass(frozen=True, slots=True)
class Told:
    """An event as a later handler sees it."""

    id: uuid.UUID
    name: str
    payload: Mapping[str, Any]
    audience: Sequence[uuid.UUID]
    happened_at: datetime


HandlerLater = Callable[[DbSession, Told], None]


def relay(
    session: DbSession,
    *,
    handlers: Mapping[str, Sequence[HandlerLater]],
    now: datetime,
    limit: int = BATCH,
) -> int:
    """Tell the oldest waiting events; returns how many were claimed. Caller commits."""
    waiting = session.scalars(
        select(OutboxEvent)
        .where(OutboxEvent.told_at.is_(None), OutboxEvent.due_at <= now)
        .order_by(OutboxEvent.due_at, OutboxEvent.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    ).all()
    for event in waiting:
        _tell(session, event, handlers, now)
    return len(waiting)


def _tell(
    session: DbSession,
    event: OutboxEvent,
    handlers: Mapping[str, Sequence[HandlerLater]],
    now: datetime,
) -> None:
    told = Told(event.id, event.name, event.payload, event.audience, event.happened_at)
    event.attempts += 1
    try:
        with session.begin_nested():
            for handle in (*handlers.get(event.name, ()), *handlers.get("*", ())):
                handle(session, told)
    except Exception as error:  # noqa: BLE001 - one poisoned event must not stop the relay
        pause = _PAUSES_S[min(event.attempts, len(_PAUSES_S)) - 1]
        event.due_at = now + timedelta(seconds=pause)
        event.last_error = f"{type(error).__name__}: {error}"[:500]
        log.warning("outbox.handler_failed", event_id=str(event.id), error=event.last_error)
    else:
        event.told_at, event.last_error = now, None
