"""Many rows into many tables, in the order of their foreign keys, by COPY.

Networks are loaded as a whole, so ids are made here and rows are written past the operations;
every constraint of the database still holds.
"""

import uuid
from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Any

from psycopg import Cursor
from psycopg.types.json import Jsonb
from sqlalchemy import Table, text

from app.infra.db import Base, DbSession
from app.kernel.ids import new_id

_EVERY = 5000
Written = Callable[[str, int, int], None]


class Batch:
    """Gathers rows, then writes them at once."""

    def __init__(self) -> None:
        self._rows: dict[Table, dict[tuple[str, ...], list[tuple[Any, ...]]]] = defaultdict(dict)

    def add(self, model: type[Base], **values: object) -> uuid.UUID:
        """Take a row of a table that is keyed by an id; the id."""
        row_id = new_id()
        self.add_plain(model, id=row_id, **values)
        return row_id

    def add_plain(self, model: type[Base], **values: object) -> None:
        """Take a row of a table with another key."""
        table = model.__table__
        assert isinstance(table, Table)
        shapes = self._rows[table]
        shapes.setdefault(tuple(values), []).append(tuple(values.values()))

    def counts(self) -> dict[str, int]:
        """Rows by table."""
        return {
            table.name: sum(len(rows) for rows in shapes.values())
            for table, shapes in self._rows.items()
        }

    def write(self, session: DbSession, told: Written) -> None:
        """COPY everything in the caller's transaction, then refresh the planner's statistics."""
        session.flush()
        connection = session.connection().connection.driver_connection
        assert connection is not None
        with connection.cursor() as cursor:
            for table in Base.metadata.sorted_tables:
                for columns, rows in self._rows.get(table, {}).items():
                    _copy(cursor, table, columns, rows, told)
        for table in self._rows:
            session.execute(text(f"ANALYZE {table.name}"))


def _copy(
    cursor: Cursor[Any],
    table: Table,
    columns: tuple[str, ...],
    rows: Iterable[tuple[Any, ...]],
    told: Written,
) -> None:
    rows = list(rows)
    if "variant_id" in columns:
        # Offers, stock and prices of a variant are read together: let them lie together.
        place = columns.index("variant_id")
        rows.sort(key=lambda row: row[place])
    documents = [index for index, name in enumerate(columns) if _is_document(table, name)]
    with cursor.copy(f"COPY {table.name} ({', '.join(columns)}) FROM STDIN") as copy:
        for number, row in enumerate(rows):
            if number % _EVERY == 0:
                told(table.name, number, len(rows))
            copy.write_row(_with_json(row, documents) if documents else row)
    told(table.name, len(rows), len(rows))


def _is_document(table: Table, column: str) -> bool:
    return table.columns[column].type.__class__.__name__ == "JSONB"


def _with_json(row: tuple[Any, ...], documents: list[int]) -> tuple[Any, ...]:
    return tuple(Jsonb(value) if index in documents else value for index, value in enumerate(row))
