"""Ruin and recreate: take part of a plan apart and place it anew, many times over.

Each round empties a few sources or lines, or brings in a known bundle for which others make room,
and places what is left, one line after the other, each part where a unit comes cheapest. How much
a started parcel counts against a line differs from round to round: counted in full, goods go where
there is room; counted in part, new sources open. What a seller lacks to its minimum is paid for at
a rate that rises while plans stay short and falls while they do not. A result is taken over when
it is at most a little dearer, ever less so; the cheapest lawful one is kept.

Laws: a plan kept is whole, complete, within stock, and every used seller reaches its minimum;
draws come from a fixed seed, so equal orders give equal plans (Schrimpf et al. 2000, Record
breaking optimization results using the ruin and recreate principle).
"""

import numpy as np

from app.routing.optimizer.compiled import kernel, typed
from app.routing.optimizer.drafts import (
    BEST,
    PRESENT,
    START,
    TRIAL,
    USES,
    WORTH,
    Drafts,
    cheapest_goods,
    clear,
    copy_draft,
    cost_of,
    lack_of,
    put,
)
from app.routing.optimizer.instance import Ints
from app.routing.optimizer.knapsack import NEVER
from app.routing.optimizer.simplex import BASIC, COLUMN_SELLER, LISTED, Programme
from app.routing.optimizer.table import (
    COST,
    ENTRIES,
    FIXED,
    LEVELS,
    LINE,
    MINIMUM,
    RANKED,
    ROOM,
    SELLER,
    SOURCE,
    STOCK,
    VALUE,
    WEIGHT,
    Table,
    copy_into,
    freight,
    level_of,
)

TOLERANCE = 0.004
BY_BUNDLE, BY_SOURCE = 0.35, 0.7
FIRST_RATE, LEAST_RATE, MOST_RATE = 0.5, 0.3, 20.0
REVIEW = 50
# Element of the search's work where the state of the draws is.
RANDOM = 4
NO, YES, NOWHERE = typed(0), typed(1), typed(-1)


@kernel
def _draw(work: Ints) -> float:
    """The next number from 0 to 1 (xorshift)."""
    x = work[RANDOM]
    x ^= (x << 13) & 0x7FFFFFFFFFFFFFF
    x ^= x >> 7
    x ^= (x << 17) & 0x7FFFFFFFFFFFFFF
    work[RANDOM] = x
    return (x & 0xFFFFFFFF) / 4294967296.0


@kernel
def _quantity_to_try(
    table: Table, s: int, weight: float, unit: float, most: float, attempt: int
) -> float:
    """How many units to try: all, what needs one level less, what the present level still holds."""
    if attempt == 0:
        return most
    first = table.source_of[LEVELS, s]
    level = level_of(table, s, weight + most * unit)
    if attempt == 1:
        if level < 2:
            return 0.0
        return float(np.floor((table.level[ROOM, first + level - 2] - weight) / unit + 1e-9))
    present = level_of(table, s, weight)
    if present < 1 or present >= level - 1:
        return 0.0
    return float(np.floor((table.level[ROOM, first + present - 1] - weight) / unit + 1e-9))


@kernel
def _place_line(
    table: Table, drafts: Drafts, d: int, line: int, rate: float, share: float, barred: int
) -> bool:
    """Place what is left of a line, each part where a unit comes cheapest."""
    unit = table.line[WEIGHT, line]
    while drafts.left[d, line] > 0.5:
        best = NEVER
        where = -1
        many = 0.0
        for a in range(table.ranked[line], table.ranked[line + 1]):
            e = table.entry_of[RANKED, a]
            s = table.entry_of[SOURCE, e]
            stock = table.entry[STOCK, e] - drafts.quantity[d, e]
            if stock < 0.5 or s == barred:
                continue
            k = table.source_of[SELLER, s]
            used = drafts.seller[d, USES, k] > 0
            poor = used and drafts.seller[d, WORTH, k] < table.seller[MINIMUM, k]
            cost = table.entry[COST, e]
            if cost >= best and not poor:
                continue
            lack = lack_of(table, k, drafts.seller[d, WORTH, k]) if used else 0.0
            opening = 0.0 if used else table.seller[FIXED, k]
            weight = drafts.weight[d, s]
            present = freight(table, s, weight)
            most = min(drafts.left[d, line], stock)
            for attempt in range(3):
                quantity = _quantity_to_try(table, s, weight, unit, most, attempt)
                if quantity < 0.5:
                    continue
                more = freight(table, s, weight + quantity * unit) - present
                still = lack_of(
                    table, k, drafts.seller[d, WORTH, k] + quantity * table.entry[VALUE, e]
                )
                once = rate * (still - lack) + opening
                each = cost + once / quantity
                if more > 1e-9:
                    each += share * more / quantity + (1.0 - share) * table.rate[s] * unit
                if each < best:
                    best = each
                    where = e
                    many = quantity
                if more <= 1e-9:
                    break
        if where < 0:
            return False
        put(table, drafts, d, where, many)
    return True


