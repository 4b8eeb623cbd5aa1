"""Jobs: watch and stop them. They are started by the domains that know their kinds."""

import uuid
from typing import Any

from flask_smorest import Blueprint

from app.infra import jobs
from app.infra.auth import current_caller, requires
from app.infra.db import db
from app.infra.http import PageQuery, page_body, page_request, page_schema
from app.infra.idempotency import writes
from app.infra.models import Job
from app.infra.schemas import JobSchema
from app.infra.web import now

blueprint = Blueprint("jobs", __name__, description="Long work: watch it, stop it")


@blueprint.route("/jobs")
@blueprint.arguments(PageQuery, location="query")
@blueprint.response(200, page_schema(JobSchema))
@requires("jobs.write")
def list_jobs(query: dict[str, Any]) -> dict[str, Any]:
    """List the jobs of the caller's organization, newest first."""
    return page_body(jobs.list_jobs(db.session, caller=current_caller(), page=page_request(query)))


@blueprint.route("/jobs/<pid('job'):job_id>")
@blueprint.response(200, JobSchema)
@requires("jobs.write")
def show_job(job_id: uuid.UUID) -> Job:
    """Show how far a job is, and what came of it."""
    return jobs.get_job(db.session, caller=current_caller(), job_id=job_id)


@blueprint.route("/jobs/<pid('job'):job_id>/cancellation", methods=["POST"])
@writes
@blueprint.response(202, JobSchema)
@requires("jobs.write")
def cancel_job(job_id: uuid.UUID) -> Job:
    """Stop a job: at once while it waits, at its next report while it runs."""
    return jobs.cancel(db.session, caller=current_caller(), job_id=job_id, now=now())
