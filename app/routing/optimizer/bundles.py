"""Bundles: what one seller ships to the order, and what is best at given prices.

A bundle chooses a level for one, two or three of the seller's sources and whole quantities within
their rooms and stock; its goods reach the seller's minimum. Its *reduced cost* is what it costs
less what its lines and counts pay. Pricing finds what a seller ships at the least reduced cost; the
sum of these over all sellers, with what the lines pay in all, bounds the cost of every plan from
below (Geoffrion 1974, Lagrangean relaxation).

A source that reaches the minimum by itself is a *part* of its own: parts of one seller are chosen
freely beside each other, and that two of them may serve a line more than it wants is left to the
lines' prices, as between sellers. Sources need each other only where one of them is *poor*, its
goods below the minimum: such parts join two or three sources. Where using a seller costs something,
and where its choices are few, all of its sources are one part: that bounds a little better.

Joint parts of four or more sources are only bounded, never listed.
"""

from typing import NamedTuple

import numpy as np

from app.routing.optimizer.box import Box, is_forced_source
from app.routing.optimizer.compiled import ZERO, kernel, typed, written_out
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
    gain_of_value,
    sort_items,
)
from app.routing.optimizer.options import (
    EXACT,
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
    DEMAND,
    ENTRIES,
    FIXED,
    KINDS,
    LEVELS,
    LINE,
    MINIMUM,
    PRICE,
    ROOM,
    SELLER,
    Table,
)

ONE = typed(1)


class Bundle(NamedTuple):
    """What a seller ships, by position of its source: level, quantities by line, part, proof."""

    level: Ints
    quantity: Floats
    part: Ints
    proof: Ints


def make_bundle(sources: int, lines: int) -> Bundle:
    """Make room for what a seller of so many sources ships."""
    return Bundle(
        np.zeros(sources, dtype=np.int64),
        np.zeros((sources, lines)),
        np.zeros(sources, dtype=np.int64),
        np.zeros(sources, dtype=np.int64),
    )


@kernel
def net_levels(table: Table, prices: Floats, charges: Floats) -> None:
    """Charge every level less what its counts pay.

    `prices` are those of the lines, of the counts' upper limits and of their lower ones.
    """
    lines = table.line.shape[1]
    for j in range(table.level.shape[1]):
        charges[j] = table.level[PRICE, j]
    for kind in range(KINDS):
        price = prices[lines + kind] + prices[lines + KINDS + kind]
        if price != 0.0:
            for j in range(table.level.shape[1]):
                charges[j] -= price * table.level[COUNTS + kind, j]


@kernel
def _clear(bundle: Bundle) -> None:
    """Ship nothing."""
    for position in range(len(bundle.level)):
        _clear_at(bundle, position)


@kernel
def _clear_at(bundle: Bundle, position: int) -> None:
    """Ship nothing from a source."""
    bundle.level[position] = 0
    bundle.part[position] = 0
    bundle.proof[position] = NONE
    for line in range(bundle.quantity.shape[1]):
        bundle.quantity[position, line] = 0.0


@kernel
def _drop_part(bundle: Bundle, part: int) -> None:
    """Ship nothing in a part."""
    for position in range(len(bundle.level)):
        if bundle.part[position] == part:
            _clear_at(bundle, position)


@kernel
def _keep_only(bundle: Bundle, first: int, chosen: Ints, sources: int) -> None:
    """Ship nothing from other sources than those that were just written down."""
    if bundle.part[chosen[0] - first] == 0:
        return
    for position in range(len(bundle.level)):
        kept = False
        for t in range(sources):
            if chosen[t] - first == position:
                kept = True
        if not kept:
            _clear_at(bundle, position)


