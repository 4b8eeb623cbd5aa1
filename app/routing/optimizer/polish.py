"""Polish: small changes to a plan, taken or not by chance and by what they cost.

Ruin and recreate finds which sources to use; parcels are filled to the gram by small changes. A
*shift* moves units of a line from one source to another: one, all, what the other's parcel still
holds, or what makes the first one's a level smaller. An *exchange* lets units of another line come
back for them. What makes a plan dearer is taken with a chance that falls as the search cools
(Kirkpatrick, Gelatt, Vecchi 1983, Optimization by simulated annealing).

Laws: only entries in reach are used; a plan kept is whole, complete, within stock, and every used
seller reaches its minimum; equal drafts and seeds give equal plans.
"""

import numpy as np

from app.routing.optimizer.chance import draw, draw_below
from app.routing.optimizer.compiled import kernel
from app.routing.optimizer.drafts import (
    BY,
    CHANGED,
    DRAFT,
    LEVEL,
    LOAD,
    LOGGED,
    PAYS,
    USES,
    WORTH,
    Drafts,
    add_up,
    keep_if_lawful,
    lack_of,
    level_near,
    price_of_level,
    put,
)
from app.routing.optimizer.instance import Ints
from app.routing.optimizer.table import (
    COST,
    ENTRIES,
    FIXED,
    LEVELS,
    LINE,
    ROOM,
    SELLER,
    SOURCE,
    STOCK,
    TYPICAL_COST,
    VALUE,
    WEIGHT,
    Table,
)

# What a change may cost to be taken one time in three, at the beginning and at the end.
HOT, COLD = 0.03 * TYPICAL_COST, 0.002 * TYPICAL_COST
# What a unit of value that a seller lacks counts.
RATE = 1.0
# Rows of `Drafts.used`: the entries in use, and where each stands.
IN_USE, PLACE = 0, 1
TRIES = 6


@kernel
def _list_used(drafts: Drafts) -> int:
    """List the entries in use; return how many."""
    many = 0
    for e in range(drafts.quantity.shape[1]):
        if drafts.quantity[DRAFT, e] > 0.5:
            drafts.used[IN_USE, many] = e
            drafts.used[PLACE, e] = many
            many += 1
    return many


@kernel
def _place(table: Table, drafts: Drafts, e: int, quantity: float, many: int) -> int:
    """Place units, or take them out; return how many entries are in use now."""
    before = drafts.quantity[DRAFT, e] > 0.5
    put(table, drafts, e, quantity)
    after = drafts.quantity[DRAFT, e] > 0.5
    if after and not before:
        drafts.used[IN_USE, many] = e
        drafts.used[PLACE, e] = many
        return many + 1
    if before and not after:
        last = drafts.used[IN_USE, many - 1]
        at = drafts.used[PLACE, e]
        drafts.used[IN_USE, at] = last
        drafts.used[PLACE, last] = at
        return many - 1
    return many


@kernel
def _room_left(table: Table, drafts: Drafts, s: int) -> float:
    """What the present level of a source still holds."""
    level = int(drafts.source[LEVEL, s])
    if level == 0:
        return 0.0
    room = table.level[ROOM, table.source_of[LEVELS, s] + level - 1]
    return float(room - drafts.source[LOAD, s])


@kernel
def _above_next(table: Table, drafts: Drafts, s: int) -> float:
    """What has to leave a source for a level less."""
    level = int(drafts.source[LEVEL, s])
    below = table.level[ROOM, table.source_of[LEVELS, s] + level - 2] if level > 1 else 0.0
    return float(drafts.source[LOAD, s] - below)


@kernel
def _entry_at(table: Table, s: int, line: int) -> int:
    """The entry of a line at a source, by bisection; -1 when the source has none of it."""
    low = table.source_of[ENTRIES, s]
    high = table.source_of[ENTRIES, s + 1]
    while low < high:
        middle = (low + high) // 2
        if table.entry_of[LINE, middle] < line:
            low = middle + 1
        else:
            high = middle
    if low < table.source_of[ENTRIES, s + 1] and table.entry_of[LINE, low] == line:
        return int(low)
    return -1


@kernel
def _draw_shift(table: Table, drafts: Drafts, many: int, work: Ints) -> bool:
    """Draw units of a line to move; the first two changes in the log, not carried out."""
    e = drafts.used[IN_USE, draw_below(work, many)]
    line = table.entry_of[LINE, e]
    first = drafts.reach_of[line]
    others = drafts.reach_of[line + 1] - first
    if others == 0:
        return False
    f = drafts.reach[first + draw_below(work, others)]
    most = min(drafts.quantity[DRAFT, e], table.entry[STOCK, f] - drafts.quantity[DRAFT, f])
    if e == f or most < 0.5:
        return False
    unit = table.line[WEIGHT, line]
    chance = draw(work)
    amount = most
    if chance < 0.35:
        fits = np.floor(_room_left(table, drafts, table.entry_of[SOURCE, f]) / unit + 1e-9)
        if fits >= 1.0:
            amount = min(most, fits)
    elif chance < 0.6:
        above = _above_next(table, drafts, table.entry_of[SOURCE, e])
        amount = min(most, np.ceil(above / unit - 1e-9))
    elif chance < 0.75:
        amount = 1.0
    drafts.log[CHANGED, 0] = e
    drafts.log[BY, 0] = -amount
    drafts.log[CHANGED, 1] = f
    drafts.log[BY, 1] = amount
    return True


