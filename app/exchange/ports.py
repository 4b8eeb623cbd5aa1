"""What the exchange needs of files: a look at one, its rows, and a workbook written.

A reader never holds a file in memory, never evaluates a formula and never lets a number pass
through a float. A cell that it cannot take as it stands carries ``UNREADABLE`` as a character.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

UNREADABLE = "\x1a"
CSV, XLSX = "csv", "xlsx"


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """How a file is to be read; ``packed`` is ``gz`` or ``zip`` for a compressed CSV.

    Numbers in workbooks have no decimal mark; they are given the one that their texts use.
    """

    form: str = CSV
    encoding: str = "utf-8"
    separator: str = ","
    sheet: str = ""
    packed: str = ""
    decimal_mark: str = "."


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """Some rows below the header, blank ones among them: either lines, or rows.

    ``lines`` are rows with as many cells as the header: nothing but texts between separators.
    """

    lines: Sequence[str] = ()
    rows: Sequence[list[str]] = ()


class TabularFiles(Protocol):
    """Port: reads and writes files of rows."""

    def look(self, path: Path) -> Layout:
        """Find out how a file is to be read.

        Raises:
            FileRefused: it cannot be read, or not safely.
        """
        ...

    def rows(self, path: Path, layout: Layout) -> Iterator[list[str]]:
        """The rows as texts, the first is row 1; a blank row is an empty list.

        Raises:
            FileRefused: it cannot be read on, or not safely.
        """
        ...

    def pieces(self, path: Path, layout: Layout, width: int) -> Iterator[Piece]:
        """The same rows below a header of so many cells, many at a time.

        Raises:
            FileRefused: it cannot be read on, or not safely.
        """
        ...

    def write_workbook(
        self, path: Path, *, header: Sequence[str], rows: Iterable[Sequence[str | None]]
    ) -> int:
        """Write a workbook of one sheet, all cells as text; how many rows.

        Raises:
            TooManyRows: a sheet cannot hold them.
        """
        ...


class Told(Protocol):
    """Hears how far an import is; raising stops it."""

    def __call__(self, *, done: int, total: int | None = None) -> None:
        """So many rows of so many."""
        ...
