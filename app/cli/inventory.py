"""``flask inventory``: prove that stock is what moved, and look at why it moved."""

import sys
from typing import Any

import click
from rich.table import Table
from sqlalchemy import text

from app.cli.console import console, errors
from app.cli.proving import print_broken, proved
from app.infra.db import db
from app.inventory import queries as inventory_queries

_LOG = text("""
SELECT m.at, l.code, v.sku, m.quantity, m.reason, m.code AS why, m.reference
FROM inventory_movements m
JOIN inventory_locations l ON l.id = m.location_id
JOIN network_organizations o ON o.id = l.seller_id
JOIN catalog_variants v ON v.id = m.variant_id
WHERE o.code = :seller AND (CAST(:location AS text) IS NULL OR l.code = :location)
  AND (CAST(:sku AS text) IS NULL OR v.sku = :sku)
ORDER BY m.id DESC LIMIT :limit
""")


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
@click.option("--limit", default=30, show_default=True)
def movements(seller: str, location: str | None, sku: str | None, limit: int) -> None:
    """Show what came and left at a seller's (its code) locations, the newest first."""
    binds: dict[str, Any] = {"seller": seller, "location": location, "sku": sku, "limit": limit}
    table = Table("At", "Location", "SKU", "Units", "Reason", "Code", "Reference", box=None)
    table.columns[3].justify = "right"
    for row in db.session.execute(_LOG, binds):
        table.add_row(
            f"{row.at:%Y-%m-%d %H:%M}", row.code, row.sku, f"{row.quantity:+,}", row.reason,
            row.why or "", row.reference or "",
        )  # fmt: skip
    console().print(table)
    db.session.rollback()
