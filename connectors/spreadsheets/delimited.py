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
from contextlib import contextmanager
from itertools import chain, islice
from pathlib import Path

from app.exchange.errors import FileRefused
from app.exchange.ports import UNREADABLE, Layout, Piece
from connectors.spreadsheets import limits
from connectors.spreadsheets.archives import Bounded, open_packed

SEPARATORS = (",", ";", "\t", "|")
_HEAD = 1024 * 1024
_SAMPLE_ROWS = 50
_BATCH = 5000
_TOO_LONG = "A line is longer than a million characters"
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
    with _opened(path, layout) as text:
        yield from _parsed(_lines(text), layout, 1)


def pieces(path: Path, layout: Layout, width: int) -> Iterator[Piece]:
    """The rows below the header, taken apart only from where a quote or worse is met.

    Raises:
        FileRefused: a line or a cell is longer than is taken, or the file is broken.
    """
    with _opened(path, layout) as text:
        number = 1
        for block in _blocks(text):
            plain = _plain_lines(block)
            if plain is None:
                lines = chain(_lines(io.StringIO(block, newline="")), _lines(text))
                found = islice(_parsed(lines, layout, number), number == 1, None)
                while batch := list(islice(found, _BATCH)):
                    yield Piece(rows=batch)
                return
            yield _piece(plain[number == 1 :], layout.separator, width)
            number += len(plain)


def _piece(lines: list[str], separator: str, width: int) -> Piece:
    """Lines as they stand where all have the cells of the header, else rows."""
    if width > 1 and all(line.count(separator) == width - 1 for line in lines):
        return Piece(lines=lines)
    return Piece(rows=[line.split(separator) if line else [] for line in lines])


def _plain_lines(block: str) -> list[str] | None:
    """The lines of a block; none if any character of it is not just what it is."""
    block = block.replace("\r\n", "\n")
    if any(mark in block for mark in ('"', "\r", "\0", _UNDECODED)):
        return None
    lines = block.removesuffix("\n").split("\n")
    return None if max(map(len, lines)) > csv.field_size_limit() else lines


def _blocks(text: io.TextIOWrapper) -> Iterator[str]:
    """Some whole lines at a time, each bounded."""
    while block := text.read(limits.CHUNK):
        begun = len(block) - block.rfind("\n") - 1
        rest = text.readline(limits.MAX_LINE - begun) if begun else ""
        if begun + len(rest) == limits.MAX_LINE and not rest.endswith(("\n", "\r")):
            raise FileRefused(_TOO_LONG)
        yield block + rest


@contextmanager
def _opened(path: Path, layout: Layout) -> Iterator[io.TextIOWrapper]:
    stream = open_packed(path, layout.packed)
    raw = io.BufferedReader(_Raw(stream), limits.CHUNK)
    try:
        yield io.TextIOWrapper(raw, encoding=layout.encoding, errors="replace", newline="")
    except (EOFError, zlib.error, OSError) as error:
        raise FileRefused("The compressed file is broken or cut off") from error
    finally:
        stream.close()


def _parsed(lines: Iterator[str], layout: Layout, number: int) -> Iterator[list[str]]:
    """Rows, the first of which has this number."""
    try:
        for row in csv.reader(lines, delimiter=layout.separator):
            yield row
            number += 1
    except csv.Error as error:
        raise FileRefused(f"Row {number}: {error}; is a quote not closed?") from error


def _lines(text: io.TextIOWrapper | io.StringIO) -> Iterator[str]:
    """Lines, each bounded; characters that no row may hold are marked."""
    for line in iter(lambda: text.readline(limits.MAX_LINE), ""):
        if len(line) == limits.MAX_LINE and not line.endswith(("\n", "\r")):
            raise FileRefused(_TOO_LONG)
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
