"""One engine a run, one database a worker, one transaction a test.

``session`` and ``client`` share a transaction that is rolled back after the test; commits inside
become savepoints. ``committed`` gives a database of its own to tests that need real commits
(concurrency, workers, COPY).
"""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_migrate import upgrade
from hypothesis import settings as properties
from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from app.config import Settings, settings_from
from app.infra import embedded
from app.infra.db import ENGINE_OPTIONS, db
from app.kernel.clock import FixedClock
from app.routing import compiling
from app.wiring import create_app

# The same examples in every run; tests that need another number of them say so.
properties.register_profile(
    "suite", derandomize=True, database=None, deadline=None, max_examples=60
)
properties.load_profile("suite")

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
_makers = pytest.StashKey[subprocess.Popen[bytes]]()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests that need no machine code go first, in their own order: it is made meanwhile."""
    items.sort(key=_needs_machine_code)


def pytest_collection_finish(session: pytest.Session) -> None:
    """Begin to make machine code beside the first tests, when any test will ask for it."""
    if any(map(_needs_machine_code, session.items)) and not session.config.option.collectonly:
        command = [sys.executable, "-m", "app.routing.compiling"]
        session.stash[_makers] = subprocess.Popen(command, stdout=subprocess.DEVNULL)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Leave nothing behind that is still being made."""
    maker = session.stash.get(_makers, None)
    if maker is not None:
        maker.terminate()
        maker.wait()


def _needs_machine_code(item: pytest.Item) -> bool:
    return "machine_code" in getattr(item, "fixturenames", ())


TEMPLATE = "distributary_template"


@pytest.fixture(scope="session")
def servers() -> Iterator[embedded.Layout]:
    with tempfile.TemporaryDirectory(prefix="distributary-test-") as folder:
        var = Path(folder)
        with embedded.session(var=var, profile=embedded.TEST):
            yield embedded.layout_of(var)


def _admin(layout: embedded.Layout) -> psycopg.Connection:
    return psycopg.connect(f"host={layout.sockets} user=postgres dbname=postgres", autocommit=True)


def _settings(layout: embedded.Layout, database: str) -> Settings:
    return settings_from(
        {
            "DATABASE_URL": layout.database_url(database),
            "REDIS_URL": layout.endpoints.redis_url,
            "SECRET_KEY": "only-for-tests-" * 4,
            "DISTRIBUTARY_MODE": "test",
            "DISTRIBUTARY_VAR": str(layout.var),
            "LOG_LEVEL": "ERROR",
        }
    )


@pytest.fixture(scope="session")
def machine_code(request: pytest.FixtureRequest) -> None:
    """What servers and workers of the tests load; made here, where nobody waits for an answer."""
    compiling.ready()
    request.session.stash[_makers].wait()


@pytest.fixture(scope="session")
def template(servers: embedded.Layout, machine_code: None) -> str:
    with _admin(servers) as admin:
        admin.execute(f"CREATE DATABASE {TEMPLATE}")
    app = create_app(_settings(servers, TEMPLATE))
    with app.app_context():
        upgrade()
        db.engine.dispose()
    return TEMPLATE


def _clone(layout: embedded.Layout, template: str, name: str) -> None:
    with _admin(layout) as admin:
        admin.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        admin.execute(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY")


@pytest.fixture(scope="session")
def shared_app(servers: embedded.Layout, template: str) -> Iterator[Flask]:
    name = f"test_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}"
    _clone(servers, template, name)
    app = create_app(_settings(servers, name), clock=FixedClock(NOW))
    yield app
    with app.app_context():
        db.engine.dispose()


@pytest.fixture
def now() -> datetime:
    return NOW


@pytest.fixture
def app(shared_app: Flask) -> Iterator[Flask]:
    """The application, inside a transaction that the end of the test rolls back."""
    shared_app.extensions["clock"] = FixedClock(NOW)
    with shared_app.app_context():
        engine = db.engine
        connection = engine.connect()
        outer = connection.begin()
        options = db.session.session_factory.kw
        options["join_transaction_mode"] = "create_savepoint"
        db.engines[None] = connection  # type: ignore[assignment]
        try:
            yield shared_app
        finally:
            db.session.remove()
            db.engines[None] = engine
            del options["join_transaction_mode"]
            outer.rollback()
            connection.close()


@pytest.fixture
def session(app: Flask) -> Session:
    """The session of the test's transaction; requests of ``client`` use the same one."""
    return db.session()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def committed(servers: embedded.Layout, template: str) -> Iterator[Flask]:
    """An application on a fresh database of its own, where commits are real."""
    name = f"own_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}"
    _clone(servers, template, name)
    app = create_app(_settings(servers, name), clock=FixedClock(NOW))
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def sessions(committed: Flask) -> Iterator[object]:
    """A maker of independent sessions on the committed database, for threads."""
    url = committed.config["SQLALCHEMY_DATABASE_URI"]
    engine = create_engine(url, **{**ENGINE_OPTIONS, "pool_size": 40})
    yield lambda: Session(engine, expire_on_commit=False)
    engine.dispose()
