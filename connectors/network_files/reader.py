"""Reads one file row by row into checked values; what is wrong becomes a located refusal.

A file that cannot be read as a whole (missing, not gzip, not UTF-8, wrong header) ends the
reading; a wrong row is only left out, and so are the rows that refer to it.
"""

import csv
import gzip
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from app.demo.ports import Refusal, UnusableSource
from connectors.network_files.tables import Table

HEADER = 1
_EVERY = 2000
_MARK = "\ufeff"


class TableReader:
    """Reads one table; ``refusals`` grow while the rows are taken."""

    def __init__(self, folder: Path, table: Table, known: Mapping[str, set[str]]) -> None:
        self.table = table
        self.refusals: list[Refusal] = []
        self.keys: set[str] = set()
        self._path = folder / table.file
        self._references = [
            (table.header.index(column), column, target, known[target])
            for column, target in table.references.items()
        ]
        self._parsers = list(table.columns.items())
        self._taken = [name not in table.unread for name in table.header]
        self._unique = [
            (columns, [table.header.index(column) for column in columns], set[tuple[str, ...]]())
            for columns in (table.key, table.unique)
            if columns
        ]

    def rows(self, told: Callable[[int, int], None]) -> Iterator[Any]:
        """The good rows, in the order of the file."""
        with self._opened() as (lines, position):
            size = self._path.stat().st_size
            self._check_header(next(lines, []))
            for cells in lines:
                if lines.line_num % _EVERY == 0:
                    told(position(), size)
                row = self._row(lines.line_num, cells)
                if row is not None:
                    self.keys.add(cells[0])
                    yield row
            told(size, size)

    @contextmanager
    def _opened(self) -> Iterator[tuple[Any, Callable[[], int]]]:
        try:
            with (
                self._path.open("rb") as raw,
                gzip.open(raw, "rt", encoding="utf-8", newline="") as stream,
            ):
                yield csv.reader(stream, strict=True), raw.tell
        except FileNotFoundError:
            self._refuse_file("there is no such file")
        except UnicodeDecodeError:
            self._refuse_file("is not UTF-8 text")
        except (EOFError, zlib.error):
            self._refuse_file("is cut off or damaged")
        except gzip.BadGzipFile:
            self._refuse_file("is not gzip-compressed, or damaged")
        except csv.Error as error:
            self._refuse_file(f"is not CSV: {error}")
        except OSError as error:
            self._refuse_file(f"cannot be read: {error.strerror}")

    def _refuse_file(self, reason: str) -> None:
        raise UnusableSource(Refusal(self.table.file, 0, "", "", reason)) from None

    def _check_header(self, found: list[str]) -> None:
        if found and found[0].startswith(_MARK):
            self._refuse_header(found[0], "begins with a byte order mark: save it without one")
        for name in found:
            if name not in self.table.columns:
                self._refuse_header(name, "is not a known column")
        for name in self.table.columns:
            if name not in found:
                self._refuse_header(name, "is missing")
        if tuple(found) != self.table.header:
            order = ",".join(self.table.header)
            self._refuse_header("", f"has the columns in another order than {order}")

    def _refuse_header(self, column: str, reason: str) -> None:
        value = column.removeprefix(_MARK)
        raise UnusableSource(Refusal(self.table.file, HEADER, value, "", reason))

    def _row(self, number: int, cells: list[str]) -> Any:  # noqa: ANN401 - the table's own row
        if len(cells) != len(self._parsers):
            reason = f"has {len(cells)} cells instead of {len(self._parsers)}"
            self._refuse(number, "", ",".join(cells), reason)
            return None
        values = self._values(number, cells)
        if values is None or not self._refers_well(number, cells):
            return None
        return self.table.make(*values) if self._is_new(number, cells) else None

    def _values(self, number: int, cells: list[str]) -> list[Any] | None:
        values, good = [], True
        for (name, parse), cell, taken in zip(self._parsers, cells, self._taken, strict=True):
            try:
                value = parse(cell)
            except ValueError as error:
                self._refuse(number, name, cell, str(error))
                good = False
            else:
                if taken:
                    values.append(value)
        return values if good else None

    def _refers_well(self, number: int, cells: list[str]) -> bool:
        for index, column, target, known in self._references:
            if cells[index] not in known:
                self._refuse(number, column, cells[index], f"is not in {target}")
                return False
        return True

    def _is_new(self, number: int, cells: list[str]) -> bool:
        found = [tuple(cells[index] for index in indexes) for _, indexes, _ in self._unique]
        for value, (columns, _, seen) in zip(found, self._unique, strict=True):
            if value in seen:
                self._refuse(number, ", ".join(columns), ", ".join(value), "is there twice")
                return False
        for value, (_, _, seen) in zip(found, self._unique, strict=True):
            seen.add(value)
        return True

    def _refuse(self, number: int, column: str, value: str, reason: str) -> None:
        self.refusals.append(Refusal(self.table.file, number, column, value, reason))
