"""From sound candidates to a problem in integers, and from a plan back to sellers and money."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from app.kernel.money import allocate, divide_half_up
from app.routing.freight import consignment_price
from app.routing.problem import COST_SCALE, Line, Plan, Problem, Seller, Source, Supply
from app.routing.rules.facts import (
    Assignment,
    Candidate,
    Context,
    Decision,
    Judged,
    PlannedConsignment,
    Policy,
    RoutingRequest,
    buyer_price,
    seller_price,
)
from app.routing.rules.verdicts import Places


@dataclass(frozen=True, slots=True)
class Posed:
    """A problem for a strategy, and what its numbers stand for."""

    problem: Problem
    candidates: Mapping[tuple[int, int], Candidate]
    sources: Sequence[tuple[uuid.UUID, uuid.UUID]]
    distances_km: Sequence[int]


class _Poser:
    """Numbers sellers and locations as they come, and gathers what they can supply."""

    def __init__(self, request: RoutingRequest, policy: Policy, best_priority: int) -> None:
        self._request, self._policy, self._best_priority = request, policy, best_priority
        self._seller_no: dict[uuid.UUID, int] = {}
        self._source_no: dict[uuid.UUID, int] = {}
        self.sellers: list[Seller] = []
        self.sources: list[Source] = []
        self.supplies: list[Supply] = []
        self.names: list[tuple[uuid.UUID, uuid.UUID]] = []
        self.distances_km: list[int] = []
        self.by_place: dict[tuple[int, int], Candidate] = {}
        self.weights = [0] * len(request.lines)

    def add(self, c: Candidate, places: Places) -> None:
        source = self._source_of(c, places)
        price = seller_price(c)
        goods = divide_half_up(price.amount_minor * COST_SCALE, price.per_quantity)
        wait = self._policy.lead_time_weight_minor * c.lead_time_days * COST_SCALE
        self.weights[c.line_no] = c.weight_g
        self.supplies.append(Supply(c.line_no, source, c.available, goods + wait, goods))
        self.by_place[c.line_no, source] = c

    def _source_of(self, c: Candidate, places: Places) -> int:
        assert c.location_id is not None
        if c.location_id not in self._source_no:
            distance_km, tariff = places.of(c)
            assert tariff is not None
            self._source_no[c.location_id] = len(self.sources)
            fixed = self._policy.split_weight_minor * COST_SCALE
            self.sources.append(Source(self._seller_of(c), tariff, fixed))
            self.names.append((c.seller_id, c.location_id))
            self.distances_km.append(distance_km)
        return self._source_no[c.location_id]

    def _seller_of(self, c: Candidate) -> int:
        if c.seller_id not in self._seller_no:
            self._seller_no[c.seller_id] = len(self.sellers)
            minimum = 0 if c.seller_id in self._request.minimum_met else c.minimum_order_minor
            behind = self._best_priority - c.priority
            fixed = self._policy.priority_weight_minor * behind * COST_SCALE
            self.sellers.append(Seller(minimum * COST_SCALE, fixed))
        return self._seller_no[c.seller_id]


def pose(
    judged: Sequence[Judged], places: Places, request: RoutingRequest, policy: Policy
) -> Posed:
    """The problem that the unbroken candidates make."""
    open_ones = [item.candidate for item in judged if not item.broken]
    poser = _Poser(request, policy, max((c.priority for c in open_ones), default=0))
    for candidate in open_ones:
        poser.add(candidate, places)
    lines = [Line(line.quantity, poser.weights[no]) for no, line in enumerate(request.lines)]
    problem = Problem(lines, poser.sellers, poser.sources, poser.supplies)
    return Posed(problem, poser.by_place, poser.names, poser.distances_km)


def conclude(
    *,
    request: RoutingRequest,
    context: Context,
    judged: Sequence[Judged],
    posed: Posed,
    plan: Plan,
    decided_at: datetime,
    duration_us: int,
) -> Decision:
    """Turn a strategy's plan back into sellers, locations, prices and freight."""
    consignments, assignments = _price(posed, plan)
    return Decision(
        request=request,
        context=context,
        decided_at=decided_at,
        judged=judged,
        assignments=assignments,
        consignments=consignments,
        units_requested=sum(line.quantity for line in request.lines),
        units_served=plan.units,
        objective_minor=divide_half_up(plan.cost, COST_SCALE),
        bound_minor=divide_half_up(plan.bound, COST_SCALE),
        proof=plan.proof if plan.units_proved else "bounded",
        method=plan.method,
        duration_us=duration_us,
    )


def _price(posed: Posed, plan: Plan) -> tuple[list[PlannedConsignment], list[Assignment]]:
    """Price a plan's consignments and share each one's freight over its goods by weight."""
    consignments: list[PlannedConsignment] = []
    assignments: list[Assignment] = []
    by_source: dict[int, list[tuple[Candidate, int]]] = {}
    for line_no, source, quantity in sorted(plan.allocations):
        taken = posed.candidates[line_no, source], quantity
        by_source.setdefault(source, []).append(taken)
    for source, goods in sorted(by_source.items(), key=lambda item: posed.sources[item[0]]):
        grams = [candidate.weight_g * quantity for candidate, quantity in goods]
        tariff = posed.problem.sources[source].tariff
        freight = consignment_price(tariff, sum(grams)) // COST_SCALE
        shares = allocate(freight, grams if sum(grams) else [quantity for _, quantity in goods])
        seller_id, location_id = posed.sources[source]
        consignments.append(
            PlannedConsignment(
                seller_id, location_id, sum(grams), posed.distances_km[source], freight
            )
        )
        assignments += [
            Assignment(
                candidate.line_no,
                candidate,
                quantity,
                seller_price(candidate).extend(quantity),
                buyer_price(candidate).extend(quantity),
                share,
            )
            for (candidate, quantity), share in zip(goods, shares, strict=True)
        ]
    return consignments, assignments
