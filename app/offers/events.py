"""Facts of offers."""

import uuid
from dataclasses import dataclass
from typing import ClassVar

from app.kernel.events import Event

MAX_ITEMS = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class OffersChanged(Event):
    """Offers of a seller were made or changed; at most 500 an event."""

    name: ClassVar[str] = "offers.changed"
    seller_id: uuid.UUID
    offer_ids: tuple[uuid.UUID, ...]
    change: str  # created | edited
    fields: tuple[str, ...] = ()