@kernel
def _write(
    table: Table, box: Box, items: Items, bundle: Bundle, chosen: Ints, sources: int, option: int
) -> None:
    """Write an option down as a part: a source's own, or the one that joins several."""
    k = table.source_of[SELLER, chosen[0]]
    first = table.first_source[k]
    part = chosen[0] - first + 1
    if sources > 1:
        part = table.first_source[k + 1] - first + 1
        _drop_part(bundle, part)
    for t in range(sources):
        s = chosen[t]
        _clear_at(bundle, s - first)
        bundle.part[s - first] = part
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
            bundle.proof[s - first] = proof
        if items.room[DROPPED] < best - 1e-9:
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
                for t in range(sources):
                    bundle.proof[chosen[t] - first] = proof
        if items.room[DROPPED] < best - 1e-9:
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
        bundle.part[position] = ONE
        bundle.proof[position] = LOOSE
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
    k: int,
    limit: float,
    budget: int,
    bundle: Bundle,
) -> tuple[float, int]:
    """Find what a seller ships at the least reduced cost below the limit.

    `charges` come from `net_levels`; `budget` steps for whole quantities, 0 to relax. Returns a
    bound on the reduced cost, and NONE, EXACT (what the bundle's parts cost together is that bound
    and the least), or LOOSE: they are not whole, not lawful beside each other or not proved best.
    """
    _clear(bundle)
    first = table.first_source[k]
    many = table.first_source[k + 1] - first
    if table.is_joint[k] == 1:
        return _price_joint(table, box, items, prices, charges, k, limit, budget, bundle)
    total = 0.0
    lost = ZERO
    proof = EXACT
    for position in range(many):
        a = first + position
        forced = is_forced_source(table, box, a)
        items.least[position] = NEVER
        items.alone[position] = 0.0
        if box.level[1, a] < 1:
            if forced:
                return limit, NONE
            continue
        value, found = _price_alone(
            table, box, items, prices, charges, k, a, forced, budget, bundle
        )
        if found != NONE:
            items.alone[position] = value
            total += value
            if found != EXACT:
                proof = LOOSE
        elif forced:
            items.alone[position] = NEVER
            lost += 1
    if many > 1 and table.seller[MINIMUM, k] > 0.0:
        total, lost, found = _join_poor(
            table, box, items, prices, charges, k, total, lost, limit, budget, bundle
        )
        if found != EXACT:
            proof = LOOSE
    if lost > 0 or total >= limit - 1e-9:
        return limit, NONE
    if proof == EXACT and many > 1 and not _is_lawful(table, k, bundle):
        proof = LOOSE
    return total, proof


@written_out
def _price_alone(
    table: Table,
    box: Box,
    items: Items,
    prices: Floats,
    charges: Floats,
    k: int,
    a: int,
    forced: bool,  # noqa: FBT001 - a kernel's plain value
    budget: int,
    bundle: Bundle,
) -> tuple[float, int]:
    """Find the best bundle of one source that reaches the minimum by itself, if it pays."""
    items.chosen[0] = a
    limit = 0.5 * NEVER if forced else 0.0
    return _price_chosen(
        table,
        box,
        items,
        prices,
        charges,
        items.chosen,
        ONE,
        items.least,
        table.seller[FIXED, k],
        limit,
        budget,
        ONE,
        bundle,
    )


@kernel
def _bound_poor(
    table: Table, box: Box, items: Items, prices: Floats, charges: Floats, k: int, a: int
) -> float:
    """Bound bundles of one source whose goods lie below the minimum, room forgotten."""
    items.chosen[0] = a
    if not gather(table, box, items, prices, items.chosen, ONE):
        return NEVER
    gain, value = forced_part(table, box, items, prices, items.chosen, ONE)
    left = table.seller[MINIMUM, k] - value
    if left <= 0.0:
        return NEVER
    charge = NEVER
    first = table.source_of[LEVELS, a] - 1
    for j in range(max(1, box.level[0, a]), box.level[1, a] + 1):
        charge = min(charge, charges[first + j])
    return charge - gain - gain_of_value(items, left)


