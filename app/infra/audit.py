"""The audit trail: who did what to which object, in the transaction that did it."""

import uuid
from datetime import datetime
from typing import Any

from app.infra.auth import Caller
from app.infra.db import DbSession, insert_rows
from app.infra.models import AuditRecord


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
    row = {
        "at": now,
        "actor_id": caller.actor_id,
        "organization_id": caller.organization_id,
        "action": action,
        "subject_type": subject_type,
        "subject_id": subject_id,
        "details": details or {},
    }
    insert_rows(session, AuditRecord, [row])
