"""The declarative base, the session, and column types that refuse ambiguous values."""

import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Annotated, Any, ClassVar, cast

import orjson
from flask_sqlalchemy import SQLAlchemy
from psycopg import _queries
from sqlalchemy import (
    CHAR,
    BigInteger,
    CursorResult,
    DateTime,
    Engine,
    MetaData,
    Table,
    Text,
    TextClause,
    TextualSelect,
    Uuid,
    column,
    text,
)
from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import (
    DeclarativeBase,
    Mapped,
    Session,
    mapped_column,
    scoped_session,
    sessionmaker,
)

from app.kernel.ids import new_id

CONSTRAINT_NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
    "ex": "ex_%(table_name)s_%(constraint_name)s",
}

Minor = Annotated[int, mapped_column(BigInteger)]
Currency = Annotated[str, mapped_column(CHAR(3))]
Ids = Annotated[list[uuid.UUID], mapped_column(ARRAY(Uuid))]
Words = Annotated[list[str], mapped_column(ARRAY(Text))]
Document = Annotated[dict[str, Any], mapped_column(JSONB)]


class Base(DeclarativeBase):
    """Every table of the product; relationships across domains do not exist."""

    metadata = MetaData(naming_convention=CONSTRAINT_NAMES)
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        datetime: DateTime(timezone=True),
        uuid.UUID: Uuid(),
        str: Text(),
    }


class Identified:
    """A table keyed by one time-ordered id."""

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)


def _dumps(value: object) -> str:
    return orjson.dumps(value, option=orjson.OPT_NON_STR_KEYS).decode()


ENGINE_OPTIONS: dict[str, Any] = {
    "json_serializer": _dumps,
    "json_deserializer": orjson.loads,
    "pool_size": 8,
    "max_overflow": 4,
    "pool_pre_ping": True,
    # The last one that was used is used again: few connections prepare what all of them would.
    "pool_use_lifo": True,
    # Statements of hot paths are prepared; their plans do not depend on the values bound.
    "connect_args": {"options": "-c plan_cache_mode=force_generic_plan -c jit=off"},
}

# The driver reads a statement's binds out of its text; what it read of longer ones it forgets, and
# those that decide an order are longer.
_queries.MAX_CACHED_STATEMENT_LENGTH = 65_536

db = SQLAlchemy(metadata=Base.metadata, engine_options=ENGINE_OPTIONS)

DbSession = Session | scoped_session[Any]


def array_of(values: Iterable[uuid.UUID | int | str]) -> str:
    """Ids or whole numbers as the text of an array, for a bind that the statement casts.

    On hot paths: binding a list costs the driver some microseconds an element.
    """
    return f"{{{','.join(map(str, values))}}}"


def answering(statement: str, *columns: str) -> TextualSelect:
    """A statement of a hot path and what its columns are called, in their order.

    Told, what an answer looks like is worked out once, and not from every answer anew.
    """
    return text(statement).columns(*(column(name) for name in columns))


def tuples_of(
    session: DbSession, statement: TextualSelect, binds: Mapping[str, Any]
) -> Sequence[tuple[Any, ...]]:
    """What a statement answers, as the driver gives it: for hundreds of rows read by position."""
    answer = cast("CursorResult[Any]", session.execute(statement, binds))
    try:
        rows: Sequence[tuple[Any, ...]] = answer.cursor.fetchall()
    finally:
        answer.close()
    return rows


def sessions_beside(session: DbSession) -> Callable[[], Session] | None:
    """Makes sessions of their own on the same database, for work that is done side by side.

    None where all happens in one connection: another one would not see what is not committed.
    """
    bind = session.get_bind()
    return sessionmaker(bind) if isinstance(bind, Engine) else None


@cache
def _insertion(table: Table, columns: tuple[str, ...]) -> TextClause:
    """One statement for any number of rows, read from a JSON array: compiled and planned once."""
    dialect = postgresql.dialect()  # type: ignore[no-untyped-call]
    types = ", ".join(f"{name} {table.columns[name].type.compile(dialect)}" for name in columns)
    names = ", ".join(columns)
    return text(
        f"INSERT INTO {table.name} ({names}) "  # noqa: S608 - names of our own tables
        f"SELECT {names} FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r ({types})"
    )


def insert_rows(session: DbSession, model: type[Base], rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows of one shape in one statement, past the unit of work of the ORM.

    On hot paths this costs a tenth of an ORM insert. Columns that no row names get their default.
    """
    if rows:
        table = model.__table__
        assert isinstance(table, Table)
        document = orjson.dumps(rows).decode()
        session.execute(_insertion(table, tuple(rows[0])), {"rows": document})
