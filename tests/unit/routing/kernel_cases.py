"""Orders packed for the kernels, and oracles that try everything."""

import random
from dataclasses import replace
from itertools import product

import numpy as np

from app.routing.freight import FREE_FREIGHT
from app.routing.optimizer.box import Box
from app.routing.optimizer.bundles import net_levels
from app.routing.optimizer.decision import Decision
from app.routing.optimizer.instance import build_instance
from app.routing.optimizer.table import (
    COST,
    DEMAND,
    ENTRIES,
    FIXED,
    KINDS,
    LEVELS,
    LINE,
    MINIMUM,
    ROOM,
    VALUE,
    WEIGHT,
)
from app.routing.problem import Line, Problem, Seller, Source, Supply
from tests.unit.routing.routing_cases import TARIFFS

NEVER = 1e18


def one_seller(seed, *, lines, sources, stock, alike=True, weightless=False) -> Problem:
    """Draw an order that one seller's locations may serve, at equal costs when they are alike.

    The seller's minimum, if any, is within what its locations can give.
    """
    draw = random.Random(seed)
    weights = (0, 150, 700, 4000) if weightless else (150, 700, 1300, 4000)
    wanted = [Line(draw.randint(1, stock + 1), draw.choice(weights)) for _ in range(lines)]
    cost = [draw.randint(2_000, 20_000) for _ in range(lines)]
    places = [
        Source(0, draw.choice((*TARIFFS, FREE_FREIGHT)), draw.choice((0, 2_000)))
        for _ in range(sources)
    ]
    supplies = [
        Supply(
            line,
            source,
            draw.randint(1, stock),
            cost[line] if alike else draw.randint(cost[line], cost[line] * 3 // 2),
            draw.randint(1_000, 10_000) if not alike else cost[line] // 2,
        )
        for line in range(lines)
        for source in range(sources)
        if source == line % sources or draw.random() < 0.8
    ]
    most = sum(
        min(quantity, sum(row.available for row in supplies if row.line == line))
        * min(row.goods_value for row in supplies if row.line == line)
        for line, (quantity, *_) in enumerate(wanted)
    )
    minimum = int(most * draw.choice((0.0, 0.3, 0.6, 1.0)))
    return Problem(wanted, [Seller(minimum, draw.choice((0, 3_000)))], places, supplies)


def begin(problem) -> Decision:
    """Pack an order."""
    return Decision.begin(build_instance(problem))


def draw_prices(decision, draw):
    """Draw what lines and counts pay; return prices and charges."""
    table = decision.table
    lines = table.line.shape[1]
    prices = np.zeros(lines + 2 * KINDS)
    for line in range(lines):
        own = table.entry[COST][table.entry_of[LINE] == line]
        prices[line] = own.mean() * draw.uniform(0.7, 2.5)
    if draw.random() < 0.5:
        prices[lines : lines + KINDS] = [-draw.uniform(0, 3) for _ in range(KINDS)]
        prices[lines + KINDS :] = [draw.uniform(0, 3) for _ in range(KINDS)]
    charges = decision.state.charges
    net_levels(table, prices, charges)
    return prices, charges


def draw_box(decision, draw) -> Box:
    """Narrow the box at random, leaving it open in most places."""
    level, quantity, count = (part.copy() for part in decision.box[:3])
    for s in range(level.shape[1]):
        if draw.random() < 0.3:
            level[0, s] = draw.randint(0, int(level[1, s]))
        if draw.random() < 0.2:
            level[1, s] = draw.randint(int(level[0, s]), int(level[1, s]))
    for e in range(quantity.shape[1]):
        if draw.random() < 0.15:
            quantity[0, e] = draw.randint(0, int(quantity[1, e]))
        if draw.random() < 0.3:
            quantity[1, e] = draw.randint(int(quantity[0, e]), int(quantity[1, e]))
    return Box(level, quantity, count)


def least_reduced_cost(decision, box, prices, charges) -> float:
    """The least reduced cost of any bundle of the only seller in the box, by trying everything."""
    table = decision.table
    low, high = box.quantity.astype(int)
    entry_line, entry_source = table.entry_of[LINE], table.entry_of[1]
    least = NEVER
    for chosen in product(*(range(a, b + 1) for a, b in zip(low, high, strict=True))):
        quantity = np.array(chosen, dtype=np.float64)
        served = np.bincount(entry_line, quantity, table.line.shape[1])
        value = quantity @ table.entry[VALUE]
        if (served > table.line[DEMAND]).any() or value < table.seller[MINIMUM, 0] - 1e-9:
            continue
        goods = quantity @ (table.entry[COST] - prices[entry_line])
        weight = quantity * table.line[WEIGHT][entry_line]
        carried = [
            _least_charge(table, box, charges, s, weight[entry_source == s].sum())
            for s in range(table.rate.shape[0])
        ]
        shipping = sum(min(shut, opened) for shut, opened in carried)
        if all(shut <= opened for shut, opened in carried):
            shipping += min(opened - shut for shut, opened in carried)
        least = min(least, goods + shipping + table.seller[FIXED, 0])
    return least if least < NEVER / 2 else NEVER


def _least_charge(table, box, charges, s, weight):
    """What a source costs when it stays shut, and when it is opened; NEVER where it must not."""
    first = table.source_of[LEVELS, s]
    shut = 0.0 if weight == 0 and box.level[0, s] == 0 else NEVER
    allowed = range(max(1, box.level[0, s]), box.level[1, s] + 1)
    opened = [
        charges[first + j - 1] for j in allowed if table.level[ROOM, first + j - 1] >= weight - 1e-6
    ]
    return shut, min(opened, default=NEVER)


def entries_of(table, s):
    """The numbers of a source's entries."""
    return range(table.source_of[ENTRIES, s], table.source_of[ENTRIES, s + 1])


def shuffled(problem, seed) -> Problem:
    """The same order told in another order: lines, sellers, sources and supplies."""
    draw = random.Random(seed)
    lines, sellers, sources = (
        draw.sample(range(len(rows)), len(rows))
        for rows in (problem.lines, problem.sellers, problem.sources)
    )
    supplies = [
        Supply(lines.index(line), sources.index(source), *rest)
        for line, source, *rest in problem.supplies
    ]
    return Problem(
        [problem.lines[i] for i in lines],
        [problem.sellers[i] for i in sellers],
        [
            replace_seller(problem.sources[i], sellers.index(problem.sources[i].seller))
            for i in sources
        ],
        draw.sample(supplies, len(supplies)),
    )


def replace_seller(source, seller) -> Source:
    """The same place under another number of its seller."""
    return source._replace(seller=seller)


def weighing(problem, weight) -> Problem:
    """The same order with every unit of one weight."""
    return replace(problem, lines=[Line(line.quantity, weight) for line in problem.lines])


def worthless(problem) -> Problem:
    """The same order with goods that count for no minimum."""
    return replace(problem, supplies=[row._replace(goods_value=0) for row in problem.supplies])
