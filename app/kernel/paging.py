"""Cursor paging: a page, and an opaque cursor that names the last row seen."""

import base64
import binascii
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import orjson

from app.kernel.errors import Malformed

DEFAULT_PAGE_SIZE = 50
MAX_PAGE_SIZE = 200

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class PageRequest:
    """What the caller asked for: rows after a cursor, at most ``limit``."""

    after: uuid.UUID | None = None
    limit: int = DEFAULT_PAGE_SIZE


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Rows and the cursor of the next page (``None`` on the last)."""

    items: Sequence[T]
    next_cursor: str | None


def encode_cursor(value: uuid.UUID) -> str:
    """An opaque, URL-safe cursor."""
    return base64.urlsafe_b64encode(value.bytes).decode().rstrip("=")


def decode_cursor(text: str) -> uuid.UUID:
    """Read a cursor back.

    Raises:
        Malformed: not a cursor that this API gave out.
    """
    try:
        return uuid.UUID(bytes=base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except (ValueError, binascii.Error) as error:
        raise Malformed("cursor: not a cursor of this API; start without one") from error


def encode_place(*parts: object) -> str:
    """An opaque, URL-safe cursor of a row that several values name."""
    return base64.urlsafe_b64encode(orjson.dumps(parts)).decode().rstrip("=")


def decode_place(text: str, *parts: Callable[[Any], Any]) -> tuple[Any, ...]:
    """Read such a cursor back; each value as its reader gives it.

    Raises:
        Malformed: not a cursor that this API gave out.
    """
    try:
        values = orjson.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        return tuple(read(value) for read, value in zip(parts, values, strict=True))
    except (ValueError, TypeError, AttributeError) as error:
        raise Malformed("cursor: not a cursor of this API; start without one") from error


def page_of(rows: Sequence[T], *, limit: int, key: Callable[[T], uuid.UUID]) -> Page[T]:
    """Cut the one row too many that the query fetched, and name the next page."""
    items = rows[:limit]
    more = len(rows) > limit
    return Page(items, encode_cursor(key(items[-1])) if more else None)
