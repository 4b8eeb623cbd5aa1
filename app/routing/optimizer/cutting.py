"""Nodes: boxes that are still open, and where to cut one in two.

In this order of preference:

1. by a count of the whole plan (sellers, full parcels, parcels of the next bands): freight is
   paid by the parcel, so both "at most 3" and "at least 4" lift the bound;
2. by the level of a source (closed or open before all);
3. by the quantity of an entry, in parts at first; then, as sources of one seller are bounded by the
   cheaper one's costs, by one that is dearer than that.

Law: every plan of a box lies in one of its halves.
"""

from typing import NamedTuple

import numpy as np

from app.routing.optimizer.box import Box
from app.routing.optimizer.compiled import kernel
from app.routing.optimizer.generation import BEST_PRICE, MIX, State
from app.routing.optimizer.instance import Floats, Ints
from app.routing.optimizer.simplex import BASIC, COLUMN_SELLER, ELEMENTS, Programme
from app.routing.optimizer.table import (
    COST,
    ENTRIES,
    KINDS,
    LEVELS,
    LINE,
    PRICE,
    RANKED,
    SELLER,
    SOURCE,
    WEIGHT,
    Table,
    copy_into,
)

COUNT_SHARE = 0.02


class Nodes(NamedTuple):
    """Open boxes with their bounds and the prices to begin with."""

    level: Ints
    quantity: Floats
    count: Floats  # type: ignore[assignment]
    prices: Floats
    bound: Floats
    is_open: Ints


@kernel
def _count_to_branch(table: Table, programme: Programme) -> tuple[int, float]:
    """The count of the plan that is farthest from whole, and its whole part; -1 for none."""
    counts = table.line.shape[1] + table.source_of.shape[1] - 1
    chosen = -1
    most = COUNT_SHARE
    below = 0.0
    for kind in range(KINDS):
        total = 0.0
        for i in range(len(programme.basis)):
            column = programme.basis[i]
            if column < 0:
                continue
            for t in range(programme.mark[ELEMENTS, column] - 1, -1, -1):
                if programme.row_of[column, t] < counts:
                    break
                if programme.row_of[column, t] == counts + kind:
                    total += programme.row[BASIC, i] * programme.element[column, t]
        part = total - np.floor(total)
        part = min(part, 1.0 - part)
        weight = 1.0 if kind < 2 else 1.0 / (2 ** (kind - 1))
        if part > COUNT_SHARE and part * weight > most:
            chosen = kind
            most = part * weight
            below = np.floor(total)
    return chosen, below


@kernel
def _level_to_branch(
    table: Table, box: Box, programme: Programme, share: Floats
) -> tuple[int, int]:
    """The source whose level is least settled, and the level to cut above; -1 for none."""
    chosen = -1
    cut = 0
    most = 1e-6
    for s in range(table.source_of.shape[1] - 1):
        low = box.level[0, s]
        high = box.level[1, s]
        if low == high:
            continue
        k = table.source_of[SELLER, s]
        position = s - table.first_source[k]
        for j in range(low, high + 1):
            share[j] = 0.0
        for i in range(len(programme.basis)):
            column = programme.basis[i]
            if column >= 0 and programme.mark[COLUMN_SELLER, column] == k:
                j = programme.level[column, position]
                if low < j <= high:
                    share[j] += programme.row[BASIC, i]
        above = 0.0
        first = table.source_of[LEVELS, s]
        for j in range(high, low, -1):
            above += share[j]
            part = min(above, 1.0 - above)
            if part <= 1e-6:
                continue
            step = table.level[PRICE, first + j - 1]
            if j > 1:
                step -= table.level[PRICE, first + j - 2]
            else:
                step *= 3.0
            if part * step > most:
                most = part * step
                chosen = s
                cut = j - 1
    return chosen, cut


@kernel
def read_mix(table: Table, programme: Programme, quantity: Floats) -> None:
    """Read the quantities by entry of the present mix."""
    for e in range(len(quantity)):
        quantity[e] = 0.0
    for i in range(len(programme.basis)):
        column = programme.basis[i]
        if column < 0 or programme.row[BASIC, i] <= 1e-9:
            continue
        k = programme.mark[COLUMN_SELLER, column]
        first = table.first_source[k]
        for s in range(first, table.first_source[k + 1]):
            if programme.level[column, s - first] == 0:
                continue
            for e in range(table.source_of[ENTRIES, s], table.source_of[ENTRIES, s + 1]):
                amount = programme.quantity[column, s - first, table.entry_of[LINE, e]]
                quantity[e] += programme.row[BASIC, i] * amount


@kernel
def _quantity_to_branch(table: Table, quantity: Floats) -> tuple[int, float]:
    """The entry whose quantity is farthest from whole, heavy lines first; -1 for none."""
    chosen = -1
    most = 0.0
    below = 0.0
    for e in range(len(quantity)):
        part = quantity[e] - np.floor(quantity[e])
        part = min(part, 1.0 - part)
        if part < 1e-5:
            continue
        score = part * (table.line[WEIGHT, table.entry_of[LINE, e]] + 100.0)
        if score > most:
            most = score
            chosen = e
            below = np.floor(quantity[e])
    return chosen, below


