"""Imports: a file in, its mapping confirmed, its progress watched, its refused rows out."""

import uuid
from typing import Any

from flask import Response, stream_with_context

from app.exchange import documents, operations, queries, tasks
from app.exchange.operations import Confirmation, Wish
from app.exchange.routes.blueprint import blueprint
from app.exchange.schemas import ConfirmSchema, ImportDocument, ImportQuery, ImportSchema
from app.exchange.uploads import stored_first, uploaded
from app.infra.auth import current_caller, requires
from app.infra.db import db
from app.infra.http import PageQuery, page_body, page_request, page_schema
from app.infra.idempotency import writes
from app.infra.web import now

_BINARY = {"schema": {"type": "string", "format": "binary"}}
_FILE = {
    "required": True,
    "description": "The file itself, or a form with a part named file. CSV (also gzip, or the one "
    "file of a zip) or XLSX; bounded by this installation, 512 MiB unless set otherwise",
    "content": {
        "text/csv": _BINARY,
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": _BINARY,
        "application/gzip": _BINARY,
        "multipart/form-data": {
            "schema": {
                "type": "object",
                "properties": {"file": _BINARY["schema"]},
                "required": ["file"],
            }
        },
    },
}


@blueprint.route("/imports", methods=["POST"])
@stored_first("imports.write")
@writes
@blueprint.arguments(ImportQuery, location="query")
@blueprint.doc(requestBody=_FILE)
@blueprint.response(201, ImportDocument)
@requires("imports.write")
def create_import(query: dict[str, Any]) -> dict[str, Any]:
    """Send a file: it is kept, looked at, and met with a mapping to confirm."""
    received, name = uploaded()
    wish = Wish(**{**query, "file_name": query["file_name"] or name})
    found = operations.receive(
        db.session,
        caller=current_caller(),
        received=received,
        wish=wish,
        files=tasks.files(),
        folder=tasks.folder(),
        now=now(),
    )
    return documents.import_document(db.session, found=found)


@blueprint.route("/imports")
@blueprint.arguments(PageQuery, location="query")
@blueprint.response(200, page_schema(ImportSchema))
@requires("imports.read")
def list_imports(query: dict[str, Any]) -> dict[str, Any]:
    """List the caller's imports, newest first."""
    page = queries.list_imports(db.session, caller=current_caller(), page=page_request(query))
    return page_body(page)


@blueprint.route("/imports/<pid('imp'):import_id>")
@blueprint.response(200, ImportDocument)
@requires("imports.read")
def show_import(import_id: uuid.UUID) -> dict[str, Any]:
    """Show how far an import is, and what came of it."""
    found = queries.get_import(db.session, caller=current_caller(), import_id=import_id)
    return documents.import_document(db.session, found=found)


@blueprint.route("/imports/<pid('imp'):import_id>/confirm", methods=["POST"])
@writes
@blueprint.arguments(ConfirmSchema)
@blueprint.response(202, ImportDocument)
@requires("imports.write")
def confirm_import(payload: dict[str, Any], import_id: uuid.UUID) -> dict[str, Any]:
    """Confirm how the file is read, and begin; after a dry run, once more in earnest."""
    caller, save_as = current_caller(), payload.pop("save_as", None)
    found = operations.confirm(
        db.session,
        caller=caller,
        import_id=import_id,
        confirmation=Confirmation(**payload),
        now=now(),
    )
    if save_as:
        profile = operations.save_profile(
            db.session,
            caller=caller,
            resource=found.resource,
            name=save_as,
            mapping=found.mapping,
            header=found.header,
            now=now(),
        )
        found.profile_id = profile.id
    return documents.import_document(db.session, found=found)


@blueprint.route("/imports/<pid('imp'):import_id>/cancel", methods=["POST"])
@writes
@blueprint.response(202, ImportDocument)
@requires("imports.write")
def cancel_import(import_id: uuid.UUID) -> dict[str, Any]:
    """Stop an import: at once while it waits, at its next step while it runs."""
    found = operations.cancel(db.session, caller=current_caller(), import_id=import_id, now=now())
    return documents.import_document(db.session, found=found)


@blueprint.route("/imports/<pid('imp'):import_id>/errors.csv")
@blueprint.response(
    200, {"type": "string"}, content_type="text/csv", description="Row, column, value, reason"
)
@requires("imports.read")
def download_errors(import_id: uuid.UUID) -> Response:
    """The cells that were refused: row, column, value, reason, and how to mend it."""
    found = queries.get_import(db.session, caller=current_caller(), import_id=import_id)
    listed = queries.refusals_of(db.session, import_id=found.id)
    response = Response(
        stream_with_context(documents.error_file(listed)), content_type="text/csv; charset=utf-8"
    )
    response.headers["Content-Disposition"] = 'attachment; filename="errors.csv"'
    return response
