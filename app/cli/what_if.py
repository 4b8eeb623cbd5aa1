"""``flask routing what-if``: one order or cart as it is and as it is supposed to be.

Whoever may run commands here may do what the operator may.
"""

import sys
import uuid
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import click
import marshmallow as ma
import orjson
from rich.table import Table

from app.backtest import documents, operations, queries
from app.backtest.operations import Suppositions
from app.backtest.rules import bps_of
from app.backtest.schemas import WhatIfAnswerSchema
from app.cli.console import console, errors
from app.cli.policies import operator, told
from app.infra.db import db
from app.infra.web import now
from app.kernel.ids import parse_id
from app.kernel.money import format_minor
from app.network import queries as network_queries
from app.ordering import queries as ordering_queries
from app.routing.schemas import DocumentSchema

Key = tuple[uuid.UUID, uuid.UUID]


@click.command("what-if")
@click.argument("asked_of", metavar="ORDER|CART")
@click.option("--policy", metavar="FILE|policy_…", help="Decided by this document or version.")
@click.option("--strategy", help="Solved by this strategy.")
@click.option("--without", multiple=True, metavar="SELLER", help="It cannot deliver; repeated.")
@click.option("--only", multiple=True, metavar="SELLER", help="Nobody else delivers; repeated.")
@click.option(
    "--line", "lines", multiple=True, metavar="N=SELLER",
    help="A line comes from this seller alone; repeated.",
)  # fmt: skip
@click.option(
    "--price", "prices", multiple=True, metavar="SELLER=-5%",
    help="It asks so much more or less; repeated.",
)  # fmt: skip
@click.option(
    "--stock", multiple=True, metavar="LOCATION:SKU=40",
    help="So many lie there, +5 more or -5 fewer; LOCATION is SELLER/CODE, CODE or loc_….",
)  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print both decisions as JSON.")
@told
def what_if(
    asked_of: str,
    policy: str | None,
    strategy: str | None,
    as_json: bool,  # noqa: FBT001 - a flag of the command
    **given: Any,  # noqa: ANN401 - what the options above say
) -> None:
    """Decide an order (its number or id) or a cart (cart_…) twice: as it is and as supposed."""
    asked = _asked(asked_of)
    set_to, changes = _stock(asked, given["stock"])
    version = policy if policy and policy.startswith("policy_") else None
    found = operations.what_if_of(
        db.session,
        caller=operator(),
        asked=asked,
        suppositions=Suppositions(
            policy_id=_id("policy", version) if version else None,
            document=_document(policy) if policy and not version else None,
            strategy=strategy,
            stock=set_to,
            stock_changes=changes,
            prices_bps={_seller(name): _bps(text) for name, text in _pairs(given["prices"])},
            without_sellers=frozenset(map(_seller, given["without"])),
            only_sellers=frozenset(map(_seller, given["only"])),
            line_sellers={_line(no): _seller(name) for no, name in _pairs(given["lines"])},
        ),
        now=now(),
    )
    document = documents.what_if_document(db.session, found)
    db.session.rollback()
    if as_json:
        sys.stdout.write(f"{WhatIfAnswerSchema().dumps(document, indent=1)}\n")
        return
    for table in (_figures(document), _lines(document, asked)):
        console().print(table, soft_wrap=True)


def _figures(document: Mapping[str, Any]) -> Table:
    currency, now_, would = document["currency"], document["now"], document["supposed"]
    table = Table("", "As it is", "Supposed", "Difference", box=None)
    for column in table.columns[1:]:
        column.justify = "right"

    def money(label: str, was: int, then: int) -> None:
        told_ = (format_minor(each, currency) for each in (was, then, then - was))
        table.add_row(label, *told_)

    for label, name in (("Units served", "units_served"), ("Parcels", "consignments"),
                        ("Days until the last goods leave", "longest_days")):  # fmt: skip
        was, then = now_[name], would[name]
        table.add_row(label, f"{was:,}", f"{then:,}", f"{then - was:+,}")
    money("Goods", now_["goods_minor"], would["goods_minor"])
    money("Freight", now_["freight_minor"], would["freight_minor"])
    for each in document["terms"]:
        if each["now_minor"] or each["supposed_minor"]:
            label = f"  counted: {documents.TERM_WORDS[each['term']].lower()}"
            money(label, each["now_minor"], each["supposed_minor"])
    money("  counted in all", now_["objective_minor"], would["objective_minor"])
    return table