@kernel
def _place_left(
    table: Table,
    drafts: Drafts,
    d: int,
    rate: float,
    share: float,
    barred: int,
    heavy_first: int,
    work: Ints,
) -> bool:
    """Place all that is left, heaviest line first or in any order."""
    lines = drafts.left.shape[1]
    for _ in range(lines):
        chosen = -1
        most = -1.0
        for line in range(lines):
            if drafts.left[d, line] > 0.5:
                score = _draw(work)
                if heavy_first == 1:
                    score = drafts.left[d, line] * table.line[WEIGHT, line]
                if score > most:
                    most = score
                    chosen = line
        if chosen < 0:
            return True
        if not _place_line(table, drafts, d, chosen, rate, share, barred):
            return False
    return True


@kernel
def _empty_source(table: Table, drafts: Drafts, d: int, s: int) -> None:
    """Take everything out of a source."""
    for e in range(table.source_of[ENTRIES, s], table.source_of[ENTRIES, s + 1]):
        if drafts.quantity[d, e] > 0.0:
            put(table, drafts, d, e, -drafts.quantity[d, e])


@kernel
def _empty_line(table: Table, drafts: Drafts, d: int, line: int) -> None:
    """Take a line out of all sources."""
    for a in range(table.ranked[line], table.ranked[line + 1]):
        e = table.entry_of[RANKED, a]
        if drafts.quantity[d, e] > 0.0:
            put(table, drafts, d, e, -drafts.quantity[d, e])


@kernel
def _make_way(
    table: Table, drafts: Drafts, d: int, programme: Programme, column: int, line: int, need: float
) -> None:
    """Take units of a line from sources outside a bundle, the dearest first."""
    k = programme.mark[COLUMN_SELLER, column]
    first = table.first_source[k]
    for a in range(table.ranked[line + 1] - 1, table.ranked[line] - 1, -1):
        if drafts.left[d, line] >= need:
            break
        e = table.entry_of[RANKED, a]
        s = table.entry_of[SOURCE, e]
        if drafts.quantity[d, e] <= 0.0:
            continue
        if table.source_of[SELLER, s] == k and programme.level[column, s - first] > 0:
            continue
        put(table, drafts, d, e, -min(drafts.quantity[d, e], need - drafts.left[d, line]))


@kernel
def _bring_in(
    table: Table, drafts: Drafts, d: int, programme: Programme, column: int, make_way: int
) -> None:
    """Place a bundle's quantities; others make way when told to."""
    k = programme.mark[COLUMN_SELLER, column]
    first = table.first_source[k]
    for s in range(first, table.first_source[k + 1]):
        if programme.level[column, s - first] == 0:
            continue
        for e in range(table.source_of[ENTRIES, s], table.source_of[ENTRIES, s + 1]):
            line = table.entry_of[LINE, e]
            wanted = np.floor(programme.quantity[column, s - first, line] + 0.5)
            need = min(wanted, table.entry[STOCK, e]) - drafts.quantity[d, e]
            if need < 0.5:
                continue
            if drafts.left[d, line] < need and make_way == 1:
                _make_way(table, drafts, d, programme, column, line, need)
            quantity = min(need, drafts.left[d, line])
            if quantity > 0.5:
                put(table, drafts, d, e, quantity)


