"""An import as it is told: with how far its job is, and as the file of what it refused."""

import csv
import io
from collections.abc import Iterable, Iterator
from typing import Any

from app.exchange.models import Import, Refusal
from app.exchange.rules.reasons import mend_of, reason_of
from app.infra.db import DbSession
from app.infra.models import Job

HEADER = ("row", "column", "value", "code", "reason", "how to mend it")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_BLOCK = 500


def import_document(session: DbSession, *, found: Import) -> dict[str, Any]:
    """An import with its progress; one whose job ended otherwise has ended like its job."""
    document = {name: getattr(found, name) for name in _NAMES}
    job = session.get(Job, found.job_id, populate_existing=True) if found.job_id else None
    document |= {"done": job.done if job else 0, "total": job.total if job else None}
    if job is not None and found.status in {"queued", "running"}:
        ended = job.status in {"failed", "cancelled"}
        document["status"] = job.status if ended else found.status
        document["error"] = job.error if ended else found.error
    return document


_NAMES = (
    "id", "resource", "mode", "policy", "dry_run", "publish", "price_list_id", "profile_id",
    "file_name", "size_bytes", "sha256", "header", "mapping", "status", "phase", "job_id",
    "rows_read", "report", "error", "created_at", "started_at", "finished_at",
)  # fmt: skip


def refusal_row(refusal: Refusal) -> tuple[Any, ...]:
    """A refusal as a row of the error file."""
    return (
        refusal.row_no,
        _cell(refusal.column_name or refusal.field),
        _cell(refusal.value),
        refusal.code,
        reason_of(refusal.code),
        mend_of(refusal.code, refusal.value),
    )


def error_file(refusals: Iterable[Refusal]) -> Iterator[str]:
    """The error file, block by block, with a byte order mark so that spreadsheets read it right."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    buffer.write("\ufeff")
    writer.writerow(HEADER)
    for at, refusal in enumerate(refusals, start=1):
        writer.writerow(refusal_row(refusal))
        if at % _BLOCK == 0:
            yield buffer.getvalue()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue()


def _cell(value: str) -> str:
    """No spreadsheet may take what somebody sent for a formula."""
    return f"'{value}" if value.startswith(_FORMULA) else value
