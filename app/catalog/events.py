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


@dataclass(frozen=True, slots=True, kw_only=True)
class SuggestionEvent(Event):
    """What all facts about a seller's suggestions have in common: one seller, some suggestions."""

    seller_id: uuid.UUID
    suggestion_ids: tuple[uuid.UUID, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SuggestionsMatched(SuggestionEvent):
    """What a seller suggested are these variants; its offers are made with it."""

    name: ClassVar[str] = "suggestions.matched"
    variant_ids: tuple[uuid.UUID, ...]
    seller_skus: tuple[str, ...]
    decided_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SuggestionsTakenUp(SuggestionEvent):
    """What a seller suggested becomes part of the catalog with the next publication."""

    name: ClassVar[str] = "suggestions.taken_up"
    variant_ids: tuple[uuid.UUID, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SuggestionsRefused(SuggestionEvent):
    """What a seller suggested does not come into the catalog."""

    name: ClassVar[str] = "suggestions.refused"
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SuggestionsWaiting(SuggestionEvent):
    """Suggestions of a seller wait for a decision."""

    name: ClassVar[str] = "suggestions.waiting"
    manufacturer_id: uuid.UUID | None
