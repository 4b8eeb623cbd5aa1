"""One generated market a run: large enough that the planner chooses as it does in earnest."""

from collections.abc import Iterator

import psycopg
import pytest
from flask import Flask
from sqlalchemy.orm import Session

from app.discovery import operations as discovery_operations
from app.infra import embedded
from app.infra.db import db
from app.wiring import create_app
from bench.market import prices
from bench.market.plan import Plan
from bench.market.resolving import NOW
from bench.market.run import BASE
from bench.market.stages import Generator
from tests.conftest import _admin, _clone, _settings

PLAN = Plan(makers=2, variants_a_maker=1_000)
NAME = "plans"


@pytest.fixture(scope="session")
def generated(servers: embedded.Layout, template: str) -> Iterator[Flask]:
    _clone(servers, template, NAME)
    app = create_app(_settings(servers, NAME))
    address = servers.database_url(NAME).replace("+psycopg", "")
    with psycopg.connect(address, autocommit=True) as connection:
        generator = Generator(connection, PLAN)
        for stage in (*BASE, prices.ENTRIES, prices.LONG_LIST_ENTRIES):
            generator.make(stage)
        with app.app_context(), Session(db.engine) as session:
            # What triggers would have noted, had the rows not been taken on trust.
            discovery_operations.queue_all(session)
            discovery_operations.index_all(session)
            discovery_operations.mark_all(session)
            while discovery_operations.shelve_waiting(session, limit=2000, now=NOW):
                pass
            session.commit()
        connection.execute("VACUUM (ANALYZE)")
    yield app
    with app.app_context():
        db.engine.dispose()
    with _admin(servers) as admin:
        admin.execute(f"DROP DATABASE {NAME} WITH (FORCE)")


@pytest.fixture
def market(generated: Flask) -> Iterator[Session]:
    """A session on the generated market; what it writes is rolled back."""
    with generated.app_context(), Session(db.engine) as session:
        yield session
        session.rollback()
