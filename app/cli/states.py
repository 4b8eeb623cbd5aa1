"""``flask states``: the state tables as diagrams, for the docs."""

import click

from app.catalog.rules import LIFECYCLE
from app.cli.console import console
from app.network.rules import AGREEMENT
from app.ordering.rules import ALLOCATION, CHOICE, SELLER_ORDER

TABLES = (AGREEMENT, LIFECYCLE, SELLER_ORDER, ALLOCATION, CHOICE)


@click.command()
def states() -> None:
    """Print every state table as a Mermaid diagram."""
    for table in TABLES:
        console().print(f"## {table.subject}\n\n```mermaid\n{table.diagram()}\n```\n", markup=False)
