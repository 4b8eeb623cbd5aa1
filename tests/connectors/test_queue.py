"""The job queue on a real broker, and the readiness that depends on it."""

import json
import uuid
import zlib

import pytest

from connectors.rq.queue import RUN_JOB, RqJobQueue, open_queue


@pytest.fixture
def waiting(crew):
    """The queue of the test, without workers."""
    return open_queue(crew.rq_url)


class TestAQueue:
    def test_takes_a_new_job_once(self, crew, waiting):
        queue, job_id = RqJobQueue(crew.rq_url), uuid.UUID(int=1)
        queue.push(job_id)
        queue.push(job_id)
        assert waiting.get_job_ids() == [str(job_id)]
        assert waiting.jobs[0].args == [str(job_id)]

    def test_takes_a_job_again_whose_worker_died(self, crew, waiting):
        queue, job_id = RqJobQueue(crew.rq_url), uuid.UUID(int=1)
        queue.push(job_id)
        queue.push_again(job_id)
        assert [job.args for job in waiting.jobs] == [[str(job_id)]] * 2

    def test_carries_json_and_no_pickles(self, crew, waiting):
        job_id = str(uuid.UUID(int=1))
        RqJobQueue(crew.rq_url).push(uuid.UUID(job_id))
        sent = zlib.decompress(waiting.connection.hget(f"rq:job:{job_id}", "data"))
        assert json.loads(sent) == [RUN_JOB, None, [job_id], {}]


class TestReadiness:
    def test_means_that_database_and_broker_answer(self, committed):
        answer = committed.test_client().get("/readyz")
        assert answer.json["checks"] == {"database": "ok", "broker": "ok"}

    def test_ends_with_the_broker(self, committed):
        gone = RqJobQueue("unix:///nowhere/valkey.sock?db=1")
        committed.extensions["broker_ping"] = gone.ping
        answer = committed.test_client().get("/readyz")
        assert answer.status_code == 503
        assert answer.json["checks"]["broker"] == "does not answer"
