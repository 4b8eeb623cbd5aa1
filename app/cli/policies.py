"""``flask routing policies``: a policy's life at a terminal; documents are JSON files.

Whoever may run commands here may do what the operator may.
"""

import sys
import uuid
from collections.abc import Callable
from datetime import datetime
from functools import wraps
from pathlib import Path
from typing import Any, ParamSpec

import click
import marshmallow as ma
import orjson
from rich.table import Table

from app.cli.console import console, errors
from app.infra.auth import Caller
from app.infra.db import db
from app.infra.unit_of_work import transaction
from app.infra.web import now
from app.kernel.errors import AppError
from app.kernel.ids import parse_id, public_id
from app.kernel.money import format_minor
from app.kernel.paging import MAX_PAGE_SIZE, PageRequest
from app.network import queries as network_queries
from app.routing import operations, queries
from app.routing.documents import policy_body
from app.routing.models import RoutingPolicy
from app.routing.operations.previewing import Outcome, PolicyPreview
from app.routing.rules.policies import SCOPES, PolicyScope
from app.routing.schemas import DocumentSchema
from app.routing.schemas.policies import shown_document

P = ParamSpec("P")
_PREFIXES = {"storefront": "shop", "manufacturer": "org", "category": "cat", "buyer": "org"}


def told(command: Callable[P, None]) -> Callable[P, None]:
    """A command whose refusals are told, each fault with its place."""

    @wraps(command)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            command(*args, **kwargs)
        except AppError as error:
            errors().print(error.detail)
            for fault in error.details.get("errors", ()):
                errors().print(f"  {fault['pointer'] or '/'}: {fault['message']}")
            sys.exit(1)

    return wrapped


def scoped(command: Callable[P, None]) -> Callable[P, None]:
    """A command about one scope: at most one of these options; none is the network."""
    for kind, prefix in reversed(_PREFIXES.items()):
        option = click.option(f"--{kind}", metavar=f"{prefix}_…", help=f"Of this {kind}.")
        command = option(command)
    return command


@click.group()
def policies() -> None:
    """Routing policies: look at them, try them, let them decide."""


@policies.command("list")
@scoped
@told
def list_(**named: str | None) -> None:
    """All versions, of all scopes or of one."""
    scope = _scope(named)
    table = Table("Id", "Scope", "Version", "Status", "From", "To", "Note", box=None)
    page = PageRequest(limit=MAX_PAGE_SIZE)
    asked = scope if scope.subject_id else None
    found = queries.list_policies(db.session, caller=operator(), page=page, scope=asked)
    for policy in found.items:
        body = policy_body(policy, now=now())
        table.add_row(
            public_id("policy", policy.id), _named(policy), str(policy.number), body["status"],
            _when(policy.valid_from), _when(policy.valid_to), policy.note,
        )  # fmt: skip
    console().print(table, soft_wrap=True)
    db.session.rollback()


@policies.command()
@click.argument("policy")
@told
def show(policy: str) -> None:
    """The document of POLICY (policy_…), as JSON."""
    found = queries.get_policy(db.session, caller=operator(), policy_id=_id("policy", policy))
    document = shown_document(policy_body(found, now=now())["document"])
    click.echo(orjson.dumps(document, option=orjson.OPT_INDENT_2))
    db.session.rollback()


@policies.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@told
def validate(file: Path) -> None:
    """Tell what is wrong with the document in FILE."""
    operations.check_document(db.session, document=_document(file))
    console().print("This policy can decide.")
    db.session.rollback()


@policies.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--note", default="", help="What it is for.")
@scoped
@told
def draft(file: Path, note: str, **named: str | None) -> None:
    """Draft a version with the document in FILE; it decides nothing yet."""
    document = _document(file)
    with transaction(db.session) as session:
        made = operations.draft_policy(
            session, caller=operator(), scope=_scope(named), document=document, note=note,
            now=now(),
        )  # fmt: skip
        told_as = f"Version {made.number} of {_named(made)} is drafted: "
        console().print(told_as + public_id("policy", made.id), soft_wrap=True)


@policies.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--orders", default=20, type=click.IntRange(1, 100), help="How many (20).")
@scoped
@told
def preview(file: Path, orders: int, **named: str | None) -> None:
    """Decide the last orders anew under the document in FILE; nothing is kept."""
    found = operations.preview_policy(
        db.session, caller=operator(), scope=_scope(named), document=_document(file),
        count=orders, now=now(),
    )  # fmt: skip
    console().print(_compared(found))
    changed = sum(order.is_changed for order in found.orders)
    console().print(
        f"{len(found.orders)} orders, {changed} of them otherwise; {found.skipped} cannot be "
        "decided any more."
    )
    db.session.rollback()


