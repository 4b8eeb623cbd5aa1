"""Half-open periods ``[starts_at, ends_at)`` with an optional open end."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Period:
    """A validity: it holds from its start on and no longer at its end."""

    starts_at: datetime
    ends_at: datetime | None = None

    def __post_init__(self) -> None:
        if self.ends_at is not None and self.ends_at <= self.starts_at:
            raise ValueError("a period ends after it starts")

    def contains(self, instant: datetime) -> bool:
        """Whether the instant lies inside."""
        return self.starts_at <= instant and (self.ends_at is None or instant < self.ends_at)

    def overlaps(self, other: "Period") -> bool:
        """Whether both periods share an instant."""
        return (other.ends_at is None or self.starts_at < other.ends_at) and (
            self.ends_at is None or other.starts_at < self.ends_at
        )
