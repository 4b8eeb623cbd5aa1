"""A file's rows as they are, copied into an unlogged table: texts and row numbers, memory flat."""

import csv
import io
import uuid
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from operator import itemgetter
from typing import Any

from psycopg import Cursor
from sqlalchemy import text

from app.exchange.errors import FileRefused
from app.exchange.ports import Told
from app.infra.db import DbSession

_BATCH = 5000
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
    rows: Iterator[list[str]],
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
    columns = [f"c{at}" for at in range(len(places))]
    typed = ", ".join(f"{column} text" for column in columns)
    session.execute(text(f"CREATE UNLOGGED TABLE {name} (row_no bigint, bad text, {typed})"))
    target = f"COPY {name} (row_no, bad, {', '.join(columns)}) FROM STDIN (FORMAT csv)"
    count = 0
    with _cursor(session) as cursor, cursor.copy(target) as copy:
        for block, size in _blocks(_picked(rows, header_width, places)):
            copy.write(block)
            count += size
            if count % _TOLD_EVERY < _BATCH:
                told(done=count)
            if count > MAX_ROWS:
                raise FileRefused(f"More than {MAX_ROWS:,} rows: send the file in parts")
    session.execute(text(f"ANALYZE {name}"))
    return count


def _picked(
    rows: Iterator[list[str]], width: int, places: Sequence[int]
) -> Iterator[tuple[Any, ...]]:
    """Rows as they are copied: number, what is wrong with the row as a whole, mapped cells."""
    pick = itemgetter(*places) if len(places) > 1 else lambda row: (row[places[0]],)
    for number, row in enumerate(rows, start=2):
        if len(row) == width:
            yield (number, "", *pick(row))
        elif row and any(row):
            bad = "ragged" if any(row[width:]) else ""
            yield (number, bad, *pick(row + [""] * (width - len(row))))


def _blocks(rows: Iterable[tuple[Any, ...]]) -> Iterator[tuple[str, int]]:
    """Batches of rows as the text that COPY reads."""
    left = iter(rows)
    while batch := list(islice(left, _BATCH)):
        buffer = io.StringIO()
        csv.writer(buffer, lineterminator="\n").writerows(batch)
        yield buffer.getvalue(), len(batch)


@contextmanager
def _cursor(session: DbSession) -> Iterator[Cursor[Any]]:
    """A cursor of the driver inside the session's transaction."""
    connection = session.connection().connection.driver_connection
    assert connection is not None
    with connection.cursor() as cursor:
        yield cursor
