"""The bench's own servers and database: started, migrated, and thrown away unless kept."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
from flask import Flask
from flask_migrate import upgrade

from app.config import settings_from
from app.infra import embedded
from app.infra.db import db
from app.infra.embedded.layout import DATABASE_NAME
from app.wiring import create_app


@dataclass(frozen=True, slots=True)
class Home:
    """A running database with the product's schema, and the product on it."""

    var: Path
    app: Flask
    environ: dict[str, str]
    address: str

    def connect(self) -> psycopg.Connection:
        """A connection of the bench's own."""
        return psycopg.connect(self.address, autocommit=True)


@contextmanager
def at_home(var: Path, *, kept: bool, database: str = DATABASE_NAME) -> Iterator[Home]:
    """Servers in a folder, brought up to date; the folder is removed in the end unless kept."""
    var.mkdir(parents=True, exist_ok=True)
    try:
        with embedded.session(var=var, profile=embedded.DEMO) as endpoints:
            address = embedded.layout_of(var).database_url(database)
            environ = {
                **os.environ,
                "DATABASE_URL": address,
                "REDIS_URL": endpoints.redis_url,
                "SECRET_KEY": "only-for-benchmarks-" * 2,
                "DISTRIBUTARY_MODE": "demo",
                "DISTRIBUTARY_VAR": str(var),
                "LOG_LEVEL": "ERROR",
            }
            app = create_app(settings_from(environ))
            with app.app_context():
                upgrade()
                db.engine.dispose()
            yield Home(var, app, environ, address.replace("+psycopg", ""))
            with app.app_context():
                db.engine.dispose()
    finally:
        if not kept:
            shutil.rmtree(var)
