"""A Celery application that sweeps what is due, set so that kills lose nothing.

* A message is acknowledged after its work (late); a worker that dies gives it back.
* The visibility timeout exceeds the longest task, else a long task would run twice; messages of
  dead workers are looked for at every interval, not at every tenth.
* No message is due later: due times lie in tables, beat asks often, and what nobody took in time
  expires, because the next tick asks again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from celery import Celery, Task
from celery.signals import worker_process_init
from flask import Flask

from app.infra import sweeps
from app.infra.db import db
from app.infra.sweeps import Sweep

TASK = "sweep"


@dataclass(frozen=True, slots=True)
class Pace:
    """How long a task may take, and after how long a dead worker's message is given back."""

    soft_limit_s: int = 50
    hard_limit_s: int = 60
    visibility_timeout_s: int = 120
    restore_interval_s: int = 10


def settings_for(broker_url: str, *, schedule: Mapping[str, Any], pace: Pace) -> dict[str, Any]:
    """The configuration, as Celery names it."""
    transport = {
        "visibility_timeout": pace.visibility_timeout_s,
        "unacked_restore_interval": pace.restore_interval_s,
        "unacked_restore_throttle": 1,
    }
    return {
        "broker_url": broker_url,
        "broker_transport_options": transport,
        "broker_connection_retry_on_startup": True,
        "broker_connection_max_retries": None,
        "visibility_timeout": pace.visibility_timeout_s,
        "task_default_queue": "sweeps",
        "task_acks_late": True,
        "task_reject_on_worker_lost": True,
        "task_ignore_result": True,
        "task_serializer": "json",
        "accept_content": ["json"],
        "task_soft_time_limit": pace.soft_limit_s,
        "task_time_limit": pace.hard_limit_s,
        "worker_prefetch_multiplier": 1,
        "worker_soft_shutdown_timeout": 10.0,
        "worker_hijack_root_logger": False,
        "timezone": "UTC",
        "beat_schedule": dict(schedule),
        "beat_max_loop_interval": 1,
    }


def schedule_of(table: Sequence[Sweep]) -> dict[str, Any]:
    """Beat's schedule of the sweeps; a tick that waited for longer than its period is dropped."""
    return {
        each.name: {
            "task": TASK,
            "schedule": each.every_s,
            "args": (each.name,),
            "options": {"expires": max(5.0, each.every_s)},
        }
        for each in table
    }


def make_celery(flask_app: Flask, *, table: Sequence[Sweep], pace: Pace) -> Celery:
    """The Celery application of a Flask application and its sweeps."""

    class ContextTask(Task):
        """A task inside an application context: a session of its own, removed afterwards."""

        def __call__(self, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - Celery's signature
            with flask_app.app_context():
                return super().__call__(*args, **kwargs)

    made = Celery("distributary", task_cls=ContextTask)
    broker_url = flask_app.extensions["settings"].celery_broker_url
    made.conf.update(settings_for(broker_url, schedule=schedule_of(table), pace=pace))
    by_name = {each.name: each for each in table}

    @made.task(name=TASK)
    def sweep(name: str) -> int:
        """Work off what is due of one sweep."""
        each = by_name[name]
        return sweeps.sweep(
            db.session,
            work=each.function(),
            limit=each.limit,
            clock=flask_app.extensions["clock"],
        )

    @worker_process_init.connect(weak=False)
    def forget_inherited_connections(**_: Any) -> None:  # noqa: ANN401 - a signal's arguments
        with flask_app.app_context():
            db.engine.dispose(close=False)

    return made
