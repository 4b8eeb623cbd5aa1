"""What a consignment of given room should carry: bounded knapsacks, relaxed and whole.

*Items* are lines as one subset of a seller's sources can give them; an item's *gain* is what its
line pays for a unit, less what the unit costs. A seller's goods must reach a value `need`, which
enters with a multiplier: at multiplier m a unit counts for gain + m * value, and for every m >= 0

    most gain (weight <= room, value >= need)  <=  most (gain + m * value) - m * need

so every multiplier gives a bound, and the least of them is the relaxation's (Martello and Toth
1990, Knapsack Problems, chapters 2 and 3).
"""

from typing import NamedTuple

import numpy as np

from app.routing.optimizer.compiled import ZERO, kernel, typed
from app.routing.optimizer.instance import Floats, Ints
from app.routing.optimizer.table import WEIGHT, Table

MOST_SOURCES = 3
NEVER = 1e18
# Which items to sort.
PAYING, EVERY = typed(0), typed(1)
# Rows of `Items.number`: the line; an item's place in the order of density; where a line's item is;
# the entry at each source.
OF_LINE, ORDER, PLACE, ENTRY = 0, 1, 2, 3
# Rows of `Items.amount`: what all sources give, gain, value, density, relaxed quantity; then, for
# each source, stock, the whole quantity found, the quantity chosen, and what a unit gains and is
# worth less there than where it gains and is worth most.
GIVEN, GAIN, WORTH, DENSITY, FILL = 0, 1, 2, 3, 4
HELD, FOUND, CHOSEN, DEARER, POORER = 5, 8, 11, 14, 17
# Rows of `Items.option`: a choice of levels with its room, price and reduced cost.
SPACE, CHARGE, REDUCED = 0, 1, 2
# Elements of `Items.room` after the sources' own rooms: running sums of a search.
SUM_SPACE, SUM_GAIN, SUM_VALUE, SUM_MERIT = 3, 4, 5, 6
# And the least reduced cost of the options that found no room.
DROPPED = 7


class Items(NamedTuple):
    """Working memory for one pricing; `count[0]` items, `count[1]` steps of work so far.

    `least` bounds what each source costs by itself, `alone` is what its best bundle of its own
    costs, and `poor` bounds one that does not reach the minimum by itself.
    """

    count: Ints  # type: ignore[assignment]
    number: Ints
    amount: Floats
    path: Floats
    room: Floats
    option: Floats
    option_level: Ints
    reduced: Floats
    space: Floats
    least: Floats
    alone: Floats
    poor: Floats
    chosen: Ints


def make_items(lines: int, sources: int, levels: int, options: int) -> Items:
    """Make room for an order's largest seller."""
    return Items(
        np.zeros(2, dtype=np.int64),
        np.full((3 + MOST_SOURCES, lines), -1, dtype=np.int64),
        np.zeros((5 + 5 * MOST_SOURCES, lines)),
        np.zeros(MOST_SOURCES * lines + 1),
        np.zeros(MOST_SOURCES + 5),
        np.zeros((3, options)),
        np.zeros((options, MOST_SOURCES), dtype=np.int64),
        np.zeros((sources, levels)),
        np.zeros((MOST_SOURCES, levels)),
        np.zeros(sources),
        np.zeros(sources),
        np.zeros(sources),
        np.zeros(MOST_SOURCES, dtype=np.int64),
    )


@kernel
def sort_items(table: Table, items: Items, multiplier: float, every: int) -> int:
    """Order items by what a gram of them brings; leave out losses unless `every` is EVERY."""
    n = 0
    for i in range(items.count[0]):
        profit = items.amount[GAIN, i] + multiplier * items.amount[WORTH, i]
        if profit <= 0.0 and every == PAYING:
            continue
        density = profit / table.line[WEIGHT, items.number[OF_LINE, i]]
        items.amount[DENSITY, i] = density
        j = n
        while j > 0 and items.amount[DENSITY, items.number[ORDER, j - 1]] < density:
            items.number[ORDER, j] = items.number[ORDER, j - 1]
            j -= 1
        items.number[ORDER, j] = i
        n += 1
    items.count[1] += 1 + n * (n + 40) // 160
    return n


