"""Plans under construction: quantities by entry, and what follows from them kept in step."""

from typing import NamedTuple

import numpy as np

from app.routing.optimizer.compiled import kernel, typed
from app.routing.optimizer.instance import Floats, Ints
from app.routing.optimizer.table import (
    COST,
    DEMAND,
    FIXED,
    LINE,
    MINIMUM,
    RANKED,
    SELLER,
    SOURCE,
    VALUE,
    WEIGHT,
    Table,
    freight,
)

WORTH_OF_FREE_GOODS = 2500.0
# Rows of `Drafts.quantity`: where a search starts, where it stands, what it tries, the best found.
START, PRESENT, TRIAL, BEST = typed(0), typed(1), typed(2), typed(3)
# Rows of `Drafts.seller`: value of the goods, entries in use.
WORTH, USES = 0, 1


class Drafts(NamedTuple):
    """Plans under construction, by number: quantities by entry and what follows from them.

    Weight by source, value and entries by seller, what is left to place by line; and a list to
    work with.
    """

    quantity: Floats
    weight: Floats
    seller: Floats
    left: Floats
    working: Ints


def make_drafts(table: Table, rows: int) -> Drafts:
    """Make room for a search."""
    sources, sellers = table.source_of.shape[1] - 1, table.seller.shape[1]
    return Drafts(
        np.zeros((4, table.entry.shape[1])),
        np.zeros((3, sources)),
        np.zeros((3, 2, sellers)),
        np.zeros((3, table.line.shape[1])),
        np.zeros(max(rows, sources), dtype=np.int64),
    )


@kernel
def clear(table: Table, drafts: Drafts, d: int) -> None:
    """Nothing placed yet."""
    for e in range(drafts.quantity.shape[1]):
        drafts.quantity[d, e] = 0.0
    for s in range(drafts.weight.shape[1]):
        drafts.weight[d, s] = 0.0
    for k in range(drafts.seller.shape[2]):
        drafts.seller[d, WORTH, k] = 0.0
        drafts.seller[d, USES, k] = 0.0
    for line in range(drafts.left.shape[1]):
        drafts.left[d, line] = table.line[DEMAND, line]


@kernel
def copy_draft(drafts: Drafts, target: int, source: int) -> None:
    """Take over a draft."""
    for e in range(drafts.quantity.shape[1]):
        drafts.quantity[target, e] = drafts.quantity[source, e]
    for s in range(drafts.weight.shape[1]):
        drafts.weight[target, s] = drafts.weight[source, s]
    for k in range(drafts.seller.shape[2]):
        drafts.seller[target, WORTH, k] = drafts.seller[source, WORTH, k]
        drafts.seller[target, USES, k] = drafts.seller[source, USES, k]
    for line in range(drafts.left.shape[1]):
        drafts.left[target, line] = drafts.left[source, line]


@kernel
def put(table: Table, drafts: Drafts, d: int, e: int, quantity: float) -> None:
    """Place units of an entry; a negative quantity takes them out again."""
    line = table.entry_of[LINE, e]
    s = table.entry_of[SOURCE, e]
    k = table.source_of[SELLER, s]
    if drafts.quantity[d, e] < 0.5:
        drafts.seller[d, USES, k] += 1
    drafts.quantity[d, e] += quantity
    if drafts.quantity[d, e] < 0.5:
        drafts.quantity[d, e] = 0.0
        drafts.seller[d, USES, k] -= 1
    drafts.weight[d, s] += quantity * table.line[WEIGHT, line]
    drafts.seller[d, WORTH, k] += quantity * table.entry[VALUE, e]
    drafts.left[d, line] -= quantity


@kernel
def lack_of(table: Table, k: int, value: float) -> float:
    """What a used seller lacks to its minimum."""
    return float(max(0.0, table.seller[MINIMUM, k] - value))


@kernel
def cost_of(table: Table, drafts: Drafts, d: int) -> tuple[float, float]:
    """The cost of a draft, and what its sellers lack in all."""
    cost = 0.0
    lack = 0.0
    for e in range(drafts.quantity.shape[1]):
        if drafts.quantity[d, e] > 0.0:
            cost += drafts.quantity[d, e] * table.entry[COST, e]
    for s in range(drafts.weight.shape[1]):
        cost += freight(table, s, drafts.weight[d, s])
    for k in range(drafts.seller.shape[2]):
        if drafts.seller[d, USES, k] > 0:
            cost += table.seller[FIXED, k]
            # Sums of floats may fall a breath short.
            missing = lack_of(table, k, drafts.seller[d, WORTH, k])
            if missing > 1e-9:
                lack += missing
    return cost, lack


@kernel
def cheapest_goods(table: Table) -> float:
    """What the order's goods cost at least: the measure for what counts as a little."""
    cost = 0.0
    for line in range(table.line.shape[1]):
        cheapest = table.entry_of[RANKED, table.ranked[line]]
        cost += table.line[DEMAND, line] * table.entry[COST, cheapest]
    return cost if cost > 0.0 else WORTH_OF_FREE_GOODS
