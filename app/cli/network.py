"""``flask network``: a network from files, and the replay of its demand."""

import signal
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import click
from flask import current_app
from rich.console import Console
from rich.table import Table

from app.cli.console import console, errors, progress
from app.cli.proving import print_broken, print_count
from app.cli.replaying import print_report, print_run
from app.demo import imports, replay
from app.demo.errors import NetworkCollides, NetworkRefused
from app.demo.ports import (
    DemandContent,
    NetworkContent,
    NetworkSource,
    Refusal,
    Told,
    UnusableSource,
)
from app.infra.db import db
from app.infra.unit_of_work import transaction
from app.settlement import queries as settlement_queries

_SHOWN = 20
_ALL = 1_000_000_000
FOLDER = click.argument("folder", type=click.Path(path_type=Path, file_okay=False))


@click.group()
def network() -> None:
    """A network from files."""


def source_of(folder: Path) -> NetworkSource:
    """The files of a folder."""
    source: NetworkSource = current_app.extensions["network_folder"](folder)
    return source


@network.command("import")
@FOLDER
@click.option(
    "--storefront-model",
    type=click.Choice(imports.MODELS),
    default=imports.MIXED,
    show_default=True,
    help="How the storefront's sellers sell.",
)
@click.option("--keep-going", is_flag=True, help="Leave wrong rows out instead of refusing all.")
def import_(folder: Path, storefront_model: str, keep_going: bool) -> None:  # noqa: FBT001 - a flag
    """Load the network in FOLDER, all or nothing, once."""
    began = time.perf_counter()
    if imports.is_loaded(db.session):
        console().print(f"Already loaded: the storefront {imports.STOREFRONT} exists.")
        return
    content = _read(folder)
    _print_refusals(errors(), content.refusals)
    if content.refusals and not keep_going:
        errors().print("Nothing was loaded. Mend the rows, or leave them out with --keep-going.")
        sys.exit(1)
    done = _load(content, storefront_model)
    _print_loaded(done, len(content.refusals), time.perf_counter() - began)


def _read(folder: Path) -> NetworkContent:
    try:
        with progress() as told:
            return source_of(folder).read_network(told)
    except UnusableSource as error:
        _print_refusals(errors(), [error.refusal])
        errors().print("Nothing was loaded.")
        sys.exit(1)


def _load(content: NetworkContent, model: str) -> imports.Imported:
    now = current_app.extensions["clock"].now()
    try:
        with progress() as told, transaction(db.session):
            return imports.import_network(
                db.session, content=content, model=model, told=told, now=now
            )
    except NetworkRefused as error:
        _print_refusals(errors(), error.refusals)
    except NetworkCollides as error:
        errors().print(f"{error.detail}: {', '.join(error.details['codes'])}")
    errors().print("Nothing was loaded.")
    sys.exit(1)


def _print_loaded(done: imports.Imported, refused: int, seconds: float) -> None:
    if done.already_loaded:
        console().print(f"Already loaded: the storefront {imports.STOREFRONT} exists.")
        return
    table = Table("table", "rows", box=None)
    table.columns[1].justify = "right"
    for name, count in sorted(done.rows.items()):
        table.add_row(name, f"{count:,}")
    console().print(table)
    console().print(f"Loaded in {seconds:.1f} s; {refused:,} rows were refused.")


def _print_refusals(out: Console, refusals: Sequence[Refusal]) -> None:
    for item in refusals[:_SHOWN]:
        where = f"{item.file}, row {item.row}" if item.row else item.file
        column = f", {item.column}" if item.column else ""
        value = f" {item.value!r}" if item.value else ""
        out.print(f"{where}{column}:{value} {item.reason}", markup=False)
    if len(refusals) > _SHOWN:
        out.print(f"... and {len(refusals) - _SHOWN:,} more")


@network.command("replay")
@FOLDER
@click.option("--orders", type=click.IntRange(min=1), default=_ALL, help="Only the first orders.")
@click.option(
    "--plan",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write what was decided to this CSV file (and FILE.consignments.csv).",
)
@click.option("--no-settle", is_flag=True, help="Place the orders only: nothing ships or is paid.")
def replay_(folder: Path, orders: int, plan: Path | None, no_settle: bool) -> None:  # noqa: FBT001
    """Replay the orders in FOLDER on the imported network.

    May be interrupted at any point: the same command goes on.
    """
    try:
        with progress() as told:
            run = _prepare(folder, orders, told)
            tally = run.place_only() if no_settle else run.run()
    except (replay.AlreadyReplaying, replay.NotImported) as error:
        errors().print(error.detail)
        sys.exit(1)
    atlas = replay.find_atlas(db.session)
    if plan:
        for path in replay.write_plan(db.session, atlas=atlas, path=plan):
            console().print(f"Wrote {path}.")
    print_report(console(), replay.gather(db.session, atlas=atlas))
    print_run(console(), tally)
    if tally.stopped:
        console().print("Stopped. The same command goes on where it was.")
        return
    _prove()


def _prove() -> None:
    """Prove the books as ``flask ledger verify`` does; exit 1 when one law is broken."""
    proofs = settlement_queries.verify(db.session)
    db.session.rollback()
    print_count(console(), proofs)
    if print_broken(errors(), proofs):
        sys.exit(1)


def _prepare(folder: Path, orders: int, told: Told) -> replay.Replay:
    replay.find_atlas(db.session)
    db.session.rollback()
    run = replay.Replay(db.engine, _read_demand(folder, told), orders, told)
    _stop_on_signal(run)
    return run


def _read_demand(folder: Path, told: Told) -> DemandContent:
    try:
        demand = source_of(folder).read_demand(told)
    except UnusableSource as error:
        _print_refusals(errors(), [error.refusal])
        sys.exit(1)
    if demand.refusals:
        _print_refusals(errors(), demand.refusals)
        sys.exit(1)
    return demand


def _stop_on_signal(run: replay.Replay) -> None:
    def stop(number: int, _frame: object) -> None:
        run.ask_to_stop()
        # A second signal ends the process at once; nothing is lost by that either.
        signal.signal(number, signal.SIG_DFL)

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)
