"""What every edit shares: versions that do not get lost, constraints that refuse in plain words."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Protocol

from psycopg.errors import Diagnostic
from sqlalchemy.exc import IntegrityError

from app.infra.db import DbSession
from app.kernel.errors import AppError, PreconditionFailed


class Versioned(Protocol):
    """A thing that people edit."""

    version: Any


def edit(thing: Versioned, *, expected_version: int, changes: Mapping[str, Any]) -> None:
    """Change fields of a thing that was read under lock, and count its version up.

    Raises:
        PreconditionFailed: somebody changed it since the caller read it.
    """
    if thing.version != expected_version:
        raise PreconditionFailed
    for name, value in changes.items():
        setattr(thing, name, value)
    thing.version = expected_version + 1


@contextmanager
def refusing(session: DbSession, refusals: Mapping[str, AppError]) -> Iterator[None]:
    """Turn a violated constraint, by its name, into a refusal; the transaction stays usable."""
    try:
        with session.begin_nested():
            yield
            session.flush()
    except IntegrityError as error:
        diagnostic: Diagnostic | None = getattr(error.orig, "diag", None)
        refusal = refusals.get((diagnostic and diagnostic.constraint_name) or "")
        if refusal is None:
            raise
        raise refusal from error