@kernel
def from_mix(table: Table, programme: Programme, drafts: Drafts, d: int) -> None:
    """Round the programme's mix: its bundles by descending share, then what is left."""
    clear(table, drafts, d)
    rows = len(programme.basis)
    done = drafts.working
    for i in range(rows):
        done[i] = 0
    while True:
        chosen = -1
        for i in range(rows):
            large = programme.row[BASIC, i] > 0.3 and programme.basis[i] >= 0 and done[i] == 0
            if large and (chosen < 0 or programme.row[BASIC, i] > programme.row[BASIC, chosen]):
                chosen = i
        if chosen < 0:
            return
        done[chosen] = 1
        _bring_in(table, drafts, d, programme, programme.basis[chosen], NO)


@kernel
def _ruin(
    table: Table,
    drafts: Drafts,
    d: int,
    programme: Programme,
    known: int,
    work: Ints,
) -> int:
    """Take a part of the draft apart; return the source that must not be used this round."""
    used = drafts.working
    count = 0
    for s in range(drafts.weight.shape[1]):
        if drafts.weight[d, s] > 0.5:
            used[count] = s
            count += 1
    way = _draw(work)
    if count == 0:
        return NOWHERE
    if way < BY_BUNDLE and known > 0:
        chance = _draw(work)
        column = programme.mark[LISTED, int(chance * chance * known)]
        k = programme.mark[COLUMN_SELLER, column]
        _bring_in(table, drafts, d, programme, column, YES)
        poor_go = _draw(work) < 0.7
        other = used[int(_draw(work) * count)] if _draw(work) < 0.4 else -1
        for i in range(count):
            s = used[i]
            seller = table.source_of[SELLER, s]
            poor = drafts.seller[d, WORTH, seller] < table.seller[MINIMUM, seller]
            if seller != k and ((poor and poor_go) or s == other):
                _empty_source(table, drafts, d, s)
        return NOWHERE
    barred = NOWHERE
    if way < BY_SOURCE:
        for _ in range(min(1 + int(_draw(work) * 2.999), count)):
            s = used[int(_draw(work) * count)]
            _empty_source(table, drafts, d, s)
            if _draw(work) < 0.3:
                barred = s
        return barred
    for _ in range(1 + int(_draw(work) * 3.999)):
        _empty_line(table, drafts, d, int(_draw(work) * drafts.left.shape[1]))
    return barred


@kernel
def reinsert(
    table: Table,
    programme: Programme,
    drafts: Drafts,
    known: int,
    rounds: int,
    work: Ints,
) -> float:
    """Search from draft START, complete or not, for so many rounds.

    Bundles to bring in are the first `known` of the programme's list, the more promising first.
    Returns the cost of the cheapest lawful plan, its quantities in row BEST; NEVER when none was
    met.
    """
    worth = cheapest_goods(table)
    copy_draft(drafts, PRESENT, START)
    rate = FIRST_RATE
    least = NEVER
    present = NEVER
    if _place_left(table, drafts, PRESENT, rate, 1.0, NOWHERE, YES, work):
        cost, lack = cost_of(table, drafts, PRESENT)
        present = cost + rate * lack
        if lack == 0.0:
            least = cost
            copy_into(drafts.quantity[BEST], drafts.quantity[PRESENT])
    for number in range(rounds):
        copy_draft(drafts, TRIAL, PRESENT)
        barred = _ruin(table, drafts, TRIAL, programme, known, work)
        chance = _draw(work)
        share = 1.0 if chance < 0.5 else (0.8 if chance < 0.75 else 0.5)
        heavy_first = YES if _draw(work) < 0.5 else NO
        if _place_left(table, drafts, TRIAL, rate, share, barred, heavy_first, work):
            cost, lack = cost_of(table, drafts, TRIAL)
            if lack == 0.0 and cost < least - 1e-9:
                least = cost
                copy_into(drafts.quantity[BEST], drafts.quantity[TRIAL])
            slack = TOLERANCE * worth * (1.0 - number / rounds)
            if cost + rate * lack < present + slack:
                present = cost + rate * lack
                copy_draft(drafts, PRESENT, TRIAL)
        if (number + 1) % REVIEW == 0:
            cost, lack = cost_of(table, drafts, PRESENT)
            rate = min(MOST_RATE, rate * 1.3) if lack > 0.0 else max(LEAST_RATE, rate * 0.85)
            present = cost + rate * lack
    return least
