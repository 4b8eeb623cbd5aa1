"""Delimited text: whatever encoding and separator it has, row by row, bounded.

A line is never longer in memory than ``MAX_LINE``, a cell never than the parser's field limit, so
a quote that is never closed or a line of gigabytes is refused early. What the encoding cannot say
becomes ``UNREADABLE`` in its cell, and so does NUL.
"""

import codecs
import csv
import io
import zlib
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from app.exchange.errors import FileRefused
from app.exchange.ports import UNREADABLE, Layout
from connectors.spreadsheets import limits
from connectors.spreadsheets.archives import Bounded, open_packed

SEPARATORS = (",", ";", "\t", "|")
_HEAD = 1024 * 1024
_SAMPLE_ROWS = 50
_UNDECODED = "\ufffd"
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def look(path: Path, packed: str) -> Layout:
    """Guess encoding and separator from the beginning of a file.

    Raises:
        FileRefused: it is no text.
    """
    stream = open_packed(path, packed)
    try:
        head = _read(stream, _HEAD)
    finally:
        stream.close()
    encoding = encoding_of(head)
    text = head.decode(encoding, errors="replace")
    if not text.strip("\ufeff \r\n\t"):
        raise FileRefused("The file is empty")
    if "\0" in text[:4096] and text.count("\0") > len(text) // 20:
        raise FileRefused("This is no text: send CSV or XLSX")
    return Layout(encoding=encoding, separator=separator_of(text), packed=packed)


def encoding_of(head: bytes) -> str:
    """The encoding: what the byte order mark says, UTF-8 where it fits, else Windows-1252."""
    for mark, name in _BOMS:
        if head.startswith(mark):
            return name
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8"


def separator_of(text: str) -> str:
    """The separator that gives the sample the most columns, alike in most rows."""
    lines = [line for line in islice(io.StringIO(text), _SAMPLE_ROWS) if line.strip()]
    return max(SEPARATORS, key=lambda separator: _fitness(lines, separator))


def _fitness(lines: list[str], separator: str) -> tuple[int, int]:
    try:
        widths = [len(row) for row in csv.reader(lines, delimiter=separator) if row]
    except csv.Error:
        return (0, 0)
    first = widths[0] if widths else 0
    alike = sum(width == first for width in widths)
    return (0, 0) if first < 2 else (alike * 100 // len(widths), first)  # noqa: PLR2004


def rows(path: Path, layout: Layout) -> Iterator[list[str]]:
    """The rows of a file.

    Raises:
        FileRefused: a line or a cell is longer than is taken, or the file is broken.
    """
    stream = open_packed(path, layout.packed)
    number = 0
    try:
        for number, row in enumerate(_parsed(stream, layout), start=1):  # noqa: B007
            yield row
    except csv.Error as error:
        raise FileRefused(f"Row {number + 1}: {error}; is a quote not closed?") from error
    except (EOFError, zlib.error, OSError) as error:
        raise FileRefused("The compressed file is broken or cut off") from error
    finally:
        stream.close()


def _parsed(stream: Bounded, layout: Layout) -> Iterator[list[str]]:
    raw = io.BufferedReader(_Raw(stream), limits.CHUNK)
    text = io.TextIOWrapper(raw, encoding=layout.encoding, errors="replace", newline="")
    return csv.reader(_lines(text), delimiter=layout.separator)


def _lines(text: io.TextIOWrapper) -> Iterator[str]:
    """Lines, each bounded; characters that no row may hold are marked."""
    for line in iter(lambda: text.readline(limits.MAX_LINE), ""):
        if len(line) == limits.MAX_LINE and not line.endswith(("\n", "\r")):
            raise FileRefused("A line is longer than a million characters")
        if "\0" in line or _UNDECODED in line:
            yield line.replace("\0", UNREADABLE).replace(_UNDECODED, UNREADABLE)
        else:
            yield line


def _read(stream: Bounded, size: int) -> bytes:
    parts: list[bytes] = []
    try:
        while size > 0 and (data := stream.read(size)):
            parts.append(data)
            size -= len(data)
    except (EOFError, zlib.error, OSError) as error:
        raise FileRefused("The compressed file is broken or cut off") from error
    return b"".join(parts)


class _Raw(io.RawIOBase):
    """A bounded stream in the shape that text wrappers read from."""

    def __init__(self, stream: Bounded) -> None:
        self._stream = stream

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        data = self._stream.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)
