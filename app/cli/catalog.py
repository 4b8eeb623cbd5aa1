"""``flask catalog``: products, offers, prices and stock from files and into files."""

import sys
import time
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, NoReturn

import click
from flask import current_app
from rich.table import Table
from sqlalchemy import select

from app.cli.console import console, errors, progress
from app.exchange import documents, operations, queries, tasks
from app.exchange.models import Import
from app.exchange.operations import Confirmation, Wish
from app.exchange.queries import exports
from app.exchange.rules import fields as f
from app.identity.rules import permissions_for
from app.infra.auth import Caller
from app.infra.db import db
from app.infra.unit_of_work import transaction
from app.kernel.clock import Clock
from app.kernel.errors import AppError
from app.tables import network, pricing

_SHOWN = 10
_COUNTS = (
    ("inserted", "added"), ("updated", "changed"), ("unchanged", "unchanged"),
    ("removed", "removed"), ("withdrawn", "withdrawn, because absent"), ("refused", "refused"),
)  # fmt: skip
_PLANNED = (
    ("insert", "would be added"), ("update", "would be changed"), ("unchanged", "unchanged"),
    ("remove", "would be removed"), ("absent", "absent from the file"), ("refused", "refused"),
)  # fmt: skip

AS = click.option("--as", "code", required=True, help="The code of the organization.")
RESOURCE = click.option(
    "--resource", type=click.Choice(f.RESOURCES), default=f.PRODUCTS, show_default=True
)
LIST = click.option("--price-list", help="The name of the price list, for prices.")


@click.group()
def catalog() -> None:
    """Products, offers, prices and stock from files and into files."""


@catalog.command("import")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@AS
@RESOURCE
@LIST
@click.option("--profile", help="The name of a saved mapping; else the header finds one.")
@click.option(
    "--mode",
    type=click.Choice(f.MODES),
    default=f.DELTA,
    show_default=True,
    help="delta: add and change; full: withdraw what the file does not name, too; "
    "delete: the rows name what goes.",
)
@click.option("--all-or-nothing", is_flag=True, help="One bad row, and nothing is changed.")
@click.option("--publish", is_flag=True, help="Products: publish the catalog afterwards.")
@click.option("--dry-run", is_flag=True, help="Tell what would happen, change nothing.")
@click.option(
    "--errors",
    "error_file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Where to write refused rows; else FILE.errors.csv.",
)
def import_(file: Path, **chosen: Any) -> None:  # noqa: ANN401 - click's options by name
    """Import FILE: CSV (also gzip or zip) or XLSX.

    Columns are recognized by their names in English, Spanish, Portuguese and German; the mapping is
    printed before anything is done. Bad rows come back in an error file with row, column, value
    and reason; good rows land.
    """
    began = time.perf_counter()
    try:
        caller = _caller(chosen["code"])
        found = _receive(caller, file, chosen)
        _print_mapping(found.header, found.mapping)
        done = _run(caller, found)
    except AppError as refusal:
        _refuse(refusal)
    _print_report(done, time.perf_counter() - began)
    _write_errors(done, chosen["error_file"] or file.with_name(f"{file.name}.errors.csv"))


def _caller(code: str) -> Caller:
    found = db.session.scalars(
        select(network.Organization).where(network.Organization.code == code)
    ).one_or_none()
    if found is None:
        errors().print(f"There is no organization with the code {code!r}.")
        sys.exit(1)
    kinds = frozenset(found.kinds)
    return Caller(found.id, found.id, kinds, permissions_for(kinds))


def _receive(caller: Caller, file: Path, chosen: Mapping[str, Any]) -> Import:
    settings = current_app.extensions["settings"]
    wish = Wish(
        resource=chosen["resource"],
        mode=chosen["mode"],
        policy=f.ALL_OR_NOTHING if chosen["all_or_nothing"] else f.PARTIAL,
        dry_run=chosen["dry_run"],
        publish=chosen["publish"],
        file_name=file.name,
        profile=chosen["profile"],
        price_list_id=_list_id(caller, chosen["price_list"]),
    )
    with file.open("rb") as stream:
        received = operations.store(stream, folder=tasks.folder(), most=settings.upload_bytes)
    try:
        with transaction(db.session):
            return operations.receive(
                db.session,
                caller=caller,
                received=received,
                wish=wish,
                files=tasks.files(),
                folder=tasks.folder(),
                now=_now(),
            )
    except BaseException:
        operations.discard(received, folder=tasks.folder())
        raise


