"""What allocations amount to: units, levels, cost; and a floor under every plan's cost.

Laws: exact whole numbers; the floor holds for every plan that serves as many units as could ever be
served, and for no other.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import reduce
from math import gcd

from app.routing.exact.rows import Row, Rows
from app.routing.freight import consignment_price
from app.routing.problem import Allocation, Level, Plan, Problem


def cost_level(problem: Problem) -> Level:
    """The cost, written as a level."""
    return Level(
        [row[3] for row in problem.supplies],
        [source.fixed_cost for source in problem.sources],
        [seller.fixed_cost for seller in problem.sellers],
        [source.tariff for source in problem.sources],
    )


def grain_of(level: Level) -> int:
    """A number that divides whatever a plan amounts to in a level."""
    amounts = [*level.supplies, *level.sources, *level.sellers]
    for tariff in set(level.tariffs):
        amounts += [price for _, price in tariff.bands]
    return max(1, reduce(gcd, amounts, 0))


def amount_of(problem: Problem, level: Level, allocations: Iterable[Allocation]) -> int:
    """What allocations amount to in a level."""
    numbers = {(row[0], row[1]): no for no, row in enumerate(problem.supplies)}
    grams: dict[int, int] = defaultdict(int)
    total = 0
    for line, source, quantity in allocations:
        grams[source] += problem.lines[line].unit_weight_g * quantity
        if level.supplies:
            total += level.supplies[numbers[line, source]] * quantity
    if level.sources:
        total += sum(level.sources[source] for source in grams)
    if level.tariffs:
        total += sum(consignment_price(level.tariffs[s], weight) for s, weight in grams.items())
    if level.sellers:
        sellers = {problem.sources[source].seller for source in grams}
        total += sum(level.sellers[seller] for seller in sellers)
    return total


def told(
    problem: Problem,
    allocations: Iterable[Allocation],
    *,
    method: str,
    bound: int,
    units_proved: bool,
    levels_proved: bool = True,
) -> Plan:
    """State allocations as a plan, with what is proved about them."""
    kept = tuple(sorted(allocations))
    cost = amount_of(problem, cost_level(problem), kept)
    proved = levels_proved and units_proved and bound >= cost
    return Plan(
        allocations=kept,
        units=sum(row.quantity for row in kept),
        cost=cost,
        bound=min(bound, cost),
        proof="optimal" if proved else "bounded",
        method=method,
        units_proved=units_proved,
        levels=tuple(amount_of(problem, level, kept) for level in problem.levels),
    )


def floor_cost(problem: Problem, rows: Rows) -> int:
    """The goods alone, each line from where it is cheapest, when all that can be is served."""
    by_line: dict[int, list[Row]] = defaultdict(list)
    for row in rows.rows:
        by_line[row.line].append(row)
    total = sum(_cheapest(own, rows.most[line]) for line, own in by_line.items())
    for bundle in rows.bundles:
        total += min(
            sum(
                rows.by_place[line, source].unit_cost * problem.lines[line].quantity
                for line in bundle.lines
            )
            for source in bundle.sources
        )
    return total


def _cheapest(rows: Sequence[Row], wanted: int) -> int:
    """So many units from the cheapest rows."""
    total = 0
    for row in sorted(rows, key=lambda row: row.unit_cost):
        taken = min(wanted, row.packs * row.step)
        total += taken * row.unit_cost
        wanted -= taken
    return total
