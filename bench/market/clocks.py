"""How long the database takes: every statement as its client sees it, less a bare round trip.

A statement's time runs from its sending until its whole answer is there; planning, execution and
the journey of the rows are in it. On a machine that others use, too, that counts their turns; so
the processor's time that the database spent on it is told beside it.
"""

import os
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, event, text

from app.infra.db import DbSession


@dataclass(slots=True)
class Watch:
    """The statements that ran, with their parameters, and how long each took."""

    seconds: list[float] = field(default_factory=list)
    statements: list[tuple[str, Any]] = field(default_factory=list)
    _began: float = 0.0

    def _before(self, _connection: Any, _cursor: Any, statement: str, binds: Any, *_: Any) -> None:  # noqa: ANN401
        self.statements.append((statement, binds))
        self._began = time.perf_counter()

    def _after(self, *_: Any) -> None:  # noqa: ANN401
        self.seconds.append(time.perf_counter() - self._began)


@contextmanager
def watching() -> Iterator[Watch]:
    """Time every statement of the block."""
    watch = Watch()
    event.listen(Engine, "before_cursor_execute", watch._before)  # noqa: SLF001 - its own module
    event.listen(Engine, "after_cursor_execute", watch._after)  # noqa: SLF001
    try:
        yield watch
    finally:
        event.remove(Engine, "before_cursor_execute", watch._before)  # noqa: SLF001
        event.remove(Engine, "after_cursor_execute", watch._after)  # noqa: SLF001


def round_trip(session: DbSession) -> float:
    """Seconds that a statement takes that asks nothing."""
    with watching() as watch:
        for _ in range(200):
            session.execute(text("SELECT 1"))
    return statistics.median(watch.seconds)


class Backend:
    """The server's process behind a session, by what the kernel says of it."""

    def __init__(self, session: DbSession) -> None:
        number = session.scalar(text("SELECT pg_backend_pid()"))
        self._told = Path(f"/proc/{number}/schedstat")

    def milliseconds(self) -> float:
        """How long it had a processor so far."""
        return int(self._told.read_text().split()[0]) / 1e6


def percentile(values: Sequence[float], share: float) -> float:
    """The value that this share of the values does not exceed."""
    ranked = sorted(values)
    return ranked[min(len(ranked) - 1, int(len(ranked) * share))]


def spread(values: Sequence[float], *, digits: int = 3) -> dict[str, float]:
    """What is told of many durations."""
    return {
        "p50": round(percentile(values, 0.5), digits),
        "p99": round(percentile(values, 0.99), digits),
        "max": round(max(values), digits),
    }


def load() -> float:
    """How many processes wanted a processor in the last minute: what else this machine did."""
    return round(os.getloadavg()[0], 2)


def timed(work: Callable[[], object]) -> float:
    """Milliseconds that some work took."""
    began = time.perf_counter()
    work()
    return (time.perf_counter() - began) * 1000
