"""Facts of storefronts."""

import uuid
from dataclasses import dataclass
from typing import ClassVar

from app.kernel.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class StorefrontOpened(Event):
    """An organization has a new shop."""

    name: ClassVar[str] = "storefront.opened"
    storefront_id: uuid.UUID
    slug: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolChanged(Event):
    """Sellers came to a storefront's pool, or left it."""

    name: ClassVar[str] = "storefront.pool_changed"
    storefront_id: uuid.UUID
    added: tuple[uuid.UUID, ...]
    removed: tuple[uuid.UUID, ...]
