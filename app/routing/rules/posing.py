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
    Offer,
    Place,
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
    candidates: Mapping[tuple[int, int], tuple[Offer, Place, int]]
    sources: Sequence[tuple[uuid.UUID, uuid.UUID]]
    distances_km: Sequence[int]


class _Poser:
    """Numbers sellers and locations as they come, and gathers what they can supply."""

    def __init__(self, request: RoutingRequest, policy: Policy, best_priority: int) -> None:
        self._request, self._policy, self._best_priority = request, policy, best_priority
        self._seller_no: dict[uuid.UUID, int] = {}
        self._source_no: dict[int, int] = {}
        self.sellers: list[Seller] = []
        self.sources: list[Source] = []
        self.supplies: list[Supply] = []
        self.names: list[tuple[uuid.UUID, uuid.UUID]] = []
        self.distances_km: list[int] = []
        self.by_place: dict[tuple[int, int], tuple[Offer, Place, int]] = {}
        self.weights = [0] * len(request.lines)

    def add(self, offer: Offer, sound: Sequence[tuple[Place, int]], places: Places) -> None:
        """Take in an offer at the places where it breaks no rule."""
        price = seller_price(offer)
        goods = divide_half_up(price.amount_minor * COST_SCALE, price.per_quantity)
        cost = goods + self._policy.lead_time_weight_minor * offer.lead_time_days * COST_SCALE
        self.weights[offer.line_no] = offer.weight_g
        for place, available in sound:
            source = self._source_of(offer, place, places)
            self.supplies.append(Supply(offer.line_no, source, available, cost, goods))
            self.by_place[offer.line_no, source] = offer, place, available

    def _source_of(self, offer: Offer, place: Place, places: Places) -> int:
        source = self._source_no.get(place.number)
        if source is None:
            source = self._source_no[place.number] = len(self.sources)
            distance_km, tariff = places.of(place, offer.seller_id)
            assert tariff is not None
            fixed = self._policy.split_weight_minor * COST_SCALE
            weight_g = self._request.opened.get(place.location_id)
            if weight_g is not None:
                tariff, fixed = tariff.beyond(weight_g), 0
            self.sources.append(Source(self._seller_of(offer), tariff, fixed))
            self.names.append((offer.seller_id, place.location_id))
            self.distances_km.append(distance_km)
        return source

    def _seller_of(self, offer: Offer) -> int:
        if offer.seller_id not in self._seller_no:
            self._seller_no[offer.seller_id] = len(self.sellers)
            met = offer.seller_id in self._request.minimum_met
            minimum = 0 if met else offer.minimum_order_minor
            behind = self._best_priority - offer.priority
            fixed = self._policy.priority_weight_minor * behind * COST_SCALE
            self.sellers.append(Seller(minimum * COST_SCALE, fixed))
        return self._seller_no[offer.seller_id]


def pose(
    judged: Sequence[Judged], places: Places, request: RoutingRequest, policy: Policy
) -> Posed:
    """The problem that the unbroken candidates make."""
    open_ones = [(offer, sound) for offer, _, sound in judged if sound]
    poser = _Poser(request, policy, max((offer.priority for offer, _ in open_ones), default=0))
    for offer, sound in open_ones:
        poser.add(offer, sound, places)
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
        taken = Candidate._make(posed.candidates[line_no, source]), quantity
        by_source.setdefault(source, []).append(taken)
    for source, goods in sorted(by_source.items(), key=lambda item: posed.sources[item[0]]):
        grams = [candidate.offer.weight_g * quantity for candidate, quantity in goods]
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
                candidate.offer.line_no,
                candidate,
                quantity,
                seller_price(candidate.offer).extend(quantity),
                buyer_price(candidate.offer).extend(quantity),
                share,
            )
            for (candidate, quantity), share in zip(goods, shares, strict=True)
        ]
    return consignments, assignments
