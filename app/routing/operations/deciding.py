"""Deciding who delivers what: gather once, judge, solve.

``decide`` writes nothing, so a simulation and an order get the same answer from the same code.
"""

import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from types import MappingProxyType

from app.infra.db import DbSession
from app.routing import queries
from app.routing.operations.hops import price_hops
from app.routing.problem import Limits, Strategy
from app.routing.rules import (
    Context,
    Decision,
    Extras,
    Judged,
    Offer,
    Policy,
    Posed,
    RoutingRequest,
    conclude,
    judge_all,
    later,
    pose,
)
from app.routing.rules.extras import Load
from app.routing.rules.substitutes import Standing, settle_judged
from app.routing.rules.verdicts import Places
from app.routing.strategies import DEFAULT, NoSuchStrategy, find_strategy
from app.routing.strategies import strategy_names as installed_names

_BY_HAND = "manual"
NO_LOADS: Mapping[uuid.UUID, Load] = MappingProxyType({})


def strategy_names() -> list[str]:
    """The strategies that a policy may name: all but the one that asks a person."""
    return sorted(set(installed_names()) - {_BY_HAND})


def strategy_named(name: str) -> Strategy:
    """A strategy by its name; where it is not installed any more, the default decides."""
    try:
        return find_strategy(name)
    except NoSuchStrategy:
        return find_strategy(DEFAULT)


def decide(
    session: DbSession,
    *,
    request: RoutingRequest,
    now: datetime,
    strategy: Strategy | None = None,
    returned: Mapping[tuple[uuid.UUID, uuid.UUID], int] | None = None,
    loads: Mapping[uuid.UUID, Load] = NO_LOADS,
) -> Decision:
    """The best plan for a request, with everything that was considered. Writes nothing.

    Without a strategy it is the policy's. ``returned`` are units by (location, variant) that are
    taken for being there besides what is available, or, below nought, for being gone; ``loads``
    what sellers took today, where that is known better than it can be read.

    Raises:
        StorefrontNotFound, NoRoutingPolicy, UnknownVariant: the request cannot be routed at all.
    """
    gathered = gather(session, request=request, now=now)
    gathered = supposed(gathered, returned=returned or {})
    decision = weigh(session, gathered=gathered, now=now, strategy=strategy, loads=loads)
    return replace(decision, hops=price_hops(session, decision, now))


@dataclass(frozen=True, slots=True)
class Gathered:
    """The facts of a request, before anything is judged; they may be replaced by supposed ones."""

    request: RoutingRequest
    context: Context
    standing: Standing
    offers: Sequence[Offer]


def gather(
    session: DbSession,
    *,
    request: RoutingRequest,
    now: datetime,
    policy: Policy | None = None,
    standing_at: datetime | None = None,
) -> Gathered:
    """What is known of a request at an instant.

    A policy that is given decides the whole order. ``standing_at``: the instant of whose agreements
    and offers is asked, where it is another one.

    Raises:
        StorefrontNotFound, NoRoutingPolicy, UnknownVariant: the request cannot be routed at all.
    """
    context = queries.get_context(session, request=request, now=now)
    if policy is not None:
        context = replace(context, policy=policy, line_policies={})
    standing = queries.list_standing(session, request=request, context=context)
    offers, freight = queries.list_offers(
        session,
        request=standing.request,
        context=context,
        now=now,
        standing_at=standing_at or now,
    )
    standing = replace(standing, context=replace(standing.context, freight=freight))
    return Gathered(request, replace(context, freight=freight), standing, offers)


def supposed(
    gathered: Gathered, *, returned: Mapping[tuple[uuid.UUID, uuid.UUID], int]
) -> Gathered:
    """The same with other stock: units by (location, variant) that are taken for being there."""
    if not returned:
        return gathered
    offers = [queries.with_returned(offer, returned) for offer in gathered.offers]
    return replace(gathered, offers=offers)


def extras_of(session: DbSession, *, gathered: Gathered, now: datetime) -> Extras:
    """What only some policies ask of the offers' sellers, places and goods."""
    return queries.list_extras(
        session,
        offers=gathered.offers,
        request=gathered.standing.request,
        context=gathered.context,
        now=now,
    )