@kernel
def load(nodes: Nodes, node: int, box: Box, state: State) -> None:
    """Look at a node's box."""
    for row in range(2):
        for s in range(box.level.shape[1]):
            box.level[row, s] = nodes.level[node, row, s]
        for e in range(box.quantity.shape[1]):
            box.quantity[row, e] = nodes.quantity[node, row, e]
        for kind in range(KINDS):
            box.count[row, kind] = nodes.count[node, row, kind]
    copy_into(state.price[BEST_PRICE], nodes.prices[node])


@kernel
def _store(nodes: Nodes, node: int, box: Box, state: State, bound: float) -> None:
    """Keep a box for later."""
    for row in range(2):
        for s in range(box.level.shape[1]):
            nodes.level[node, row, s] = box.level[row, s]
        for e in range(box.quantity.shape[1]):
            nodes.quantity[node, row, e] = box.quantity[row, e]
        for kind in range(KINDS):
            nodes.count[node, row, kind] = box.count[row, kind]
    copy_into(nodes.prices[node], state.price[BEST_PRICE])
    nodes.bound[node] = bound
    nodes.is_open[node] = 1


@kernel
def lowest(nodes: Nodes) -> int:
    """The open node of lowest bound; -1 when all are done."""
    lowest = -1
    for node in range(len(nodes.bound)):
        if nodes.is_open[node] == 1 and (lowest < 0 or nodes.bound[node] < nodes.bound[lowest]):
            lowest = node
    return lowest


@kernel
def _free_node(nodes: Nodes) -> int:
    """A place to keep a node; -1 when there is none."""
    for node in range(len(nodes.bound)):
        if nodes.is_open[node] == 0:
            return node
    return -1


@kernel
def is_in_parts(table: Table, box: Box, programme: Programme, state: State) -> bool:
    """Tell whether a count or a level of the mix is not whole."""
    kind, _ = _count_to_branch(table, programme)
    if kind >= 0:
        return True
    s, _ = _level_to_branch(table, box, programme, state.charges)
    return bool(s >= 0)


@kernel
def branch(
    table: Table, box: Box, programme: Programme, state: State, nodes: Nodes, bound: float
) -> bool:
    """Cut the box in two and keep both halves; false when nothing is left to cut."""
    one = _free_node(nodes)
    _store(nodes, one, box, state, bound)
    other = _free_node(nodes)
    _store(nodes, other, box, state, bound)
    kind, below = _count_to_branch(table, programme)
    if kind >= 0:
        nodes.count[one, 1, kind] = below
        nodes.count[other, 0, kind] = below + 1.0
        return True
    s, cut = _level_to_branch(table, box, programme, state.charges)
    if s >= 0:
        nodes.level[one, 1, s] = cut
        nodes.level[other, 0, s] = cut + 1
        return True
    read_mix(table, programme, state.plan[MIX])
    e, part = _quantity_to_branch(table, state.plan[MIX])
    if e >= 0:
        nodes.quantity[one, 1, e] = part
        nodes.quantity[other, 0, e] = part + 1.0
        return True
    nodes.is_open[one] = 0
    nodes.is_open[other] = 0
    return False


@kernel
def _quantity_to_split(table: Table, box: Box, quantity: Floats) -> int:
    """The open entry whose cost is most above what its seller is bounded by; -1 for none."""
    chosen = -1
    most = 0.0
    for line in range(table.line.shape[1]):
        for a in range(table.ranked[line], table.ranked[line + 1]):
            e = table.entry_of[RANKED, a]
            s = table.entry_of[SOURCE, e]
            if box.level[1, s] == 0 or box.quantity[0, e] >= box.quantity[1, e]:
                continue
            cheapest = table.entry[COST, e]
            for b in range(table.ranked[line], a):
                other = table.entry_of[RANKED, b]
                if (
                    table.source_of[SELLER, table.entry_of[SOURCE, other]]
                    == table.source_of[SELLER, s]
                ):
                    cheapest = table.entry[COST, other]
                    break
            taken = max(0.0, quantity[e] - box.quantity[0, e])
            score = (taken + 0.01) * (table.entry[COST, e] - cheapest + 0.01)
            if score > most:
                most = score
                chosen = e
    return chosen


@kernel
def split(table: Table, box: Box, state: State, nodes: Nodes, bound: float) -> bool:
    """Cut a box whose mix is whole in two and keep both halves; false when all is settled."""
    e = _quantity_to_split(table, box, state.plan[MIX])
    if e < 0:
        return False
    low = box.quantity[0, e]
    cut = max(low, min(np.floor(state.plan[MIX, e] + 0.5), box.quantity[1, e]) - 1.0)
    one = _free_node(nodes)
    _store(nodes, one, box, state, bound)
    other = _free_node(nodes)
    _store(nodes, other, box, state, bound)
    nodes.quantity[one, 1, e] = cut
    nodes.quantity[other, 0, e] = cut + 1.0
    return True


@kernel
def crowded(nodes: Nodes) -> bool:
    """Tell whether there is no place for another two nodes."""
    free = 0
    for node in range(len(nodes.bound)):
        if nodes.is_open[node] == 0:
            free += 1
            if free > 3:
                return False
    return True
