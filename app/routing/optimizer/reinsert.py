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

from app.routing.optimizer.chance import draw
from app.routing.optimizer.compiled import NOWHERE, ZERO, kernel, typed
from app.routing.optimizer.drafts import (
    COSTS,
    DRAFT,
    LACKS,
    LEVEL,
    LOAD,
    LOGGED,
    LOOKED,
    PAYS,
    USES,
    WORTH,
    Drafts,
    add_up,
    cheapest_goods,
    clear,
    has_log_room,
    keep_if_lawful,
    lack_of,
    put,
    undo,
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
    PRICE,
    ROOM,
    SELLER,
    SOURCE,
    STOCK,
    VALUE,
    WEIGHT,
    Table,
)

TOLERANCE = 0.004
# Chances of what a round takes apart, one upon the other: the rest are lines.
BY_BUNDLE, BY_KIN, BY_SOURCE = 0.35, 0.45, 0.7
MOST_KIN = 3
FIRST_RATE, LEAST_RATE, MOST_RATE = 0.5, 0.3, 20.0
REVIEW = 50
NO, YES = typed(0), typed(1)


@kernel
def _unit_cost(
    table: Table, drafts: Drafts, e: int, most: float, rate: float, share: float, least: float
) -> tuple[float, float]:
    """What a unit placed at an entry costs, and how many at once, if less than the least so far.

    Tried are all units, what needs one level less than all, and what the present level still holds.
    """
    s = table.entry_of[SOURCE, e]
    k = table.source_of[SELLER, s]
    unit = table.line[WEIGHT, table.entry_of[LINE, e]]
    first = table.source_of[LEVELS, s] - 1
    weight = drafts.source[LOAD, s]
    worth = drafts.seller[WORTH, k]
    used = drafts.seller[USES, k] > 0.0
    lack = lack_of(table, k, worth) if used else 0.0
    opening = 0.0 if used else table.seller[FIXED, k]
    usual = (1.0 - share) * table.rate[s] * unit
    present = int(drafts.source[LEVEL, s])
    level = max(1, present)
    while table.level[ROOM, first + level] < weight + most * unit - 1e-6:
        level += 1
    top = level
    best = least
    many = 0.0
    for attempt in range(3):
        quantity = most
        if attempt > 0:
            level = top - 1 if attempt == 1 else present
            if level < 1 or (attempt == 2 and present >= top - 1):
                continue
            quantity = np.floor((table.level[ROOM, first + level] - weight) / unit + 1e-9)
            if quantity < 0.5:
                continue
            needed = weight + quantity * unit - 1e-6
            while level > 1 and table.level[ROOM, first + level - 1] >= needed:
                level -= 1
        more = table.level[PRICE, first + level] - drafts.source[PAYS, s]
        still = lack_of(table, k, worth + quantity * table.entry[VALUE, e])
        each = table.entry[COST, e] + (rate * (still - lack) + opening) / quantity
        if more > 1e-9:
            each += share * more / quantity + usual
        if each < best:
            best = each
            many = quantity
        if more <= 1e-9:
            break
    return best, many


@kernel
def _place_line(
    table: Table, drafts: Drafts, line: int, rate: float, share: float, barred: int
) -> bool:
    """Place what is left of a line, each part where a unit comes cheapest."""
    unit = table.line[WEIGHT, line]
    while drafts.left[line] > 0.5:
        best = NEVER
        where = NOWHERE
        many = 0.0
        for a in range(drafts.reach_of[line], drafts.reach_of[line + 1]):
            e = drafts.reach[a]
            s = table.entry_of[SOURCE, e]
            stock = table.entry[STOCK, e] - drafts.quantity[DRAFT, e]
            if stock < 0.5 or s == barred:
                continue
            k = table.source_of[SELLER, s]
            poor = (
                drafts.seller[USES, k] > 0.0 and drafts.seller[WORTH, k] < table.seller[MINIMUM, k]
            )
            # An empty source pays its best rate for what it carries, at least.
            least = table.entry[COST, e]
            if drafts.source[LOAD, s] <= 0.5:
                least += table.rate[s] * unit
            if least >= best and not poor:
                continue
            drafts.count[LOOKED] += 1
            most = min(drafts.left[line], stock)
            cost, quantity = _unit_cost(table, drafts, e, most, rate, share, best)
            if quantity > 0.0:
                best = cost
                where = e
                many = quantity
        if where < 0 or not has_log_room(drafts):
            return False
        put(table, drafts, where, many)
    return True


