"""The levels that one, two or three sources of a seller may choose, and what fills them best.

An *option* is a level for each of the chosen sources. Those that may cost less than a limit are
listed, bounded by their relaxed fill, and tried in the order of that bound, whole if asked.

Law: what is left out costs no less than the limit, or than DROPPED says.
"""

from app.routing.optimizer.box import Box
from app.routing.optimizer.compiled import ZERO, kernel, typed
from app.routing.optimizer.instance import Floats, Ints
from app.routing.optimizer.knapsack import (
    CHARGE,
    CHOSEN,
    DEARER,
    DROPPED,
    ENTRY,
    FILL,
    FOUND,
    GAIN,
    GIVEN,
    HELD,
    MOST_SOURCES,
    NEVER,
    OF_LINE,
    PLACE,
    POORER,
    REDUCED,
    SPACE,
    WORTH,
    Items,
    fill_to_need,
    gain_in,
    relaxed,
    sort_items,
    whole,
)
from app.routing.optimizer.table import (
    COST,
    DEMAND,
    ENTRIES,
    LEVELS,
    LINE,
    ROOM,
    SELLER,
    VALUE,
    WEIGHT,
    Table,
)

# Nothing; a bound and a bundle in parts; the best bundle; a bound and a whole bundle.
NONE, LOOSE, EXACT, LAWFUL = typed(0), typed(1), typed(2), typed(3)
# Combinations of levels that are looked at in one go.
TRIES = 2000


@kernel
def gather(
    table: Table, box: Box, items: Items, prices: Floats, chosen: Ints, sources: int
) -> bool:
    """List the lines that the chosen sources can give beyond what the box forces."""
    for i in range(items.count[0]):
        items.number[PLACE, items.number[OF_LINE, i]] = -1
    items.count[0] = 0
    for t in range(sources):
        s = chosen[t]
        for e in range(table.source_of[ENTRIES, s], table.source_of[ENTRIES, s + 1]):
            free = box.quantity[1, e] - box.quantity[0, e]
            if free <= 0.0 and box.quantity[0, e] <= 0.0:
                continue
            line = table.entry_of[LINE, e]
            i = items.number[PLACE, line]
            if i < 0:
                i = items.count[0]
                items.count[0] += 1
                items.number[PLACE, line] = i
                items.number[OF_LINE, i] = line
                items.amount[GIVEN, i] = 0.0
                items.amount[GAIN, i] = -NEVER
                items.amount[WORTH, i] = 0.0
                for u in range(MOST_SOURCES):
                    items.number[ENTRY + u, i] = -1
                    items.amount[DEARER + u, i] = 0.0
                    items.amount[POORER + u, i] = 0.0
                    items.amount[HELD + u, i] = 0.0
            items.number[ENTRY + t, i] = e
            items.amount[HELD + t, i] = free
            items.amount[GIVEN, i] += free
            # Where a seller's sources differ in cost or value the better one bounds both.
            gain = prices[line] - table.entry[COST, e]
            items.amount[GAIN, i] = max(items.amount[GAIN, i], gain)
            items.amount[WORTH, i] = max(items.amount[WORTH, i], table.entry[VALUE, e])
    for i in range(items.count[0]):
        forced = 0.0
        for t in range(sources):
            e = items.number[ENTRY + t, i]
            if e >= 0:
                forced += box.quantity[0, e]
        demand = table.line[DEMAND, items.number[OF_LINE, i]]
        if forced > demand:
            return False
        items.amount[GIVEN, i] = min(items.amount[GIVEN, i], demand - forced)
        for t in range(sources):
            e = items.number[ENTRY + t, i]
            if e >= 0:
                gain = prices[items.number[OF_LINE, i]] - table.entry[COST, e]
                items.amount[DEARER + t, i] = items.amount[GAIN, i] - gain
                items.amount[POORER + t, i] = items.amount[WORTH, i] - table.entry[VALUE, e]
    return True


@kernel
def forced_part(
    table: Table, box: Box, items: Items, prices: Floats, chosen: Ints, sources: int
) -> tuple[float, float]:
    """Gain and value of what the box forces; the weight of it goes into `items.room`."""
    gain = 0.0
    value = 0.0
    for t in range(sources):
        s = chosen[t]
        items.room[t] = 0.0
        for e in range(table.source_of[ENTRIES, s], table.source_of[ENTRIES, s + 1]):
            quantity = box.quantity[0, e]
            if quantity > 0.0:
                line = table.entry_of[LINE, e]
                items.room[t] += quantity * table.line[WEIGHT, line]
                gain += quantity * (prices[line] - table.entry[COST, e])
                value += quantity * table.entry[VALUE, e]
    return gain, value


@kernel
def _offer(items: Items, options: int, space: float, charge: float, reduced: float) -> int:
    """List a choice of levels; the least of those that find no room any more is noted.

    The last place is written over then, so that what the caller adds does no harm.
    """
    if options == items.option.shape[1]:
        items.room[DROPPED] = min(items.room[DROPPED], items.option[REDUCED, options - 1])
        options -= 1
    items.option[SPACE, options] = space
    items.option[CHARGE, options] = charge
    items.option[REDUCED, options] = reduced
    for t in range(MOST_SOURCES):
        items.option_level[options, t] = 0
    return options + 1


