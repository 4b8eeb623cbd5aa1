"""A second opinion on a plan: is it allowed, and what does it really cost?

Written from the problem's definition in plain Python and whole numbers, on purpose without a line
of the optimizer's code: a shared mistake would confirm itself.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain

from app.routing.freight import Tariff
from app.routing.problem import Allocation, Level, Plan, Problem


def check(problem: Problem, plan: Plan) -> list[str]:
    """Return everything that is wrong with a plan; nothing when it is right."""
    return violations(problem, plan.allocations) or list(_claim_violations(problem, plan))


def violations(problem: Problem, allocations: Sequence[Allocation]) -> list[str]:
    """Return everything that a problem forbids about allocations."""
    rules = (
        _quantity_violations,
        _minimum_violations,
        _line_violations,
        _capacity_violations,
        _count_violations,
        _group_violations,
    )
    return list(chain.from_iterable(rule(problem, allocations) for rule in rules))


def cost_of(problem: Problem, allocations: Iterable[Allocation]) -> int:
    """Compute the cost of allocations from scratch: goods, freight and fixed costs."""
    costs = Level(
        [row[3] for row in problem.supplies],
        [source.fixed_cost for source in problem.sources],
        [seller.fixed_cost for seller in problem.sellers],
        [source.tariff for source in problem.sources],
    )
    return level_of(problem, costs, allocations)


def level_of(problem: Problem, level: Level, allocations: Iterable[Allocation]) -> int:
    """Compute what allocations amount to in a level."""
    row_of = {(row[0], row[1]): no for no, row in enumerate(problem.supplies)}
    weights: Counter[int] = Counter()
    total = 0
    for line, source, quantity in allocations:
        if level.supplies:
            total += level.supplies[row_of[line, source]] * quantity
        weights[source] += problem.lines[line].unit_weight_g * quantity
    for source, weight in weights.items():
        total += level.sources[source] if level.sources else 0
        total += _freight(level.tariffs[source], weight) if level.tariffs else 0
    used = {problem.sources[source].seller for source in weights}
    return total + (sum(level.sellers[seller] for seller in used) if level.sellers else 0)


def _freight(tariff: Tariff, weight: int) -> int:
    """Price a consignment parcel by parcel."""
    bands = tariff.bands
    price = 0
    while bands and weight > 0:
        parcel = min(weight, bands[-1][0])
        price += min(band_price for up_to, band_price in bands if parcel <= up_to)
        weight -= parcel
    return price


def _quantity_violations(problem: Problem, allocations: Sequence[Allocation]) -> Iterator[str]:
    given = {(row[0], row[1]): (row[2], row[5] if len(row) > 5 else 1) for row in problem.supplies}  # noqa: PLR2004 - a row without a step gives single units
    served: Counter[int] = Counter()
    seen = set()
    for line, source, quantity in allocations:
        available, step = given.get((line, source), (0, 1))
        served[line] += quantity
        if (line, source) in seen:
            yield f"line {line} is taken from source {source} twice"
        seen.add((line, source))
        if not 0 < quantity <= available:
            yield f"line {line} takes {quantity} from source {source}: more than its stock or none"
        if quantity % step:
            yield f"line {line} takes {quantity} from source {source}, which ships packs of {step}"
    for line, quantity in served.items():
        if quantity > problem.lines[line].quantity:
            yield f"line {line} is served {quantity} of {problem.lines[line].quantity}"


def _minimum_violations(problem: Problem, allocations: Sequence[Allocation]) -> Iterator[str]:
    goods_values = {(row[0], row[1]): row[4] for row in problem.supplies}
    values: Counter[int] = Counter()
    for line, source, quantity in allocations:
        seller = problem.sources[source].seller
        values[seller] += goods_values.get((line, source), 0) * quantity
    for seller, value in values.items():
        if value < problem.sellers[seller].minimum_value:
            yield f"seller {seller} gets goods of {value}, below its minimum"


def _line_violations(problem: Problem, allocations: Sequence[Allocation]) -> Iterator[str]:
    for line, sources in _sources_by_line(allocations).items():
        if problem.lines[line].is_whole and len(sources) > 1:
            yield f"line {line} is taken from {len(sources)} sources, but must not be cut"


def _capacity_violations(problem: Problem, allocations: Sequence[Allocation]) -> Iterator[str]:
    def over(
        what: str, capacities: Sequence[int | None], owner: Callable[[int], int]
    ) -> Iterator[str]:
        load: Counter[int] = Counter()
        for line, source, quantity in allocations:
            load[owner(source)] += problem.lines[line].size * quantity
        for number, taken in load.items():
            capacity = capacities[number]
            if capacity is not None and taken > capacity:
                yield f"{what} {number} takes {taken}, above its capacity of {capacity}"

    yield from over("source", [row.capacity for row in problem.sources], lambda source: source)
    yield from over(
        "seller",
        [row.capacity for row in problem.sellers],
        lambda source: problem.sources[source].seller,
    )


def _count_violations(problem: Problem, allocations: Sequence[Allocation]) -> Iterator[str]:
    sources = {source for _, source, _ in allocations}
    sellers = {problem.sources[source].seller for source in sources}
    for what, used, most in (
        ("sources", sources, problem.most_sources),
        ("sellers", sellers, problem.most_sellers),
    ):
        if most is not None and len(used) > most:
            yield f"{len(used)} {what} are used, at most {most} may be"


def _group_violations(problem: Problem, allocations: Sequence[Allocation]) -> Iterator[str]:
    served: Counter[int] = Counter()
    for line, _, quantity in allocations:
        served[line] += quantity
    sources = _sources_by_line(allocations)
    everything = [range(len(problem.lines))] if problem.must_serve_all else []
    for group in chain(problem.together, problem.complete, everything):
        short = [line for line in group if served[line] < problem.lines[line].quantity]
        if short and any(served[line] for line in group):
            yield f"lines {list(group)} ship in full or not at all, but {short} fall short"
    for group in problem.together:
        used = set().union(*(sources.get(line, set()) for line in group))
        if len(used) > 1:
            yield f"lines {list(group)} ship together, but come from {len(used)} sources"


def _sources_by_line(allocations: Sequence[Allocation]) -> dict[int, set[int]]:
    sources: dict[int, set[int]] = {}
    for line, source, _ in allocations:
        sources.setdefault(line, set()).add(source)
    return sources


def _claim_violations(problem: Problem, plan: Plan) -> Iterator[str]:
    units = sum(allocation.quantity for allocation in plan.allocations)
    if plan.units != units:
        yield f"the plan claims {plan.units} units and serves {units}"
    cost = cost_of(problem, plan.allocations)
    if plan.cost != cost:
        yield f"the plan claims a cost of {plan.cost} and costs {cost}"
    levels = tuple(level_of(problem, level, plan.allocations) for level in problem.levels)
    if plan.levels != levels:
        yield f"the plan claims levels of {plan.levels} and has {levels}"
    if plan.bound > plan.cost:
        yield f"the bound {plan.bound} is above the cost {plan.cost}"
    if plan.proof == "optimal" and plan.bound != plan.cost:
        yield "an optimal plan's bound is its cost"