@kernel
def fill(table: Table, items: Items, n: int, room: float) -> tuple[float, float]:
    """Fill the room in order, the last item in part; return gain and value."""
    for i in range(items.count[0]):
        items.amount[FILL, i] = 0.0
    gain = 0.0
    value = 0.0
    for a in range(n):
        i = items.number[ORDER, a]
        weight = table.line[WEIGHT, items.number[OF_LINE, i]]
        quantity = items.amount[GIVEN, i]
        if quantity * weight > room:
            quantity = room / weight
        items.amount[FILL, i] = quantity
        gain += quantity * items.amount[GAIN, i]
        value += quantity * items.amount[WORTH, i]
        room -= quantity * weight
        if room <= 0.0:
            break
    return gain, value


@kernel
def gain_in(table: Table, items: Items, n: int, room: float) -> float:
    """The most gain that a room can hold, the last item in part."""
    gain = 0.0
    for a in range(n):
        i = items.number[ORDER, a]
        quantity = items.amount[GIVEN, i]
        weight = table.line[WEIGHT, items.number[OF_LINE, i]]
        if quantity * weight > room:
            return gain + items.amount[GAIN, i] * room / weight
        gain += items.amount[GAIN, i] * quantity
        room -= quantity * weight
    return gain


@kernel
def gain_of_value(items: Items, value: float) -> float:
    """The most gain of goods worth no more than a value, room forgotten."""
    n = 0
    for i in range(items.count[0]):
        if items.amount[GAIN, i] <= 0.0:
            continue
        density = items.amount[GAIN, i] / max(items.amount[WORTH, i], 1e-12)
        items.amount[DENSITY, i] = density
        j = n
        while j > 0 and items.amount[DENSITY, items.number[ORDER, j - 1]] < density:
            items.number[ORDER, j] = items.number[ORDER, j - 1]
            j -= 1
        items.number[ORDER, j] = i
        n += 1
    items.count[1] += 1 + n * (n + 40) // 160
    gain = 0.0
    for a in range(n):
        i = items.number[ORDER, a]
        worth = items.amount[GIVEN, i] * items.amount[WORTH, i]
        if worth > value:
            return gain + items.amount[GAIN, i] * value / items.amount[WORTH, i]
        gain += items.amount[GAIN, i] * items.amount[GIVEN, i]
        value -= worth
    return gain


@kernel
def relaxed(
    table: Table, items: Items, room: float, need: float, enough: float
) -> tuple[float, float]:
    """Bound the most gain of a room whose goods reach the needed value.

    Returns the bound and its multiplier, -NEVER when the value cannot be reached. Stops early at a
    bound of `enough` or less. The multiplier is found by intersecting supporting lines.
    """
    n = sort_items(table, items, 0.0, PAYING)
    low_gain, low_value = fill(table, items, n, room)
    if low_value >= need - 1e-9:
        return low_gain, 0.0
    low = 0.0
    high = 4.0
    n = sort_items(table, items, high, PAYING)
    high_gain, high_value = fill(table, items, n, room)
    if high_value < need - 1e-9:
        high = 1e4
        n = sort_items(table, items, high, PAYING)
        high_gain, high_value = fill(table, items, n, room)
    if high_value < need - 1e-9:
        # Goods of little value may need much more to be worth their price.
        high = 1e9
        n = sort_items(table, items, high, PAYING)
        high_gain, high_value = fill(table, items, n, room)
        if high_value < need - 1e-6:
            return -NEVER, 0.0
    best = low_gain
    best_at = 0.0
    for _ in range(25):
        multiplier = 0.5 * (low + high)
        if high_value > low_value + 1e-12:
            crossing = (low_gain - high_gain) / (high_value - low_value)
            if low < crossing < high:
                multiplier = crossing
        n = sort_items(table, items, multiplier, PAYING)
        gain, value = fill(table, items, n, room)
        bound = gain + multiplier * (value - need)
        if bound < best:
            best = bound
            best_at = multiplier
        if best <= enough:
            break
        if value >= need:
            if high - multiplier < 1e-9:
                break
            high = multiplier
            high_gain = gain
            high_value = value
        else:
            if multiplier - low < 1e-9:
                break
            low = multiplier
            low_gain = gain
            low_value = value
        if high_value > low_value + 1e-12:
            share = (high_value - need) / (high_value - low_value)
            if best - (high_gain + (low_gain - high_gain) * share) < 1e-7:
                break
    return best, best_at


