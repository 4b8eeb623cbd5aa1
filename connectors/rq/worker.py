"""``python -m connectors.rq.worker``: works on jobs, one forked process each.

RQ's defaults look for the jobs of dead workers after minutes; ``Pace`` shortens that. The product's
own sweep (``app.infra.jobs.revive``) is quicker still and survives the loss of the broker's data.
"""

from dataclasses import dataclass

from flask import Flask
from redis import Redis
from rq import Worker
from rq.serializers import JSONSerializer

from app.wiring import create_app_from_environment
from connectors.rq.queue import QUEUE


@dataclass(frozen=True, slots=True)
class Pace:
    """How often a worker looks after itself and after the jobs of others.

    An idle worker blocks for ``worker_ttl_s`` minus 15 seconds before it cleans up.
    """

    maintenance_s: int = 10
    monitoring_s: int = 5
    worker_ttl_s: int = 25


def work(flask_app: Flask, *, redis_url: str, pace: Pace) -> None:
    """Work until told to stop; a stop waits for the job at hand."""
    with flask_app.app_context():  # the processes that are forked for jobs inherit it
        worker = Worker(
            [QUEUE],
            connection=Redis.from_url(redis_url),
            serializer=JSONSerializer,
            maintenance_interval=pace.maintenance_s,
            job_monitoring_interval=pace.monitoring_s,
            worker_ttl=pace.worker_ttl_s,
        )
        worker.work(logging_level="WARNING")


def main() -> None:
    """Work for the environment's application."""
    flask_app = create_app_from_environment()
    work(flask_app, redis_url=flask_app.extensions["settings"].rq_redis_url, pace=Pace())


if __name__ == "__main__":
    main()
