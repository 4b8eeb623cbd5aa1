"""``flask demo``: the built-in network and the story of one order."""

import sys
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

import click
from flask import current_app
from rich.table import Table
from sqlalchemy import select

from app.cli.console import console, errors
from app.cli.telling import tell
from app.demo import keys, loading, story
from app.identity import operations as identity_operations
from app.infra.db import db
from app.infra.unit_of_work import transaction
from app.tables import network


@click.group()
def demo() -> None:
    """The built-in network."""


@demo.command("load")
def load() -> None:
    """Load the built-in network; a second run changes nothing."""
    now = current_app.extensions["clock"].now()
    with transaction(db.session):
        rows = loading.load(db.session, now=now)
    held = _ensure_keys(now)
    if not rows:
        console().print("The demo network is there already.")
        return
    _print_rows(rows)
    _print_keys(held)


@demo.command("story")
def story_() -> None:
    """Tell one order's story; the first run acts it, later ones tell it again."""
    now = current_app.extensions["clock"].now()
    session = db.session()
    try:
        order_id = story.act(session, now=now)
    except story.NotLoaded as error:
        errors().print(error.detail)
        sys.exit(1)
    tell(console(), story.read(session, order_id=order_id))
    session.rollback()


def _ensure_keys(now: datetime) -> Mapping[str, str]:
    query = select(network.Organization.id).where(network.Organization.kinds.contains(["operator"]))
    operator_id = db.session.scalars(query).one()
    caller = identity_operations.operator_caller(operator_id=operator_id)
    with transaction(db.session):
        return keys.ensure_keys(db.session, caller=caller, folder=_folder(), now=now)


def _folder() -> Path:
    folder: Path = current_app.extensions["settings"].var
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _print_rows(rows: Mapping[str, int]) -> None:
    words = {
        "network_organizations": "organizations", "catalog_variants": "variants",
        "network_agreements": "agreements", "offers_offers": "offers",
        "pricing_entries": "prices", "inventory_locations": "warehouses",
        "inventory_stock": "stock levels", "storefronts_storefronts": "storefronts",
        "network_trading_accounts": "trading accounts",
    }  # fmt: skip
    told = ", ".join(f"{rows[table]:,} {word}" for table, word in words.items())
    console().print(f"Loaded {told}.")


def _print_keys(held: Mapping[str, str]) -> None:
    names = dict(
        db.session.execute(
            select(network.Organization.code, network.Organization.name).where(
                network.Organization.code.in_(held)
            )
        ).all()
    )
    table = Table("organization", "API key", box=None, title="Keys", title_justify="left")
    for code, secret in held.items():
        table.add_row(names[code], secret)
    console().print(table)
    console().print(f"They are kept in {_folder() / keys.FILE}.")