@written_out
def _join_poor(
    table: Table,
    box: Box,
    items: Items,
    prices: Floats,
    charges: Floats,
    k: int,
    total: float,
    lost: int,
    limit: float,
    budget: int,
    bundle: Bundle,
) -> tuple[float, int, int]:
    """Join sources where one that is poor by itself pays more beside another.

    `total` is what the sources cost by themselves, `lost` how many must be used and cannot be by
    themselves. Returns both anew, and EXACT or LOOSE.
    """
    first = table.first_source[k]
    many = table.first_source[k + 1] - first
    lowest = 0.0
    for position in range(many):
        lowest += _lowest(table, box, items, first, position)
    hopeful = 0
    for position in range(many):
        items.poor[position] = NEVER
        if items.least[position] >= NEVER:
            continue
        poor = _bound_poor(table, box, items, prices, charges, k, first + position)
        poor = max(poor, items.least[position])
        others = lowest - _lowest(table, box, items, first, position)
        if lost > 0 or others + poor < total - 1e-9:
            items.poor[position] = poor
            hopeful += 1
    if hopeful == 0:
        return total, lost, EXACT
    best = total if lost == 0 else 0.5 * NEVER
    joined = 0
    proof = EXACT
    for sources in range(2, MOST_SOURCES + 1):
        for a in range(many):
            for b in range(a + 1, many):
                for c in range(b + 1, many + 1):
                    if (sources == 2) != (c == many):
                        continue
                    kept, saved, sum_least = _without(items, many, total, lost, a, b, c)
                    if kept > 0 or not _has_poor(items, many, a, b, c):
                        continue
                    top = min(best, limit) - saved
                    if sum_least >= top - 1e-9:
                        continue
                    items.chosen[0] = first + a
                    items.chosen[1] = first + b
                    items.chosen[2] = first + c
                    value, found = _price_chosen(
                        table,
                        box,
                        items,
                        prices,
                        charges,
                        items.chosen,
                        sources,
                        items.least,
                        0.0,
                        top,
                        budget,
                        ONE,
                        bundle,
                    )
                    if found != NONE:
                        best = saved + value
                        joined = 1
                        proof = EXACT if found == EXACT else LOOSE
    if joined == 1:
        lost = ZERO
    if many > MOST_SOURCES and lowest < best:
        # More of them together: minimum forgotten.
        return lowest, 0, LOOSE
    return best, lost, proof


@kernel
def _lowest(table: Table, box: Box, items: Items, first: int, position: int) -> float:
    """Bound what a source costs, whatever the minimum asks for."""
    if items.least[position] >= NEVER:
        return 0.0
    if is_forced_source(table, box, first + position):
        return float(items.least[position])
    return float(min(0.0, items.least[position]))


@kernel
def _without(
    items: Items, many: int, total: float, lost: int, a: int, b: int, c: int
) -> tuple[int, float, float]:
    """Sources that stay lost, what all but two or three cost, and what these cost at least."""
    kept = lost
    rest = total
    least = 0.0
    for t in range(3):
        position = a if t == 0 else (b if t == 1 else c)
        if position >= many:
            continue
        least += items.least[position]
        if items.alone[position] >= NEVER:
            kept -= 1
        else:
            rest -= items.alone[position]
    return kept, rest, least


@kernel
def _has_poor(items: Items, many: int, a: int, b: int, c: int) -> bool:
    """Tell whether one of two or three sources may be poor and still pay."""
    if items.poor[a] < NEVER or items.poor[b] < NEVER:
        return True
    return bool(c < many and items.poor[c] < NEVER)


@kernel
def _is_lawful(table: Table, k: int, bundle: Bundle) -> bool:
    """Tell whether the parts beside each other serve no line more than it wants."""
    many = table.first_source[k + 1] - table.first_source[k]
    for line in range(bundle.quantity.shape[1]):
        served = 0.0
        for position in range(many):
            served += bundle.quantity[position, line]
        if served > table.line[DEMAND, line] + 1e-9:
            return False
    return True


@written_out
def _price_joint(
    table: Table,
    box: Box,
    items: Items,
    prices: Floats,
    charges: Floats,
    k: int,
    limit: float,
    budget: int,
    bundle: Bundle,
) -> tuple[float, int]:
    """Find the best bundle of a seller whose sources are one part."""
    first = table.first_source[k]
    last = table.first_source[k + 1]
    fixed = table.seller[FIXED, k]
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
            _keep_only(bundle, first, chosen, ONE)
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
                        _keep_only(bundle, first, chosen, sources)
    if last - first > MOST_SOURCES:
        value = _bound_many(table, box, k, least, fixed)
        if value < best - 1e-9:
            best = value
            proof = LOOSE
            _fill_many(table, box, items, prices, k, least, chosen, bundle)
    return best, proof