@kernel
def _draw_return(table: Table, drafts: Drafts, many: int, work: Ints) -> bool:
    """Draw units of another line to come back; the next two changes in the log."""
    here = table.entry_of[SOURCE, int(drafts.log[CHANGED, 0])]
    there = table.entry_of[SOURCE, int(drafts.log[CHANGED, 1])]
    line = table.entry_of[LINE, int(drafts.log[CHANGED, 0])]
    moved = drafts.log[BY, 1] * table.line[WEIGHT, line]
    for _ in range(TRIES):
        e = drafts.used[IN_USE, draw_below(work, many)]
        back = table.entry_of[LINE, e]
        if table.entry_of[SOURCE, e] != there or back == line:
            continue
        f = _entry_at(table, here, back)
        if f < 0:
            return False
        most = min(drafts.quantity[DRAFT, e], table.entry[STOCK, f] - drafts.quantity[DRAFT, f])
        if most < 0.5:
            return False
        unit = table.line[WEIGHT, back]
        chance = draw(work)
        amount = most
        if chance < 0.4:
            above = moved - _room_left(table, drafts, there)
            if above > 0.0:
                amount = min(most, np.ceil(above / unit - 1e-9))
        elif chance < 0.6:
            fits = np.floor((_room_left(table, drafts, here) + moved) / unit + 1e-9)
            amount = min(most, max(1.0, fits))
        elif chance < 0.75:
            amount = 1.0
        drafts.log[CHANGED, 2] = e
        drafts.log[BY, 2] = -amount
        drafts.log[CHANGED, 3] = f
        drafts.log[BY, 3] = amount
        return True
    return False


@kernel
def _change_at(table: Table, drafts: Drafts, changes: int, s: int) -> tuple[float, float, float]:
    """What the drawn changes do to a source: its freight, its goods' value, entries in use."""
    weight = 0.0
    value = 0.0
    uses = 0.0
    for i in range(changes):
        e = int(drafts.log[CHANGED, i])
        if table.entry_of[SOURCE, e] != s:
            continue
        by = drafts.log[BY, i]
        weight += by * table.line[WEIGHT, table.entry_of[LINE, e]]
        value += by * table.entry[VALUE, e]
        if drafts.quantity[DRAFT, e] < 0.5:
            uses += 1.0
        elif drafts.quantity[DRAFT, e] + by < 0.5:
            uses -= 1.0
    level = level_near(table, s, int(drafts.source[LEVEL, s]), drafts.source[LOAD, s] + weight)
    return price_of_level(table, s, level) - drafts.source[PAYS, s], value, uses


@kernel
def _change_of(table: Table, drafts: Drafts, k: int, value: float, uses: float) -> float:
    """What a seller's changes cost: using it or not, and what it lacks."""
    cost = 0.0
    if drafts.seller[USES, k] > 0.5:
        cost -= table.seller[FIXED, k] + RATE * lack_of(table, k, drafts.seller[WORTH, k])
    if drafts.seller[USES, k] + uses > 0.5:
        cost += table.seller[FIXED, k] + RATE * lack_of(table, k, drafts.seller[WORTH, k] + value)
    return float(cost)


@kernel
def _cost_of_change(table: Table, drafts: Drafts, changes: int) -> float:
    """What the drawn changes cost."""
    here = table.entry_of[SOURCE, int(drafts.log[CHANGED, 0])]
    there = table.entry_of[SOURCE, int(drafts.log[CHANGED, 1])]
    cost = 0.0
    for i in range(changes):
        cost += drafts.log[BY, i] * table.entry[COST, int(drafts.log[CHANGED, i])]
    freight, value, uses = _change_at(table, drafts, changes, here)
    more, value_there, uses_there = _change_at(table, drafts, changes, there)
    cost += freight + more
    k = table.source_of[SELLER, here]
    if k == table.source_of[SELLER, there]:
        return float(cost + _change_of(table, drafts, k, value + value_there, uses + uses_there))
    cost += _change_of(table, drafts, k, value, uses)
    k = table.source_of[SELLER, there]
    return float(cost + _change_of(table, drafts, k, value_there, uses_there))


@kernel
def _chance(cost: float) -> float:
    """About exp(-cost), of sums, products and a quotient: they are the same on every machine."""
    return float(1.0 / (1.0 + cost * (1.0 + cost * (0.5 + cost / 6.0))))


@kernel
def polish(table: Table, drafts: Drafts, least: float, rounds: int, work: Ints) -> float:
    """Search from the draft, which is complete, for so many rounds.

    A lawful plan cheaper than the least is kept in row BEST. Returns the least cost.
    """
    many = _list_used(drafts)
    add_up(table, drafts)
    if many == 0:
        return least
    least = keep_if_lawful(drafts, least)
    cooling = (HOT / COLD - 1.0) / max(1, rounds)
    for number in range(rounds):
        heat = HOT / (1.0 + cooling * number)
        if not _draw_shift(table, drafts, many, work):
            continue
        changes = 2
        if draw(work) < 0.6 and _draw_return(table, drafts, many, work):
            changes = 4
        cost = _cost_of_change(table, drafts, changes)
        if cost > 0.0 and draw(work) >= _chance(cost / heat):
            continue
        for i in range(changes):
            # What is drawn lies where changes are logged: it is logged over itself.
            drafts.count[LOGGED] = i
            many = _place(table, drafts, int(drafts.log[CHANGED, i]), drafts.log[BY, i], many)
        least = keep_if_lawful(drafts, least)
    drafts.count[LOGGED] = 0
    return least
