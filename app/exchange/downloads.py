"""An export as the answer to a request: CSV as the database writes it, workbooks from a file."""

import tempfile
import uuid
from pathlib import Path
from typing import IO

from flask import Response, send_file, stream_with_context

from app.exchange import tasks
from app.exchange.errors import ResourceUnknown
from app.exchange.queries import exports
from app.exchange.rules.fields import RESOURCES
from app.infra.auth import Caller
from app.infra.db import db

_READS = {
    "products": "catalog.read",
    "offers": "offers.read",
    "prices": "prices.read",
    "stock": "stock.read",
}


def download(
    caller: Caller, resource: str, form: str, *, price_list_id: uuid.UUID | None = None
) -> Response:
    """The export of a resource.

    Raises:
        ResourceUnknown: there is no such resource.
        TargetUnknown: prices of a list that is none of the caller's, or of none.
        TooManyRows: a workbook cannot hold them.
    """
    if resource not in RESOURCES:
        raise ResourceUnknown(resources=[*RESOURCES])
    caller.require(_READS[resource])
    export = exports.export_of(
        db.session, caller=caller, resource=resource, price_list_id=price_list_id
    )
    if form == "csv":
        body = stream_with_context(exports.csv_of(db.session, export))
        response = Response(body, content_type="text/csv; charset=utf-8")
        response.headers["Content-Disposition"] = f'attachment; filename="{resource}.csv"'
        return response
    return _workbook(export, resource)


def _workbook(export: exports.Export, resource: str) -> Response:
    file: IO[bytes] = tempfile.NamedTemporaryFile(suffix=".xlsx")  # noqa: SIM115 - sent, then gone
    rows = exports.rows_of(db.session, export)
    tasks.files().write_workbook(Path(file.name), header=export.columns, rows=rows)
    return send_file(file, as_attachment=True, download_name=f"{resource}.xlsx")
