"""What the plumbing shows as JSON: jobs."""

from marshmallow import fields

from app.infra.http import Payload, PublicId


class JobSchema(Payload):
    """A long piece of work and how far it is."""

    id = PublicId("job")
    kind = fields.String()
    arguments = fields.Dict(keys=fields.String())
    status = fields.String(
        metadata={"enum": ["queued", "running", "cancelling", "done", "failed", "cancelled"]}
    )
    done = fields.Integer()
    total = fields.Integer(allow_none=True)
    result = fields.Dict(keys=fields.String(), allow_none=True)
    error = fields.String(allow_none=True)
    created_at = fields.AwareDateTime()
    started_at = fields.AwareDateTime(allow_none=True)
    finished_at = fields.AwareDateTime(allow_none=True)
