"""Bundles: what one seller ships to the order, and the best bundle at given prices.

A bundle chooses a level for one, two or three of the seller's sources and whole quantities within
their rooms and stock; its goods reach the seller's minimum. Its *reduced cost* is what it costs
less what its lines and counts pay. Pricing finds the bundle of least reduced cost; the sum of
these over all sellers, with what the lines pay in all, bounds the cost of every plan from below
(Geoffrion 1974, Lagrangean relaxation).

A box narrows the search: levels from `level[0]` to `level[1]` by source, quantities by entry from
`quantity[0]` to `quantity[1]`, counts by kind from `count[0]` to `count[1]`.

Four or more sources of one seller together are only bounded, never listed: such a bundle is loose.
"""

from typing import NamedTuple

import numpy as np

from app.routing.strategies.compiled import kernel, typed
from app.routing.strategies.instance import Floats, Ints
from app.routing.strategies.knapsack import (
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
    fill,
    fill_to_need,
    gain_in,
    relaxed,
    sort_items,
    whole,
)
from app.routing.strategies.table import (
    COST,
    COUNTS,
    DEMAND,
    ENTRIES,
    FIXED,
    KINDS,
    LEVELS,
    LINE,
    MINIMUM,
    PRICE,
    ROOM,
    SELLERS,
    STOCK,
    VALUE,
    WEIGHT,
    Table,
)

NONE, LOOSE, EXACT = typed(0), typed(1), typed(2)
ONE = typed(1)
# Combinations of levels that are looked at in one go.
TRIES = 2000


class Box(NamedTuple):
    """The part of all plans that is looked at."""

    level: Ints
    quantity: Floats
    count: Floats  # type: ignore[assignment]


class Bundle(NamedTuple):
    """A bundle by position of the seller's source: its levels, and quantities by line."""

    level: Ints
    quantity: Floats


def whole_box(table: Table) -> Box:
    """Look at all plans."""
    stock = np.vstack([np.zeros(table.entry.shape[1]), table.entry[STOCK]])
    levels = np.diff(table.source_of[LEVELS])
    many = float(table.level.shape[1]) + 1.0
    counts = np.vstack([np.zeros(KINDS), np.full(KINDS, many)])
    return Box(np.vstack([np.zeros_like(levels), levels]), stock, counts)


@kernel
def is_shut(table: Table, box: Box, k: int) -> bool:
    """Tell whether a seller must not be used."""
    for s in range(table.first_source[k], table.first_source[k + 1]):
        if box.level[1, s] > 0:
            return False
    return True


@kernel
def is_forced_source(table: Table, box: Box, s: int) -> bool:
    """Tell whether a source must be used."""
    if box.level[0, s] > 0:
        return True
    for e in range(table.source_of[ENTRIES, s], table.source_of[ENTRIES, s + 1]):
        if box.quantity[0, e] > 0.0:
            return True
    return False


@kernel
def is_forced(table: Table, box: Box, k: int) -> bool:
    """Tell whether a seller must be used."""
    for s in range(table.first_source[k], table.first_source[k + 1]):
        if is_forced_source(table, box, s):
            return True
    return False


@kernel
def net_levels(table: Table, prices: Floats, charges: Floats) -> float:
    """Charge every level less what its counts pay; return what using a seller pays.

    `prices` are those of the lines, of the counts' upper limits and of their lower ones.
    """
    lines = table.line.shape[1]
    for j in range(table.level.shape[1]):
        charges[j] = table.level[PRICE, j]
    for kind in range(SELLERS + 1, KINDS):
        price = prices[lines + kind] + prices[lines + KINDS + kind]
        if price != 0.0:
            for j in range(table.level.shape[1]):
                charges[j] -= price * table.level[COUNTS + kind, j]
    return float(prices[lines + SELLERS] + prices[lines + KINDS + SELLERS])


