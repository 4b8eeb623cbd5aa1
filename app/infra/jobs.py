"""Long work that a person starts, watches and may stop.

The row is the truth; the queue carries its id only, and learns of it after the commit, through the
outbox. Laws:

* one worker at a time works on a job (a session-wide advisory lock, which dies with its worker);
* what a job changes and the note that it is done are committed together, so a job that was killed
  half-way has changed nothing and is done once, by whoever takes it up again;
* a job whose worker died is taken up again (``revive``), a few times, then it has failed.

A job function gets the session, the job, and a ``Progress`` to report to; reporting is also where
a stop that somebody asked for takes effect.
"""

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, ClassVar, Protocol

import structlog
from sqlalchemy import Connection, Engine, Row, case, func, insert, or_, select, update
from sqlalchemy.exc import InterfaceError, OperationalError

from app.infra import audit
from app.infra.auth import Caller
from app.infra.db import DbSession
from app.infra.models import Job
from app.infra.unit_of_work import record, transaction
from app.kernel.clock import Clock
from app.kernel.errors import AppError, NotFound
from app.kernel.events import Event
from app.kernel.ids import new_id
from app.kernel.paging import Page, PageRequest, page_of
from app.kernel.states import StateTable

log = structlog.get_logger(__name__)

MAX_ATTEMPTS = 5
LOST_AFTER = timedelta(minutes=5)

LIFE = StateTable(
    subject="job",
    initial="queued",
    moves={
        ("queued", "started"): "running",
        ("running", "started"): "running",  # again, after its worker died
        ("running", "finished"): "done",
        ("running", "given up"): "failed",
        ("queued", "cancelled"): "cancelled",
        ("running", "cancelled"): "cancelling",
        ("cancelling", "cancelled"): "cancelling",
        ("cancelling", "stopped"): "cancelled",
    },
)


class JobNotFound(NotFound):
    """No such job of the caller's organization."""

    code = "jobs.job_not_found"
    title = "There is no such job"


class JobCancelled(Exception):
    """Somebody asked a running job to stop; raised from its report, not to be caught by it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JobQueued(Event):
    """A job waits for a worker."""

    name: ClassVar[str] = "job.queued"
    job_id: uuid.UUID
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class JobEnded(Event):
    """A job is done, has failed or was cancelled."""

    name: ClassVar[str] = "job.ended"
    job_id: uuid.UUID
    kind: str
    status: str


class JobQueue(Protocol):
    """Port: what brings job ids to workers, at least once."""

    def push(self, job_id: uuid.UUID) -> None:
        """Bring a new job; nothing happens when the queue has it already."""
        ...

    def push_again(self, job_id: uuid.UUID) -> None:
        """Bring a job that was brought before and whose worker died."""
        ...


@dataclass(frozen=True, slots=True)
class RunningJob:
    """A job as its function sees it."""

    id: uuid.UUID
    organization_id: uuid.UUID
    kind: str
    arguments: Mapping[str, Any]
    now: datetime


@dataclass(slots=True)
class Progress:
    """Where a job function reports how far it is; every report is visible at once."""

    _watch: Connection
    _job_id: uuid.UUID

    def __call__(self, *, done: int, total: int | None = None) -> None:
        """Report.

        Raises:
            JobCancelled: somebody asked the job to stop.
        """
        status = self._watch.scalar(
            update(Job)
            .where(Job.id == self._job_id)
            .values(done=done, total=func.coalesce(total, Job.total))
            .returning(Job.status)
        )
        if status != "running":
            raise JobCancelled


JobFunction = Callable[[DbSession, RunningJob, Progress], Mapping[str, Any] | None]


def enqueue(
    session: DbSession, *, caller: Caller, kind: str, arguments: dict[str, Any], now: datetime
) -> uuid.UUID:
    """Start a job of the caller's organization; a worker learns of it after the commit."""
    job_id = new_id()
    session.execute(
        insert(Job).values(
            id=job_id,
            organization_id=caller.organization_id,
            kind=kind,
            arguments=arguments,
            created_at=now,
        )
    )
    audience = (caller.organization_id,)
    record(session, JobQueued(happened_at=now, audience=audience, job_id=job_id, kind=kind))
    audit.note(
        session,
        caller=caller,
        action=f"job.{kind}",
        subject_type="job",
        subject_id=job_id,
        now=now,
    )
    return job_id


def cancel(session: DbSession, *, caller: Caller, job_id: uuid.UUID, now: datetime) -> Job:
    """Stop a job: at once while it waits, at its next report while it runs.

    Raises:
        JobNotFound: there is none that the caller may know of.
        TransitionNotAllowed: it has ended.
    """
    job = get_job(session, caller=caller, job_id=job_id)
    session.refresh(job, with_for_update=True)
    job.status = LIFE.step(job.status, "cancelled")
    if job.status == "cancelled":
        job.finished_at = now
        _tell_end(session, job, now)
    session.flush()
    audit.note(
        session,
        caller=caller,
        action="job.cancelled",
        subject_type="job",
        subject_id=job_id,
        now=now,
    )
    return job


def get_job(session: DbSession, *, caller: Caller, job_id: uuid.UUID) -> Job:
    """A job of the caller's organization (the operator sees all).

    Raises:
        JobNotFound: there is none that the caller may know of.
    """
    job = session.get(Job, job_id)
    if job is None or not (caller.is_operator or job.organization_id == caller.organization_id):
        raise JobNotFound
    return job


