"""The linear programme over bundles: which mix of known bundles serves all lines most cheaply.

    min  cost x    every line covered at least once, every source in one bundle at most (in just
                   one where the box forces it), counts between their limits, x >= 0

The programme only guides the search. Bounds never rest on its arithmetic: they are computed from
its prices by pricing every seller (`bundles`).
"""

import numpy as np

from app.routing.optimizer.box import Box, is_forced_source
from app.routing.optimizer.bundles import Bundle
from app.routing.optimizer.compiled import kernel
from app.routing.optimizer.dual import restore
from app.routing.optimizer.instance import Floats
from app.routing.optimizer.options import EXACT
from app.routing.optimizer.simplex import (
    BASIC,
    COLUMN_COST,
    COLUMN_FIRST,
    COLUMN_REDUCED,
    COLUMN_SELLER,
    COLUMNS,
    DUAL,
    ELEMENTS,
    LIMIT,
    LOGICAL,
    PROVED,
    SPARE,
    TINY,
    TURNED,
    USABLE,
    Programme,
    basic_values,
    begin,
    reduce,
)
from app.routing.optimizer.table import (
    COST,
    COUNTS,
    DEMAND,
    ENTRIES,
    FIXED,
    KINDS,
    LEVELS,
    LINE,
    PRICE,
    Table,
)


def make_programme(table: Table, columns: int) -> Programme:
    """Begin without bundles: every line waits for one at a forbidding price."""
    lines, sources = table.line.shape[1], table.source_of.shape[1] - 1
    rows = lines + sources + 2 * KINDS
    widest = int(np.diff(table.first_source).max())
    row = np.zeros((6, rows))
    row[LIMIT, : lines + sources] = 1.0
    dearest = float(table.entry[COST].max()) + float(table.rate.max() * table.line[0].max())
    everything = float(table.line[DEMAND].sum()) * dearest + float(table.level[PRICE].max())
    everything += float(table.seller[FIXED].sum())
    row[LOGICAL, :lines] = row[LOGICAL, lines + sources + KINDS :] = 10.0 * everything
    programme = Programme(
        np.zeros((columns, lines + widest + 2 * KINDS), dtype=np.int64),
        np.zeros((columns, lines + widest + 2 * KINDS)),
        np.empty((columns, widest, lines)),
        np.zeros((columns, widest), dtype=np.int64),
        np.zeros((3, columns)),
        np.zeros((7, columns), dtype=np.int64),
        np.zeros((rows, rows)),
        row,
        np.zeros(rows, dtype=np.int64),
        np.zeros(4, dtype=np.int64),
        np.empty((rows, 2 * rows)),
    )
    begin(programme)
    return programme


@kernel
def add_bundle(
    table: Table, programme: Programme, k: int, bundle: Bundle, part: int, cost: float, proof: int
) -> bool:
    """Make a part of what a seller ships known as a bundle; false when there is no room."""
    column = programme.count[COLUMNS]
    if column >= programme.column.shape[1]:
        return False
    lines = table.line.shape[1]
    for position in range(programme.level.shape[1]):
        level = bundle.level[position] if bundle.part[position] == part else 0
        programme.level[column, position] = level
        for line in range(lines):
            quantity = bundle.quantity[position, line] if level > 0 else 0.0
            programme.quantity[column, position, line] = quantity
    _write_elements(table, programme, column, table.first_source[k])
    programme.column[COLUMN_COST, column] = cost
    programme.mark[COLUMN_SELLER, column] = k
    programme.mark[COLUMN_FIRST, column] = table.first_source[k]
    programme.mark[USABLE, column] = 1
    programme.mark[PROVED, column] = 1 if proof >= EXACT else 0
    programme.count[COLUMNS] += 1
    return True


@kernel
def _write_elements(table: Table, programme: Programme, column: int, first: int) -> None:
    """Write down what a bundle has in the rows of lines, sources and counts."""
    lines = table.line.shape[1]
    counts = lines + table.source_of.shape[1] - 1
    at = 0
    for line in range(lines):
        quantity = 0.0
        for position in range(programme.level.shape[1]):
            quantity += programme.quantity[column, position, line]
        if quantity > 0.0:
            programme.row_of[column, at] = line
            programme.element[column, at] = quantity / table.line[DEMAND, line]
            at += 1
    for position in range(programme.level.shape[1]):
        if programme.level[column, position] > 0:
            programme.row_of[column, at] = lines + first + position
            programme.element[column, at] = 1.0
            at += 1
    for kind in range(KINDS):
        count = 0.0
        for position in range(programme.level.shape[1]):
            level = programme.level[column, position]
            if level > 0:
                j = table.source_of[LEVELS, first + position] + level - 1
                count += table.level[COUNTS + kind, j]
        if count > 0.0:
            for row in range(2):
                programme.row_of[column, at] = counts + row * KINDS + kind
                programme.element[column, at] = count
                at += 1
    programme.mark[ELEMENTS, column] = at


