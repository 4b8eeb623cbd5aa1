"""The clock, read at the edge and passed inwards as ``now``; aware UTC only."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """Tells the current instant."""

    def now(self) -> datetime:
        """The current instant, aware, in UTC."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)  # noqa: TID251 - the one place that asks the machine


@dataclass
class FixedClock:
    """A clock that stands where it was set; tests and replays move it."""

    instant: datetime

    def now(self) -> datetime:
        return self.instant
