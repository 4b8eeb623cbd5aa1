"""An import as a job: who it is done for, and what becomes of it when it does not get through."""

import uuid
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from flask import current_app
from sqlalchemy import update

from app.exchange import operations
from app.exchange.models import Import
from app.exchange.ports import TabularFiles, Told
from app.identity import queries as identity_queries
from app.identity.rules import permissions_for
from app.infra.auth import Caller
from app.infra.db import DbSession
from app.infra.jobs import JobCancelled, Progress, RunningJob
from app.kernel.errors import AppError


def work_on_import(session: DbSession, job: RunningJob, progress: Progress) -> Mapping[str, Any]:
    """Work on the import that a job names."""
    import_id = uuid.UUID(job.arguments["import_id"])
    return work(session, import_id=import_id, told=progress, now=job.now).report


def work(session: DbSession, *, import_id: uuid.UUID, told: Told, now: datetime) -> Import:
    """Work on an import, wherever it is called from; a refusal is written down and raised again."""
    found = session.get_one(Import, import_id)
    caller = _caller(session, found)
    try:
        return operations.run_import(
            session,
            caller=caller,
            import_id=import_id,
            files=files(),
            folder=folder(),
            told=told,
            now=now,
        )
    except JobCancelled:
        _note(session, import_id, status="cancelled", error=None, now=now)
        raise
    except AppError as refusal:
        _note(session, import_id, status="failed", error=refusal.detail, now=now)
        raise


def sweep_files(session: DbSession, *, now: datetime, limit: int) -> int:
    """Remove files whose retention time is over."""
    return operations.sweep_files(session, folder=folder(), now=now, limit=limit)


def files() -> TabularFiles:
    """The reader and writer of files that wiring chose."""
    found: TabularFiles = current_app.extensions["spreadsheets"]
    return found


def folder() -> Path:
    """Where uploads lie."""
    found: Path = current_app.extensions["settings"].uploads
    return found


def _caller(session: DbSession, found: Import) -> Caller:
    """The organization that sent the file; whether it may was asked when it was confirmed."""
    organization = identity_queries.find_organization(
        session, organization_id=found.organization_id
    )
    assert organization is not None
    kinds = frozenset(organization.kinds)
    return Caller(
        organization_id=found.organization_id,
        actor_id=found.actor_id,
        kinds=kinds,
        permissions=permissions_for(kinds),
    )


def _note(
    session: DbSession, import_id: uuid.UUID, *, status: str, error: str | None, now: datetime
) -> None:
    """Give up what was not kept, and say so; what was merged and kept stays."""
    session.rollback()
    session.execute(
        update(Import)
        .where(Import.id == import_id)
        .values(status=status, phase="ended", error=error, finished_at=now)
    )
    session.commit()
