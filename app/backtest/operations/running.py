"""A backtest from its first order to its report: gathered order by order, decided in memory.

Laws: it writes nothing but itself. What it has seen is committed page by page with the state that
goes on from there, so a run whose worker died repeats no page and doubles nothing. Facts are
gathered by the code that decides orders, at the order's own instant; memory does not grow with
orders, only with the places and variants that were taken from.
"""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Protocol

import orjson
from sqlalchemy import text

from app.backtest import queries
from app.backtest.models import Backtest
from app.backtest.operations.refusing import after_refusals
from app.backtest.queries import Replayed
from app.backtest.rules import ACTUAL, SUPPOSED, Book, Outcome, Replay, Scenario
from app.backtest.rules.books import Taking, coming, endless, loaded, stocked, taking_of
from app.infra.db import DbSession
from app.infra.unit_of_work import publish
from app.kernel.errors import AppError
from app.network import operations as network_operations
from app.routing import operations as routing_operations
from app.routing.models import RoutingPolicy
from app.routing.operations import Gathered
from app.routing.problem import Strategy
from app.routing.rules import Decision, Extras, Policy
from app.routing.rules.reading import policy_of
from app.storefronts import queries as storefront_queries

PAGE = 100
IN_FORCE = "in_force"
_KEEP = text("""
UPDATE backtest_orders b SET outcome = r.outcome
FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r (position integer, outcome jsonb)
WHERE b.backtest_id = :backtest_id AND b.position = r.position
""")


class Told(Protocol):
    """Where it is told how far a run is; may raise to stop it."""

    def __call__(self, *, done: int, total: int | None = None) -> None:
        """So many orders are done."""
        ...


def run_backtest(
    session: DbSession, *, backtest_id: uuid.UUID, told: Told, now: datetime
) -> Backtest:
    """Work on a backtest until it has ended; the caller's transaction is committed in between."""
    backtest = session.get_one(Backtest, backtest_id, populate_existing=True)
    scenario = Scenario.read(backtest.scenario)
    supposed = _Supposed.of(session, scenario)
    replay = Replay.read(backtest.state) if backtest.state else Replay.of(scenario.baselines)
    backtest.status = "running"
    _keep(session)
    while page := queries.page_of_orders(
        session, backtest_id=backtest_id, after=backtest.done, limit=PAGE
    ):
        rows = []
        for at, order in enumerate(page):
            told(done=backtest.done + at, total=backtest.orders)
            rows.append({"position": order.position, "outcome": _step(session, supposed, replay,
                                                                      order)})  # fmt: skip
        session.execute(_KEEP, {"backtest_id": backtest_id, "rows": orjson.dumps(rows).decode()})
        backtest.done, backtest.state = page[-1].position, replay.document()
        _keep(session)
    told(done=backtest.orders, total=backtest.orders)
    backtest.report, backtest.state = replay.report(), None
    backtest.status, backtest.done, backtest.finished_at = "done", backtest.orders, now
    session.flush()
    return backtest


def _keep(session: DbSession) -> None:
    """Commit what was done so far."""
    publish(session)
    session.commit()


@dataclass(frozen=True, slots=True)
class _Supposed:
    """What a scenario supposes, read once."""

    scenario: Scenario
    policy: Policy | None
    strategies: Mapping[str, Strategy]

    @classmethod
    def of(cls, session: DbSession, scenario: Scenario) -> "_Supposed":
        policy = None
        if scenario.policy_id is not None:
            found = session.get_one(RoutingPolicy, scenario.policy_id)
            # Read here and not by id from what was read before: a draft may have been edited.
            policy = policy_of(found.document, policy_id=found.id, number=found.number)
        names = [each for each in (scenario.strategy, *scenario.baselines) if each]
        named = {
            name: routing_operations.strategy_named(name) for name in names if name != IN_FORCE
        }
        return cls(scenario, policy, named)

    def strategy_of(self, contender: str) -> Strategy | None:
        """What solves for a contender, where it is not what the policy names."""
        if contender in self.strategies and contender in self.scenario.baselines:
            return self.strategies[contender]
        if contender == IN_FORCE or self.scenario.strategy is None:
            return None
        return self.strategies[self.scenario.strategy]


@dataclass(slots=True)
class _Facts:
    """What was gathered for an order under one policy."""

    gathered: Gathered
    extras: Extras
    attempts: int


