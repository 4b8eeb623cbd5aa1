"""``flask routing backtest``: past orders decided anew at a terminal, with reports as files.

Whoever may run commands here may do what the operator may. A run that is stopped is given up.
"""

import sys
import uuid
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
from flask import current_app, render_template
from rich.table import Table

from app.backtest import documents, operations, queries, tasks
from app.backtest.documents import WORDS
from app.backtest.operations import Choice
from app.backtest.rules import BASELINES, STOCKS, Scenario
from app.cli.console import console, progress
from app.cli.policies import operator, told
from app.infra.db import db
from app.infra.unit_of_work import transaction
from app.infra.web import now
from app.kernel.ids import parse_id, public_id
from app.kernel.money import format_minor

_DAY = click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"])


@click.command()
@click.option("--storefront", metavar="shop_…", help="Orders of this storefront.")
@click.option("--from", "placed_from", type=_DAY, help="Placed at or after (UTC).")
@click.option("--to", "placed_to", type=_DAY, help="Placed before (UTC).")
@click.option(
    "--orders", type=click.File(), help="A file of order ids (order_…), one a line; - is the input."
)
@click.option("--policy", metavar="policy_…", help="Decided by this version, a draft too.")
@click.option("--strategy", help="Solved by this strategy.")
@click.option("--agreements-as-of", type=_DAY, help="With the agreements of then (UTC).")
@click.option("--without-agreement", multiple=True, metavar="agr_…", help="Without it; repeated.")
@click.option("--stock", type=click.Choice(STOCKS), default="recorded", help="(recorded)")
@click.option(
    "--baseline", "baselines", multiple=True, type=click.Choice(BASELINES),
    help="Compared with; repeated. Default: the greedy ones.",
)  # fmt: skip
@click.option("--csv", "csv_file", type=click.Path(dir_okay=False, path_type=Path),
              help="Write a row for each order.")  # fmt: skip
@click.option("--html", type=click.Path(dir_okay=False, path_type=Path), help="Write the report.")
@told
def backtest(
    orders: Any,  # noqa: ANN401 - an open file
    csv_file: Path | None,
    html: Path | None,
    **given: Any,  # noqa: ANN401 - what the options above say
) -> None:
    """Decide past orders anew under what is supposed, and compare with what happened."""
    ids = [_id("order", line.strip()) for line in orders if line.strip()] if orders else None
    with transaction(db.session) as session:
        made = operations.prepare_backtest(
            session, caller=operator(), choice=_choice(given, ids), scenario=_scenario(given),
            name="at a terminal", now=now(),
        )  # fmt: skip
        backtest_id = made.id
    _work(backtest_id)
    found = queries.get_backtest(db.session, caller=operator(), backtest_id=backtest_id)
    document = documents.backtest_document(db.session, found)
    console().print(_table(document), soft_wrap=True)
    for code, count in document["skipped"].items():
        console().print(f"{count:,} orders cannot be decided any more: {code}")
    _write(document, csv_file, html)
    db.session.rollback()


def _work(backtest_id: uuid.UUID) -> None:
    with progress() as shown:

        def watched(*, done: int, total: int | None = None) -> None:
            shown("Replaying", done, total or 0)

        with transaction(db.session) as session:
            tasks.work(session, backtest_id=backtest_id, told=watched, now=now())


def _choice(given: Mapping[str, Any], ids: Sequence[uuid.UUID] | None) -> Choice:
    return Choice(
        storefront_id=_id("shop", given["storefront"]) if given["storefront"] else None,
        placed_from=_utc(given["placed_from"]),
        placed_to=_utc(given["placed_to"]),
        order_ids=ids,
    )


def _scenario(given: Mapping[str, Any]) -> Scenario:
    plain = {"baselines": given["baselines"]} if given["baselines"] else {}
    return Scenario(
        policy_id=_id("policy", given["policy"]) if given["policy"] else None,
        strategy=given["strategy"],
        agreements_as_of=_utc(given["agreements_as_of"]),
        without_agreements=tuple(_id("agr", text) for text in given["without_agreement"]),
        stock=given["stock"],
        **plain,
    )


def _utc(at: datetime | None) -> datetime | None:
    return None if at is None else at.replace(tzinfo=UTC)


def _id(prefix: str, text: str) -> uuid.UUID:
    try:
        return parse_id(prefix, text)
    except ValueError as error:
        raise click.UsageError(f"{text} is not an id of the form {prefix}_…") from error


def _table(document: Mapping[str, Any]) -> Table:
    contenders, currency = document["contenders"], document["currency"]
    table = Table("", *(WORDS[each["name"]] for each in contenders), box=None)
    for column in table.columns[1:]:
        column.justify = "right"
    rows: dict[str, Callable[[Mapping[str, Any]], str]] = {
        "Units served": lambda c: f"{c['units_served']:,}",
        "Goods": lambda c: format_minor(c["goods_minor"], currency),
        "Freight": lambda c: format_minor(c["freight_minor"], currency),
        "Both": lambda c: format_minor(c["cost_minor"], currency),
        "Against supposed": lambda c: _ratio(c["like_cost_minor"], c["like_supposed_minor"], 4),
        "Units refused": lambda c: f"{c['refused']:,}",
        "Units served after that": lambda c: f"{c['final_served']:,}",
        "Both after that": lambda c: format_minor(c["final_cost_minor"], currency),
        "Consignments an order": lambda c: _ratio(c["consignments"], c["orders"], 2),
        "Days of lead time": lambda c: _ratio(c["unit_days"], c["units_served"], 2),
        "Proved the best": lambda c: _ratio(c["proved_optimal"], c["orders"], 4),
        "Orders otherwise": lambda c: f"{c['orders_otherwise']:,}",
    }
    for label, shown in rows.items():
        table.add_row(label, *(shown(each) for each in contenders))
    return table


def _ratio(part: int, whole: int, digits: int) -> str:
    return f"{part / whole:.{digits}f}" if whole else "–"


def _write(document: Mapping[str, Any], csv_file: Path | None, html: Path | None) -> None:
    if csv_file is not None:
        names = documents.contenders_of(document["scenario"])
        rows = queries.outcomes_of(db.session, backtest_id=document["id"])
        with csv_file.open("w", encoding="utf-8", newline="") as stream:
            stream.writelines(documents.order_file(rows, names))
    if html is not None:
        style = Path(current_app.root_path) / "static" / "style.css"
        shown = documents.shown(document)
        page = render_template("backtests/file.html", style=style.read_text("utf-8"), **shown)
        html.write_text(page, encoding="utf-8")
    sys.stderr.write(f"Kept as {public_id('bt', document['id'])}\n")
