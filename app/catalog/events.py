"""Facts of the catalog."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from app.kernel.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicationEvent(Event):
    """What all facts about a publication have in common."""

    publication_id: uuid.UUID
    manufacturer_id: uuid.UUID
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CatalogPublished(PublicationEvent):
    """A manufacturer's changes are live; ``counts`` are changes by subject and kind."""

    name: ClassVar[str] = "catalog.published"
    counts: Mapping[str, Mapping[str, int]]


@dataclass(frozen=True, slots=True, kw_only=True)
class CatalogChanged(PublicationEvent):
    """Some of a publication's changes, each with id, kind and fields: part so many of so many."""

    name: ClassVar[str] = "catalog.changed"
    part: int
    parts: int
    changes: Sequence[Mapping[str, Any]]
