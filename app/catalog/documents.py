"""A catalog's things as their reader sees them: in its language, drafts for the owner alone."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.catalog import queries
from app.catalog.errors import (
    AttributeNotFound,
    CategoryNotFound,
    ManufacturerNotNamed,
    ProductNotFound,
    PublicationNotFound,
    VariantNotFound,
)
from app.catalog.models import Attribute
from app.catalog.rules import SUBJECTS, in_words, localized, outside_value
from app.infra.auth import Caller
from app.infra.db import DbSession
from app.kernel.errors import NotFound
from app.kernel.paging import Page, PageRequest

_ALWAYS = ("id", "manufacturer_id", "version")
_ALSO: Mapping[str, tuple[str, ...]] = {
    "product": ("created_at",),
    "variant": ("product_id", "created_at"),
}
_MISSING: Mapping[str, type[NotFound]] = {
    "attribute": AttributeNotFound,
    "category": CategoryNotFound,
    "product": ProductNotFound,
    "variant": VariantNotFound,
}


def document(
    thing: Any,  # noqa: ANN401 - a model, or a row of an earlier version
    *,
    kind: str,
    caller: Caller,
    locales: Sequence[str],
    is_current: bool = True,
) -> dict[str, Any]:
    """One thing in the reader's language."""
    names = (*_ALWAYS, *SUBJECTS[kind].fields, *_ALSO.get(kind, ()))
    body = {name: getattr(thing, name) for name in names}
    body["name"], body["locale"] = localized(thing.translations, "name", thing.name, locales)
    if "description" in body:
        body["description"], _ = localized(
            thing.translations, "description", thing.description, locales
        )
    if "media" in body:
        body["media"] = sorted(thing.media, key=lambda medium: medium["position"])
    if is_current and caller.organization_id == thing.manufacturer_id:
        body["draft"] = _outside(thing.draft or {})
    return body


def page_of_documents(
    page: Page[Any], *, kind: str, caller: Caller, locales: Sequence[str]
) -> Page[dict[str, Any]]:
    """A page of things in the reader's language."""
    items = [document(each, kind=kind, caller=caller, locales=locales) for each in page.items]
    return Page(items, page.next_cursor)


@dataclass(frozen=True, slots=True)
class Fact:
    """A value with the name of its attribute, in the reader's language."""

    code: str
    name: str
    value: str


def facts_of(
    session: DbSession,
    *,
    manufacturer_id: uuid.UUID,
    attributes: Mapping[uuid.UUID, Mapping[str, Any]],
    locales: Sequence[str],
) -> dict[uuid.UUID, list[Fact]]:
    """What things of one maker carry in words, in the order of the maker's attributes."""
    defined = queries.definitions_of(session, manufacturer_id=manufacturer_id)
    places = {code: place for place, code in enumerate(defined)}
    return {
        thing_id: [
            Fact(
                code,
                _name_of(code, defined.get(code), locales),
                in_words(defined.get(code), carried[code], locales),
            )
            for code in sorted(carried, key=lambda code: (places.get(code, len(places)), code))
        ]
        for thing_id, carried in attributes.items()
    }


def _name_of(code: str, definition: Attribute | None, locales: Sequence[str]) -> str:
    if definition is None:
        return code.replace("_", " ")
    return localized(definition.translations, "name", definition.name, locales)[0]


def as_of(
    session: DbSession,
    *,
    caller: Caller,
    kind: str,
    thing: Any,  # noqa: ANN401 - a model, as it is now
    publication_id: uuid.UUID | None,
    instant: datetime | None,
    locales: Sequence[str],
) -> dict[str, Any]:
    """A thing as it was then; as it is now when no time is named.

    Raises:
        PublicationNotFound: the caller may not know of it, or it is another catalog's.
        NotFound: of the thing's own class, when it was not published then.
    """
    if publication_id is None and instant is None:
        return document(thing, kind=kind, caller=caller, locales=locales)
    number = _number(session, caller, thing.manufacturer_id, publication_id, instant)
    found = queries.get_as_of(session, kind=kind, subject_id=thing.id, number=number)
    if found is None:
        raise _MISSING[kind]
    return document(found, kind=kind, caller=caller, locales=locales, is_current=False)


def list_as_of(
    session: DbSession,
    *,
    caller: Caller,
    kind: str,
    page: PageRequest,
    query: Mapping[str, Any],
    filters: Sequence[str],
    locales: Sequence[str],
) -> Page[dict[str, Any]]:
    """Products or variants as they were then.

    Raises:
        ManufacturerNotNamed: an instant alone does not say whose catalog is meant.
        PublicationNotFound: the caller may not know of it, or of any of the manufacturer's.
    """
    manufacturer_id = query["manufacturer_id"]
    if manufacturer_id is None and query["publication"]:
        found = queries.get_publication(session, caller=caller, publication_id=query["publication"])
        manufacturer_id = found.manufacturer_id
    if manufacturer_id is None:
        raise ManufacturerNotNamed
    queries.require_readable(session, caller=caller, manufacturer_id=manufacturer_id)
    number = _number(session, caller, manufacturer_id, query["publication"], query["as_of"])
    rows = queries.list_as_of(
        session,
        kind=kind,
        manufacturer_id=manufacturer_id,
        number=number,
        page=page,
        filters={name: query[name] for name in filters},
    )
    items = [
        document(row, kind=kind, caller=caller, locales=locales, is_current=False)
        for row in rows.items
    ]
    return Page(items, rows.next_cursor)


def _number(
    session: DbSession,
    caller: Caller,
    manufacturer_id: uuid.UUID,
    publication_id: uuid.UUID | None,
    instant: datetime | None,
) -> int:
    if publication_id is None:
        assert instant is not None
        return queries.number_at(session, manufacturer_id=manufacturer_id, instant=instant)
    found = queries.get_publication(session, caller=caller, publication_id=publication_id)
    if found.manufacturer_id != manufacturer_id:
        raise PublicationNotFound
    return found.number


def _outside(draft: Mapping[str, Any]) -> dict[str, Any]:
    return {name: outside_value(name, value) for name, value in draft.items()}