def _step(
    session: DbSession, supposed: _Supposed, replay: Replay, order: Replayed
) -> dict[str, Any]:
    """Decide an order by every contender; what is kept of it."""
    day = order.placed_at.date()
    try:
        facts = _gather(session, supposed, order)
    except AppError as refusal:
        replay.leave_out(refusal.code, day, order.actual)
        return {"skipped": refusal.code}

    def decide(contender: str, really: Book, own: Book) -> Outcome:
        of = facts[contender == IN_FORCE]
        return _decide(supposed, of, order, contender, really, own)

    outcomes = replay.step(day, order.actual, decide)
    actual, would = outcomes[ACTUAL], outcomes[SUPPOSED]
    return {
        "changed": dict(actual.taken) != dict(would.taken),
        "rows": {name: outcome.row() for name, outcome in outcomes.items()},
    }


def _gather(session: DbSession, supposed: _Supposed, order: Replayed) -> dict[bool, _Facts]:
    """The facts under what is supposed and, where somebody asks, under what was in force."""
    scenario = supposed.scenario
    policies: dict[bool, Policy | None] = {False: supposed.policy}
    if IN_FORCE in scenario.baselines:
        policies[True] = None
    without = scenario.without_agreements
    shop = storefront_queries.get_storefront(session, storefront_id=order.request.storefront_id)
    found: dict[bool, _Facts] = {}
    with network_operations.supposing_none(session, agreement_ids=without):
        for was_in_force, policy in policies.items():
            gathered = routing_operations.gather(
                session,
                request=order.request,
                now=order.placed_at,
                policy=policy,
                standing_at=scenario.agreements_as_of,
            )
            extras = routing_operations.extras_of(session, gathered=gathered, now=order.placed_at)
            attempts = gathered.context.policy.limits.attempts or shop.most_attempts
            found[was_in_force] = _Facts(gathered, extras, attempts)
    return found


def _decide(
    supposed: _Supposed, facts: _Facts, order: Replayed, contender: str, really: Book, own: Book
) -> Outcome:
    scenario, gathered, at = supposed.scenario, facts.gathered, order.placed_at
    if scenario.stock == "unlimited":
        offers: Sequence[Any] = endless(gathered.offers)
    else:
        recorded = order.recorded if scenario.stock == "recorded" else None
        offers = stocked(gathered.offers, recorded=recorded, really=really, own=own, day=at.date())
    balance = gathered.context.policy.terms.load_balance
    extras = facts.extras
    if extras.loads or balance:
        extras = loaded(extras, balance, day=at.date(), really=really, own=own)
    found, strategy = replace(gathered, offers=offers), supposed.strategy_of(contender)
    decision = routing_operations.settle_with(
        gathered=found,
        extras=extras,
        now=at,
        strategy=strategy,
        coming=lambda: _with_recorded(found, scenario, order, really, own),
    )
    outcome = outcome_of(decision)
    if not order.refusals or dict(outcome.taken) == dict(order.actual.taken):
        return outcome
    after = after_refusals(
        decision, found, extras, order.refusals, attempts=facts.attempts, now=at, strategy=strategy
    )
    return replace(outcome, after=after)


def _with_recorded(
    found: Gathered, scenario: Scenario, order: Replayed, really: Book, own: Book
) -> Gathered:
    """The same with what the order's own decision saw of what was to come."""
    if scenario.stock != "recorded" or not order.announced:
        return found
    offers = coming(found.offers, recorded=order.announced, really=really, own=own)
    return replace(found, offers=offers)


def outcome_of(decision: Decision) -> Outcome:
    """A decision in figures."""
    taken: dict[Taking, int] = {}
    sellers: dict[uuid.UUID, tuple[int, int]] = {}
    unit_days = 0
    for item in decision.assignments:
        candidate, quantity = item.candidate, item.quantity
        later_on = candidate.ships_on if candidate.is_later else None
        key = taking_of(candidate.location_id, candidate.variant_id, later_on)
        taken[key] = taken.get(key, 0) + quantity
        units, money = sellers.get(candidate.seller_id, (0, 0))
        paid = item.seller_goods_minor + item.freight_minor
        sellers[candidate.seller_id] = units + quantity, money + paid
        unit_days += quantity * candidate.days_to_ship
    return Outcome(
        requested=decision.units_requested,
        served=decision.units_served,
        goods_minor=decision.goods_minor,
        freight_minor=decision.freight_minor,
        objective_minor=decision.objective_minor,
        bound_minor=decision.bound_minor,
        is_optimal=decision.proof == "optimal",
        consignments=len(decision.consignments),
        unit_days=unit_days,
        sellers=sellers,
        taken=taken,
    )
