"""Facts of stock that its seller should know."""

import uuid
from dataclasses import dataclass
from typing import ClassVar

from app.kernel.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class StockLow(Event):
    """Less is available at a location than its threshold; told once, until it recovers."""

    name: ClassVar[str] = "stock.low"
    location_id: uuid.UUID
    variant_id: uuid.UUID
    available: int
    low_at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StockRecovered(Event):
    """As much is available as the threshold again, or there is no threshold any more."""

    name: ClassVar[str] = "stock.recovered"
    location_id: uuid.UUID
    variant_id: uuid.UUID
    available: int
    low_at: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedWaits(Event):
    """A stock feed's message waits for others that did not come; told when the waiting begins."""

    name: ClassVar[str] = "stock.feed_waits"
    feed: str
    sequence: int
    expected: int
