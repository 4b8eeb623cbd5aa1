"""One replay at a time: a lock of the database that ends with its connection."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Engine, text
from sqlalchemy.orm import Session

from app.kernel.errors import Conflict

PLACER = "distributary.replay"
FOLLOWER = "distributary.replay.follower"


class AlreadyReplaying(Conflict):
    """Two replays at once would take each other's stock out of order."""

    code = "demo.already_replaying"
    title = "A replay is running on this database already"


@contextmanager
def placing_alone(engine: Engine) -> Iterator[Session]:
    """A session for the one process that places orders.

    Raises:
        AlreadyReplaying: there is one.
    """
    with _connected(engine) as connection:
        query = text("SELECT pg_try_advisory_lock(hashtext(:name))")
        if not connection.execute(query, {"name": PLACER}).scalar():
            raise AlreadyReplaying
        with _session(connection) as session:
            yield session


@contextmanager
def following_alone(engine: Engine) -> Iterator[Session]:
    """A session for the one process that finishes orders; waits until an orphan has ended."""
    with _connected(engine) as connection:
        connection.execute(text("SELECT pg_advisory_lock(hashtext(:name))"), {"name": FOLLOWER})
        # Plans are kept, also those of foreign keys: made while tables are small, they must suit
        # large ones.
        connection.execute(text("SET enable_seqscan TO off"))
        with _session(connection) as session:
            yield session


@contextmanager
def _connected(engine: Engine) -> Iterator[Connection]:
    with engine.connect() as connection:
        try:
            yield connection
        finally:
            # Not back to the pool: the lock ends with the connection.
            connection.invalidate()


@contextmanager
def _session(connection: Connection) -> Iterator[Session]:
    # Losing the last steps in a crash of the server is harmless: they are taken again.
    connection.execute(text("SET synchronous_commit TO off"))
    connection.commit()
    with Session(connection, expire_on_commit=False) as session:
        yield session
