"""The relay: tells committed events to the handlers that may learn of them later.

At least once, oldest first, several relays side by side (rows are claimed with SKIP LOCKED). A
handler's writes commit together with the mark that it was told, so inside this database an event
is handled exactly once; a failing handler delays only its own event, with growing pauses.

Whoever hears everything hears a batch at once, first, and must bear to hear an event again: it is
repeated to them when one of the event's own handlers failed.
"""

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar

import structlog
from sqlalchemy import select

from app.infra.db import DbSession
from app.infra.models import OutboxEvent

log = structlog.get_logger(__name__)

T = TypeVar("T")

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
HandlerOfAll = Callable[[DbSession, Sequence[Told]], None]


def relay(
    session: DbSession,
    *,
    handlers: Mapping[str, Sequence[HandlerLater]],
    of_all: Sequence[HandlerOfAll] = (),
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
    told = {
        event.id: Told(event.id, event.name, event.payload, event.audience, event.happened_at)
        for event in waiting
    }
    errors = _tell_all(session, list(told.values()), of_all)
    for event in waiting:
        event.attempts += 1
        own = handlers.get(event.name, ())
        error = errors.get(event.id) or _attempt(session, own, told[event.id])
        if error is None:
            event.told_at, event.last_error = now, None
        else:
            _put_off(event, error, now)
    return len(waiting)


def _tell_all(
    session: DbSession, batch: Sequence[Told], of_all: Sequence[HandlerOfAll]
) -> dict[uuid.UUID, Exception]:
    """Tell a batch at once; when that fails, one by one, to find whose fault it is."""
    if not batch or _attempt(session, of_all, batch) is None:
        return {}
    alone = {told.id: _attempt(session, of_all, [told]) for told in batch}
    return {event_id: error for event_id, error in alone.items() if error}


def _attempt(
    session: DbSession, handlers: Sequence[Callable[[DbSession, T], None]], subject: T
) -> Exception | None:
    """Call handlers; what they wrote is undone when one of them fails."""
    if not handlers:
        return None
    try:
        with session.begin_nested():
            for handle in handlers:
                handle(session, subject)
    except Exception as error:  # noqa: BLE001 - one poisoned event must not stop the relay
        return error
    return None


def _put_off(event: OutboxEvent, error: Exception, now: datetime) -> None:
    pause = _PAUSES_S[min(event.attempts, len(_PAUSES_S)) - 1]
    event.due_at = now + timedelta(seconds=pause)
    event.last_error = f"{type(error).__name__}: {error}"[:500]
    log.warning("outbox.handler_failed", event_id=str(event.id), error=event.last_error)