def list_jobs(session: DbSession, *, caller: Caller, page: PageRequest) -> Page[Job]:
    """The jobs of the caller's organization, newest first."""
    query = select(Job).where(Job.organization_id == caller.organization_id)
    if page.after:
        query = query.where(Job.id < page.after)
    rows = session.scalars(query.order_by(Job.id.desc()).limit(page.limit + 1)).all()
    return page_of(rows, limit=page.limit, key=lambda job: job.id)


def revive(session: DbSession, *, queue: JobQueue, now: datetime, limit: int) -> int:
    """Bring jobs again whose worker died, and those that the queue has lost; how many."""
    rows = session.execute(
        select(Job.id, Job.status)
        .where(
            or_(
                Job.status.in_(("running", "cancelling")),
                (Job.status == "queued") & (Job.created_at < now - LOST_AFTER),
            )
        )
        .order_by(Job.id)
        .limit(limit)
    ).all()
    lost = [job_id for job_id, status in rows if status == "queued"]
    orphans = [each for each, status in rows if status != "queued" and _is_orphan(session, each)]
    for job_id in lost:
        queue.push(job_id)
    for job_id in orphans:
        queue.push_again(job_id)
    return len(orphans)


def _is_orphan(session: DbSession, job_id: uuid.UUID) -> bool:
    """Whether nobody works on it. Let go at once: the next worker will want the lock."""
    free = bool(session.scalar(select(func.pg_try_advisory_lock(_lock_key(job_id)))))
    if free:
        session.execute(select(func.pg_advisory_unlock(_lock_key(job_id))))
    return free


def run(
    session: DbSession,
    *,
    job_id: uuid.UUID,
    functions: Mapping[str, JobFunction],
    clock: Clock,
) -> None:
    """Work on a job in this process, unless it has ended or another worker is on it."""
    engine = session.get_bind()
    assert isinstance(engine, Engine), "a job needs a connection besides its session's"
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as watch:
        if not watch.scalar(select(func.pg_try_advisory_lock(_lock_key(job_id)))):
            return
        try:
            _work(session, watch, job_id, functions, clock)
        finally:
            watch.execute(select(func.pg_advisory_unlock(_lock_key(job_id))))


def _lock_key(job_id: uuid.UUID) -> int:
    return int.from_bytes(job_id.bytes[8:], signed=True)


def _work(
    session: DbSession,
    watch: Connection,
    job_id: uuid.UUID,
    functions: Mapping[str, JobFunction],
    clock: Clock,
) -> None:
    row = _start(watch, job_id, clock.now())
    if row is None:
        return
    if row.status == "cancelling":
        _end(session, job_id, status="cancelled", now=clock.now())
        return
    if row.attempts > MAX_ATTEMPTS:
        error = f"Its worker died {MAX_ATTEMPTS} times"
        _end(session, job_id, status="failed", error=error, now=clock.now())
        return
    job = RunningJob(job_id, row.organization_id, row.kind, row.arguments, clock.now())
    try:
        with transaction(session):
            result = functions[job.kind](session, job, Progress(watch, job_id))
            _finish(session, job_id, result=result, now=clock.now())
    except JobCancelled:
        _end(session, job_id, status="cancelled", now=clock.now())
    except AppError as refusal:
        _end(session, job_id, status="failed", error=refusal.detail, now=clock.now())
    except (OperationalError, InterfaceError):
        raise  # the database is away: the job stays running and is revived
    except Exception as error:
        log.exception("job.failed", job_id=str(job_id), kind=job.kind)
        text = f"Unexpected {type(error).__name__}; see the worker's log"
        _end(session, job_id, status="failed", error=text, now=clock.now())


def _start(
    watch: Connection, job_id: uuid.UUID, now: datetime
) -> Row[str, int, uuid.UUID, str, dict[str, Any]] | None:
    """Count an attempt; None when the job has ended."""
    return watch.execute(
        update(Job)
        .where(Job.id == job_id, Job.status.in_(("queued", "running", "cancelling")))
        .values(
            status=case((Job.status == "queued", "running"), else_=Job.status),
            started_at=func.coalesce(Job.started_at, now),
            attempts=Job.attempts + 1,
            done=0,
        )
        .returning(Job.status, Job.attempts, Job.organization_id, Job.kind, Job.arguments)
    ).first()


def _finish(
    session: DbSession, job_id: uuid.UUID, *, result: Mapping[str, Any] | None, now: datetime
) -> None:
    """Note in the job's own transaction that it is done; a stop asked for meanwhile wins."""
    job = session.get_one(Job, job_id, with_for_update=True, populate_existing=True)
    if job.status != "running":
        raise JobCancelled
    job.status, job.result, job.finished_at = "done", dict(result or {}), now
    _tell_end(session, job, now)


def _end(
    session: DbSession, job_id: uuid.UUID, *, status: str, now: datetime, error: str | None = None
) -> None:
    with transaction(session):
        job = session.get_one(Job, job_id, with_for_update=True, populate_existing=True)
        job.status, job.error, job.finished_at = status, error, now
        _tell_end(session, job, now)


def _tell_end(session: DbSession, job: Job, now: datetime) -> None:
    record(
        session,
        JobEnded(
            happened_at=now,
            audience=(job.organization_id,),
            job_id=job.id,
            kind=job.kind,
            status=job.status,
        ),
    )
