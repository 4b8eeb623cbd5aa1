"""Where plans are looked for: around mixes and the best plan, within the sources that matter.

An order can be served by a hundred sources, its best plan uses ten. The root's mix and the best
plan name most of them: what is looked for among these alone (Angelelli, Mansini, Speranza 2010,
Kernel search) is found in a fraction of the rounds. Each node's mix is a place of its own to begin
at: floored, completed, polished.

Law: a plan taken over is lawful and cheaper than the one before.
"""

import numpy as np

from app.routing.optimizer.box import Box
from app.routing.optimizer.chance import seed
from app.routing.optimizer.compiled import ZERO, kernel, typed, written_out
from app.routing.optimizer.cutting import read_mix
from app.routing.optimizer.drafts import (
    BEST,
    COSTS,
    DRAFT,
    LACKS,
    LOOKED,
    Drafts,
    add_up,
    cheapest_goods,
    clear,
    put,
    set_reach,
)
from app.routing.optimizer.generation import (
    LIMIT,
    LOOKING,
    MIX,
    NODES,
    PLAN,
    STEPS,
    State,
)
from app.routing.optimizer.instance import Floats, Ints
from app.routing.optimizer.knapsack import NEVER
from app.routing.optimizer.polish import polish
from app.routing.optimizer.reinsert import from_mix, reinsert
from app.routing.optimizer.simplex import (
    BASIC,
    COLUMN_REDUCED,
    COLUMN_SELLER,
    COLUMNS,
    LISTED,
    SPARE,
    Programme,
)
from app.routing.optimizer.table import LINE, SOURCE, STOCK, Table, copy_into

POOL, POOL_GAP = 100, 0.03
# What a round of ruin and recreate takes, beside what each entry looked at takes, and of polishing.
STEPS_A_ROUND, STEPS_A_LOOK, STEPS_A_CHANGE = 1500, 60, 100
# Rounds of ruin and recreate at the root (each line adds some), within reach, and at nodes;
# changes of polishing for each.
FIRST, A_LINE = typed(30), typed(20)
LINES_A_LOOP, MOST_LOOPS = 10, 3
CHANGES_A_LINE, MOST_CHANGES = typed(400), typed(5000)
NODE_ROUNDS, NODE_CHANGES = typed(30), typed(2000)
# Looking near nodes may take one step in so many.
LOOKING_SHARE = 4


@kernel
def _list_promising(table: Table, programme: Programme, is_open: Ints, limit: float) -> int:
    """List bundles of open sources of least reduced cost, the least first; return how many."""
    known = 0
    columns = programme.count[COLUMNS]
    listed = programme.mark[SPARE]
    for column in range(columns):
        reduced = programme.column[COLUMN_REDUCED, column]
        usable = reduced <= limit and _is_in_reach(table, programme, column, is_open)
        listed[column] = 0 if usable else 1
    while known < POOL:
        least = -1
        for column in range(columns):
            if listed[column] == 0 and (
                least < 0
                or programme.column[COLUMN_REDUCED, column]
                < programme.column[COLUMN_REDUCED, least]
            ):
                least = column
        if least < 0:
            break
        listed[least] = 1
        programme.mark[LISTED, known] = least
        known += 1
    return known


@kernel
def _is_in_reach(table: Table, programme: Programme, column: int, is_open: Ints) -> bool:
    """Tell whether all sources of a bundle are open."""
    first = table.first_source[programme.mark[COLUMN_SELLER, column]]
    for position in range(table.first_source[programme.mark[COLUMN_SELLER, column] + 1] - first):
        if programme.level[column, position] > 0 and is_open[first + position] == 0:
            return False
    return True


@kernel
def _list_basic(table: Table, programme: Programme, is_open: Ints) -> int:
    """List the bundles of the mix; return how many."""
    known = 0
    for i in range(len(programme.basis)):
        column = programme.basis[i]
        if (
            column >= 0
            and programme.row[BASIC, i] > 1e-6
            and _is_in_reach(table, programme, column, is_open)
        ):
            programme.mark[LISTED, known] = column
            known += 1
    return known


@kernel
def _open_unshut(box: Box, is_open: Ints) -> None:
    """Open every source that the box does not shut."""
    for s in range(len(is_open)):
        is_open[s] = 1 if box.level[1, s] > 0 else 0


@kernel
def _open_used(table: Table, quantity: Floats, is_open: Ints) -> None:
    """Open the sources that quantities by entry come from."""
    for e in range(len(quantity)):
        if quantity[e] > 1e-6:
            is_open[table.entry_of[SOURCE, e]] = 1


@kernel
def _read_plan(table: Table, quantity: Floats, drafts: Drafts, rounding: float) -> None:
    """Read quantities, rounded, as the draft to start from: what lines want and no more."""
    clear(table, drafts)
    for e in range(len(quantity)):
        whole = np.floor(quantity[e] + rounding)
        if whole > 0.5:
            put(table, drafts, e, whole)


