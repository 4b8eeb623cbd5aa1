"""Files in and out for people: send, see how it is read, try, run, mend, and take everything home.

Works without JavaScript: a page of a running import refreshes itself.
"""

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from flask import Response, redirect, render_template, request, stream_with_context, url_for
from flask.typing import ResponseReturnValue

from app.exchange import documents, operations, queries, tasks
from app.exchange.downloads import download
from app.exchange.errors import MappingIncomplete
from app.exchange.models import Import
from app.exchange.operations import Confirmation, Wish
from app.exchange.rules import fields as f
from app.exchange.rules.mapping import DATE_FORMATS
from app.exchange.uploads import store_request, uploaded
from app.infra.db import db
from app.infra.unit_of_work import transaction
from app.infra.web import now
from app.kernel.errors import AppError
from app.kernel.ids import parse_id, public_id
from app.kernel.paging import MAX_PAGE_SIZE, PageRequest
from app.pricing import queries as pricing_queries
from app.web.blueprint import blueprint, id_in_url, me, page_asked, signed_in

_PREVIEW = 8
_LISTED = 50
_MARKS = {
    ".": ("1,234.56", ".", ","),
    ",": ("1.234,56", ",", "."),
}
_DATES = {"iso": "2026-03-31", "dmy": "31.03.2026", "mdy": "03/31/2026"}
_MODES = {
    f.DELTA: "Add and change",
    f.FULL: "This is everything: withdraw what the file does not name",
    f.DELETE: "Remove what the file names",
}
_POLICIES = {
    f.PARTIAL: "Good rows land, bad ones come back",
    f.ALL_OR_NOTHING: "One bad row, and nothing is changed",
}


@blueprint.get("/imports")
@signed_in
def imports() -> ResponseReturnValue:
    """Send a file, see earlier ones, export."""
    me().require("imports.read")
    page = queries.list_imports(db.session, caller=me(), page=page_asked())
    return render_template("imports.html", page=page, **_choices())


@blueprint.post("/imports")
@signed_in
def send_import() -> ResponseReturnValue:
    """Take a file in."""
    me().require("imports.write")
    received = store_request()
    try:
        with transaction(db.session):
            found = operations.receive(
                db.session,
                caller=me(),
                received=received,
                wish=_wish(),
                files=tasks.files(),
                folder=tasks.folder(),
                now=now(),
            )
            import_id = found.id
    except BaseException:
        operations.discard(received, folder=tasks.folder())
        raise
    return redirect(_page(import_id))


def _wish() -> Wish:
    form = request.form
    price_list = form.get("price_list", "")
    resource = form.get("resource", f.PRODUCTS)
    return Wish(
        resource=resource if resource in f.RESOURCES else f.PRODUCTS,
        file_name=uploaded()[1],
        price_list_id=parse_id("plist", price_list) if price_list else None,
    )


@blueprint.get("/imports/<text>")
@signed_in
def show_import(text: str) -> ResponseReturnValue:
    """One import: its mapping, its trial, its progress or its result."""
    me().require("imports.read")
    found = queries.get_import(db.session, caller=me(), import_id=id_in_url("imp", text))
    return _render(found)


@blueprint.post("/imports/<text>/confirm")
@signed_in
def confirm_import(text: str) -> ResponseReturnValue:
    """Take the mapping as it was set, and try or run."""
    import_id = id_in_url("imp", text)
    try:
        with transaction(db.session):
            found = operations.confirm(
                db.session,
                caller=me(),
                import_id=import_id,
                confirmation=_confirmation(),
                now=now(),
            )
            _save_profile(found)
    except MappingIncomplete as refusal:
        found = queries.get_import(db.session, caller=me(), import_id=import_id)
        return _render(found, refusal=refusal), 400
    return redirect(_page(import_id))


@blueprint.post("/imports/<text>/cancel")
@signed_in
def cancel_import(text: str) -> ResponseReturnValue:
    """Stop an import."""
    import_id = id_in_url("imp", text)
    with transaction(db.session):
        operations.cancel(db.session, caller=me(), import_id=import_id, now=now())
    return redirect(_page(import_id))


@blueprint.get("/imports/<text>/errors.csv")
@signed_in
def import_errors(text: str) -> ResponseReturnValue:
    """What an import refused, as a file."""
    me().require("imports.read")
    found = queries.get_import(db.session, caller=me(), import_id=id_in_url("imp", text))
    listed = queries.refusals_of(db.session, import_id=found.id)
    response = Response(stream_with_context(documents.error_file(listed)), mimetype="text/csv")
    response.headers["Content-Disposition"] = 'attachment; filename="errors.csv"'
    return response


