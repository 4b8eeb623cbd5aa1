"""One request or task, one transaction, one commit.

Operations record events. At the end of the transaction the handlers that belong to it run (the
ledger must agree with the order or neither exists); a handler is given all events of its type that
were recorded since it ran last, so that it answers them in a few statements. Then every event is
written to the outbox, then everything is committed together. Handlers that may run later are fed
by the outbox relay.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from app.infra.db import DbSession, insert_rows
from app.infra.models import OutboxEvent
from app.kernel.events import Event
from app.kernel.ids import new_id

HandlerNow = Callable[[DbSession, Sequence[Any]], None]
_MAX_CASCADE = 100
_together: dict[type[Event], tuple[HandlerNow, ...]] = {}


def run_together(table: Mapping[type[Event], Sequence[HandlerNow]]) -> None:
    """Install which handlers run inside the transaction that records an event (wiring only)."""
    _together.clear()
    _together.update({event: tuple(handlers) for event, handlers in table.items()})


def record(session: DbSession, event: Event) -> None:
    """Note a fact of the current transaction."""
    session.info.setdefault("events", []).append(event)


@contextmanager
def transaction(session: DbSession) -> Iterator[DbSession]:
    """Commit what the block did together with its events, or nothing of it.

    A block inside another block joins it: the outermost one commits.
    """
    if session.info.get("in_transaction"):
        yield session
        return
    session.info.update(in_transaction=True, events=[])
    try:
        yield session
        publish(session)
        session.commit()
    except BaseException:
        session.rollback()
        raise
    finally:
        session.info.update(in_transaction=False, events=[])


def publish(session: DbSession) -> None:
    """Run this transaction's handlers and write all recorded events to the outbox."""
    events: list[Event] = session.info.setdefault("events", [])
    heard, rounds = 0, 0
    while heard < len(events):
        assert rounds < _MAX_CASCADE, "events cause each other without end"
        fresh = events[heard:]
        heard, rounds = len(events), rounds + 1
        _tell(session, fresh)
    if events:
        session.flush()
        insert_rows(session, OutboxEvent, [_row(event) for event in events])
    session.info["events"] = []


def _tell(session: DbSession, events: Sequence[Event]) -> None:
    """Each handler hears its events together, types in the order in which they first happened."""
    by_type: dict[type[Event], list[Event]] = {}
    for event in events:
        by_type.setdefault(type(event), []).append(event)
    for sort, of_sort in by_type.items():
        for handle in _together.get(sort, ()):
            handle(session, of_sort)


def _row(event: Event) -> dict[str, Any]:
    at: datetime = event.happened_at
    return {
        "id": new_id(),
        "name": event.name,
        "payload": event.payload(),
        "audience": list(dict.fromkeys(event.audience)),
        "happened_at": at,
        "due_at": at,
    }