@kernel
def _place_left(
    table: Table,
    drafts: Drafts,
    rate: float,
    share: float,
    barred: int,
    heavy_first: int,
    work: Ints,
) -> bool:
    """Place all that is left, heaviest line first or in any order."""
    lines = len(drafts.left)
    for _ in range(lines):
        chosen = NOWHERE
        most = -1.0
        for line in range(lines):
            if drafts.left[line] > 0.5:
                score = draw(work)
                if heavy_first == 1:
                    score = drafts.left[line] * table.line[WEIGHT, line]
                if score > most:
                    most = score
                    chosen = line
        if chosen < 0:
            return True
        if not _place_line(table, drafts, chosen, rate, share, barred):
            return False
    return True


@kernel
def _empty_source(table: Table, drafts: Drafts, s: int) -> None:
    """Take everything out of a source."""
    for e in range(table.source_of[ENTRIES, s], table.source_of[ENTRIES, s + 1]):
        if drafts.quantity[DRAFT, e] > 0.0:
            put(table, drafts, e, -drafts.quantity[DRAFT, e])


@kernel
def _empty_line(table: Table, drafts: Drafts, line: int) -> None:
    """Take a line out of all sources."""
    for a in range(drafts.reach_of[line], drafts.reach_of[line + 1]):
        e = drafts.reach[a]
        if drafts.quantity[DRAFT, e] > 0.0:
            put(table, drafts, e, -drafts.quantity[DRAFT, e])


@kernel
def _empty_kin(table: Table, drafts: Drafts, line: int, work: Ints) -> None:
    """Empty most of the sources that share a line, a few at once."""
    emptied = 0
    for a in range(drafts.reach_of[line], drafts.reach_of[line + 1]):
        e = drafts.reach[a]
        if drafts.quantity[DRAFT, e] > 0.0 and emptied < MOST_KIN and draw(work) < 0.7:
            _empty_source(table, drafts, table.entry_of[SOURCE, e])
            emptied += 1


@kernel
def _make_way(
    table: Table, drafts: Drafts, programme: Programme, column: int, line: int, need: float
) -> None:
    """Take units of a line from sources outside a bundle, the dearest first."""
    k = programme.mark[COLUMN_SELLER, column]
    first = table.first_source[k]
    for a in range(drafts.reach_of[line + 1] - 1, drafts.reach_of[line] - 1, -1):
        if drafts.left[line] >= need:
            break
        e = drafts.reach[a]
        s = table.entry_of[SOURCE, e]
        if drafts.quantity[DRAFT, e] <= 0.0:
            continue
        if table.source_of[SELLER, s] == k and programme.level[column, s - first] > 0:
            continue
        put(table, drafts, e, -min(drafts.quantity[DRAFT, e], need - drafts.left[line]))