@blueprint.get("/exports/<resource>.<form>")
@signed_in
def export(resource: str, form: str) -> ResponseReturnValue:
    """Everything of a resource as a file."""
    me().require("imports.read")
    price_list = request.args.get("price_list", "")
    list_id = parse_id("plist", price_list) if price_list else None
    return download(me(), resource, "xlsx" if form == "xlsx" else "csv", price_list_id=list_id)


def _page(import_id: uuid.UUID) -> str:
    return url_for("web.show_import", text=public_id("imp", import_id))


def _choices() -> dict[str, Any]:
    """What the caller may send and take home."""
    kept = [each for each in f.RESOURCES if me().may(operations.PERMISSIONS[each])]
    if "manufacturer" not in me().kinds:
        kept = [each for each in kept if each != f.PRODUCTS]
    page = PageRequest(limit=MAX_PAGE_SIZE)
    lists = pricing_queries.list_price_lists(db.session, caller=me(), page=page).items
    own = [each for each in lists if each.owner_id == me().organization_id]
    return {"resources": kept, "price_lists": own}


def _render(found: Import, refusal: AppError | None = None) -> str:
    document = documents.import_document(db.session, found=found)
    listed = []
    if document["report"].get("refused"):
        some = queries.refusals_of(db.session, import_id=found.id, most=_LISTED)
        listed = [documents.refusal_row(each) for each in some]
    return render_template(
        "import.html",
        found=document,
        rows=_preview(found),
        fields=_fields(found),
        by_column={column: name for name, column in found.mapping["columns"].items()},
        marks=_MARKS,
        dates=_DATES,
        modes=_MODES,
        policies=_POLICIES,
        refusals=listed,
        refusal=refusal,
        text=public_id("imp", found.id),
        is_editable=document["status"] in {"uploaded", "checked"},
    )


def _preview(found: Import) -> Sequence[Sequence[str]]:
    width = len(found.header)
    return [[*row, *[""] * width][:width] for row in found.sample[:_PREVIEW]]


def _fields(found: Import) -> Sequence[tuple[str, str]]:
    """What a column may hold: the fixed facts, and what the guess found of the caller's own."""
    fixed = [(each.name, each.label) for each in f.fields_of(found.resource)]
    known = {name for name, _ in fixed}
    own = [name for name in found.mapping["columns"] if name not in known]
    if found.resource == f.PRODUCTS:
        codes = queries.attribute_codes(db.session, caller=me())
        own += [f"{f.ATTRIBUTE}{code}" for code in codes if f"{f.ATTRIBUTE}{code}" not in own]
    return [*fixed, *((name, name) for name in own)]


def _confirmation() -> Confirmation:
    form = request.form
    mode, policy = form.get("mode"), form.get("policy")
    return Confirmation(
        mapping=_mapping(form) if "mapped" in form else None,
        mode=mode if mode in _MODES else None,
        policy=policy if policy in _POLICIES else None,
        dry_run=form.get("action") != "run",
        publish="publish" in form if "mapped" in form else None,
    )


def _mapping(form: Mapping[str, str]) -> dict[str, Any]:
    """The mapping as the form says it: a select for each column, by its place."""
    columns: dict[str, str] = {}
    for key, name in form.items():
        if key.startswith("column-") and name:
            columns.setdefault(name, form.get(f"header-{key.removeprefix('column-')}", ""))
    _, decimal, thousands = _MARKS.get(form.get("decimal_mark", "."), _MARKS["."])
    date_format = form.get("date_format", "iso")
    return {
        "columns": columns,
        "constants": {k.removeprefix("constant-"): v.strip() for k, v in form.items()
                      if k.startswith("constant-") and v.strip()},
        "decimal_mark": decimal,
        "thousands_mark": thousands,
        "date_format": date_format if date_format in DATE_FORMATS else "iso",
        "pad_gtins": "pad_gtins" in form,
    }  # fmt: skip


def _save_profile(found: Import) -> None:
    name = request.form.get("save_as", "").strip()[:100]
    if name:
        operations.save_profile(
            db.session,
            caller=me(),
            resource=found.resource,
            name=name,
            mapping=found.mapping,
            header=found.header,
            now=now(),
        )
