"""Long settlement work that a person starts and watches."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from app.infra.db import DbSession
from app.infra.jobs import Progress, RunningJob
from app.settlement import operations


def close_statements(session: DbSession, job: RunningJob, progress: Progress) -> Mapping[str, Any]:
    """Close the period that the job names; a period that is closed already makes nothing."""
    progress(done=0, total=1)
    made = operations.close_period(
        session,
        period_from=datetime.fromisoformat(job.arguments["period_from"]),
        period_to=datetime.fromisoformat(job.arguments["period_to"]),
        now=job.now,
    )
    return {"statements": made}
