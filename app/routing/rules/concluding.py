"""From a strategy's plan back to sellers, locations, prices and freight."""

import uuid
from collections.abc import Sequence
from datetime import date, datetime

from app.kernel.money import allocate, divide_half_up
from app.routing.freight import consignment_price
from app.routing.problem import COST_SCALE, Plan
from app.routing.rules.facts import (
    Assignment,
    Candidate,
    Context,
    Decision,
    Judged,
    PlannedConsignment,
    RoutingRequest,
    buyer_price,
    seller_price,
)
from app.routing.rules.posing import Posed


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
    for source, goods in sorted(by_source.items(), key=lambda item: _order(posed, item[0])):
        grams = [candidate.offer.weight_g * quantity for candidate, quantity in goods]
        tariff = posed.tariffs[source]
        freight = consignment_price(tariff, sum(grams)) // COST_SCALE
        shares = allocate(freight, grams if sum(grams) else [quantity for _, quantity in goods])
        seller_id, location_id = posed.sources[source]
        consignments.append(
            PlannedConsignment(
                seller_id,
                location_id,
                sum(grams),
                posed.distances_km[source],
                freight,
                _last_day([candidate for candidate, _ in goods]),
                posed.later.get(source),
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


def _order(posed: Posed, source: int) -> tuple[tuple[uuid.UUID, uuid.UUID], date, int]:
    """By seller and location; of one location what is in stock first, then day by day."""
    return posed.sources[source], posed.later.get(source, date.min), source


def _last_day(goods: Sequence[Candidate]) -> date | None:
    """When all of it has left; none where something has no such day in sight."""
    days = [candidate.ships_on for candidate in goods]
    return None if None in days else max(day for day in days if day)
