"""``flask inventory``: prove that stock is what moved, and look at why it moved."""

import sys

import click
from rich.table import Table

from app.cli.console import console, errors
from app.cli.proving import print_broken, proved
from app.infra.db import db
from app.inventory import queries as inventory_queries
from app.network import queries as network_queries


@click.group()
def inventory() -> None:
    """Stock and what moves it."""


@inventory.command()
def verify() -> None:
    """Prove that stock is the sum of its movements and holds; exit 1 when it is not."""
    proofs = inventory_queries.verify(db.session)
    console().print(proved(proofs))
    broken = print_broken(errors(), proofs)
    db.session.rollback()
    if broken:
        sys.exit(1)
    console().print(f"All {len(proofs)} invariants hold.")


@inventory.command()
@click.argument("seller")
@click.option("--location", help="The code of one of its locations.")
@click.option("--sku", help="Of one variant.")
@click.option("--limit", type=click.IntRange(1, 10_000), default=30, show_default=True)
def movements(seller: str, location: str | None, sku: str | None, limit: int) -> None:
    """Show what came and left at a seller's (its code) locations, the newest first."""
    _require_known(seller, location)
    found = inventory_queries.list_log(
        db.session, seller_code=seller, location_code=location, sku=sku, limit=limit
    )
    table = Table("At", "Location", "SKU", "Units", "Reason", "Code", "Reference", box=None)
    table.columns[3].justify = "right"
    for row in found:
        table.add_row(
            f"{row.at:%Y-%m-%d %H:%M}", row.code, row.sku, f"{row.quantity:+,}", row.reason,
            row.why or "", row.reference or "",
        )  # fmt: skip
    console().print(table)
    db.session.rollback()


def _require_known(seller: str, location: str | None) -> None:
    """An empty log would be no answer about a seller or a place that there is not."""
    found = network_queries.find_organization_by_code(db.session, code=seller)
    if found is None:
        raise click.UsageError(f"There is no organization with the code {seller}.")
    if location is not None and not inventory_queries.has_location(
        db.session, seller_id=found.id, code=location
    ):
        raise click.UsageError(f"{seller} has no location with the code {location}.")