@kernel
def fill_to_need(table: Table, items: Items, room: float, need: float, multiplier: float) -> None:
    """Fill so that the value is just reached: a mix of the fills on either side."""
    n = sort_items(table, items, max(0.0, multiplier * (1 - 1e-7) - 1e-12), PAYING)
    _, low_value = fill(table, items, n, room)
    if low_value >= need - 1e-9:
        return
    for i in range(items.count[0]):
        items.amount[FOUND, i] = items.amount[FILL, i]
    n = sort_items(table, items, multiplier * (1 + 1e-7) + 1e-9, PAYING)
    _, high_value = fill(table, items, n, room)
    if high_value > low_value + 1e-12:
        share = min(1.0, (need - low_value) / (high_value - low_value))
        for i in range(items.count[0]):
            mixed = share * items.amount[FILL, i] + (1 - share) * items.amount[FOUND, i]
            items.amount[FILL, i] = mixed


@kernel
def _remaining(
    table: Table, items: Items, first: int, n: int, head: float, room: float, multiplier: float
) -> float:
    """Bound what items from the first on add, `head` units of the first among them."""
    gain = 0.0
    quantity = head
    for a in range(first, n):
        i = items.number[ORDER, a]
        profit = items.amount[GAIN, i] + multiplier * items.amount[WORTH, i]
        if profit <= 0.0:
            break
        if a > first:
            quantity = items.amount[GIVEN, i]
        weight = table.line[WEIGHT, items.number[OF_LINE, i]]
        if quantity * weight > room:
            return gain + profit * room / weight
        gain += profit * quantity
        room -= quantity * weight
    return gain


@kernel
def _move(
    table: Table, items: Items, p: int, sources: int, change: float, multiplier: float
) -> None:
    """Change the quantity chosen at position p (item by item, source by source) and all sums."""
    a = p // sources
    t = p - a * sources
    i = items.number[ORDER, a]
    weight = change * table.line[WEIGHT, items.number[OF_LINE, i]]
    items.path[p] += change
    items.amount[FILL, i] += change
    items.room[t] -= weight
    items.room[SUM_SPACE] -= weight
    gain = items.amount[GAIN, i] - items.amount[DEARER + t, i]
    worth = items.amount[WORTH, i] - items.amount[POORER + t, i]
    items.room[SUM_GAIN] += change * gain
    items.room[SUM_VALUE] += change * worth
    items.room[SUM_MERIT] += change * (gain + multiplier * worth)


@kernel
def _hopeful(
    table: Table, items: Items, n: int, p: int, sources: int, multiplier: float, best: float
) -> bool:
    """Tell whether choices from position p on can still gain more than the best."""
    a = p // sources
    t = p - a * sources
    head = 0.0
    if a < n:
        i = items.number[ORDER, a]
        for u in range(t, sources):
            head += items.amount[HELD + u, i]
        head = min(head, items.amount[GIVEN, i] - items.amount[FILL, i])
    more = _remaining(table, items, a, n, head, items.room[SUM_SPACE], multiplier)
    return bool(items.room[SUM_MERIT] + more > best + 1e-9)


