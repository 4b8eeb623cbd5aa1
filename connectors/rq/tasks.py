"""What an RQ worker runs. Imported in the forked process that works on one job."""

import uuid

from flask import current_app

from app.infra import jobs
from app.infra.db import db


def run_job(job_id: str) -> None:
    """Work on a job; its outcome is in its row."""
    # The connections of the process that forked this one are not ours to use.
    db.engine.dispose(close=False)
    extensions = current_app.extensions
    try:
        jobs.run(
            db.session,
            job_id=uuid.UUID(job_id),
            functions=extensions["job_functions"],
            clock=extensions["clock"],
        )
    finally:
        db.session.remove()
