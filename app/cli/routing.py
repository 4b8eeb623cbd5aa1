"""``flask routing``: the story of a decision; machine code; strategies; published instances."""

import sys
import uuid

import click
from rich.console import Console
from rich.table import Table

from app.cli.backtest import backtest
from app.cli.console import console, errors, waiting
from app.cli.instances import solve_instance
from app.cli.policies import policies
from app.cli.what_if import what_if
from app.cli.why import print_gains, tell
from app.infra.db import db
from app.infra.unit_of_work import transaction
from app.infra.web import now
from app.kernel.ids import parse_id
from app.kernel.money import format_minor
from app.ordering import operations as ordering
from app.ordering import queries as ordering_queries
from app.routing import compiling
from app.routing import queries as routing_queries
from app.routing.explain import LineStory, Story, sentences, story_of
from app.routing.rules import REASONS
from app.routing.strategies import DEFAULT, broken_strategies
from app.routing.strategies import strategy_names as known_names
from app.routing.why.texts import LANGUAGES


@click.group()
def routing() -> None:
    """Routing decisions, and what makes them fast."""


@routing.command()
@click.argument("order")
@click.option("--line", type=click.IntRange(min=1), help="Every candidate of this line only.")
def explain(order: str, line: int | None) -> None:
    """Tell why each line of ORDER (its number or id) goes to whom, and why to nobody else."""
    order_id, currency = _find(order)
    decisions = routing_queries.list_decisions(db.session, order_id=order_id)
    for decision in decisions:
        story = story_of(decision)
        names = routing_queries.names_of(db.session, list(story.parties()))
        _tell(console(), story, currency, names)
        for told in story.lines:
            if line is None or told.position + 1 == line:
                console().print(_table(told, currency, names, whole=line is not None))
    db.session.rollback()


routing.add_command(policies)
routing.add_command(backtest)
routing.add_command(what_if)
routing.add_command(solve_instance)


@routing.command()
@click.argument("order")
@click.option("--line", type=click.IntRange(min=1), help="This line only.")
@click.option("--seller", help="This seller only, by its code.")
@click.option("--lang", type=click.Choice(LANGUAGES), default="en", show_default=True)
def why(order: str, line: int | None, seller: str | None, lang: str) -> None:
    """Tell why a seller delivers a line of ORDER or not, and what would have to change."""
    order_id, _ = _find(order)
    tell(order_id, line=line, seller=seller, language=lang)


@routing.command()
@click.option("--dry-run", is_flag=True, help="Only tell what would be saved, for all storefronts.")
def reoptimize(*, dry_run: bool) -> None:
    """Plan parts that nobody has accepted yet again, together, and tell what that saves.

    Applied for storefronts that want it, where it saves more than their threshold.
    """
    groups = ordering.neighbourhoods(db.session, now=now(), all_shops=dry_run)
    db.session.rollback()
    act = ordering.foresee_gain if dry_run else ordering.apply_gain
    gains = []
    for group in groups:
        with transaction(db.session) as session:
            gains.append(act(session, order_ids=group, now=now()))
    print_gains([gain for gain in gains if gain is not None])


@routing.command("compile")
def compile_() -> None:
    """Have the optimizer compiled, once for a machine, so that the first order need not wait."""
    if not compiling.is_compiled():
        console().print("Compiling the optimizer, once per machine (a minute or two) ...")
    with waiting("compiling"):
        made = compiling.ready()
    told = "was compiled already" if made.was_there else "is compiled"
    console().print(f"It {told} ({made.took_s:.1f} s); its machine code lies in")
    console().print(str(made.folder), soft_wrap=True)


@routing.command("strategies")
def strategies_() -> None:
    """List the strategies that decide orders, and those that could not be loaded."""
    for name in known_names():
        console().print(f"{name} (default)" if name == DEFAULT else name)
    for name, why in broken_strategies().items():
        errors().print(f"{name} cannot be used: {why}")


def _find(text: str) -> tuple[uuid.UUID, str]:
    if text.isdigit():
        found = ordering_queries.find_order_by_number(db.session, number=int(text))
    else:
        found = ordering_queries.find_order(db.session, order_id=_parse(text))
    if found is None:
        errors().print(f"There is no order {text}. Give its number or its id (order_…).")
        sys.exit(1)
    return found.id, found.currency


def _parse(text: str) -> uuid.UUID:
    try:
        return parse_id("order", text)
    except ValueError:
        errors().print(f"{text} is neither an order's number nor its id (order_…).")
        sys.exit(2)


def _tell(out: Console, story: Story, currency: str, names: dict[uuid.UUID, str]) -> None:
    made = story.decision
    out.print(
        f"\n[bold]Attempt {made.attempt}[/] ({made.trigger}) at {made.decided_at:%Y-%m-%d %H:%M}"
    )
    for sentence in sentences(story, currency=currency, names=names)[:3]:
        out.print(f"  {sentence}")
    excluded = {code: n for code, n in story.funnel.items() if code in REASONS}
    for code, count in sorted(excluded.items(), key=lambda item: -item[1]):
        out.print(f"  {count:>6,} candidates: {REASONS[code]}")


def _table(line: LineStory, currency: str, names: dict[uuid.UUID, str], *, whole: bool) -> Table:
    title = f"Line {line.position + 1}: {line.served} of {line.quantity} units"
    table = Table("Seller", "Location", "Available", "Unit price", "Verdict", title=title, box=None)
    table.title_justify = "left"
    for part in line.chosen:
        table.add_row(
            names[part.seller_id], names[part.location_id], "", "",
            f"[green]chosen: {part.quantity} for {format_minor(part.goods_minor, currency)}[/]",
        )  # fmt: skip
    eligible = [other for other in line.others if not other.codes]
    excluded = [other for other in line.others if other.codes]
    shown = line.others if whole else eligible[:3]
    for other in shown:
        price = (
            "" if other.unit_price_minor is None else format_minor(other.unit_price_minor, currency)
        )
        per = f" / {other.per_quantity}" if (other.per_quantity or 1) > 1 else ""
        verdict = "; ".join(REASONS[code] for code in other.codes) or "would make the order dearer"
        table.add_row(
            names[other.seller_id],
            names.get(other.location_id, "") if other.location_id else "",
            str(other.available), price + per, verdict,
        )  # fmt: skip
    if not whole:
        rest = len(eligible) - len(shown)
        table.add_row("", "", "", "", f"[dim]{rest} more eligible, {len(excluded)} excluded[/]")
    return table