@policies.command()
@click.argument("policy")
@told
def delete(policy: str) -> None:
    """Throw the draft POLICY (policy_…) away."""
    with transaction(db.session) as session:
        found = queries.get_policy(session, caller=operator(), policy_id=_id("policy", policy))
        told_as = f"Version {found.number} of {_named(found)} is deleted."
        operations.delete_policy(
            session, caller=operator(), policy_id=found.id, expected_version=found.version,
            now=now(),
        )  # fmt: skip
        console().print(told_as, soft_wrap=True)


def _moving(name: str, help_text: str, done: str) -> click.Command:
    """A command that changes when a version holds."""
    acts: dict[str, Callable[..., RoutingPolicy]] = {
        "activate": _activate,
        "rollback": operations.roll_back_policy,
        "retire": operations.retire_policy,
    }

    @told
    def command(policy: str, at: datetime | None) -> None:
        instant = now() if at is None else at.replace(tzinfo=at.tzinfo or now().tzinfo)
        with transaction(db.session) as session:
            moved = acts[name](
                session, caller=operator(), policy_id=_id("policy", policy), at=instant, now=now()
            )
            begin, end = _when(moved.valid_from), _when(moved.valid_to)
            console().print(f"Version {moved.number} of {_named(moved)} {done}: {begin} to {end}.")

    at = click.option("--at", type=click.DateTime(), help="From then on (UTC); default: now.")
    made = at(click.argument("policy")(command))
    return click.command(name, help=help_text)(made)


def _activate(
    session: Any,  # noqa: ANN401 - a session
    *,
    caller: Caller,
    policy_id: uuid.UUID,
    at: datetime,
    now: datetime,
) -> RoutingPolicy:
    found = queries.get_policy(session, caller=caller, policy_id=policy_id)
    return operations.activate_policy(
        session, caller=caller, policy_id=policy_id, expected_version=found.version, at=at, now=now
    )


policies.add_command(_moving("activate", "Let the draft POLICY (policy_…) decide.", "decides"))
policies.add_command(
    _moving("rollback", "Go back to POLICY (policy_…), as a new version.", "decides")
)
policies.add_command(
    _moving("retire", "End POLICY (policy_…): less specific ones decide.", "is retired")
)


def operator() -> Caller:
    """Who acts at a terminal: the operator."""
    found = network_queries.operator_id(db.session)
    return Caller(
        organization_id=found, actor_id=found, kinds=frozenset({"operator"}),
        permissions=frozenset({"routing.read", "routing.write"}),
    )  # fmt: skip


def _scope(named: dict[str, str | None]) -> PolicyScope:
    given = {kind: text for kind, text in named.items() if text}
    if len(given) > 1:
        raise click.UsageError("A policy is for one of these")
    return PolicyScope(**{f"{kind}_id": _id(_PREFIXES[kind], t) for kind, t in given.items()})


def _id(prefix: str, text: str) -> uuid.UUID:
    try:
        return parse_id(prefix, text)
    except ValueError as error:
        raise click.UsageError(f"{text} is not an id of the form {prefix}_…") from error


def _document(file: Path) -> dict[str, Any]:
    try:
        read: dict[str, Any] = DocumentSchema().load(orjson.loads(file.read_bytes()))
    except orjson.JSONDecodeError as error:
        raise click.UsageError(f"{file} is not JSON: {error}") from error
    except ma.ValidationError as error:
        errors().print_json(data=error.messages_dict)
        sys.exit(1)
    return read


def _named(policy: RoutingPolicy) -> str:
    for kind in SCOPES[:-1]:
        subject = getattr(policy, f"{kind}_id")
        if subject is not None:
            return f"{kind} {public_id(_PREFIXES[kind], subject)}"
    return "the network"


def _when(at: datetime | None) -> str:
    return "–" if at is None else f"{at:%Y-%m-%d %H:%M}"


def _compared(found: PolicyPreview) -> Table:
    table = Table("", "In force", "Draft", "Difference", box=None)
    for column in table.columns[1:]:
        column.justify = "right"
    money = {"goods_minor": "Goods", "freight_minor": "Freight", "cost_minor": "Both"}
    counts = {"units_served": "Units served", "consignments": "Consignments",
              "unit_days": "Units by days of lead time"}  # fmt: skip
    for name, label in (money | counts).items():
        was, would = getattr(found.now, name), getattr(found.draft, name)
        shown = [_amount(each, found.currency, name in money) for each in (was, would, would - was)]
        table.add_row(label, *shown)
    names = queries.names_of(db.session, list(_sellers(found.now, found.draft)))
    for seller in _sellers(found.now, found.draft):
        was, would = found.now.units_by_seller[seller], found.draft.units_by_seller[seller]
        table.add_row(f"Units of {names[seller]}", f"{was:,}", f"{would:,}", f"{would - was:+,}")
    return table


def _sellers(*outcomes: Outcome) -> list[uuid.UUID]:
    return list(dict.fromkeys(each for outcome in outcomes for each in outcome.units_by_seller))


def _amount(value: int, currency: str | None, is_money: bool) -> str:  # noqa: FBT001 - a column
    return format_minor(value, currency) if is_money and currency else f"{value:,}"
