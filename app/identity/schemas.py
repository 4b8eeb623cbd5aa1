"""What identity reads and writes as JSON."""

import marshmallow as ma
from marshmallow import fields, validate

from app.infra.http import Payload, PublicId
from app.kernel.languages import LANGUAGES


class ApiKeySchema(Payload):
    """An API key without its secret."""

    id = PublicId("key")
    organization_id = PublicId("org")
    person_id = PublicId("person", allow_none=True)
    label = fields.String()
    hint = fields.String(metadata={"description": "The last characters of the secret"})
    permissions = fields.List(fields.String())
    created_at = fields.AwareDateTime()
    last_used_at = fields.AwareDateTime(allow_none=True)
    expires_at = fields.AwareDateTime(allow_none=True)
    revoked_at = fields.AwareDateTime(allow_none=True)


class NewApiKeySchema(Payload):
    """What a new key shall be."""

    label = fields.String(required=True, validate=validate.Length(1, 100))
    permissions = fields.List(fields.String(), required=True, validate=validate.Length(1, 100))
    organization_id = PublicId("org", load_default=None, allow_none=True)
    person_id = PublicId("person", load_default=None, allow_none=True)
    expires_at = fields.AwareDateTime(load_default=None, allow_none=True)


class CreatedApiKeySchema(ApiKeySchema):
    """A key just made, with its secret: shown this once."""

    secret = fields.String(
        allow_none=True,
        metadata={"description": "Shown once; null when the request was repeated"},
    )


class MeSchema(ma.Schema):
    """Who the caller is and what it may do."""

    organization_id = PublicId("org")
    organization_name = fields.String()
    kinds = fields.List(fields.String())
    actor_id = fields.String(metadata={"description": "The key, or the person it belongs to"})
    permissions = fields.List(fields.String())
    language = fields.String(
        allow_none=True,
        metadata={"description": "The person's, else its organization's, if either is said"},
    )


class LanguageSchema(Payload):
    """In which language a person is told things; null: in its organization's."""

    language = fields.String(required=True, allow_none=True, validate=validate.OneOf(LANGUAGES))