@kernel
def _gather(
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
def _forced_part(
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
def _list_single(
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
    options = 0
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
def _list_several(
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

    The sources' own reduced costs, added up, never exceed that of the combination: those
    whose sum lies from `above` to `below` are looked at. After TRIES combinations the sum is all
    that is known of the rest.
    """
    n = sort_items(table, items, 0.0, NONE)
    options = 0
    tried = 0
    first = table.first_source[table.source_of[2, chosen[0]]]
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
def _best_option(
    table: Table, items: Items, options: int, sources: int, need: float, limit: float, budget: int
) -> tuple[float, int, int]:
    """Find the option of least reduced cost below the limit, quantities in FOUND + 8 rows ahead.

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


@kernel
def _clear(bundle: Bundle) -> None:
    """Ship nothing."""
    for position in range(len(bundle.level)):
        bundle.level[position] = 0
        for line in range(bundle.quantity.shape[1]):
            bundle.quantity[position, line] = 0.0


@kernel
def _write(
    table: Table, box: Box, items: Items, bundle: Bundle, chosen: Ints, sources: int, option: int
) -> None:
    """Write an option down as a bundle."""
    first = table.first_source[table.source_of[2, chosen[0]]]
    _clear(bundle)
    for t in range(sources):
        s = chosen[t]
        bundle.level[s - first] = items.option_level[option, t]
        for e in range(table.source_of[ENTRIES, s], table.source_of[ENTRIES, s + 1]):
            bundle.quantity[s - first, table.entry_of[LINE, e]] = box.quantity[0, e]
        for i in range(items.count[0]):
            more = items.amount[CHOSEN + t, i]
            bundle.quantity[s - first, items.number[OF_LINE, i]] += more


@kernel
def _price_chosen(
    table: Table,
    box: Box,
    items: Items,
    prices: Floats,
    charges: Floats,
    chosen: Ints,
    sources: int,
    least: Floats,
    fixed: float,
    limit: float,
    budget: int,
    allowed: int,
    bundle: Bundle,
) -> tuple[float, int]:
    """Find the best bundle of exactly these sources below the limit."""
    k = table.source_of[2, chosen[0]]
    first = table.first_source[k]
    if not _gather(table, box, items, prices, chosen, sources):
        if sources == 1:
            least[chosen[0] - first] = NEVER
        return limit, NONE
    gain, value = _forced_part(table, box, items, prices, chosen, sources)
    items.room[DROPPED] = NEVER
    need = table.seller[MINIMUM, k] - value
    if sources == 1:
        s = chosen[0]
        options, lowest = _list_single(table, box, items, charges, s, s - first, fixed, gain, limit)
        least[s - first] = lowest
        if options == 0 or allowed == 0:
            return limit, NONE
        best, option, proof = _best_option(table, items, options, sources, need, limit, budget)
        if option >= 0:
            _write(table, box, items, bundle, chosen, sources, option)
        if items.room[DROPPED] < best - 1e-9:
            if option < 0:
                _clear(bundle)
            return items.room[DROPPED], LOOSE
        return best, proof
    above = fixed
    for t in range(sources):
        above += least[chosen[t] - first]
    # The most promising combinations first: mostly they settle the matter.
    step = 0.1 * min(limit - above, 2.0 * abs(above) + 10.0)
    best = limit
    proof = NONE
    while best > above:
        below = above + step
        step *= 4.0
        if below + step > limit:
            below = limit
        # The search for whole quantities works where the weight of what is forced was.
        gain, value = _forced_part(table, box, items, prices, chosen, sources)
        options = _list_several(
            table,
            box,
            items,
            charges,
            chosen,
            sources,
            least,
            fixed,
            gain,
            above,
            min(below, best),
            best,
        )
        if options > 0:
            value, option, found = _best_option(table, items, options, sources, need, best, budget)
            if option >= 0:
                best = value
                proof = found
                _write(table, box, items, bundle, chosen, sources, option)
        if items.room[DROPPED] < best - 1e-9:
            if proof == NONE:
                _clear(bundle)
            # What was not listed yet is not below `below`.
            return min(items.room[DROPPED], below), LOOSE
        if below >= limit:
            break
        above = below
    return best, proof


@kernel
def _is_among_many(table: Table, box: Box, k: int, least: Floats, position: int) -> bool:
    """Tell whether a source belongs to the cheapest choice of more sources than are listed.

    It does when it must, when it pays, or when it is among the cheapest that make up the number.
    """
    first = table.first_source[k]
    if least[position] < 0.0 or is_forced_source(table, box, first + position):
        return True
    before = 0
    for other in range(table.first_source[k + 1] - first):
        cheaper = least[other] < least[position]
        as_cheap = least[other] == least[position] and other < position
        if cheaper or as_cheap or is_forced_source(table, box, first + other):
            before += 1
    return before <= MOST_SOURCES


@kernel
def _bound_many(table: Table, box: Box, k: int, least: Floats, fixed: float) -> float:
    """Bound bundles of more sources than are listed: each source on its own, minimum forgotten."""
    total = fixed
    for position in range(table.first_source[k + 1] - table.first_source[k]):
        if _is_among_many(table, box, k, least, position):
            total += least[position]
    return total


@kernel
def _fill_many(
    table: Table,
    box: Box,
    items: Items,
    prices: Floats,
    k: int,
    least: Floats,
    chosen: Ints,
    bundle: Bundle,
) -> None:
    """Write down the bundle that was bounded, each source filled on its own, in part if need be."""
    first = table.first_source[k]
    for position in range(table.first_source[k + 1] - first):
        s = first + position
        bundle.level[position] = 0
        for line in range(bundle.quantity.shape[1]):
            bundle.quantity[position, line] = 0.0
        if not _is_among_many(table, box, k, least, position):
            continue
        for j in range(max(1, box.level[0, s]), box.level[1, s] + 1):
            if items.reduced[position, j] <= least[position]:
                bundle.level[position] = j
        chosen[0] = s
        _gather(table, box, items, prices, chosen, ONE)
        _forced_part(table, box, items, prices, chosen, ONE)
        n = sort_items(table, items, 0.0, NONE)
        space = table.level[ROOM, table.source_of[LEVELS, s] + bundle.level[position] - 1]
        fill(table, items, n, space - items.room[0])
        for e in range(table.source_of[ENTRIES, s], table.source_of[ENTRIES, s + 1]):
            bundle.quantity[position, table.entry_of[LINE, e]] = box.quantity[0, e]
        for i in range(items.count[0]):
            more = items.amount[FILL, i]
            bundle.quantity[position, items.number[OF_LINE, i]] += more


@kernel
def _forced_among(table: Table, box: Box, a: int, b: int, c: int, sources: int) -> int:
    """Count the sources among two or three that must be used."""
    count = 0
    if is_forced_source(table, box, a):
        count += 1
    if is_forced_source(table, box, b):
        count += 1
    if sources > 2 and is_forced_source(table, box, c):
        count += 1
    return count


@kernel
def price_seller(
    table: Table,
    box: Box,
    items: Items,
    prices: Floats,
    charges: Floats,
    paid: float,
    k: int,
    limit: float,
    budget: int,
    bundle: Bundle,
) -> tuple[float, int]:
    """Find a seller's bundle of least reduced cost below the limit.

    `charges` and `paid` come from `net_levels`; `budget` steps for whole quantities, 0 to relax.
    Returns a bound on the reduced cost and NONE, LOOSE or EXACT: a loose bundle is not whole, or
    not proved the best.
    """
    first = table.first_source[k]
    last = table.first_source[k + 1]
    fixed = table.seller[FIXED, k] - paid
    chosen = items.chosen
    least = items.least
    for position in range(last - first):
        least[position] = NEVER
    forced = 0
    for s in range(first, last):
        if is_forced_source(table, box, s):
            forced += 1
    # A sum with NEVER in it must not pass for less than the limit by rounding.
    best = min(limit, 0.5 * NEVER)
    proof = NONE
    for a in range(first, last):
        if box.level[1, a] < 1:
            if is_forced_source(table, box, a):
                return limit, NONE
            continue
        chosen[0] = a
        alone = ONE if forced == 0 or (forced == 1 and is_forced_source(table, box, a)) else NONE
        value, found = _price_chosen(
            table,
            box,
            items,
            prices,
            charges,
            chosen,
            ONE,
            least,
            fixed,
            best,
            budget,
            alone,
            bundle,
        )
        if found != NONE:
            best = value
            proof = found
    for sources in range(2, MOST_SOURCES + 1):
        for a in range(first, last):
            for b in range(a + 1, last):
                for c in range(b + 1, last + 1):
                    if (sources == 2) != (c == last):
                        continue
                    total = fixed + least[a - first] + least[b - first]
                    if sources > 2:
                        total += least[c - first]
                    if total >= best - 1e-9:
                        continue
                    if forced > 0 and _forced_among(table, box, a, b, c, sources) < forced:
                        continue
                    chosen[0] = a
                    chosen[1] = b
                    chosen[2] = c
                    value, found = _price_chosen(
                        table,
                        box,
                        items,
                        prices,
                        charges,
                        chosen,
                        sources,
                        least,
                        fixed,
                        best,
                        budget,
                        ONE,
                        bundle,
                    )
                    if found != NONE:
                        best = value
                        proof = found
    if last - first > MOST_SOURCES:
        value = _bound_many(table, box, k, least, fixed)
        if value < best - 1e-9:
            best = value
            proof = LOOSE
            _fill_many(table, box, items, prices, k, least, chosen, bundle)
    return best, proof
