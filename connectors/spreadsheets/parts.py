"""What a sheet refers to: the list of sheets, shared texts, and which styles are dates."""

import re
import zipfile
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation

from app.exchange.errors import FileRefused
from app.exchange.ports import UNREADABLE
from connectors.spreadsheets import limits
from connectors.spreadsheets.parsing import End, Start, fed, nothing

_WORKBOOK, _RELATIONS = "xl/workbook.xml", "xl/_rels/workbook.xml.rels"
_STYLES, _TEXTS = "xl/styles.xml", "xl/sharedStrings.xml"
_SMALL_PART = 16 * 1024 * 1024
_BUILT_IN_DATES = frozenset({*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)})
_QUOTED = re.compile(r'"[^"]*"|\[[^\]]*\]|\\.')
_DAY_MICROSECONDS = 86_400_000_000
_LAST_SERIAL = 2_958_465  # the end of the year 9999


@dataclass(slots=True)
class Book:
    """The parts of a workbook that its sheets refer to."""

    sheets: dict[str, str] = field(default_factory=dict)
    texts: list[str] = field(default_factory=list)
    date_styles: frozenset[str] = frozenset()
    since_1904: bool = False

    def shared(self, index: str) -> str:
        """A shared text."""
        if not index.isdigit() or int(index) >= len(self.texts):
            raise FileRefused("A cell refers to a text that the workbook does not hold")
        return self.texts[int(index)]

    def moment(self, text: str) -> str:
        """A serial day as a date, or an instant where it has a time of day."""
        try:
            serial = Decimal(text)
        except InvalidOperation:
            return UNREADABLE + text[:100]
        if not 0 <= serial < _LAST_SERIAL:
            return UNREADABLE + text[:100]
        epoch = datetime(1904, 1, 1, tzinfo=UTC) if self.since_1904 else _epoch(serial)
        found = epoch + timedelta(microseconds=round(serial * _DAY_MICROSECONDS / 1000) * 1000)
        if found.time() == found.min.time():
            return found.date().isoformat()
        return found.replace(tzinfo=None).isoformat(sep="T", timespec="seconds")


def _epoch(serial: Decimal) -> datetime:
    # Spreadsheets believe in 29 February 1900.
    return datetime(1899, 12, 30 if serial >= 60 else 31, tzinfo=UTC)  # noqa: PLR2004


def open_book(archive: zipfile.ZipFile) -> Book:
    """Read what sheets refer to.

    Raises:
        FileRefused: it is no workbook.
    """
    names = set(archive.namelist())
    if _WORKBOOK not in names:
        raise FileRefused("This archive is no XLSX workbook")
    book = Book()
    _read_sheets(archive, book)
    if not book.sheets:
        raise FileRefused("The workbook has no sheet")
    if _STYLES in names:
        _read_styles(archive, book)
    if _TEXTS in names:
        _read_texts(archive, book)
    return book


def _read_sheets(archive: zipfile.ZipFile, book: Book) -> None:
    targets: dict[str, str] = {}
    _read(archive, _RELATIONS, lambda name, given: _note_target(targets, name, given))

    def start(name: str, given: dict[str, str]) -> None:
        if name == "workbookPr":
            book.since_1904 = given.get("date1904", "") in {"1", "true"}
        if name == "sheet" and given.get("state", "visible") == "visible":
            key = next((value for at, value in given.items() if at.endswith(" id")), "")
            if key in targets:
                book.sheets[given.get("name", "")] = targets[key]

    _read(archive, _WORKBOOK, start)


def _note_target(targets: dict[str, str], name: str, given: dict[str, str]) -> None:
    if name == "Relationship" and given.get("TargetMode") != "External":
        target = given.get("Target", "")
        targets[given.get("Id", "")] = (
            target.lstrip("/") if target.startswith("/") else f"xl/{target}"
        )


def _read_styles(archive: zipfile.ZipFile, book: Book) -> None:
    dates, styles = set(_BUILT_IN_DATES), []
    inside: list[str] = []

    def start(name: str, given: dict[str, str]) -> None:
        inside.append(name)
        number = given.get("numFmtId", "0")
        if name == "numFmt" and number.isdigit() and _is_date(given.get("formatCode", "")):
            dates.add(int(number))
        if name == "xf" and inside[-2:-1] == ["cellXfs"]:
            styles.append(int(number) if number.isdigit() else 0)

    _read(archive, _STYLES, start, end=lambda _: inside.pop())
    book.date_styles = frozenset(str(at) for at, each in enumerate(styles) if each in dates)


def _is_date(code: str) -> bool:
    bare = _QUOTED.sub("", code).lower()
    return any(letter in bare for letter in "dy") or "h:" in bare or "m:" in bare


def _read_texts(archive: zipfile.ZipFile, book: Book) -> None:
    found = _Texts(book.texts)
    _read(
        archive, _TEXTS, found.start, end=found.end, text=found.data, most=limits.MAX_SHARED_BYTES
    )


class _Texts:
    """Collects shared texts; how to pronounce them is left out."""

    def __init__(self, texts: list[str]) -> None:
        self._texts = texts
        self._parts: list[str] = []
        self._text = self._spoken = False

    def start(self, name: str, _: dict[str, str]) -> None:
        self._spoken = self._spoken or name == "rPh"
        self._text = name == "t" and not self._spoken

    def data(self, text: str) -> None:
        if self._text:
            self._parts.append(text)

    def end(self, name: str) -> None:
        self._text = False
        self._spoken = self._spoken and name != "rPh"
        if name == "si":
            self._texts.append("".join(self._parts)[: limits.MAX_CELL + 1])
            self._parts.clear()
        if len(self._texts) > limits.MAX_SHARED:
            raise FileRefused("The workbook holds too many texts")


def _read(
    archive: zipfile.ZipFile,
    part: str,
    start: Start,
    *,
    end: End = nothing,
    text: End = nothing,
    most: int = _SMALL_PART,
) -> None:
    for _ in fed(archive, part, start=start, end=end, text=text, most=most):
        pass
