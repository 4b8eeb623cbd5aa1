"""A second opinion on a plan: is it allowed, and what does it really cost?

Written from the problem's definition in plain Python and whole numbers, on purpose without a line
of the optimizer's code: a shared mistake would confirm itself.
"""

from collections import Counter
from collections.abc import Iterable, Iterator

from app.routing.problem import Allocation, Plan, Problem, Source


def check(problem: Problem, plan: Plan) -> list[str]:
    """Return everything that is wrong with a plan; nothing when it is right."""
    forbidden = [*_quantity_violations(problem, plan), *_minimum_violations(problem, plan)]
    return forbidden or list(_claim_violations(problem, plan))


def cost_of(problem: Problem, allocations: Iterable[Allocation]) -> int:
    """Compute the cost of allocations from scratch: goods, freight and fixed costs."""
    unit_costs = {(row[0], row[1]): row[3] for row in problem.supplies}
    weights: Counter[int] = Counter()
    total = 0
    for line, source, quantity in allocations:
        total += unit_costs[line, source] * quantity
        weights[source] += problem.lines[line].unit_weight_g * quantity
    for source, weight in weights.items():
        total += problem.sources[source].fixed_cost + _freight(problem.sources[source], weight)
    used_sellers = {problem.sources[source].seller for source in weights}
    return total + sum(problem.sellers[seller].fixed_cost for seller in used_sellers)


def _freight(source: Source, weight: int) -> int:
    """Price a consignment parcel by parcel."""
    bands = source.tariff.bands
    price = 0
    while bands and weight > 0:
        parcel = min(weight, bands[-1][0])
        price += min(band_price for up_to, band_price in bands if parcel <= up_to)
        weight -= parcel
    return price


def _quantity_violations(problem: Problem, plan: Plan) -> Iterator[str]:
    available = {(row[0], row[1]): row[2] for row in problem.supplies}
    served: Counter[int] = Counter()
    seen = set()
    for line, source, quantity in plan.allocations:
        served[line] += quantity
        if (line, source) in seen:
            yield f"line {line} is taken from source {source} twice"
        seen.add((line, source))
        if not 0 < quantity <= available.get((line, source), 0):
            yield f"line {line} takes {quantity} from source {source}: more than its stock or none"
    for line, quantity in served.items():
        if quantity > problem.lines[line].quantity:
            yield f"line {line} is served {quantity} of {problem.lines[line].quantity}"


def _minimum_violations(problem: Problem, plan: Plan) -> Iterator[str]:
    goods_values = {(row[0], row[1]): row[4] for row in problem.supplies}
    values: Counter[int] = Counter()
    for line, source, quantity in plan.allocations:
        seller = problem.sources[source].seller
        values[seller] += goods_values.get((line, source), 0) * quantity
    for seller, value in values.items():
        if value < problem.sellers[seller].minimum_value:
            yield f"seller {seller} gets goods of {value}, below its minimum"


def _claim_violations(problem: Problem, plan: Plan) -> Iterator[str]:
    units = sum(allocation.quantity for allocation in plan.allocations)
    if plan.units != units:
        yield f"the plan claims {plan.units} units and serves {units}"
    cost = cost_of(problem, plan.allocations)
    if plan.cost != cost:
        yield f"the plan claims a cost of {plan.cost} and costs {cost}"
    if plan.bound > plan.cost:
        yield f"the bound {plan.bound} is above the cost {plan.cost}"
    if plan.proof == "optimal" and plan.bound != plan.cost:
        yield "an optimal plan's bound is its cost"
