"""Files of rows in whatever form people send them: told apart by content, not by name."""

import zipfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path

from app.exchange.errors import FileRefused
from app.exchange.ports import XLSX, Layout, Piece
from connectors.spreadsheets import delimited, limits, workbook, writing
from connectors.spreadsheets.archives import open_zip

_BATCH = 5000
_GZIP, _ZIP, _OLD_EXCEL = b"\x1f\x8b", b"PK\x03\x04", b"\xd0\xcf\x11\xe0"


@contextmanager
def _refusing() -> Iterator[None]:
    try:
        yield
    except zipfile.BadZipFile as error:
        raise FileRefused("The archive is broken; save the file again") from error


def _narrow(rows: Iterable[list[str]]) -> Iterator[list[str]]:
    for row in rows:
        if len(row) > limits.MAX_COLUMNS:
            raise FileRefused(f"More than {limits.MAX_COLUMNS} columns")
        yield row


class Spreadsheets:
    """Reads CSV (plain, gzip, zip) and XLSX; writes XLSX."""

    def look(self, path: Path) -> Layout:
        """Find out how a file is to be read."""
        with path.open("rb") as file:
            head = file.read(4)
        if head.startswith(_OLD_EXCEL):
            raise FileRefused("This is the old XLS form or an encrypted workbook: save as XLSX")
        if head.startswith(_GZIP):
            return delimited.look(path, "gz")
        if head == _ZIP:
            return self._look_into(path)
        return delimited.look(path, "")

    def _look_into(self, path: Path) -> Layout:
        with open_zip(path) as archive:
            is_workbook = "xl/workbook.xml" in archive.namelist()
        return workbook.look(path) if is_workbook else delimited.look(path, "zip")

    def rows(self, path: Path, layout: Layout) -> Iterator[list[str]]:
        """The rows as texts."""
        with _refusing():
            found = (workbook if layout.form == XLSX else delimited).rows(path, layout)
            yield from _narrow(found)

    def pieces(self, path: Path, layout: Layout, width: int) -> Iterator[Piece]:
        """The rows below the header, many at a time."""
        with _refusing():
            if layout.form == XLSX:
                found = islice(_narrow(workbook.rows(path, layout)), 1, None)
                while batch := list(islice(found, _BATCH)):
                    yield Piece(rows=batch)
                return
            for piece in delimited.pieces(path, layout, width):
                yield Piece(rows=list(_narrow(piece.rows))) if piece.rows else piece

    def write_workbook(
        self, path: Path, *, header: Sequence[str], rows: Iterable[Sequence[str | None]]
    ) -> int:
        """Write a workbook of one sheet."""
        return writing.write(path, header=header, rows=rows)