@kernel
def cost_of_part(table: Table, k: int, bundle: Bundle, part: int) -> float:
    """Price a part: goods, consignments, and what using the seller costs."""
    cost = table.seller[FIXED, k]
    first = table.first_source[k]
    for s in range(first, table.first_source[k + 1]):
        level = bundle.level[s - first]
        if level == 0 or bundle.part[s - first] != part:
            continue
        cost += table.level[PRICE, table.source_of[LEVELS, s] + level - 1]
        for e in range(table.source_of[ENTRIES, s], table.source_of[ENTRIES, s + 1]):
            quantity = bundle.quantity[s - first, table.entry_of[LINE, e]]
            cost += table.entry[COST, e] * quantity
    return float(cost)


@kernel
def _fits(table: Table, box: Box, programme: Programme, column: int) -> bool:
    """Tell whether a bundle lies in the box."""
    k = programme.mark[COLUMN_SELLER, column]
    first = table.first_source[k]
    for s in range(first, table.first_source[k + 1]):
        level = programme.level[column, s - first]
        if level == 0:
            continue
        if level < box.level[0, s] or level > box.level[1, s]:
            return False
        for e in range(table.source_of[ENTRIES, s], table.source_of[ENTRIES, s + 1]):
            quantity = programme.quantity[column, s - first, table.entry_of[LINE, e]]
            if quantity < box.quantity[0, e] - TINY or quantity > box.quantity[1, e] + TINY:
                return False
    return True


@kernel
def enter_box(table: Table, box: Box, programme: Programme, only_exact: int) -> None:
    """Use the bundles in the box alone, its limits of counts, and the sources that it forces."""
    for column in range(programme.count[COLUMNS]):
        exact = only_exact == 0 or programme.mark[PROVED, column] == 1
        fits = exact and _fits(table, box, programme, column)
        programme.mark[USABLE, column] = 1 if fits else 0
    lines = table.line.shape[1]
    counts = lines + table.source_of.shape[1] - 1
    for s in range(table.source_of.shape[1] - 1):
        # A source that must be used may not be left out: the slack of its row is forbidding.
        forced = is_forced_source(table, box, s)
        programme.row[LOGICAL, lines + s] = programme.row[LOGICAL, 0] if forced else 0.0
    for kind in range(KINDS):
        programme.row[LIMIT, counts + kind] = box.count[1, kind]
        programme.row[LIMIT, counts + KINDS + kind] = box.count[0, kind]
    basic_values(programme)
    rows = len(programme.basis)
    restore(table, programme, rows)
    for i in range(rows):
        if programme.row[BASIC, i] < -1e-9:
            programme.row[BASIC, i] = -programme.row[BASIC, i]
            for j in range(rows):
                programme.inverse[j, i] = -programme.inverse[j, i]
            programme.basis[i] = -1 - TURNED - i
        elif programme.row[BASIC, i] < 0.0:
            programme.row[BASIC, i] = 0.0


@kernel
def read_prices(table: Table, programme: Programme, prices: Floats, paid: Floats) -> None:
    """Read what lines (by unit), counts and sources pay in the present mix."""
    lines = table.line.shape[1]
    sources = table.source_of.shape[1] - 1
    for line in range(lines):
        prices[line] = max(0.0, programme.row[DUAL, line]) / table.line[DEMAND, line]
    for s in range(sources):
        paid[s] = programme.row[DUAL, lines + s]
    for kind in range(KINDS):
        at = lines + sources + kind
        prices[lines + kind] = min(0.0, programme.row[DUAL, at])
        prices[lines + KINDS + kind] = max(0.0, programme.row[DUAL, at + KINDS])


@kernel
def drop_dear(table: Table, programme: Programme, limit: float) -> None:
    """Forget bundles outside the basis whose reduced cost exceeds a limit."""
    lines = table.line.shape[1]
    widest = programme.level.shape[1]
    reduce(programme)
    columns = programme.count[COLUMNS]
    basic = programme.mark[SPARE]
    for column in range(columns):
        basic[column] = -1
    for i in range(len(programme.basis)):
        if programme.basis[i] >= 0:
            basic[programme.basis[i]] = i
    kept = 0
    for column in range(columns):
        if basic[column] < 0 and programme.column[COLUMN_REDUCED, column] > limit:
            continue
        if kept < column:
            for i in range(programme.mark[ELEMENTS, column]):
                programme.row_of[kept, i] = programme.row_of[column, i]
                programme.element[kept, i] = programme.element[column, i]
            for position in range(widest):
                programme.level[kept, position] = programme.level[column, position]
                for line in range(lines):
                    quantity = programme.quantity[column, position, line]
                    programme.quantity[kept, position, line] = quantity
            for row in range(2):
                programme.column[row, kept] = programme.column[row, column]
            for row in range(4):
                programme.mark[row, kept] = programme.mark[row, column]
            programme.mark[ELEMENTS, kept] = programme.mark[ELEMENTS, column]
        if basic[column] >= 0:
            programme.basis[basic[column]] = kept
        kept += 1
    programme.count[COLUMNS] = kept
