"""A mapping guessed from the head of a file: by its column names, then by what the cells look like.

A guess is shown and confirmed before anything happens; it need not be right, only plain to see.
"""

import re
from collections.abc import Iterable, Sequence

from app.exchange.rules.fields import (
    ATTRIBUTE,
    GTIN,
    KILO,
    MOMENT,
    MONEY,
    PRODUCTS,
    fields_of,
    find_field,
)
from app.exchange.rules.mapping import ColumnMapping
from app.exchange.rules.names import PLAIN, plain

_DECIMAL = re.compile(r"^[+-]?[0-9][0-9.,' \u00a0]*$")
_DATE = re.compile(r"^([0-9]{1,2})[./-]([0-9]{1,2})[./-][0-9]{4}")
_GTIN_SHAPE = re.compile(r"^[0-9]{13,14}$")
_MONTHS = 12
_CENTS = 2


def header_of(row: Sequence[str]) -> list[str]:
    """The names of the columns, each once: a second ``Price`` is ``Price (2)``."""
    names: list[str] = []
    for at, cell in enumerate(row, start=1):
        name = cell.lstrip("\ufeff").strip()[:100] or f"column {at}"
        twin = 2
        unique = name
        while unique in names:
            unique, twin = f"{name} ({twin})", twin + 1
        names.append(unique)
    return names


def guess(
    resource: str,
    *,
    header: Sequence[str],
    rows: Sequence[Sequence[str]],
    attributes: Iterable[str],
) -> ColumnMapping:
    """The likeliest mapping of a file."""
    columns = _by_name(resource, header, {plain(code): code for code in attributes})
    _by_shape(resource, header, rows, columns)
    cells = {kind: _cells(resource, columns, header, rows, kind) for kind in (MONEY, KILO, MOMENT)}
    decimal, thousands = marks_of([*cells[MONEY], *cells[KILO]])
    return ColumnMapping(
        columns=columns,
        decimal_mark=decimal,
        thousands_mark=thousands,
        date_format=date_format_of(cells[MOMENT]),
    )


def _by_name(resource: str, header: Sequence[str], attributes: dict[str, str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for column in header:
        name = _field_named(resource, column, attributes)
        if name and name not in found:
            found[name] = column
    return found


def _field_named(resource: str, column: str, attributes: dict[str, str]) -> str | None:
    for exact in (column.strip(), column.strip().lower()):
        if find_field(resource, exact):
            return exact
    bare = plain(column)
    for each in fields_of(resource):
        if bare in PLAIN.get(each.name, ()):
            return each.name
    if resource == PRODUCTS and bare in attributes:
        return f"{ATTRIBUTE}{attributes[bare]}"
    return None


def _by_shape(
    resource: str, header: Sequence[str], rows: Sequence[Sequence[str]], columns: dict[str, str]
) -> None:
    """A column of 13 or 14 digits in every row holds GTINs, whatever it is called."""
    if "gtin" in columns or not any(each.kind == GTIN for each in fields_of(resource)):
        return
    for at, column in enumerate(header):
        cells = [row[at].strip() for row in rows if at < len(row) and row[at].strip()]
        free = column not in columns.values()
        if free and cells and all(map(_GTIN_SHAPE.match, cells)):
            columns["gtin"] = column
            return


def _cells(
    resource: str,
    columns: dict[str, str],
    header: Sequence[str],
    rows: Sequence[Sequence[str]],
    kind: str,
) -> list[str]:
    wanted = [columns[each.name] for each in fields_of(resource)
              if each.kind == kind and each.name in columns]  # fmt: skip
    places = [at for at, column in enumerate(header) if column in wanted]
    return [row[at].strip() for row in rows for at in places if at < len(row) and row[at].strip()]


def marks_of(cells: Iterable[str]) -> tuple[str, str]:
    """The decimal and the thousands mark that these amounts were written with."""
    votes = {".": 0, ",": 0}
    for cell in filter(_DECIMAL.match, cells):
        point, comma = cell.rfind("."), cell.rfind(",")
        last = max(point, comma)
        if last < 0:
            continue
        mark, other = (cell[last], "," if cell[last] == "." else ".")
        if other in cell:
            votes[mark] += 3
        elif cell.count(mark) > 1:
            votes[other] += 3
        else:
            # Two digits behind a mark are cents, three may be thousands.
            votes[mark] += 2 if len(cell) - last - 1 <= _CENTS else 1
    decimal = "," if votes[","] > votes["."] else "."
    return decimal, "." if decimal == "," else ","


def date_format_of(cells: Iterable[str]) -> str:
    """The order of day and month; where nothing tells, the day comes first."""
    parts = [tuple(map(int, match.groups())) for cell in cells if (match := _DATE.match(cell))]
    if not parts:
        return "iso"
    month_first = any(second > _MONTHS for _, second in parts)
    return "mdy" if month_first and all(first <= _MONTHS for first, _ in parts) else "dmy"