def weigh(
    session: DbSession,
    *,
    gathered: Gathered,
    now: datetime,
    strategy: Strategy | None = None,
    loads: Mapping[uuid.UUID, Load] = NO_LOADS,
) -> Decision:
    """Judge and solve what was gathered; resale chains are not priced."""
    extras = extras_of(session, gathered=gathered, now=now)
    if loads:
        extras = replace(extras, loads={**extras.loads, **loads})
    return settle(session, gathered=gathered, extras=extras, now=now, strategy=strategy)


def settle(
    session: DbSession,
    *,
    gathered: Gathered,
    extras: Extras,
    now: datetime,
    strategy: Strategy | None = None,
) -> Decision:
    """Solve what was gathered, with what is to come where it may and must help; see ``later``.

    One further statement, and only where an offer in reach may be ordered beyond stock.
    """
    return settle_with(
        gathered=gathered,
        extras=extras,
        now=now,
        strategy=strategy,
        coming=lambda: _with_later(session, gathered, now),
    )


def settle_with(
    *,
    gathered: Gathered,
    extras: Extras,
    now: datetime,
    coming: Callable[[], Gathered],
    strategy: Strategy | None = None,
) -> Decision:
    """The same; ``coming`` tells the facts with what is to come, asked only where it may help."""
    wanted = gathered.context.policy.backorders
    if wanted == "any" and later.may_wait(gathered.offers, gathered.request, gathered.context):
        return solve(coming(), extras, now=now, strategy=strategy)
    decision = solve(gathered, extras, now=now, strategy=strategy)
    if not later.may_help(decision):
        return decision
    free, is_bound = decision, later.is_bound(gathered.request)
    if is_bound:
        loose = replace(gathered, request=later.unbound(gathered.request))
        free = solve(loose, extras, now=now, strategy=strategy)
    settled = later.served_from_stock(free)
    whole = coming()
    tried = [decision, solve(whole, extras, now=now, strategy=strategy, settled=settled)]
    if is_bound and tried[-1].units_served < decision.units_requested:
        tried.append(solve(whole, extras, now=now, strategy=strategy))
    return later.best_of(tried)


def _with_later(session: DbSession, gathered: Gathered, now: datetime) -> Gathered:
    request = gathered.standing.request
    offers = queries.with_later(session, offers=gathered.offers, request=request, now=now)
    return replace(gathered, offers=offers)


def solve(
    gathered: Gathered,
    extras: Extras,
    *,
    now: datetime,
    strategy: Strategy | None = None,
    settled: Mapping[int, int] | None = None,
) -> Decision:
    """Judge and solve what was gathered, in memory alone.

    ``settled``: units of each line that are taken from stock before anything that is to come.
    """
    request, context = gathered.request, gathered.context
    started = time.perf_counter_ns()
    judged, places, posed = put(gathered, extras, settled)
    limits = limits_of(context.policy)
    chosen = strategy or strategy_named(context.policy.strategy)
    plan = chosen.plan(posed.problem, limits)
    decision = conclude(
        request=request,
        context=context,
        judged=judged,
        posed=posed,
        plan=plan,
        decided_at=now,
        duration_us=(time.perf_counter_ns() - started) // 1000,
    )
    return replace(decision, posed=posed, limits=limits, places=places, extras=extras)


def put(
    gathered: Gathered, extras: Extras, settled: Mapping[int, int] | None = None
) -> tuple[list[Judged], Places, Posed]:
    """What was gathered as judged candidates, and as a problem for a strategy."""
    standing = gathered.standing
    judged, places = judge_all(gathered.offers, standing.request, standing.context, extras)
    judged = settle_judged(judged, standing)
    posed = pose(judged, places, gathered.request, gathered.context, extras, settled)
    return judged, places, posed


def limits_of(policy: Policy) -> Limits:
    """How hard a policy lets its strategy try."""
    return Limits.lasting(policy.limits.work_ms)
