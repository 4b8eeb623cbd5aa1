"""A backtest as a job, and what becomes of it when it does not get through."""

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import update

from app.backtest import operations
from app.backtest.models import Backtest
from app.backtest.operations.running import Told
from app.infra.db import DbSession
from app.infra.jobs import JobCancelled, Progress, RunningJob
from app.kernel.errors import AppError


def work_on_backtest(session: DbSession, job: RunningJob, progress: Progress) -> Mapping[str, Any]:
    """Work on the backtest that a job names."""
    backtest_id = uuid.UUID(job.arguments["backtest_id"])
    found = work(session, backtest_id=backtest_id, told=progress, now=job.now)
    return {"orders": found.orders}


def work(session: DbSession, *, backtest_id: uuid.UUID, told: Told, now: datetime) -> Backtest:
    """Work on a backtest, wherever it is called from."""
    try:
        return operations.run_backtest(session, backtest_id=backtest_id, told=told, now=now)
    except JobCancelled:
        _note(session, backtest_id, status="cancelled", error=None, now=now)
        raise
    except AppError as refusal:
        _note(session, backtest_id, status="failed", error=refusal.detail, now=now)
        raise


def _note(
    session: DbSession, backtest_id: uuid.UUID, *, status: str, error: str | None, now: datetime
) -> None:
    """Give up the page it was at, and say so; outcomes that were kept stay."""
    session.rollback()
    session.execute(
        update(Backtest)
        .where(Backtest.id == backtest_id)
        .values(status=status, error=error, state=None, finished_at=now)
    )
    session.commit()
