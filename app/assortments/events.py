"""Facts of assortments."""

import uuid
from dataclasses import dataclass
from typing import ClassVar

from app.kernel.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class AssortmentChanged(Event):
    """What an assortment selects may be different from now on; told to all whom it binds."""

    name: ClassVar[str] = "assortment.changed"
    assortment_id: uuid.UUID
    version: int
