"""Everything of a resource as a file that an import reads back."""

from typing import Any

from flask import Response

from app.exchange.downloads import download
from app.exchange.routes.blueprint import blueprint
from app.exchange.schemas import ExportQuery
from app.infra.auth import current_caller, requires

_WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@blueprint.route("/exports/<string:resource>.csv")
@blueprint.arguments(ExportQuery, location="query")
@blueprint.response(200, {"type": "string"}, content_type="text/csv", description="All rows")
@requires("imports.read")
def export_csv(query: dict[str, Any], resource: str) -> Response:
    """Export products, offers, prices (of a list) or stock as CSV, streamed."""
    return download(current_caller(), resource, "csv", price_list_id=query["price_list_id"])


@blueprint.route("/exports/<string:resource>.xlsx")
@blueprint.arguments(ExportQuery, location="query")
@blueprint.response(
    200, {"type": "string", "format": "binary"}, content_type=_WORKBOOK, description="All rows"
)
@requires("imports.read")
def export_workbook(query: dict[str, Any], resource: str) -> Response:
    """Export products, offers, prices (of a list) or stock as a workbook."""
    return download(current_caller(), resource, "xlsx", price_list_id=query["price_list_id"])
