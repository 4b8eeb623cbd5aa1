"""Facts of fulfilment."""

import uuid
from dataclasses import dataclass
from typing import ClassVar

from app.kernel.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class ShipmentDispatched(Event):
    """Goods left a location."""

    name: ClassVar[str] = "shipment.dispatched"
    shipment_id: uuid.UUID
    seller_order_id: uuid.UUID
    order_id: uuid.UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class ShipmentDelivered(Event):
    """Goods arrived at the buyer."""

    name: ClassVar[str] = "shipment.delivered"
    shipment_id: uuid.UUID
    seller_order_id: uuid.UUID
    order_id: uuid.UUID
