"""Deciding who delivers what: gather once, judge, solve.

``decide`` writes nothing, so a simulation and an order get the same answer from the same code.
"""

import time
import uuid
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from app.infra.db import DbSession
from app.routing import queries
from app.routing.operations.hops import price_hops
from app.routing.problem import Limits, Strategy
from app.routing.rules import Decision, RoutingRequest, conclude, judge_all, pose
from app.routing.rules.substitutes import settle_judged
from app.routing.strategies import DEFAULT, NoSuchStrategy, find_strategy
from app.routing.strategies import strategy_names as installed_names

_BY_HAND = "manual"


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
) -> Decision:
    """The best plan for a request, with everything that was considered. Writes nothing.

    Without a strategy it is the policy's. ``returned`` are units by (location, variant) that are
    taken for being there besides what is available.

    Raises:
        StorefrontNotFound, NoRoutingPolicy, UnknownVariant: the request cannot be routed at all.
    """
    context = queries.get_context(session, request=request, now=now)
    standing = queries.list_standing(session, request=request, context=context)
    asked = standing.request
    offers = queries.list_offers(session, request=asked, context=context, now=now)
    if returned:
        offers = [queries.with_returned(offer, returned) for offer in offers]
    extras = queries.list_extras(session, offers=offers, request=asked, context=context, now=now)
    started = time.perf_counter_ns()
    judged, places = judge_all(offers, asked, standing.context, extras)
    judged = settle_judged(judged, standing)
    posed = pose(judged, places, request, context, extras)
    limits = Limits().within(context.policy.limits.work_ms)
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
    return replace(
        decision,
        hops=price_hops(session, decision, now),
        posed=posed,
        limits=limits,
        places=places,
    )
