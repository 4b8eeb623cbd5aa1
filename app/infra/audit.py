"""The audit trail: who did what to which object, in the transaction that did it."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.infra.auth import Caller
from app.infra.db import DbSession, insert_rows
from app.infra.models import AuditRecord


@dataclass(frozen=True, slots=True)
class Note:
    """A line of the trail."""

    caller: Caller
    action: str
    subject_type: str
    subject_id: uuid.UUID | None
    now: datetime
    details: dict[str, Any]


def note(
    session: DbSession,
    *,
    caller: Caller,
    action: str,
    subject_type: str,
    subject_id: uuid.UUID | None,
    now: datetime,
    details: dict[str, Any] | None = None,
) -> None:
    """Write one line of the trail."""
    row = _row(caller, action, subject_type, subject_id, now, details or {})
    insert_rows(session, AuditRecord, [row])


def note_each(
    session: DbSession,
    *,
    caller: Caller,
    action: str,
    subject_type: str,
    subjects: Mapping[uuid.UUID, dict[str, Any]],
    now: datetime,
) -> None:
    """Write a line for each subject, with its details, in one statement."""
    rows = [
        _row(caller, action, subject_type, subject_id, now, details)
        for subject_id, details in subjects.items()
    ]
    insert_rows(session, AuditRecord, rows)


def note_all(session: DbSession, *, notes: Sequence[Note]) -> None:
    """Write lines that differ in everything, in one statement."""
    rows = [
        _row(each.caller, each.action, each.subject_type, each.subject_id, each.now, each.details)
        for each in notes
    ]
    insert_rows(session, AuditRecord, rows)


def _row(
    caller: Caller,
    action: str,
    subject_type: str,
    subject_id: uuid.UUID | None,
    now: datetime,
    details: dict[str, Any],
) -> dict[str, Any]:
    return {
        "at": now,
        "actor_id": caller.actor_id,
        "organization_id": caller.organization_id,
        "action": action,
        "subject_type": subject_type,
        "subject_id": subject_id,
        "details": details,
    }