@kernel
def _next_step(table: Table, items: Items, p: int, sources: int, multiplier: float) -> float:
    """One unit less of what pays, one more of what does not, nought when there is no other."""
    a = p // sources
    t = p - a * sources
    i = items.number[ORDER, a]
    if items.amount[GAIN, i] + multiplier * items.amount[WORTH, i] > 0.0:
        return -1.0 if items.path[p] > 0.5 else 0.0
    weight = table.line[WEIGHT, items.number[OF_LINE, i]]
    held = items.path[p] + 0.5 < items.amount[HELD + t, i]
    given = items.amount[FILL, i] + 0.5 < items.amount[GIVEN, i]
    return 1.0 if held and given and items.room[t] >= weight else 0.0


@kernel
def _first_choice(table: Table, items: Items, p: int, sources: int, multiplier: float) -> float:
    """As many units as fit of what pays, none of what does not."""
    a = p // sources
    t = p - a * sources
    i = items.number[ORDER, a]
    if items.amount[GAIN, i] + multiplier * items.amount[WORTH, i] <= 0.0:
        return 0.0
    weight = table.line[WEIGHT, items.number[OF_LINE, i]]
    fitting = np.floor(items.room[t] / weight + 1e-9)
    given = items.amount[GIVEN, i] - items.amount[FILL, i]
    return float(min(items.amount[HELD + t, i], given, fitting))


@kernel
def _may_gain_less(items: Items, p: int, sources: int) -> bool:
    """Tell whether units are better taken from another source than this one."""
    a = p // sources
    t = p - a * sources
    i = items.number[ORDER, a]
    unlike = items.amount[DEARER + t, i] > 0.0 or items.amount[POORER + t, i] > 0.0
    return bool(t < sources - 1 or unlike)


@kernel
def _keep(items: Items, n: int, sources: int) -> None:
    """Note the quantities chosen as the best found."""
    for t in range(sources):
        for i in range(items.count[0]):
            items.amount[FOUND + t, i] = 0.0
        for a in range(n):
            items.amount[FOUND + t, items.number[ORDER, a]] = items.path[a * sources + t]


@kernel
def whole(
    table: Table,
    items: Items,
    sources: int,
    need: float,
    multiplier: float,
    floor: float,
    budget: int,
) -> tuple[float, int]:
    """Find whole quantities that gain more than `floor`, source by source within `items.room`.

    Depth first, densest item first, at most `budget` steps. Returns the gain (-NEVER when there is
    none) and 1 when that is proved; the quantities are in rows FOUND of the amounts.
    """
    n = sort_items(table, items, multiplier, EVERY if need > 0.0 else PAYING)
    best = floor
    found = False
    space = 0.0
    for t in range(sources):
        space += items.room[t]
    items.room[SUM_SPACE] = space
    items.room[SUM_GAIN] = 0.0
    items.room[SUM_VALUE] = 0.0
    items.room[SUM_MERIT] = -multiplier * need
    for i in range(items.count[0]):
        items.amount[FILL, i] = 0.0
    end = n * sources
    p = ZERO
    steps = 0
    down = True
    while p >= 0 and steps <= budget:
        steps += 1
        if down:
            if p == end:
                if items.room[SUM_VALUE] >= need - 1e-9 and items.room[SUM_GAIN] > best + 1e-9:
                    best = items.room[SUM_GAIN]
                    found = True
                    _keep(items, n, sources)
                down = False
            elif not _hopeful(table, items, n, p, sources, multiplier, best):
                down = False
            if down:
                items.path[p] = 0.0
                choice = _first_choice(table, items, p, sources, multiplier)
                _move(table, items, p, sources, choice, multiplier)
                p += 1
            else:
                p -= 1
            continue
        step = _next_step(table, items, p, sources, multiplier)
        if step != 0.0:
            _move(table, items, p, sources, step, multiplier)
            if _hopeful(table, items, n, p + 1, sources, multiplier, best):
                p += 1
                down = True
                continue
            # One source alone: still fewer units of the densest item left only gain less.
            if step < 0.0 and _may_gain_less(items, p, sources):
                continue
        _move(table, items, p, sources, -items.path[p], multiplier)
        p -= 1
    items.count[1] += steps
    return (best if found else -NEVER), (1 if steps <= budget else 0)
