"""A plan under construction: quantities by entry, what follows from them, and how to go back.

Whatever is placed or taken out is logged, so a change that does not pay is undone at its own cost
and never by copying the plan. What the plan costs is kept in step.
"""

from typing import NamedTuple

import numpy as np

from app.routing.optimizer.compiled import kernel, typed
from app.routing.optimizer.instance import Floats, Ints
from app.routing.optimizer.table import (
    COST,
    DEMAND,
    FIXED,
    LEVELS,
    LINE,
    MINIMUM,
    PRICE,
    RANKED,
    ROOM,
    SELLER,
    SOURCE,
    VALUE,
    WEIGHT,
    Table,
    copy_into,
    freight,
)

WORTH_OF_FREE_GOODS = 2500.0
# Rows of `Drafts.quantity`: the draft, the best plan found.
DRAFT, BEST = typed(0), typed(1)
# Rows of `Drafts.source`: weight, the level that carries it, the level's price.
LOAD, LEVEL, PAYS = 0, 1, 2
# Rows of `Drafts.seller`: value of the goods, entries in use.
WORTH, USES = 0, 1
# Elements of `Drafts.total`: what the draft costs, what its sellers lack to their minimums.
COSTS, LACKS = 0, 1
# Rows of `Drafts.log`: entry, quantity.
CHANGED, BY = 0, 1
# Elements of `Drafts.count`: changes logged, entries looked at.
LOGGED, LOOKED = 0, 1


class Drafts(NamedTuple):
    """A draft and the best plan, by entry, and what follows from the draft.

    What its sources and sellers carry, what is left to place by line, its totals, the log of its
    changes; and a list to work with. `is_open` tells which sources are in reach, `reach` lists
    their entries, line by line from `reach_of`, cheapest first; `used` lists the entries in use,
    and where each stands in that list.
    """

    quantity: Floats
    source: Floats
    seller: Floats
    left: Floats
    total: Floats
    log: Floats
    working: Ints
    reach: Ints
    reach_of: Ints
    used: Ints
    is_open: Ints
    count: Ints  # type: ignore[assignment]


def make_drafts(table: Table, rows: int) -> Drafts:
    """Make room for a search."""
    sources, sellers = table.source_of.shape[1] - 1, table.seller.shape[1]
    entries, lines = table.entry.shape[1], table.line.shape[1]
    return Drafts(
        np.zeros((2, entries)),
        np.zeros((3, sources)),
        np.zeros((2, sellers)),
        np.zeros(lines),
        np.zeros(2),
        # What a round takes apart changes no entry more than three times.
        np.zeros((2, 6 * entries + 2 * lines)),
        np.zeros(max(rows, sources), dtype=np.int64),
        table.entry_of[RANKED].copy(),
        table.ranked.copy(),
        np.zeros((2, entries), dtype=np.int64),
        np.ones(sources, dtype=np.int64),
        np.zeros(2, dtype=np.int64),
    )


@kernel
def clear(table: Table, drafts: Drafts) -> None:
    """Nothing placed yet."""
    for e in range(drafts.quantity.shape[1]):
        drafts.quantity[DRAFT, e] = 0.0
    for s in range(drafts.source.shape[1]):
        for row in range(3):
            drafts.source[row, s] = 0.0
    for k in range(drafts.seller.shape[1]):
        drafts.seller[WORTH, k] = 0.0
        drafts.seller[USES, k] = 0.0
    for line in range(len(drafts.left)):
        drafts.left[line] = table.line[DEMAND, line]
    drafts.total[COSTS] = 0.0
    drafts.total[LACKS] = 0.0
    drafts.count[LOGGED] = 0


@kernel
def has_log_room(drafts: Drafts) -> bool:
    """Tell whether another change could be undone."""
    return bool(drafts.count[LOGGED] < drafts.log.shape[1])


@kernel
def put(table: Table, drafts: Drafts, e: int, quantity: float) -> None:
    """Place units of an entry; a negative quantity takes them out again."""
    at = drafts.count[LOGGED]
    if at < drafts.log.shape[1]:
        drafts.log[CHANGED, at] = e
        drafts.log[BY, at] = quantity
        drafts.count[LOGGED] = at + 1
    _move(table, drafts, e, quantity)


