"""Facts of routing."""

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from app.kernel.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyActivated(Event):
    """A version of a policy decides from an instant on, which may lie ahead."""

    name: ClassVar[str] = "routing_policy.activated"
    policy_id: uuid.UUID
    number: int
    valid_from: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyRetired(Event):
    """A scope has no policy of its own from an instant on."""

    name: ClassVar[str] = "routing_policy.retired"
    policy_id: uuid.UUID
    number: int
    valid_to: datetime
