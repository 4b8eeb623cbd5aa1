"""A file's rows as they are, copied into an unlogged table: texts and row numbers, memory flat."""

import csv
import io
import uuid
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from operator import itemgetter
from typing import Any

from psycopg import Cursor
from sqlalchemy import text

from app.exchange.errors import FileRefused
from app.exchange.ports import Piece, Told
from app.infra.db import DbSession

_TOLD_EVERY = 20_000
MAX_ROWS = 20_000_000


def table(kind: str, import_id: uuid.UUID) -> str:
    """The name of a staging table of an import."""
    return f"exchange_staging.{kind}_{import_id.hex}"


def drop(session: DbSession, import_id: uuid.UUID) -> None:
    """Give the staging tables of an import back."""
    for kind in ("raw", "checked", "judged"):
        session.execute(text(f"DROP TABLE IF EXISTS {table(kind, import_id)}"))


def has_rows(session: DbSession, name: str) -> bool:
    """Whether a staging table is there and not emptied by a crash of the server."""
    if session.scalar(text("SELECT to_regclass(:name)"), {"name": name}) is None:
        return False
    return bool(session.scalar(text(f"SELECT EXISTS (SELECT FROM {name})")))  # noqa: S608


def stage(
    session: DbSession,
    *,
    import_id: uuid.UUID,
    pieces: Iterator[Piece],
    separator: str,
    header_width: int,
    places: Sequence[int],
    told: Told,
) -> int:
    """Copy the mapped columns of all rows below the header; how many rows.

    Raises:
        FileRefused: there are more rows than one import takes.
    """
    name = table("raw", import_id)
    drop(session, import_id)
    typed = ", ".join(f"c{at} text" for at in range(len(places)))
    session.execute(text(f"CREATE UNLOGGED TABLE {name} (row_no bigint, bad text, {typed})"))
    writer = _Writer(separator, header_width, places)
    target = f"""COPY {name} (row_no, bad, {", ".join(writer.columns)})
        FROM STDIN (FORMAT csv, DELIMITER '{separator}')"""
    count = 0
    with _cursor(session) as cursor, cursor.copy(target) as copy:
        for block, size in writer.blocks(pieces):
            copy.write(block)
            count += size
            if count % _TOLD_EVERY < size:
                told(done=count)
            if count > MAX_ROWS:
                raise FileRefused(f"More than {MAX_ROWS:,} rows: send the file in parts")
    session.execute(text(f"ANALYZE {name}"))
    return count


class _Writer:
    """Rows as the text that COPY reads: number, what is wrong with the row, mapped cells.

    Where every cell of the file is mapped, in whatever order, lines are copied as they stand.
    """

    def __init__(self, separator: str, width: int, places: Sequence[int]) -> None:
        self._separator, self._width = separator, width
        self._is_whole = sorted(places) == list(range(width))
        self._places = list(range(width)) if self._is_whole else places

        self.columns = [f"c{places.index(place) if self._is_whole else at}"
                        for at, place in enumerate(self._places)]  # fmt: skip

    def blocks(self, pieces: Iterable[Piece]) -> Iterator[tuple[str, int]]:
        """Texts, and how many rows each has."""
        number = 2
        for piece in pieces:
            if piece.lines and self._is_whole:
                yield self._numbered(piece.lines, number), len(piece.lines)
            else:
                rows = piece.rows or [line.split(self._separator) for line in piece.lines]
                yield self._written(list(self._picked(rows, number)))
            number += len(piece.lines) + len(piece.rows)

    def _numbered(self, lines: Sequence[str], first: int) -> str:
        mark = self._separator * 2
        return "".join([f"{number}{mark}{line}\n" for number, line in enumerate(lines, first)])

    def _written(self, rows: Sequence[tuple[Any, ...]]) -> tuple[str, int]:
        buffer = io.StringIO()
        csv.writer(buffer, delimiter=self._separator, lineterminator="\n").writerows(rows)
        return buffer.getvalue(), len(rows)

    def _picked(self, rows: Iterable[list[str]], first: int) -> Iterator[tuple[Any, ...]]:
        places, width = self._places, self._width
        pick = itemgetter(*places) if len(places) > 1 else lambda row: (row[places[0]],)
        for number, row in enumerate(rows, first):
            if len(row) == width:
                yield (number, "", *pick(row))
            elif row and any(row):
                bad = "ragged" if any(row[width:]) else ""
                yield (number, bad, *pick(row + [""] * (width - len(row))))


@contextmanager
def _cursor(session: DbSession) -> Iterator[Cursor[Any]]:
    """A cursor of the driver inside the session's transaction."""
    connection = session.connection().connection.driver_connection
    assert connection is not None
    with connection.cursor() as cursor:
        yield cursor
