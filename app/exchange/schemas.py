"""What the exchange reads and writes as JSON."""

from marshmallow import fields, validate

from app.exchange.rules.fields import (
    ALL_OR_NOTHING,
    DELTA,
    MODES,
    PARTIAL,
    POLICIES,
    RESOURCES,
)
from app.exchange.rules.mapping import DATE_FORMATS, DECIMAL_MARKS, THOUSANDS_MARKS
from app.infra.http import PageQuery, Payload, PublicId

_NAME = validate.Length(1, 100)
_MOST_COLUMNS = 256
_STATUSES = ["uploaded", "queued", "running", "checked", "done", "failed", "cancelled"]
_MODE_TEXT = (
    "delta: rows are added or changed. full: what the file does not name is withdrawn as well, in "
    "the caller's scope (a manufacturer's variants, a seller's offers, the price list, the stock "
    "at the file's locations), unless a row was refused. delete: the rows name what goes."
)
_POLICY_TEXT = "partial: good rows land, bad ones come back. all_or_nothing: one bad row stops all."


def _texts(keys: str) -> fields.Dict:
    return fields.Dict(
        keys=fields.String(validate=_NAME),
        values=fields.String(validate=validate.Length(max=200)),
        validate=validate.Length(max=_MOST_COLUMNS),
        metadata={"description": keys},
    )


class MappingSchema(Payload):
    """Which column holds which fact, and how cells are written."""

    columns = _texts("The column of each field")
    constants = _texts("The text of fields that every row shares")
    decimal_mark = fields.String(validate=validate.OneOf(DECIMAL_MARKS))
    thousands_mark = fields.String(validate=validate.OneOf(THOUSANDS_MARKS))
    date_format = fields.String(
        validate=validate.OneOf(DATE_FORMATS),
        metadata={"description": "The order of day and month; 2026-03-31 is always understood"},
    )
    encoding = fields.String(
        validate=validate.OneOf(["utf-8", "utf-8-sig", "utf-16", "cp1252", "latin-1"])
    )
    separator = fields.String(validate=validate.OneOf([",", ";", "\t", "|"]))
    sheet = fields.String(validate=validate.Length(max=100))
    pad_gtins = fields.Boolean(
        metadata={"description": "Give GTINs back the zeros that a spreadsheet took"}
    )


class ImportQuery(Payload):
    """What a file is, and what to do with it."""

    resource = fields.String(required=True, validate=validate.OneOf(RESOURCES))
    mode = fields.String(
        load_default=DELTA, validate=validate.OneOf(MODES), metadata={"description": _MODE_TEXT}
    )
    policy = fields.String(
        load_default=PARTIAL,
        validate=validate.OneOf(POLICIES),
        metadata={"description": _POLICY_TEXT},
    )
    dry_run = fields.Boolean(
        load_default=False, metadata={"description": "Tell what would happen, change nothing"}
    )
    publish = fields.Boolean(
        load_default=False,
        metadata={"description": "Products: publish the catalog once they have landed"},
    )
    price_list_id = PublicId("plist", load_default=None)
    profile = fields.String(
        load_default=None,
        validate=_NAME,
        metadata={"description": "The name of a saved mapping; without it the header finds one"},
    )
    file_name = fields.String(load_default="", validate=validate.Length(max=200))


class ConfirmSchema(Payload):
    """How the file is to be read and what to do; what is left out stays as it was."""

    mapping = fields.Nested(MappingSchema)
    mode = fields.String(validate=validate.OneOf(MODES))
    policy = fields.String(validate=validate.OneOf((PARTIAL, ALL_OR_NOTHING)))
    dry_run = fields.Boolean()
    publish = fields.Boolean()
    save_as = fields.String(
        validate=_NAME, metadata={"description": "Save the mapping under this name as well"}
    )


class ImportSchema(Payload):
    """An import: its file, its mapping, how far it is, and what came of it."""

    id = PublicId("imp")
    resource = fields.String()
    mode = fields.String()
    policy = fields.String()
    dry_run = fields.Boolean()
    publish = fields.Boolean()
    price_list_id = PublicId("plist", allow_none=True)
    profile_id = PublicId("impprof", allow_none=True)
    file_name = fields.String()
    size_bytes = fields.Integer()
    sha256 = fields.String()
    header = fields.List(fields.String())
    mapping = fields.Nested(MappingSchema)
    status = fields.String(metadata={"enum": _STATUSES})
    phase = fields.String(metadata={"enum": ["waiting", "reading", "checking", "merging", "ended"]})
    job_id = PublicId("job", allow_none=True)
    rows_read = fields.Integer()
    report = fields.Dict(keys=fields.String(), values=fields.Integer())
    error = fields.String(allow_none=True)
    created_at = fields.AwareDateTime()
    started_at = fields.AwareDateTime(allow_none=True)
    finished_at = fields.AwareDateTime(allow_none=True)


class ImportDocument(ImportSchema):
    """An import with how far its job is: rows done of the rows of the present phase."""

    done = fields.Integer()
    total = fields.Integer(allow_none=True)


class ProfileChanges(Payload):
    """What may be changed of a profile."""

    name = fields.String(validate=_NAME)
    mapping = fields.Nested(MappingSchema)


class ProfileFacts(Payload):
    """A mapping to save; with a header it is found again by files that have the same."""

    resource = fields.String(required=True, validate=validate.OneOf(RESOURCES))
    name = fields.String(required=True, validate=_NAME)
    mapping = fields.Nested(MappingSchema, required=True)
    header = fields.List(
        fields.String(validate=validate.Length(max=100)),
        load_default=None,
        validate=validate.Length(1, _MOST_COLUMNS),
    )


class ProfileSchema(Payload):
    """A saved mapping."""

    id = PublicId("impprof")
    resource = fields.String()
    name = fields.String()
    mapping = fields.Nested(MappingSchema)
    created_at = fields.AwareDateTime()
    updated_at = fields.AwareDateTime()
    version = fields.Integer()


class ProfileQuery(PageQuery):
    """Which profiles."""

    resource = fields.String(load_default=None, validate=validate.OneOf(RESOURCES))


class ExportQuery(Payload):
    """What of the resource: prices are those of a list."""

    price_list_id = PublicId("plist", load_default=None)
