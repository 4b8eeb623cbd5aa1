"""``flask settlement``: release what is due, close a period by hand."""

from datetime import UTC, datetime

import click
from flask import current_app

from app.cli.console import console
from app.infra.db import db
from app.infra.unit_of_work import transaction
from app.kernel.clock import Clock
from app.settlement import operations

_DAY = click.DateTime(formats=["%Y-%m-%d"])
_BATCH = 500


@click.group()
def settlement() -> None:
    """Holds and statements."""


def _now() -> datetime:
    clock: Clock = current_app.extensions["clock"]
    return clock.now()


@settlement.command()
@click.option("--from", "period_from", type=_DAY, required=True, help="First day (UTC).")
@click.option("--to", "period_to", type=_DAY, required=True, help="Day after the last (UTC).")
def close(period_from: datetime, period_to: datetime) -> None:
    """Close a period: one statement per organization and currency. A second run makes none."""
    with transaction(db.session) as session:
        made = operations.close_period(
            session,
            period_from=period_from.replace(tzinfo=UTC),
            period_to=period_to.replace(tzinfo=UTC),
            now=_now(),
        )
    console().print(f"{made:,} statements closed.")


@settlement.command()
def release() -> None:
    """Release the money of every shipment whose hold has ended."""
    released = 0
    while True:
        with transaction(db.session) as session:
            found = operations.release_due(session, now=_now(), limit=_BATCH)
        released += found
        if found < _BATCH:
            break
    console().print(f"{released:,} shipments released.")
