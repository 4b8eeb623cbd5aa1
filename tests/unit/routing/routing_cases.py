"""Random routing problems, and two oracles that share nothing with the optimizer."""

import random
from itertools import product

import highspy

from app.routing.check import cost_of
from app.routing.freight import FREE_FREIGHT, Tariff
from app.routing.problem import Allocation, Line, Problem, Seller, Source, Supply

TARIFFS = (
    Tariff(((300, 7_000), (1000, 9_000), (2000, 11_000), (5000, 13_000), (30_000, 27_000))),
    Tariff(((500, 12_000), (2000, 15_000), (10_000, 24_000))),
    Tariff(((1000, 5_000), (4000, 20_000))),
    Tariff(((2500, 9_000),)),
)


def random_problem(
    seed: int, *, lines: int, sources: int, quantity: int, minimum: int = 0, per_hundred: int = 1
) -> Problem:
    """Draw a problem: splits are needed when stock is short, minimums bind when they are large."""
    draw = random.Random(seed)
    sellers = [
        Seller(draw.choice((0, minimum, 2 * minimum)), draw.choice((0, 0, 3_000)))
        for _ in range(max(1, sources - 1))
    ]
    wanted = [
        Line(draw.randint(1, quantity), draw.choice((0, 150, 700, 1300, 4000)))
        for _ in range(lines)
    ]
    places = [
        Source(
            draw.randrange(len(sellers)),
            draw.choice((*TARIFFS, FREE_FREIGHT)),
            draw.choice((0, 0, 2_000)),
        )
        for _ in range(sources)
    ]
    base = [draw.randint(2_000, 20_000) for _ in range(lines)]
    supplies = [
        Supply(
            line,
            source,
            draw.randint(1, quantity + 1),
            draw.randint(base[line], base[line] * 5 // 4) * 10 // per_hundred,
            base[line],
        )
        for line in range(lines)
        for source in range(sources)
        if draw.random() < 0.75
    ]
    return Problem(wanted, sellers, places, supplies)


def brute_force(problem: Problem) -> tuple[int, int]:
    """Return the most units and the least cost of serving them, by trying everything."""
    per_line = []
    for line, (quantity, _) in enumerate(problem.lines):
        own = [row for row in problem.supplies if row[0] == line]
        ranges = [range(min(quantity, row[2]) + 1) for row in own]
        per_line.append(
            [
                [Allocation(line, row[1], q) for row, q in zip(own, choice, strict=True) if q]
                for choice in product(*ranges)
                if sum(choice) <= quantity
            ]
        )
    best = (0, 0)
    for parts in product(*per_line):
        plan = [allocation for part in parts for allocation in part]
        if reaches_minimums(problem, plan):
            units = sum(allocation.quantity for allocation in plan)
            best = min(best, (-units, cost_of(problem, plan)))
    return -best[0], best[1]


def reaches_minimums(problem: Problem, plan: list[Allocation]) -> bool:
    """Tell whether every used seller gets goods of its minimum value."""
    values: dict[int, int] = {}
    worth = {(row[0], row[1]): row[4] for row in problem.supplies}
    for line, source, quantity in plan:
        seller = problem.sources[source].seller
        values[seller] = values.get(seller, 0) + quantity * worth[line, source]
    return all(value >= problem.sellers[seller].minimum_value for seller, value in values.items())


def plain_milp(problem: Problem) -> int:
    """Return the least cost without minimums of serving what stock allows: a textbook model."""
    solver = highspy.Highs()
    solver.silent()
    solver.setOptionValue("mip_rel_gap", 0.0)
    solver.setOptionValue("threads", 1)
    whole = highspy.HighsVarType.kInteger
    stock = [0] * len(problem.lines)
    for line, _, available, _, _ in problem.supplies:
        stock[line] += available
    take, opened = {}, []
    active = [
        solver.addVariable(0, 1, obj=seller.fixed_cost / 1000, type=whole)
        for seller in problem.sellers
    ]
    for source in problem.sources:
        opened.append(solver.addVariable(0, 1, obj=source.fixed_cost / 1000, type=whole))
        solver.addConstr(opened[-1] <= active[source.seller])
    for line, source, available, unit_cost, _ in problem.supplies:
        most = min(available, problem.lines[line].quantity)
        take[line, source] = solver.addVariable(0, most, obj=unit_cost / 1000, type=whole)
        solver.addConstr(take[line, source] <= most * opened[source])
    for line, (quantity, _) in enumerate(problem.lines):
        own = [variable for (of, _), variable in take.items() if of == line]
        if own:
            solver.addConstr(sum(own) == min(quantity, stock[line]))
    _add_freight(solver, problem, take)
    solver.run()
    assert solver.getModelStatus() == highspy.HighsModelStatus.kOptimal
    return round(solver.getInfo().objective_function_value * 1000)


def _add_freight(solver, problem, take):
    for index, source in enumerate(problem.sources):
        own = [(line, variable) for (line, i), variable in take.items() if i == index]
        if not own or not source.tariff.bands:
            continue
        weights = [problem.lines[line].unit_weight_g / 1000 for line, _ in own]
        weight = sum(v * w for (_, v), w in zip(own, weights, strict=True))
        room, lighter = 0, []
        for up_to, price in source.tariff.bands:
            count = solver.addVariable(
                0, 10_000, obj=price / 1000, type=highspy.HighsVarType.kInteger
            )
            lighter.append(count)
            room = room + count * (up_to / 1000)
        solver.addConstr(weight <= room)
        if len(lighter) > 1:
            solver.addConstr(sum(lighter[:-1]) <= 1)
