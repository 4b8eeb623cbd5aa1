"""Runs migrations over the application's engine, under a lock timeout and one advisory lock."""

from alembic import context
from flask import current_app
from sqlalchemy import text

from app.infra.db import Base

LOCK_KEY = 0x6469737472  # "distr": two starters migrate one after the other

config = context.config


def run() -> None:
    engine = current_app.extensions["migrate"].db.engine
    with engine.connect() as connection:
        context.configure(
            connection=connection,
            target_metadata=Base.metadata,
            compare_type=True,
            transaction_per_migration=False,
        )
        with context.begin_transaction():
            connection.execute(text("SET LOCAL lock_timeout = '10s'"))
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": LOCK_KEY})
            context.run_migrations()


if context.is_offline_mode():
    raise SystemExit("Migrations run against a database; offline SQL is not offered.")
run()
