"""The worker's and beat's entry point: ``celery -A connectors.celery.worker:app worker`` | beat."""

from typing import Any

from celery.signals import worker_init

from app.routing import compiling
from app.wiring import SWEEPS, create_app_from_environment
from connectors.celery.factory import Pace, make_celery

app = make_celery(create_app_from_environment(), table=SWEEPS, pace=Pace())


@worker_init.connect(weak=False)
def load_the_optimizer(**_: Any) -> None:  # noqa: ANN401 - a signal's arguments
    """Before the pool forks: its processes inherit the machine code. Beat needs none."""
    compiling.ready()
