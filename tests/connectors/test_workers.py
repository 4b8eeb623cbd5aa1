"""Real workers, killed without mercy: nothing is lost, nothing is done twice."""

import os
import signal
import uuid
from dataclasses import dataclass
from typing import ClassVar

import pytest
from celery import Celery
from sqlalchemy import select, text

from app.infra import jobs
from app.infra.db import db
from app.infra.models import Job, OutboxEvent
from app.infra.unit_of_work import record, transaction
from app.kernel.clock import SystemClock
from app.kernel.events import Event
from connectors.celery.factory import TASK
from connectors.rq.queue import RqJobQueue
from tests.factories.network import OrganizationFactory, caller_of


@dataclass(frozen=True, slots=True, kw_only=True)
class StandinHappened(Event):
    name: ClassVar[str] = "standin.happened"
    poison: bool = False


@pytest.fixture
def caller(committed):
    with transaction(db.session):
        return caller_of(OrganizationFactory())


def happen(*, poison=False):
    with transaction(db.session) as session:
        record(session, StandinHappened(happened_at=SystemClock().now(), poison=poison))


def start(caller, kind="count", steps=3):
    with transaction(db.session) as session:
        return jobs.enqueue(
            session,
            caller=caller,
            kind=kind,
            arguments={"steps": steps},
            now=SystemClock().now(),
        )


def read(statement):
    """A fresh look at committed rows."""
    db.session.rollback()
    db.session.expire_all()
    return db.session.scalars(statement).all()


def job(job_id):
    return read(select(Job).where(Job.id == job_id))[0]


def has_ended(job_id):
    return job(job_id).status in {"done", "failed", "cancelled"}


def heard():
    return read(text("SELECT external_id FROM infra_inbox WHERE source = 'standin'"))


class TestTheCeleryWorker:
    def test_tells_events_once_and_a_poisoned_one_stops_nobody(self, crew):
        happen()
        happen(poison=True)
        happen()
        crew.beating_celery()
        crew.eventually(lambda: len(heard()) == 2)
        told = read(
            select(OutboxEvent)
            .where(OutboxEvent.name == "standin.happened")
            .order_by(OutboxEvent.id)
        )
        assert [event.told_at is not None for event in told] == [True, False, True]
        assert told[1].last_error == "RuntimeError: poisoned"
        assert told[1].due_at > told[1].happened_at

    def test_that_is_killed_leaves_its_work_to_the_next(self, crew):
        crew.board.set("sweep:hold", "yes")
        victim = crew.celery()
        Celery(broker=crew.celery_broker()).send_task(TASK, args=("hold",), queue="sweeps")
        crew.eventually(lambda: crew.board.llen("sweep:reached") == 1)
        crew.kill(victim)
        crew.board.delete("sweep:hold")
        crew.celery()
        crew.eventually(lambda: crew.board.llen("sweep:reached") == 2)


class TestAJob:
    def test_reaches_its_worker_through_the_outbox_and_is_done(self, crew, caller):
        crew.beating_celery()
        crew.rq()
        job_id = start(caller)
        crew.eventually(lambda: has_ended(job_id))
        ended = job(job_id)
        assert (ended.status, ended.result, ended.attempts) == ("done", {"counted": 3}, 1)
        assert (ended.done, ended.total) == (3, 3)
        assert sorted(heard()) == [f"{job_id}:{step}" for step in range(3)]

    def test_that_fails_says_so_and_keeps_its_secrets(self, crew, caller):
        crew.rq()
        job_id = start(caller, kind="fail")
        RqJobQueue(crew.rq_url).push(job_id)
        crew.eventually(lambda: has_ended(job_id))
        ended = job(job_id)
        assert (ended.status, ended.error) == (
            "failed",
            "Unexpected RuntimeError; see the worker's log",
        )

    def test_whose_worker_is_killed_is_done_by_another_once(self, crew, caller):
        job_id = self._held(crew, caller)
        crew.kill(crew.children[0])
        self._kill_process(crew, job_id)
        assert heard() == []
        crew.board.delete(f"hold:{job_id}")
        crew.rq()
        crew.eventually(lambda: self._revived(crew))
        crew.eventually(lambda: has_ended(job_id))
        ended = job(job_id)
        assert (ended.status, ended.attempts) == ("done", 2)
        assert len(heard()) == 3

    def test_whose_process_is_killed_is_retried_by_its_worker(self, crew, caller):
        job_id = self._held(crew, caller)
        crew.board.delete(f"hold:{job_id}")
        self._kill_process(crew, job_id)
        crew.eventually(lambda: has_ended(job_id))
        assert job(job_id).status == "done"
        assert len(heard()) == 3

    def test_stops_at_its_next_report_and_leaves_nothing(self, crew, caller):
        job_id = self._held(crew, caller)
        with transaction(db.session) as session:
            jobs.cancel(session, caller=caller, job_id=job_id, now=SystemClock().now())
        crew.eventually(lambda: has_ended(job_id))
        assert job(job_id).status == "cancelled"
        assert heard() == []

    def test_that_kills_every_worker_fails_in_the_end(self, crew, caller):
        job_id = start(caller)
        with transaction(db.session) as session:
            session.get(Job, job_id).attempts = jobs.MAX_ATTEMPTS
        RqJobQueue(crew.rq_url).push(job_id)
        crew.rq()
        crew.eventually(lambda: has_ended(job_id))
        assert job(job_id).error == "Its worker died 5 times"

    def _held(self, crew, caller) -> uuid.UUID:
        """A job that runs and waits."""
        job_id = start(caller)
        crew.board.set(f"hold:{job_id}", "yes")
        RqJobQueue(crew.rq_url).push(job_id)
        crew.rq()
        crew.eventually(lambda: crew.board.llen(f"reached:{job_id}") == 1)
        return job_id

    def _kill_process(self, crew, job_id):
        """The process that a worker forked for the job; it would live on without its worker."""
        os.kill(int(crew.board.lindex(f"reached:{job_id}", 0)), signal.SIGKILL)

    def _revived(self, crew):
        with transaction(db.session) as session:
            queue = RqJobQueue(crew.rq_url)
            return jobs.revive(session, queue=queue, now=SystemClock().now(), limit=10)
