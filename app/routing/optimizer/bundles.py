"""Bundles: what one seller ships to the order, and the best bundle at given prices.

A bundle chooses a level for one, two or three of the seller's sources and whole quantities within
their rooms and stock; its goods reach the seller's minimum. Its *reduced cost* is what it costs
less what its lines and counts pay. Pricing finds the bundle of least reduced cost; the sum of
these over all sellers, with what the lines pay in all, bounds the cost of every plan from below
(Geoffrion 1974, Lagrangean relaxation).

Four or more sources of one seller together are only bounded, never listed: such a bundle is loose.
"""

from typing import NamedTuple

from app.routing.optimizer.box import Box, is_forced_source
from app.routing.optimizer.compiled import kernel, typed
from app.routing.optimizer.instance import Floats, Ints
from app.routing.optimizer.knapsack import (
    CHOSEN,
    DROPPED,
    FILL,
    MOST_SOURCES,
    NEVER,
    OF_LINE,
    Items,
    fill,
    sort_items,
)
from app.routing.optimizer.options import (
    LOOSE,
    NONE,
    best_option,
    forced_part,
    gather,
    list_several,
    list_single,
)
from app.routing.optimizer.table import (
    COUNTS,
    ENTRIES,
    FIXED,
    KINDS,
    LEVELS,
    LINE,
    MINIMUM,
    PRICE,
    ROOM,
    SELLER,
    SELLERS,
    Table,
)

ONE = typed(1)


class Bundle(NamedTuple):
    """A bundle by position of the seller's source: its levels, and quantities by line."""

    level: Ints
    quantity: Floats


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
    first = table.first_source[table.source_of[SELLER, chosen[0]]]
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
    k = table.source_of[SELLER, chosen[0]]
    first = table.first_source[k]
    if not gather(table, box, items, prices, chosen, sources):
        if sources == 1:
            least[chosen[0] - first] = NEVER
        return limit, NONE
    gain, value = forced_part(table, box, items, prices, chosen, sources)
    items.room[DROPPED] = NEVER
    need = table.seller[MINIMUM, k] - value
    if sources == 1:
        s = chosen[0]
        options, lowest = list_single(table, box, items, charges, s, s - first, fixed, gain, limit)
        least[s - first] = lowest
        if options == 0 or allowed == 0:
            return limit, NONE
        best, option, proof = best_option(table, items, options, sources, need, limit, budget)
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
        gain, value = forced_part(table, box, items, prices, chosen, sources)
        options = list_several(
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
            value, option, found = best_option(table, items, options, sources, need, best, budget)
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
    _clear(bundle)
    for position in range(table.first_source[k + 1] - first):
        s = first + position
        if not _is_among_many(table, box, k, least, position):
            continue
        for j in range(max(1, box.level[0, s]), box.level[1, s] + 1):
            if items.reduced[position, j] <= least[position]:
                bundle.level[position] = j
        chosen[0] = s
        gather(table, box, items, prices, chosen, ONE)
        forced_part(table, box, items, prices, chosen, ONE)
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
