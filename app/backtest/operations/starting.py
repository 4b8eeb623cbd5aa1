"""Somebody chooses orders and what to suppose, and a backtest begins; or stops it.

The orders are chosen once, when it begins: they are written down in their order, so that a run
that is taken up again replays the same ones.
"""

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.backtest import queries
from app.backtest.errors import (
    MixedCurrencies,
    NothingToReplay,
    ScenarioInvalid,
    TooManyOrders,
)
from app.backtest.models import Backtest, BacktestOrder
from app.backtest.rules import BASELINES, STOCKS, Scenario
from app.infra import jobs
from app.infra.auth import Caller
from app.infra.db import DbSession, insert_rows
from app.kernel.errors import NotFound
from app.kernel.ids import new_id
from app.network import queries as network_queries
from app.routing import operations as routing_operations
from app.routing import queries as routing_queries
from app.storefronts import queries as storefront_queries
from app.storefronts.errors import StorefrontNotFound

KIND = "backtest.run"
MOST_ORDERS = 50_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """Which orders: of a storefront, placed in a period (to its end), those of a list."""

    storefront_id: uuid.UUID | None = None
    placed_from: datetime | None = None
    placed_to: datetime | None = None
    order_ids: Sequence[uuid.UUID] | None = None


def start_backtest(
    session: DbSession,
    *,
    caller: Caller,
    choice: Choice,
    scenario: Scenario,
    now: datetime,
    name: str = "",
) -> Backtest:
    """Begin a backtest as a job.

    Raises:
        StorefrontNotFound: it is not the caller's.
        ScenarioInvalid: what is supposed cannot be.
        NothingToReplay, TooManyOrders, MixedCurrencies: these orders cannot be replayed.
    """
    made = prepare_backtest(
        session, caller=caller, choice=choice, scenario=scenario, name=name, now=now
    )
    arguments = {"backtest_id": str(made.id)}
    made.job_id = jobs.enqueue(session, caller=caller, kind=KIND, arguments=arguments, now=now)
    return made


def prepare_backtest(
    session: DbSession,
    *,
    caller: Caller,
    choice: Choice,
    scenario: Scenario,
    now: datetime,
    name: str = "",
) -> Backtest:
    """Write a backtest down; whoever calls sees to it that it is worked on.

    Raises:
        StorefrontNotFound, ScenarioInvalid, NothingToReplay, TooManyOrders, MixedCurrencies: as
            :func:`start_backtest`.
    """
    _require_own(session, caller, choice.storefront_id)
    _require_sound(session, caller, scenario)
    found = queries.chosen_orders(
        session,
        storefront_id=choice.storefront_id,
        owner_id=None if caller.is_operator else caller.organization_id,
        placed_from=choice.placed_from,
        placed_to=choice.placed_to,
        order_ids=choice.order_ids,
        limit=MOST_ORDERS + 1,
    )
    currency = _currency_of(found)
    backtest = Backtest(
        id=new_id(),
        organization_id=caller.organization_id,
        actor_id=caller.actor_id,
        name=name,
        storefront_id=choice.storefront_id,
        placed_from=choice.placed_from,
        placed_to=choice.placed_to,
        scenario=scenario.document(),
        currency=currency,
        orders=len(found),
        done=0,
        status="queued",
        report={},
        created_at=now,
    )
    session.add(backtest)
    session.flush()
    rows = [
        {"backtest_id": backtest.id, "position": position, "order_id": row.id}
        for position, row in enumerate(found, start=1)
    ]
    insert_rows(session, BacktestOrder, rows)
    return backtest


def cancel_backtest(
    session: DbSession, *, caller: Caller, backtest_id: uuid.UUID, now: datetime
) -> Backtest:
    """Stop a backtest: at once while it waits, after the order it is at while it runs.

    Raises:
        BacktestNotFound: there is none that the caller may know of.
        TransitionNotAllowed: it has ended.
    """
    found = queries.get_backtest(session, caller=caller, backtest_id=backtest_id)
    if found.job_id is not None:
        job = jobs.cancel(session, caller=caller, job_id=found.job_id, now=now)
        if job.status == "cancelled":
            found.status, found.finished_at, found.state = "cancelled", now, None
    session.flush()
    return found


def _require_own(session: DbSession, caller: Caller, storefront_id: uuid.UUID | None) -> None:
    if storefront_id is None:
        return
    storefront = storefront_queries.get_storefront(session, storefront_id=storefront_id)
    if not (caller.is_operator or storefront.owner_id == caller.organization_id):
        raise StorefrontNotFound


def _require_sound(session: DbSession, caller: Caller, scenario: Scenario) -> None:
    faults = [*_plain_faults(scenario), *_named_faults(session, caller, scenario)]
    if faults:
        errors = [{"pointer": f"/scenario/{at}", "message": message} for at, message in faults]
        raise ScenarioInvalid(f"{errors[0]['pointer']}: {errors[0]['message']}", errors=errors)


def _plain_faults(scenario: Scenario) -> Iterator[tuple[str, str]]:
    if scenario.stock not in STOCKS:
        yield "stock", f"One of {', '.join(STOCKS)}"
    for at, name in enumerate(scenario.baselines):
        if name not in BASELINES or name in scenario.baselines[:at]:
            yield f"baselines/{at}", f"Each once, of {', '.join(BASELINES)}"
    known = routing_operations.strategy_names()
    if scenario.strategy is not None and scenario.strategy not in known:
        yield "strategy", f"There is no such strategy; there are {', '.join(known)}"


def _named_faults(
    session: DbSession, caller: Caller, scenario: Scenario
) -> Iterator[tuple[str, str]]:
    """What the caller may not know of; a policy that cannot decide is refused in its own words."""
    if scenario.policy_id is not None:
        try:
            found = routing_queries.get_policy(session, caller=caller, policy_id=scenario.policy_id)
        except NotFound:
            yield "policy_id", "There is no such policy"
        else:
            routing_operations.check_document(session, document=found.document)
    for at, agreement_id in enumerate(scenario.without_agreements):
        try:
            network_queries.get_agreement(session, caller=caller, agreement_id=agreement_id)
        except NotFound:
            yield f"without_agreements/{at}", "There is no such agreement"


def _currency_of(found: Sequence[Any]) -> str:
    if not found:
        raise NothingToReplay
    if len(found) > MOST_ORDERS:
        raise TooManyOrders(f"At most {MOST_ORDERS:,}: choose a shorter period", most=MOST_ORDERS)
    currencies = sorted({row.currency for row in found})
    if len(currencies) > 1:
        raise MixedCurrencies(currencies=currencies)
    return str(currencies[0])
