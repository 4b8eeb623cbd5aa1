"""Why stock moves.

Laws: ``REASONS`` is the whole vocabulary of the log; a person adjusts with one of ``CODES``, which
says what the number alone does not.
"""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

REASONS = (
    "opening", "receipt", "adjustment", "count", "feed", "import", "transfer", "shipment", "loss",
    "return", "expiry", "correction",
)  # fmt: skip

# What a person's adjustment is for, and the reason under which it is logged.
CODES: Mapping[str, str] = MappingProxyType(
    {
        "counted": "count",
        "damaged": "loss",
        "lost": "loss",
        "stolen": "loss",
        "expired": "expiry",
        "found": "adjustment",
        "returned": "return",
        "own_use": "adjustment",
        "sample": "adjustment",
        "other": "adjustment",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """Why units moved: one of ``REASONS``, what it refers to, who did it, and when."""

    reason: str
    reference: str | None = None
    code: str | None = None
    actor_id: uuid.UUID | None = None
    at: datetime | None = None
