"""The programs of the worker tests: real workers on the test's database and broker, in a hurry.

``python -m tests.connectors.standin rq`` is an RQ worker; Celery takes ``celery_app`` from here.
Their job functions and sweeps tell the test, through the broker, what they do.
"""

import os
import sys
import time
from dataclasses import replace

from redis import Redis
from sqlalchemy import text

from app import wiring
from app.wiring import SWEEPS, create_app_from_environment
from connectors.celery import factory
from connectors.rq import worker

flask_app = create_app_from_environment()
board = Redis.from_url(flask_app.extensions["settings"].redis_url, decode_responses=True)


def count_slowly(session, job, progress):
    """Write one row per step; tell the board; the first attempt waits to be killed."""
    steps = job.arguments["steps"]
    for step in range(steps):
        note(session, f"{job.id}:{step}")
        progress(done=step + 1, total=steps)
    board.rpush(f"reached:{job.id}", os.getpid())
    while board.get(f"hold:{job.id}"):
        time.sleep(0.05)
        progress(done=steps, total=steps)
    return {"counted": steps}


def fail(_session, _job, _progress):
    raise RuntimeError("a secret in a traceback")


def note(session, line):
    session.execute(
        text("INSERT INTO infra_inbox VALUES ('standin', :line, now(), '{}')"), {"line": line}
    )


def hold_sweep(_session, *, now, limit):
    """A sweep that waits to be killed, while the board says so."""
    board.rpush("sweep:reached", os.getpid())
    while board.get("sweep:hold"):
        time.sleep(0.05)
    return 0


def hear(session, told):
    """A later handler: one row for an event, and none for the poisoned one."""
    if told.payload.get("poison"):
        raise RuntimeError("poisoned")
    note(session, f"heard:{told.id}")


wiring.LATER = {**wiring.LATER, "standin.happened": (hear,)}
flask_app.extensions["job_functions"] = {"count": count_slowly, "fail": fail}

celery_app = factory.make_celery(
    flask_app,
    table=[
        *(replace(each, every_s=min(each.every_s, 1)) for each in SWEEPS),
        factory.Sweep("hold", "tests.connectors.standin:hold_sweep", every_s=3600),
    ],
    pace=factory.Pace(visibility_timeout_s=3, restore_interval_s=1),
)

if __name__ == "__main__" and sys.argv[1:] == ["rq"]:
    worker.work(
        flask_app,
        redis_url=flask_app.extensions["settings"].rq_redis_url,
        pace=worker.Pace(maintenance_s=1, monitoring_s=1, worker_ttl_s=16),
    )
