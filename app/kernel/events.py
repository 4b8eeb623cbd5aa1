"""Domain events: facts in the past tense, frozen, with plain values only."""

import uuid
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, ClassVar


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """A fact. ``audience`` are the organizations entitled to learn of it."""

    name: ClassVar[str] = ""
    happened_at: datetime
    audience: tuple[uuid.UUID, ...] = ()

    def payload(self) -> dict[str, Any]:
        """The fact's own fields as plain values."""
        return {
            field.name: getattr(self, field.name)
            for field in fields(self)
            if field.name not in {"happened_at", "audience"}
        }
