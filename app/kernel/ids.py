"""Ids: UUIDv7 in the database, TypeIDs (``order_01h4…``) outside.

A UUIDv7 (RFC 9562) is time-ordered, so B-trees grow at their right edge. A TypeID is its prefix
and 26 letters of Crockford base32 (https://github.com/jetify-com/typeid), safe in URLs and logs.
"""

import secrets
import threading
import time
import uuid
from functools import lru_cache

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
_VALUE_OF = {letter: value for value, letter in enumerate(_ALPHABET)}
_LENGTH = 26
EXAMPLE = uuid.UUID("01890a5d-ac96-774b-bcce-b302099a8057")  # for documents
_lock = threading.Lock()
_last = 0


def new_id() -> uuid.UUID:
    """A new UUIDv7; within one process strictly increasing, also inside a millisecond."""
    global _last  # noqa: PLW0603 - the one counter that makes ids of a process increase
    with _lock:
        # 48 bits of milliseconds and 12 bits of fraction, as RFC 9562 method 3 allows.
        stamp = max((time.time_ns() << 12) // 1_000_000, _last + 1)
        _last = stamp
    value = (stamp >> 12) << 80 | 0x7 << 76 | (stamp & 0xFFF) << 64 | 0b10 << 62
    return uuid.UUID(int=value | secrets.randbits(62))


@lru_cache(maxsize=65_536)
def uuid_of(text: str) -> uuid.UUID:
    """An id that the database told as text; those that come again are not read again."""
    return uuid.UUID(text)


def public_id(prefix: str, value: uuid.UUID) -> str:
    """The outside form of an id: prefix, underscore, 26 base32 letters."""
    number = value.int
    letters = [_ALPHABET[number >> shift & 31] for shift in range(125, -1, -5)]
    return f"{prefix}_{''.join(letters)}"


def parse_id(prefix: str, text: str) -> uuid.UUID:
    """Read an outside id back.

    Raises:
        ValueError: another prefix, or not a TypeID.
    """
    head, _, tail = text.rpartition("_")
    if head != prefix or len(tail) != _LENGTH or tail[0] > "7":
        raise ValueError(f"{text!r} is not a {prefix} id")
    number = 0
    for letter in tail:
        if letter not in _VALUE_OF:
            raise ValueError(f"{text!r} is not a {prefix} id")
        number = number << 5 | _VALUE_OF[letter]
    return uuid.UUID(int=number)
