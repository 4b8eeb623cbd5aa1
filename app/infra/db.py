"""The declarative base, the session, and column types that refuse ambiguous values."""

import uuid
from datetime import datetime
from typing import Annotated, Any, ClassVar

import orjson
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import CHAR, BigInteger, DateTime, MetaData, Text, Uuid
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, scoped_session

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
}

db = SQLAlchemy(metadata=Base.metadata, engine_options=ENGINE_OPTIONS)

DbSession = Session | scoped_session[Any]
