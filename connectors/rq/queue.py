"""The job queue on RQ: an id goes in, ``run_job`` is called with it in a worker, at least once.

Payloads are JSON, never pickles: whoever can write to the broker must not run code.
"""

import uuid
from contextlib import suppress

from redis import Redis
from rq import Queue, Retry
from rq.exceptions import DuplicateJobError
from rq.serializers import JSONSerializer

from app.kernel.ids import new_id

QUEUE = "jobs"
RUN_JOB = "connectors.rq.tasks.run_job"
TIMEOUT_S = 4 * 3600
_KEPT_S = 600


def open_queue(redis_url: str) -> "Queue":
    """The queue of jobs on a server; connects when it is used."""
    return Queue(QUEUE, connection=Redis.from_url(redis_url), serializer=JSONSerializer)


class RqJobQueue:
    """Brings job ids to RQ workers."""

    def __init__(self, redis_url: str) -> None:
        self._queue = open_queue(redis_url)

    def ping(self) -> None:
        """Raise when the broker does not answer."""
        self._queue.connection.ping()

    def push(self, job_id: uuid.UUID) -> None:
        """Bring a new job, unless the queue has it already."""
        with suppress(DuplicateJobError):
            self._enqueue(job_id, str(job_id))

    def push_again(self, job_id: uuid.UUID) -> None:
        """Bring a job whose worker died, although RQ may still believe that it runs."""
        self._enqueue(job_id, str(new_id()))

    def _enqueue(self, job_id: uuid.UUID, rq_id: str) -> None:
        self._queue.enqueue_call(
            RUN_JOB,
            args=[str(job_id)],
            job_id=rq_id,
            timeout=TIMEOUT_S,
            result_ttl=_KEPT_S,
            failure_ttl=_KEPT_S,
            retry=Retry(max=2),
            unique=True,
        )