@written_out
def _rounds(
    table: Table,
    programme: Programme,
    state: State,
    drafts: Drafts,
    known: int,
    rounds: int,
    changes: int,
    least: float,
) -> float:
    """Ruin, recreate and polish from the draft; take over a plan cheaper than the least known."""
    cost = reinsert(table, programme, drafts, known, rounds, state.work)
    state.work[STEPS] += rounds * STEPS_A_ROUND + drafts.count[LOOKED] * STEPS_A_LOOK
    drafts.count[LOOKED] = 0
    if cost >= NEVER:
        return least
    if changes > 0:
        _read_plan(table, drafts.quantity[BEST], drafts, 0.5)
        cost = polish(table, drafts, cost, changes, state.work)
        state.work[STEPS] += changes * STEPS_A_CHANGE
    if cost < least - 1e-6:
        copy_into(state.plan[PLAN], drafts.quantity[BEST])
        return cost
    return least


@kernel
def look_widely(
    table: Table,
    box: Box,
    programme: Programme,
    state: State,
    drafts: Drafts,
    least: float,
    enough: float,
) -> float:
    """Look for plans at the root: first among all sources, then among those that matter.

    A plan that costs no more than `enough` ends it.
    """
    is_open = drafts.is_open
    rounds = FIRST + A_LINE * table.line.shape[1]
    changes = min(MOST_CHANGES, CHANGES_A_LINE * table.line.shape[1])
    limit = POOL_GAP * cheapest_goods(table)
    _open_unshut(box, is_open)
    set_reach(table, drafts)
    known = _list_promising(table, programme, is_open, limit)
    seed(state.work, ZERO)
    if least >= NEVER:
        from_mix(table, programme, drafts)
    else:
        _read_plan(table, state.plan[PLAN], drafts, 0.5)
    least = _rounds(table, programme, state, drafts, known, rounds, ZERO, least)
    read_mix(table, programme, state.plan[MIX])
    for loop in range(min(MOST_LOOPS, 1 + table.line.shape[1] // LINES_A_LOOP)):
        if least <= enough or state.work[STEPS] >= state.work[LIMIT]:
            break
        if least < NEVER:
            for s in range(len(is_open)):
                is_open[s] = 0
            _open_used(table, state.plan[MIX], is_open)
            _open_used(table, state.plan[PLAN], is_open)
            set_reach(table, drafts)
            known = _list_promising(table, programme, is_open, limit)
        if least < NEVER and loop % 2 == 0:
            _read_plan(table, state.plan[PLAN], drafts, 0.5)
        elif loop % 2 == 1:
            _read_mix(table, state, drafts)
        else:
            from_mix(table, programme, drafts)
        seed(state.work, loop + 1)
        least = _rounds(table, programme, state, drafts, known, rounds, changes, least)
    return least


@kernel
def _read_mix(table: Table, state: State, drafts: Drafts) -> None:
    """Read the mix, floored, as the draft to start from: no more than stock and lines allow."""
    clear(table, drafts)
    for e in range(drafts.quantity.shape[1]):
        whole = np.floor(min(state.plan[MIX, e], table.entry[STOCK, e]) + 1e-6)
        whole = min(whole, drafts.left[table.entry_of[LINE, e]])
        if whole > 0.5:
            put(table, drafts, e, whole)


@kernel
def look_nearby(
    table: Table, programme: Programme, state: State, drafts: Drafts, least: float
) -> float:
    """Look for a plan near a node's mix, among its sources and the best plan's.

    Looking may take a share of the work: where nodes take little, some are left out.
    """
    work = state.work
    if work[LOOKING] * LOOKING_SHARE > work[STEPS]:
        return least
    before = work[STEPS]
    is_open = drafts.is_open
    for s in range(len(is_open)):
        is_open[s] = 0
    read_mix(table, programme, state.plan[MIX])
    _open_used(table, state.plan[MIX], is_open)
    if least < NEVER:
        _open_used(table, state.plan[PLAN], is_open)
    set_reach(table, drafts)
    known = _list_basic(table, programme, is_open)
    _read_mix(table, state, drafts)
    seed(state.work, int(state.work[NODES]))
    found = _rounds(table, programme, state, drafts, known, NODE_ROUNDS, NODE_CHANGES, least)
    work[LOOKING] += work[STEPS] - before
    return found


@kernel
def take_whole_mix(table: Table, state: State, drafts: Drafts, least: float) -> float:
    """Take over the mix as a plan, if it is one and cheaper than the least known."""
    _read_plan(table, state.plan[MIX], drafts, 0.5)
    for e in range(drafts.quantity.shape[1]):
        if drafts.quantity[DRAFT, e] > table.entry[STOCK, e]:
            return least
    for line in range(len(drafts.left)):
        if abs(drafts.left[line]) > 0.5:
            return least
    add_up(table, drafts)
    cost = drafts.total[COSTS]
    if drafts.total[LACKS] == 0.0 and cost < least - 1e-6:
        copy_into(state.plan[PLAN], drafts.quantity[DRAFT])
        return float(cost)
    return least
