"""XLSX sheets, streamed through expat: no document in memory, no entity, no float, no formula.

A number is taken as the text that stands in the file, so a GTIN or a price is exact; only a text
with more digits than a spreadsheet can mean (it writes 0.1 + 0.2 with seventeen) is rounded to
fifteen. Formula cells and error values are marked ``UNREADABLE``, never taken.
"""

import zipfile
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from pathlib import Path

from app.exchange.errors import FileRefused
from app.exchange.ports import UNREADABLE, Layout
from connectors.spreadsheets import limits
from connectors.spreadsheets.archives import open_zip
from connectors.spreadsheets.parsing import fed
from connectors.spreadsheets.parts import Book, open_book

_MEANT_DIGITS = 15
_MOST_PIECES = 1000  # of at most some kilobytes each


def look(path: Path) -> Layout:
    """The first visible sheet of a workbook.

    Raises:
        FileRefused: it is no workbook, or not safe to open.
    """
    with open_zip(path) as archive:
        book = open_book(archive)
        return Layout(form="xlsx", encoding="", separator="", sheet=next(iter(book.sheets)))


def rows(path: Path, layout: Layout) -> Iterator[list[str]]:
    """The rows of a sheet.

    Raises:
        FileRefused: it cannot be read, or not safely.
    """
    with open_zip(path) as archive:
        book = open_book(archive)
        part = book.sheets.get(layout.sheet)
        if part is None:
            raise FileRefused(f"There is no sheet {layout.sheet!r}")
        sheet = _Sheet(book, layout.decimal_mark)
        yield from sheet.rows(archive, part)


class _Sheet:
    """Collects the cells of rows while a sheet is fed to the parser."""

    def __init__(self, book: Book, decimal_mark: str) -> None:
        self._book, self._mark = book, decimal_mark
        self._done: list[list[str]] = []
        self._row: list[str] = []
        self._number = self._given = 0
        self._kind = self._style = ""
        self._column = -1
        self._formula = False
        self._inside = False
        self._text: list[str] = []

    def rows(self, archive: zipfile.ZipFile, part: str) -> Iterator[list[str]]:
        """Feed the sheet's part; rows come out as they are complete."""
        for _ in fed(archive, part, start=self._start, end=self._end, text=self._data):
            yield from self._done
            self._done.clear()
        yield from self._done

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "c":
            self._begin_cell(attributes)
        elif name in {"v", "t"}:
            self._inside = True
        elif name == "f":
            self._formula = True
        elif name == "row":
            self._begin_row(attributes.get("r", ""))
        elif name == "rPh":  # how to pronounce a text is not the text
            self._inside = False

    def _begin_row(self, number: str) -> None:
        wanted = int(number) if number.isdigit() else self._given + 1
        if not self._given < wanted <= limits.MAX_SHEET_ROWS:
            raise FileRefused("The sheet's rows are not in order, or too many")
        self._done.extend([] for _ in range(wanted - self._given - 1))
        self._given = wanted
        self._row, self._column = [], -1

    def _begin_cell(self, attributes: dict[str, str]) -> None:
        reference = attributes.get("r")
        self._column = _column_of(reference) if reference else self._column + 1
        if self._column >= limits.MAX_COLUMNS:
            raise FileRefused(f"More than {limits.MAX_COLUMNS} columns")
        self._kind, self._style = attributes.get("t", "n"), attributes.get("s", "")
        self._formula = False
        self._text = []

    def _data(self, data: str) -> None:
        if self._inside:
            self._text.append(data)
            if len(self._text) > _MOST_PIECES:
                raise FileRefused("A cell holds far more text than a spreadsheet can")

    def _end(self, name: str) -> None:
        if name in {"v", "t"}:
            self._inside = False
        elif name == "c":
            value = self._value("".join(self._text))
            if value:
                self._row.extend([""] * (self._column - len(self._row)))
                self._row[self._column :] = [value]
        elif name == "row":
            self._done.append(self._row)

    def _value(self, text: str) -> str:
        if self._formula:
            return f"{UNREADABLE}={text[:100]}"
        if self._kind == "s":
            return self._book.shared(text)
        if self._kind == "n":
            return self._number_text(text)
        if self._kind == "b":
            return "true" if text == "1" else "false"
        if self._kind == "e":
            return f"{UNREADABLE}{text[:100]}"
        return text[: limits.MAX_CELL + 1]

    def _number_text(self, text: str) -> str:
        if not text:
            return ""
        if self._style in self._book.date_styles:
            return self._book.moment(text)
        return exact(text).replace(".", self._mark)


def exact(text: str) -> str:
    """The number that a spreadsheet means, in plain digits."""
    if text.isdigit():
        return text
    try:
        number = Decimal(text)
    except InvalidOperation:
        return UNREADABLE + text[:100]
    if not number.is_finite() or abs(number.adjusted()) > 2 * _MEANT_DIGITS:
        return text[:100]
    if len(number.as_tuple().digits) > _MEANT_DIGITS:
        number = number.quantize(Decimal(1).scaleb(number.adjusted() - _MEANT_DIGITS + 1))
    plain = f"{number:f}"
    return plain.rstrip("0").rstrip(".") if "." in plain else plain


def _column_of(reference: str) -> int:
    column = 0
    for letter in reference[:4]:
        if not "A" <= letter <= "Z":
            break
        column = column * 26 + ord(letter) - 64
    if not column:
        raise FileRefused("A cell says nothing of its column")
    return column - 1
