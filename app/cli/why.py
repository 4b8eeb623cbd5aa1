"""``flask routing why``: a seller, a line, and the reasons; in words of four languages."""

import sys
import uuid
from collections.abc import Sequence
from typing import Any

from rich.console import Console
from rich.table import Table

from app.cli.console import console, errors
from app.infra.db import db
from app.kernel.money import format_minor
from app.network import queries as network_queries
from app.ordering.operations import Gain
from app.routing.errors import DecisionNotFound
from app.routing.why.telling import Question, explanation
from app.routing.why.texts import LABELS


def tell(order_id: uuid.UUID, *, line: int | None, seller: str | None, language: str) -> None:
    """Print an order's explanation: all, a line, a seller, or both."""
    question = Question(
        order_id=order_id,
        line=line,
        seller_id=None if seller is None else _seller(seller),
        language=language,
    )
    try:
        told = explanation(db.session, caller=None, question=question)
    except DecisionNotFound:
        errors().print("Nothing was decided about that: no such line, or seller.")
        sys.exit(1)
    finally:
        db.session.rollback()
    out, words = console(), LABELS[language]
    for sentence in told["sentences"]:
        out.print(sentence)
    for other in told["alternatives"]:
        out.print(f"  {other['sentence']}")
    if line is None and seller is None:
        out.print(_table(told, words))
    else:
        _print_verdicts(out, told)


def _print_verdicts(out: Console, told: dict[str, Any]) -> None:
    for row in told["lines"]:
        for verdict in row["sellers"]:
            first, *rest = verdict["sentences"]
            out.print(f"\n{first}")
            for sentence in rest:
                out.print(f"  {sentence}")


def _table(told: dict[str, Any], words: Any) -> Table:  # noqa: ANN401 - labels
    table = Table(words["line"], *(seller["name"] for seller in told["sellers"][:6]), box=None)
    for row in told["lines"]:
        by_seller = {verdict["seller_id"]: verdict for verdict in row["sellers"]}
        cells = [_cell(by_seller.get(seller["id"]), words) for seller in told["sellers"][:6]]
        table.add_row(f"{row['position']} {row['sku']}", *cells)
    return table


def _cell(verdict: dict[str, Any] | None, words: Any) -> str:  # noqa: ANN401 - labels
    if verdict is None:
        return ""
    said: str = words[f"verdict.{verdict['verdict']}"]
    if verdict["verdict"] == "chosen":
        return f"[green]{said}: {verdict['quantity']}[/]"
    return said


def _seller(code: str) -> uuid.UUID:
    found = network_queries.find_organization_by_code(db.session, code=code)
    if found is None:
        errors().print(f"There is no organization with the code {code}.")
        sys.exit(1)
    return found.id


def print_gains(gains: Sequence[Gain]) -> None:
    """Print what planning again saves, group by group, and by currency in all."""
    table = Table("Orders", "Before", "After", "Saved", "", box=None)
    saved: dict[str, int] = {}
    for gain in gains:
        if gain.saved_minor <= 0:
            continue
        saved[gain.currency] = saved.get(gain.currency, 0) + gain.saved_minor
        table.add_row(
            str(len(gain.order_ids)),
            *(
                format_minor(amount, gain.currency)
                for amount in (gain.before_minor, gain.after_minor, gain.saved_minor)
            ),
            "applied" if gain.is_applied else "not applied",
        )
    out = console()
    looked = "1 group" if len(gains) == 1 else f"{len(gains)} groups"
    out.print(f"{looked} of orders looked at.")
    if saved:
        out.print(table)
    for currency, amount in saved.items():
        out.print(f"Saved: {format_minor(amount, currency)} {currency}")