@kernel
def _move(table: Table, drafts: Drafts, e: int, quantity: float) -> None:
    """Place or take out units and keep all that follows in step."""
    line = table.entry_of[LINE, e]
    s = table.entry_of[SOURCE, e]
    k = table.source_of[SELLER, s]
    if drafts.seller[USES, k] > 0.0:
        drafts.total[LACKS] -= lack_of(table, k, drafts.seller[WORTH, k])
    else:
        drafts.total[COSTS] += table.seller[FIXED, k]
    if drafts.quantity[DRAFT, e] < 0.5:
        drafts.seller[USES, k] += 1.0
    drafts.quantity[DRAFT, e] += quantity
    drafts.seller[WORTH, k] += quantity * table.entry[VALUE, e]
    if drafts.quantity[DRAFT, e] < 0.5:
        drafts.quantity[DRAFT, e] = 0.0
        drafts.seller[USES, k] -= 1.0
    if drafts.seller[USES, k] > 0.0:
        drafts.total[LACKS] += lack_of(table, k, drafts.seller[WORTH, k])
    else:
        drafts.total[COSTS] -= table.seller[FIXED, k]
        drafts.seller[WORTH, k] = 0.0
    drafts.left[line] -= quantity
    drafts.total[COSTS] += quantity * table.entry[COST, e]
    _carry(table, drafts, s, quantity * table.line[WEIGHT, line])


@kernel
def _carry(table: Table, drafts: Drafts, s: int, more: float) -> None:
    """Change what a source carries, its level and what it pays; levels are few steps away."""
    drafts.source[LOAD, s] += more
    level = level_near(table, s, int(drafts.source[LEVEL, s]), drafts.source[LOAD, s])
    pays = price_of_level(table, s, level)
    drafts.total[COSTS] += pays - drafts.source[PAYS, s]
    drafts.source[LEVEL, s] = level
    drafts.source[PAYS, s] = pays


@kernel
def level_near(table: Table, s: int, level: int, weight: float) -> int:
    """The level that carries a weight, looked for from one nearby."""
    if weight <= 0.5:
        return 0
    first = table.source_of[LEVELS, s]
    level = max(1, level)
    while table.level[ROOM, first + level - 1] < weight - 1e-6:
        level += 1
    while level > 1 and table.level[ROOM, first + level - 2] >= weight - 1e-6:
        level -= 1
    return level


@kernel
def price_of_level(table: Table, s: int, level: int) -> float:
    """What a source pays at a level, nothing when it is closed."""
    return float(table.level[PRICE, table.source_of[LEVELS, s] + level - 1]) if level > 0 else 0.0


@kernel
def keep_if_lawful(drafts: Drafts, least: float) -> float:
    """Keep the draft as the best plan if it is a plan and cheaper; return the least cost."""
    cost = drafts.total[COSTS]
    if drafts.total[LACKS] > 1e-9 or cost >= least - 1e-9:
        return least
    copy_into(drafts.quantity[BEST], drafts.quantity[DRAFT])
    return float(cost)


@kernel
def set_reach(table: Table, drafts: Drafts) -> None:
    """Let the entries of open sources be used, and no others."""
    at = 0
    for line in range(len(drafts.left)):
        drafts.reach_of[line] = at
        for a in range(table.ranked[line], table.ranked[line + 1]):
            e = table.entry_of[RANKED, a]
            if drafts.is_open[table.entry_of[SOURCE, e]] == 1:
                drafts.reach[at] = e
                at += 1
    drafts.reach_of[len(drafts.left)] = at


@kernel
def undo(table: Table, drafts: Drafts, cost: float, lack: float) -> None:
    """Take back what was logged; the totals were these before."""
    for i in range(drafts.count[LOGGED] - 1, -1, -1):
        _move(table, drafts, int(drafts.log[CHANGED, i]), -drafts.log[BY, i])
    drafts.count[LOGGED] = 0
    drafts.total[COSTS] = cost
    drafts.total[LACKS] = lack


@kernel
def lack_of(table: Table, k: int, value: float) -> float:
    """What a used seller lacks to its minimum."""
    return float(max(0.0, table.seller[MINIMUM, k] - value))


@kernel
def add_up(table: Table, drafts: Drafts) -> None:
    """Add the totals up anew: sums that are kept in step drift by a breath."""
    cost = 0.0
    lack = 0.0
    for e in range(drafts.quantity.shape[1]):
        if drafts.quantity[DRAFT, e] > 0.0:
            cost += drafts.quantity[DRAFT, e] * table.entry[COST, e]
    for s in range(drafts.source.shape[1]):
        cost += freight(table, s, drafts.source[LOAD, s])
    for k in range(drafts.seller.shape[1]):
        if drafts.seller[USES, k] > 0:
            cost += table.seller[FIXED, k]
            # Sums of floats may fall a breath short.
            missing = lack_of(table, k, drafts.seller[WORTH, k])
            if missing > 1e-9:
                lack += missing
    drafts.total[COSTS] = cost
    drafts.total[LACKS] = lack


@kernel
def cheapest_goods(table: Table) -> float:
    """What the order's goods cost at least: the measure for what counts as a little."""
    cost = 0.0
    for line in range(table.line.shape[1]):
        cheapest = table.entry_of[RANKED, table.ranked[line]]
        cost += table.line[DEMAND, line] * table.entry[COST, cheapest]
    return cost if cost > 0.0 else WORTH_OF_FREE_GOODS