@kernel
def _bring_in(
    table: Table, drafts: Drafts, programme: Programme, column: int, make_way: int
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
            need = min(wanted, table.entry[STOCK, e]) - drafts.quantity[DRAFT, e]
            if need < 0.5:
                continue
            if drafts.left[line] < need and make_way == 1:
                _make_way(table, drafts, programme, column, line, need)
            quantity = min(need, drafts.left[line])
            if quantity > 0.5:
                put(table, drafts, e, quantity)


@kernel
def from_mix(table: Table, programme: Programme, drafts: Drafts) -> None:
    """Round the programme's mix: its bundles by descending share, then what is left."""
    clear(table, drafts)
    rows = len(programme.basis)
    done = drafts.working
    for i in range(rows):
        done[i] = 0
    while True:
        chosen = NOWHERE
        for i in range(rows):
            large = programme.row[BASIC, i] > 0.3 and programme.basis[i] >= 0 and done[i] == 0
            if large and (chosen < 0 or programme.row[BASIC, i] > programme.row[BASIC, chosen]):
                chosen = i
        if chosen < 0:
            return
        done[chosen] = 1
        _bring_in(table, drafts, programme, programme.basis[chosen], NO)


@kernel
def _try_bundle(
    table: Table, drafts: Drafts, programme: Programme, known: int, used: int, work: Ints
) -> None:
    """Bring in a known bundle; sources that fall below their minimum may go, and one more."""
    chance = draw(work)
    column = programme.mark[LISTED, int(chance * chance * known)]
    k = programme.mark[COLUMN_SELLER, column]
    _bring_in(table, drafts, programme, column, YES)
    poor_go = draw(work) < 0.7
    other = drafts.working[int(draw(work) * used)] if draw(work) < 0.4 else -1
    for i in range(used):
        s = drafts.working[i]
        seller = table.source_of[SELLER, s]
        poor = drafts.seller[WORTH, seller] < table.seller[MINIMUM, seller]
        if seller != k and ((poor and poor_go) or s == other):
            _empty_source(table, drafts, s)


@kernel
def _ruin(table: Table, drafts: Drafts, programme: Programme, known: int, work: Ints) -> int:
    """Take a part of the draft apart; return the source that must not be used this round."""
    used = ZERO
    for s in range(drafts.source.shape[1]):
        if drafts.source[LOAD, s] > 0.5:
            drafts.working[used] = s
            used += 1
    way = draw(work)
    barred = NOWHERE
    if used == 0:
        return barred
    lines = len(drafts.left)
    if way < BY_BUNDLE and known > 0:
        _try_bundle(table, drafts, programme, known, used, work)
    elif way < BY_KIN:
        _empty_kin(table, drafts, int(draw(work) * lines), work)
    elif way < BY_SOURCE:
        for _ in range(min(1 + int(draw(work) * 2.999), used)):
            s = drafts.working[int(draw(work) * used)]
            _empty_source(table, drafts, s)
            if draw(work) < 0.3:
                barred = s
    else:
        for _ in range(1 + int(draw(work) * 3.999)):
            _empty_line(table, drafts, int(draw(work) * lines))
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
    """Search from the draft, complete or not, for so many rounds.

    Bundles to bring in are the first `known` of the programme's list, the more promising first.
    Returns the cost of the cheapest lawful plan, its quantities in row BEST; NEVER when none was
    met.
    """
    worth = cheapest_goods(table)
    rate = FIRST_RATE
    least = NEVER
    present = NEVER
    drafts.count[LOGGED] = 0
    if _place_left(table, drafts, rate, 1.0, NOWHERE, YES, work):
        add_up(table, drafts)
        present = drafts.total[COSTS] + rate * drafts.total[LACKS]
        least = keep_if_lawful(drafts, least)
    for number in range(rounds):
        cost = drafts.total[COSTS]
        lack = drafts.total[LACKS]
        drafts.count[LOGGED] = 0
        barred = _ruin(table, drafts, programme, known, work)
        chance = draw(work)
        share = 1.0 if chance < 0.5 else (0.8 if chance < 0.75 else 0.5)
        heavy_first = YES if draw(work) < 0.5 else NO
        kept = False
        if _place_left(table, drafts, rate, share, barred, heavy_first, work):
            least = keep_if_lawful(drafts, least)
            now = drafts.total[COSTS] + rate * drafts.total[LACKS]
            if now < present + TOLERANCE * worth * (1.0 - number / rounds):
                present = now
                kept = True
        if not kept:
            undo(table, drafts, cost, lack)
        if (number + 1) % REVIEW == 0:
            add_up(table, drafts)
            lacks = drafts.total[LACKS] > 1e-9
            rate = min(MOST_RATE, rate * 1.3) if lacks else max(LEAST_RATE, rate * 0.85)
            if present < NEVER:
                present = drafts.total[COSTS] + rate * drafts.total[LACKS]
    return least