def _list_id(caller: Caller, name: str | None) -> Any:  # noqa: ANN401 - an id or none
    if name is None:
        return None
    mine = pricing.PriceList.owner_id == caller.organization_id
    query = select(pricing.PriceList.id).where(mine, pricing.PriceList.name == name)
    found = db.session.scalars(query.order_by(pricing.PriceList.created_at.desc())).first()
    if found is None:
        errors().print(f"This organization has no price list named {name!r}.")
        sys.exit(1)
    return found


def _run(caller: Caller, found: Import) -> Import:
    import_id = found.id
    with transaction(db.session):
        operations.ready(
            db.session,
            caller=caller,
            import_id=import_id,
            confirmation=Confirmation(),
            now=_now(),
        )
    with progress() as told, transaction(db.session):

        def hear(*, done: int, total: int | None = None) -> None:
            told("rows", done, total or done)

        return tasks.work(db.session, import_id=import_id, told=hear, now=_now())


def _print_mapping(header: list[str], mapping: Mapping[str, Any]) -> None:
    by_column = {column: name for name, column in mapping["columns"].items()}
    table = Table("column", "is read as", box=None)
    for column in header:
        table.add_row(column, by_column.get(column, "– (left out)"))
    console().print(table)
    console().print(
        f"Decimal mark {mapping['decimal_mark']!r}, dates {mapping['date_format']}, "
        f"{mapping['encoding']}, separator {mapping['separator']!r}."
    )


def _print_report(done: Import, seconds: float) -> None:
    table = Table("rows", f"{done.report['rows']:,}", box=None)
    table.columns[1].justify = "right"
    for name, words in _PLANNED if done.dry_run else _COUNTS:
        if done.report.get(name):
            table.add_row(words, f"{done.report[name]:,}")
    console().print(table)
    rate = done.report["rows"] / max(seconds, 0.001)
    said = "Nothing was changed: a dry run." if done.dry_run else "Done."
    console().print(f"{said} {seconds:.1f} s, {rate:,.0f} rows a second.")
    if done.error:
        errors().print(done.error, markup=False)
    if "publication" in done.report:
        console().print(f"Published as number {done.report['publication']}.")
    elif done.resource == f.PRODUCTS and not done.dry_run:
        console().print("Changes are drafts until the manufacturer publishes them.")


def _write_errors(done: Import, path: Path) -> None:
    if not done.report["refused"]:
        return
    listed = queries.refusals_of(db.session, import_id=done.id)
    with path.open("w", encoding="utf-8", newline="") as file:
        for block in documents.error_file(listed):
            file.write(block)
    for each in queries.refusals_of(db.session, import_id=done.id, most=_SHOWN):
        row, column, value, _, reason, mend = documents.refusal_row(each)
        where = f"row {row}" + (f", {column}" if column else "")
        errors().print(f"{where}: {value!r} {reason}. {mend}.", markup=False)
    errors().print(f"All refused cells: {path}", soft_wrap=True)
    db.session.rollback()


def _refuse(refusal: AppError) -> NoReturn:
    errors().print(f"{refusal.title}: {refusal.detail}", markup=False)
    for problem in refusal.details.get("errors", []):
        errors().print(f"  {problem['pointer']}: {problem['message']}", markup=False)
    sys.exit(1)


@catalog.command("export")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@AS
@RESOURCE
@LIST
def export(file: Path, code: str, resource: str, price_list: str | None) -> None:
    """Export to FILE, CSV or XLSX by its ending; an import reads it back unchanged."""
    try:
        caller = _caller(code)
        found = exports.export_of(
            db.session, caller=caller, resource=resource, price_list_id=_list_id(caller, price_list)
        )
        if file.suffix.lower() == ".xlsx":
            rows = exports.rows_of(db.session, found)
            tasks.files().write_workbook(file, header=found.columns, rows=rows)
        else:
            with file.open("wb") as out:
                out.writelines(exports.csv_of(db.session, found))
    except AppError as refusal:
        _refuse(refusal)
    db.session.rollback()
    console().print(f"Wrote {file}: {file.stat().st_size:,} bytes.", soft_wrap=True)


def _now() -> datetime:
    clock: Clock = current_app.extensions["clock"]
    return clock.now()
