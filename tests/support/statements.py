"""Counts the SQL statements of a block, so that a list stays a list and does not become N+1."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from sqlalchemy import Engine, event


@dataclass
class Statements:
    """The statements that ran, without savepoints."""

    texts: list[str] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.texts)

    def about(self, table: str) -> int:
        """How many of them speak of a table."""
        return sum(table in text for text in self.texts)


@contextmanager
def count_statements() -> Iterator[Statements]:
    """Collect the statements of every engine while the block runs."""
    found = Statements()

    def note(_connection, _cursor, statement, *_) -> None:
        if "SAVEPOINT" not in statement:
            found.texts.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield found
    finally:
        event.remove(Engine, "before_cursor_execute", note)
