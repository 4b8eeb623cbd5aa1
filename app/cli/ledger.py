"""``flask ledger``: prove that the books, the orders and the stock agree."""

import sys
from collections.abc import Sequence

import click
from rich.table import Table

from app.cli.console import console, errors
from app.cli.proving import print_broken, proved
from app.infra.db import db
from app.kernel.money import format_minor
from app.ledger import queries as ledger_queries
from app.settlement import queries as settlement_queries


@click.group()
def ledger() -> None:
    """The books."""


@ledger.command()
def verify() -> None:
    """Prove every invariant of money, orders and stock; exit 1 when one is broken."""
    proofs = settlement_queries.verify(db.session)
    console().print(proved(proofs))
    console().print(_totals(ledger_queries.trial_balance(db.session)))
    broken = print_broken(errors(), proofs)
    db.session.rollback()
    if broken:
        sys.exit(1)
    console().print(f"All {len(proofs)} invariants hold.")


def _totals(totals: Sequence[ledger_queries.Total]) -> Table:
    table = Table("Code", "Account", "Accounts", "Currency", "Balance", box=None)
    for index in (2, 4):
        table.columns[index].justify = "right"
    for total in totals:
        table.add_row(
            str(total.account_code),
            total.account_name,
            f"{total.accounts:,}",
            total.currency,
            format_minor(total.amount_minor, total.currency),
        )
    for currency, amount in _sums(totals).items():
        table.add_row("", "sum", "", currency, format_minor(amount, currency), style="bold")
    return table


def _sums(totals: Sequence[ledger_queries.Total]) -> dict[str, int]:
    sums: dict[str, int] = {}
    for total in totals:
        sums[total.currency] = sums.get(total.currency, 0) + total.amount_minor
    return sums