def _lines(document: Mapping[str, Any], asked: queries.Asked) -> Table:
    table = Table("Line", "As it is", "Supposed", box=None)
    pairs = zip(document["now"]["lines"], document["supposed"]["lines"], strict=True)
    for goods, (was, would) in zip(asked.goods, pairs, strict=True):
        mark = "" if was["parts"] == would["parts"] else "[yellow]*[/] "
        name = f"{was['line']} {goods.sku}"
        table.add_row(name, _who(was["parts"]), mark + _who(would["parts"]))
    return table


def _who(parts: Iterable[Mapping[str, Any]]) -> str:
    said = [f"{p['quantity']} {p['seller_name']} ({p['location_name']})" for p in parts]
    return ", ".join(said) or "nobody"


def _stock(asked: queries.Asked, given: Iterable[str]) -> tuple[dict[Key, int], dict[Key, int]]:
    """What is set, and what is changed."""
    variants = {goods.sku: goods.variant_id for goods in asked.goods}
    set_to: dict[Key, int] = {}
    changes: dict[Key, int] = {}
    for where, amount in _pairs(given):
        place, _, sku = where.rpartition(":")
        if not place or sku not in variants:
            raise click.UsageError(f"{where}: give LOCATION:SKU of a line of the order")
        into = changes if amount[:1] in {"+", "-"} else set_to
        into[_location(place), variants[sku]] = _number(amount)
    return set_to, changes


def _pairs(given: Iterable[str]) -> list[tuple[str, str]]:
    pairs = []
    for text in given:
        left, equals, right = text.rpartition("=")
        if not (left and equals and right):
            raise click.UsageError(
                f"{text}: an equals sign with something on both sides is missing"
            )
        pairs.append((left, right))
    return pairs


def _location(text: str) -> uuid.UUID:
    if text.startswith("loc_"):
        return _id("loc", text)
    seller, _, code = text.rpartition("/")
    found = queries.locations_by_code(db.session, code=code, seller_code=seller or None)
    if len(found) != 1:
        told_ = (
            "There is no location" if not found else "There are several locations; add the seller"
        )
        raise click.UsageError(f"{text}: {told_}")
    return found[0]


def _seller(code: str) -> uuid.UUID:
    found = network_queries.find_organization_by_code(db.session, code=code)
    if found is None:
        raise click.UsageError(f"There is no organization with the code {code}.")
    return found.id


def _asked(text: str) -> queries.Asked:
    if text.startswith("cart_"):
        cart_id = _id("cart", text)
        return operations.asked_cart(db.session, caller=operator(), cart_id=cart_id)
    return queries.asked_order(db.session, caller=operator(), order_id=_order(text))


def _order(text: str) -> uuid.UUID:
    if not text.isdigit():
        return _id("order", text)
    found = ordering_queries.find_order_by_number(db.session, number=int(text))
    if found is None:
        errors().print(f"There is no order {text}. Give its number or its id (order_…).")
        sys.exit(1)
    return found.id


def _document(path: str) -> dict[str, Any]:
    try:
        read: dict[str, Any] = DocumentSchema().load(orjson.loads(Path(path).read_bytes()))
    except (OSError, orjson.JSONDecodeError, ma.ValidationError) as error:
        raise click.UsageError(f"{path}: {error}") from error
    return read


def _bps(text: str) -> int:
    try:
        return bps_of(text)
    except ValueError as error:
        raise click.UsageError(str(error)) from error


def _line(text: str) -> int:
    number = _number(text)
    if number < 1:
        raise click.UsageError(f"{text} is no line")
    return number - 1


def _number(text: str) -> int:
    try:
        return int(text)
    except ValueError as error:
        raise click.UsageError(f"{text} is no whole number") from error


def _id(prefix: str, text: str) -> uuid.UUID:
    try:
        return parse_id(prefix, text)
    except ValueError as error:
        raise click.UsageError(f"{text} is not an id of the form {prefix}_…") from error