@kernel
def list_single(
    table: Table,
    box: Box,
    items: Items,
    charges: Floats,
    s: int,
    position: int,
    fixed: float,
    gain: float,
    limit: float,
) -> tuple[int, float]:
    """List the levels of one source that may cost less than the limit; return the least of all."""
    n = sort_items(table, items, 0.0, NONE)
    options = ZERO
    least = NEVER
    taken = items.room[0]
    for j in range(max(1, box.level[0, s]), box.level[1, s] + 1):
        at = table.source_of[LEVELS, s] + j - 1
        space = table.level[ROOM, at] - taken
        items.space[0, j] = space
        items.reduced[position, j] = NEVER
        if space < -1e-6:
            continue
        reduced = charges[at] - gain - gain_in(table, items, n, space)
        items.reduced[position, j] = reduced
        least = min(least, reduced)
        if reduced + fixed < limit - 1e-9:
            charge = charges[at] + fixed - gain
            options = _offer(items, options, space, charge, reduced + fixed)
            items.option_level[options - 1, 0] = j
    items.count[1] += (box.level[1, s] + 1) * (n + 4) // 10
    return options, least


@kernel
def list_several(
    table: Table,
    box: Box,
    items: Items,
    charges: Floats,
    chosen: Ints,
    sources: int,
    least: Floats,
    fixed: float,
    gain: float,
    above: float,
    below: float,
    limit: float,
) -> int:
    """List combinations of levels of two or three sources that may cost less than the limit.

    The sources' own reduced costs, added up, never exceed that of the combination: those whose
    sum lies from `above` to `below` are looked at. After TRIES combinations the sum is all that
    is known of the rest.
    """
    n = sort_items(table, items, 0.0, NONE)
    options = ZERO
    tried = 0
    first = table.first_source[table.source_of[SELLER, chosen[0]]]
    for t in range(sources):
        s = chosen[t]
        for j in range(max(1, box.level[0, s]), box.level[1, s] + 1):
            items.space[t, j] = table.level[ROOM, table.source_of[LEVELS, s] + j - 1]
            items.space[t, j] -= items.room[t]
    a, b = chosen[0], chosen[1]
    c = chosen[2] if sources > 2 else -1
    last = least[c - first] if c >= 0 else 0.0
    low_c = max(1, box.level[0, c]) if c >= 0 else 0
    high_c = box.level[1, c] if c >= 0 else 0
    for i in range(max(1, box.level[0, a]), box.level[1, a] + 1):
        sum_a = fixed + items.reduced[a - first, i]
        if sum_a + least[b - first] + last >= below:
            continue
        for j in range(max(1, box.level[0, b]), box.level[1, b] + 1):
            sum_b = sum_a + items.reduced[b - first, j]
            if sum_b + last >= below:
                continue
            space = items.space[0, i] + items.space[1, j]
            charge = fixed - gain + charges[table.source_of[LEVELS, a] + i - 1]
            charge += charges[table.source_of[LEVELS, b] + j - 1]
            for m in range(low_c, high_c + 1):
                total = sum_b
                wide = space
                dear = charge
                if c >= 0:
                    total += items.reduced[c - first, m]
                    wide += items.space[2, m]
                    dear += charges[table.source_of[LEVELS, c] + m - 1]
                # Sums in another order may differ by a breath: rather list one twice than never.
                if total >= below or total < above - 1e-9:
                    continue
                tried += 1
                reduced = dear - gain_in(table, items, n, wide)
                if reduced < limit - 1e-9:
                    options = _offer(items, options, wide, dear, reduced)
                    items.option_level[options - 1, 0] = i
                    items.option_level[options - 1, 1] = j
                    items.option_level[options - 1, 2] = m
            if tried > TRIES:
                items.count[1] += tried * (n + 4) // 10
                items.room[DROPPED] = min(items.room[DROPPED], above)
                return options
    items.count[1] += tried * (n + 4) // 10
    return options


@kernel
def _spread(items: Items, sources: int) -> None:
    """Spread a relaxed fill over the sources, as if found."""
    for i in range(items.count[0]):
        quantity = items.amount[FILL, i]
        for t in range(sources):
            given = min(quantity, items.amount[HELD + t, i])
            items.amount[FOUND + t, i] = given
            quantity -= given


@kernel
def best_option(
    table: Table, items: Items, options: int, sources: int, need: float, limit: float, budget: int
) -> tuple[float, int, int]:
    """Find the option of least reduced cost below the limit; its quantities are in rows CHOSEN.

    `budget` steps for whole quantities, 0 to relax. Returns the bound, the option (-1 when there
    is none) and whether it is exact.
    """
    best = limit
    pick = -1
    proof = NONE
    while True:
        option = -1
        for j in range(options):
            reduced = items.option[REDUCED, j]
            if reduced < best - 1e-9 and (option < 0 or reduced < items.option[REDUCED, option]):
                option = j
        items.count[1] += options // 40
        if option < 0:
            break
        space = items.option[SPACE, option]
        charge = items.option[CHARGE, option]
        items.option[REDUCED, option] = NEVER
        most, multiplier = relaxed(table, items, space, need, charge - best)
        if charge - most >= best - 1e-9:
            continue
        if budget > 0:
            for t in range(sources):
                items.room[t] = items.space[t, items.option_level[option, t]]
            got, proved = whole(table, items, sources, need, multiplier, charge - best, budget)
            if proved == 1:
                if got > -NEVER:
                    best = charge - got
                    pick = option
                    proof = EXACT
                    _remember(items, sources)
                continue
            if got > -NEVER:
                best = charge - most
                pick = option
                proof = LAWFUL
                _remember(items, sources)
                continue
        best = charge - most
        pick = option
        proof = LOOSE
        fill_to_need(table, items, space, need, multiplier)
        _spread(items, sources)
        _remember(items, sources)
    return best, pick, proof


@kernel
def _remember(items: Items, sources: int) -> None:
    """Keep the quantities found while other options are tried."""
    for t in range(sources):
        for i in range(items.count[0]):
            items.amount[CHOSEN + t, i] = items.amount[FOUND + t, i]
