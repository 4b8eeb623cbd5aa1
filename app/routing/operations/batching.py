"""Open requests decided together, as if none of them held anything yet. Writes nothing.

What an order holds and what any of them may take are put as one batch (`routing/batch.py`). An
order whose present plan is not possible any more (an offer ended, a rule changed) stays as it is,
and what it holds with it.
"""

import uuid
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import NamedTuple

from app.infra.db import DbSession
from app.kernel.money import divide_half_up
from app.routing.batch import Allocations, Member, replan
from app.routing.check import cost_of, violations
from app.routing.operations.deciding import (
    Gathered,
    extras_of,
    gather,
    limits_of,
    put,
    strategy_named,
    supposed,
)
from app.routing.problem import COST_SCALE, Allocation
from app.routing.rules import Posed, RoutingRequest

Shelf = tuple[uuid.UUID, uuid.UUID]


class Held(NamedTuple):
    """Units of a request's line that come from a location."""

    line_no: int
    location_id: uuid.UUID
    variant_id: uuid.UUID
    quantity: int

    @property
    def shelf(self) -> Shelf:
        """Where they lie."""
        return self.location_id, self.variant_id


@dataclass(frozen=True, slots=True)
class OpenRequest:
    """A request that nobody has accepted yet: and what it holds."""

    request: RoutingRequest
    held: Sequence[Held]


@dataclass(frozen=True, slots=True)
class Together:
    """What each request would hold, and what each costs now and then, in minor units."""

    held: Sequence[Sequence[Held]]
    before_minor: Sequence[int]
    after_minor: Sequence[int]

    @property
    def saved_minor(self) -> int:
        """The difference."""
        return sum(self.before_minor) - sum(self.after_minor)


class _Posed(NamedTuple):
    gathered: Gathered
    posed: Posed
    plan: Allocations


def decide_together(
    session: DbSession, *, requests: Sequence[OpenRequest], now: datetime
) -> Together:
    """Decide requests as a batch, each served as far as now."""
    gathered = [gather(session, request=_alone(each.request), now=now) for each in requests]
    posed: dict[int, _Posed] = {}
    while True:
        taking_part = posed or dict.fromkeys(range(len(requests)))
        pool = _pool([requests[no] for no in taking_part])
        found = {no: _pose(session, requests[no], gathered[no], pool, now) for no in taking_part}
        posed = {no: each for no, each in found.items() if each is not None}
        if len(posed) == len(taking_part) or not posed:
            return _decided(requests, posed)


def _pool(requests: Sequence[OpenRequest]) -> Counter[Shelf]:
    pool: Counter[Shelf] = Counter()
    for each in requests:
        for held in each.held:
            pool[held.shelf] += held.quantity
    return pool


def _pose(
    session: DbSession,
    asked: OpenRequest,
    gathered: Gathered,
    pool: Mapping[Shelf, int],
    now: datetime,
) -> _Posed | None:
    """The request as a problem with all that the batch holds; none if it cannot stay as it is."""
    gathered = supposed(gathered, returned=pool)
    _, _, posed = put(gathered, extras_of(session, gathered=gathered, now=now))
    number = {location: no for no, (_, location) in enumerate(posed.sources)}
    plan: Counter[tuple[int, int]] = Counter()
    for held in asked.held:
        source = number.get(held.location_id, -1)
        candidate = posed.candidates.get((held.line_no, source))
        if candidate is None or candidate[0].variant_id != held.variant_id:
            return None
        plan[held.line_no, source] += held.quantity
    allocations = tuple(Allocation(*key, units) for key, units in sorted(plan.items()))
    asks = sum(line.quantity for line in posed.problem.lines)
    if plan.total() < asks or violations(posed.problem, allocations):
        return None
    return _Posed(gathered, posed, allocations)


def _decided(requests: Sequence[OpenRequest], posed: Mapping[int, _Posed]) -> Together:
    shelves: dict[Shelf, int] = {}
    stock: list[int] = []
    members = [_member(each, shelves, stock) for each in posed.values()]
    batch = replan(members, stock)
    held = [each.held for each in requests]
    before, after = [0] * len(requests), [0] * len(requests)
    for no, member, plan in zip(posed, members, batch.plans, strict=True):
        before[no] = _minor(member, member.plan)
        after[no] = _minor(member, plan)
        if plan != member.plan:
            held[no] = _held(posed[no].posed, plan)
    return Together(held, before, after)


def _member(each: _Posed, shelves: dict[Shelf, int], stock: list[int]) -> Member:
    """An order of the batch; shelves and what they have are gathered on the way."""
    numbers = []
    for line, source, available, *_ in each.posed.problem.supplies:
        shelf = each.posed.sources[source][1], each.posed.candidates[line, source][0].variant_id
        if shelf not in shelves:
            shelves[shelf] = len(stock)
            stock.append(available)
        number = shelves[shelf]
        stock[number] = min(stock[number], available)
        numbers.append(number)
    policy = each.gathered.context.policy
    return Member(
        each.posed.problem, numbers, each.plan, strategy_named(policy.strategy), limits_of(policy)
    )


def _minor(member: Member, plan: Allocations) -> int:
    return divide_half_up(cost_of(member.problem, plan), COST_SCALE)


def _held(posed: Posed, plan: Allocations) -> list[Held]:
    return [
        Held(line, posed.sources[source][1], posed.candidates[line, source][0].variant_id, quantity)
        for line, source, quantity in plan
    ]


def _alone(request: RoutingRequest) -> RoutingRequest:
    """The request once its parts are let go: no parcel travels, no minimum is met anyway."""
    return replace(request, opened={}, minimum_met=frozenset())
