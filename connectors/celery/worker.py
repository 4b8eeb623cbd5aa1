"""The worker's and beat's entry point: ``celery -A connectors.celery.worker:app worker`` | beat."""

from app.wiring import SWEEPS, create_app_from_environment
from connectors.celery.factory import Pace, make_celery

app = make_celery(create_app_from_environment(), table=SWEEPS, pace=Pace())
