"""Somebody confirms how a file is read, and the import begins; or stops it."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.exchange import queries
from app.exchange.errors import FileGone, ImportStarted, MappingIncomplete
from app.exchange.models import Import
from app.exchange.operations.receiving import PERMISSIONS, require_may_publish
from app.exchange.rules.mapping import ColumnMapping, mapping_from
from app.infra import jobs
from app.infra.auth import Caller
from app.infra.db import DbSession

KIND = "exchange.import"
WAITING = ("uploaded", "checked")


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirmation:
    """What is confirmed: the mapping (None: as guessed) and, once more, what to do."""

    mapping: Mapping[str, Any] | None = None
    mode: str | None = None
    policy: str | None = None
    dry_run: bool | None = None
    publish: bool | None = None


def confirm(
    session: DbSession,
    *,
    caller: Caller,
    import_id: uuid.UUID,
    confirmation: Confirmation,
    now: datetime,
) -> Import:
    """Start an import as a job; after a dry run it may be started once more.

    Raises:
        ImportNotFound: there is none that the caller may know of.
        ImportStarted: it runs, or ran.
        FileGone: the file was removed meanwhile.
        MappingIncomplete: the mapping does not say all that is needed; ``errors`` points.
        ModeNotAllowed: prices, offers and stock are not published.
    """
    found = ready(session, caller=caller, import_id=import_id, confirmation=confirmation, now=now)
    arguments = {"import_id": str(found.id)}
    found.job_id = jobs.enqueue(session, caller=caller, kind=KIND, arguments=arguments, now=now)
    return found


def ready(
    session: DbSession,
    *,
    caller: Caller,
    import_id: uuid.UUID,
    confirmation: Confirmation,
    now: datetime,
) -> Import:
    """Write down how an import is to run; whoever calls sees to it that it does.

    Raises:
        ImportNotFound, ImportStarted, FileGone: as :func:`confirm`.
        MappingIncomplete, ModeNotAllowed: as :func:`confirm`.
    """
    found = queries.get_import(session, caller=caller, import_id=import_id)
    session.refresh(found, with_for_update=True)
    caller.require(PERMISSIONS[found.resource])
    if found.status not in WAITING or found.organization_id != caller.organization_id:
        raise ImportStarted
    if found.file_removed_at is not None:
        raise FileGone
    mapping = _confirmed(found, confirmation.mapping)
    found.mapping = mapping.document()
    found.mode = confirmation.mode or found.mode
    found.policy = confirmation.policy or found.policy
    found.dry_run = found.dry_run if confirmation.dry_run is None else confirmation.dry_run
    found.publish = found.publish if confirmation.publish is None else confirmation.publish
    if found.publish:
        require_may_publish(caller, found.resource)
    found.status, found.phase, found.started_at, found.finished_at = "queued", "waiting", now, None
    found.error, found.merged_pages = None, []
    return found


def _confirmed(found: Import, given: Mapping[str, Any] | None) -> ColumnMapping:
    mapping = mapping_from({**found.mapping, **(given or {})})
    problems = mapping.problems(found.resource, found.header)
    if problems:
        raise MappingIncomplete(errors=problems)
    return mapping


def cancel(session: DbSession, *, caller: Caller, import_id: uuid.UUID, now: datetime) -> Import:
    """Stop an import: at once while it waits, at its next step while it runs.

    What was merged stays merged; the report says how much that is.

    Raises:
        ImportNotFound: there is none that the caller may know of.
        ImportStarted: it has ended.
    """
    found = queries.get_import(session, caller=caller, import_id=import_id)
    session.refresh(found, with_for_update=True)
    caller.require(PERMISSIONS[found.resource])
    if found.status in {"done", "failed", "cancelled"}:
        raise ImportStarted("It has ended already")
    if found.job_id is not None and found.status in {"queued", "running"}:
        job = jobs.cancel(session, caller=caller, job_id=found.job_id, now=now)
        if job.status != "cancelled":
            return found
    found.status, found.phase, found.finished_at = "cancelled", "ended", now
    return found
