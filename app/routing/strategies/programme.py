"""The linear programme over bundles: which mix of known bundles serves all lines most cheaply.

    min  cost x    every line covered at least once, every seller at most one bundle,
                   counts of the plan between their limits, x >= 0

A primal simplex with an explicit inverse (Dantzig's rule, product-form updates, rebuilt every few
hundred pivots): the programme has tens of rows and is changed a little and solved again hundreds
of times, so keeping the inverse beats any solver that must be handed a model. Rows come in the
order lines, sellers, upper limits of counts, lower limits. A line's row is scaled by its demand.

When a limit moves, a basic variable may turn negative; its column is then taken with the other
sign as an artificial of its own, so that the simplex stays primal and prices it out.

The programme only guides the search. Bounds never rest on its arithmetic: they are computed from
its prices by pricing every seller (`bundles`).
"""

from typing import NamedTuple

import numpy as np

from app.routing.strategies.bundles import EXACT, Box, Bundle
from app.routing.strategies.compiled import kernel
from app.routing.strategies.instance import Floats, Ints
from app.routing.strategies.table import (
    COST,
    COUNTS,
    DEMAND,
    ENTRIES,
    FIXED,
    KINDS,
    LEVELS,
    LINE,
    PRICE,
    SELLERS,
    Table,
)

# Rows of `column`: cost, reduced cost. Rows of `mark`: seller, may be used, is exact, working
# memory, a list of promising columns.
COLUMN_COST, COLUMN_REDUCED = 0, 1
COLUMN_SELLER, USABLE, PROVED, SPARE, LISTED = 0, 1, 2, 3, 4
# Rows of `row`: basic values, dual prices, the entering column, right-hand side, cost of the row's
# own artificial or slack.
BASIC, DUAL, ENTERING, LIMIT, LOGICAL = 0, 1, 2, 3, 4
# Elements of `count`: columns, pivots in all, pivots since the inverse was built.
COLUMNS, PIVOTS, UPDATES = 0, 1, 2
# A basic variable that is no column is -1 - row for a row's own slack or artificial; the surplus of
# a row, and a column with its sign turned, are that much further down.
SURPLUS, TURNED = 10_000, 20_000
REBUILD = 400
TINY = 1e-7


class Programme(NamedTuple):
    """Known bundles (by column) and the basis. `inverse[j, i]` is row i, column j."""

    share: Floats
    quantity: Floats
    level: Ints
    column: Floats
    mark: Ints
    inverse: Floats
    row: Floats
    basis: Ints
    count: Ints  # type: ignore[assignment]
    matrix: Floats


def make_programme(table: Table, columns: int) -> Programme:
    """Begin without bundles: every line waits for one at a forbidding price."""
    lines, sellers = table.line.shape[1], table.seller.shape[1]
    rows = lines + sellers + 2 * KINDS
    widest = int(np.diff(table.first_source).max())
    row = np.zeros((5, rows))
    row[LIMIT, : lines + sellers] = 1.0
    dearest = float(table.entry[COST].max()) + float(table.rate.max() * table.line[0].max())
    everything = float(table.line[DEMAND].sum()) * dearest + float(table.level[PRICE].max())
    everything += float(table.seller[FIXED].sum())
    row[LOGICAL, :lines] = row[LOGICAL, lines + sellers + KINDS :] = 10.0 * everything
    programme = Programme(
        np.zeros((lines + KINDS, columns)),
        np.empty((columns, widest, lines)),
        np.zeros((columns, widest), dtype=np.int64),
        np.zeros((2, columns)),
        np.zeros((5, columns), dtype=np.int64),
        np.zeros((rows, rows)),
        row,
        np.zeros(rows, dtype=np.int64),
        np.zeros(3, dtype=np.int64),
        np.empty((rows, 2 * rows)),
    )
    begin(programme)
    return programme


@kernel
def begin(programme: Programme) -> None:
    """Make every row's own variable basic."""
    rows = len(programme.basis)
    for i in range(rows):
        for j in range(rows):
            programme.inverse[i, j] = 0.0
    for i in range(rows):
        programme.inverse[i, i] = 1.0
        programme.basis[i] = -1 - i
        programme.row[BASIC, i] = programme.row[LIMIT, i]


@kernel
def add_bundle(
    table: Table, programme: Programme, k: int, bundle: Bundle, cost: float, proof: int
) -> bool:
    """Make a bundle known; false when there is no room."""
    column = programme.count[COLUMNS]
    if column >= programme.column.shape[1]:
        return False
    lines = table.line.shape[1]
    for row in range(lines + KINDS):
        programme.share[row, column] = 0.0
    programme.share[lines + SELLERS, column] = 1.0
    for position in range(table.first_source[k + 1] - table.first_source[k]):
        level = bundle.level[position]
        programme.level[column, position] = level
        for line in range(lines):
            quantity = bundle.quantity[position, line]
            programme.quantity[column, position, line] = quantity
            programme.share[line, column] += quantity / table.line[DEMAND, line]
        if level > 0:
            at = table.source_of[LEVELS, table.first_source[k] + position] + level - 1
            for kind in range(SELLERS + 1, KINDS):
                programme.share[lines + kind, column] += table.level[COUNTS + kind, at]
    programme.column[COLUMN_COST, column] = cost
    programme.mark[COLUMN_SELLER, column] = k
    programme.mark[USABLE, column] = 1
    programme.mark[PROVED, column] = 1 if proof == EXACT else 0
    programme.count[COLUMNS] += 1
    return True


@kernel
def cost_of_bundle(table: Table, k: int, bundle: Bundle) -> float:
    """Price a bundle: goods, consignments, and what using the seller costs."""
    cost = table.seller[FIXED, k]
    first = table.first_source[k]
    for s in range(first, table.first_source[k + 1]):
        level = bundle.level[s - first]
        if level == 0:
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
        if level < box.level[0, s] or level > box.level[1, s]:
            return False
        for e in range(table.source_of[ENTRIES, s], table.source_of[ENTRIES, s + 1]):
            quantity = programme.quantity[column, s - first, table.entry_of[LINE, e]]
            if quantity < box.quantity[0, e] - TINY or quantity > box.quantity[1, e] + TINY:
                return False
    return True


@kernel
def enter_box(table: Table, box: Box, programme: Programme, only_exact: int) -> None:
    """Use the bundles in the box alone, and its limits of counts."""
    for column in range(programme.count[COLUMNS]):
        exact = only_exact == 0 or programme.mark[PROVED, column] == 1
        fits = exact and _fits(table, box, programme, column)
        programme.mark[USABLE, column] = 1 if fits else 0
    counts = table.line.shape[1] + table.seller.shape[1]
    for kind in range(KINDS):
        programme.row[LIMIT, counts + kind] = box.count[1, kind]
        programme.row[LIMIT, counts + KINDS + kind] = box.count[0, kind]
    _basic_values(programme)
    rows = len(programme.basis)
    for i in range(rows):
        if programme.row[BASIC, i] < -1e-9:
            programme.row[BASIC, i] = -programme.row[BASIC, i]
            for j in range(rows):
                programme.inverse[j, i] = -programme.inverse[j, i]
            programme.basis[i] = -1 - TURNED - i
        elif programme.row[BASIC, i] < 0.0:
            programme.row[BASIC, i] = 0.0


@kernel
def _basic_values(programme: Programme) -> None:
    """Compute the basic variables' values from the inverse."""
    rows = len(programme.basis)
    for i in range(rows):
        programme.row[BASIC, i] = 0.0
    for j in range(rows):
        limit = programme.row[LIMIT, j]
        if limit != 0.0:
            for i in range(rows):
                programme.row[BASIC, i] += limit * programme.inverse[j, i]


@kernel
def _price_of(programme: Programme, variable: int) -> float:
    """The cost of a basic variable; forbidding for what must leave the basis."""
    if variable >= 0:
        if programme.mark[USABLE, variable] == 0:
            return float(programme.row[LOGICAL, 0])
        return float(programme.column[COLUMN_COST, variable])
    row = -1 - variable
    if row >= TURNED:
        return float(programme.row[LOGICAL, 0])
    if row >= SURPLUS:
        return 0.0
    return float(programme.row[LOGICAL, row])


@kernel
def _duals(programme: Programme) -> None:
    """Compute the dual prices from the inverse."""
    rows = len(programme.basis)
    for j in range(rows):
        programme.row[DUAL, j] = 0.0
    for i in range(rows):
        price = _price_of(programme, programme.basis[i])
        if price != 0.0:
            for j in range(rows):
                programme.row[DUAL, j] += price * programme.inverse[j, i]


@kernel
def objective(programme: Programme) -> float:
    """The cost of the present mix."""
    cost = 0.0
    for i in range(len(programme.basis)):
        if programme.row[BASIC, i] != 0.0:
            cost += _price_of(programme, programme.basis[i]) * programme.row[BASIC, i]
    return cost


@kernel
def is_infeasible(programme: Programme) -> bool:
    """Tell whether the mix uses what must not be used."""
    for i in range(len(programme.basis)):
        if programme.row[BASIC, i] > TINY:
            variable = programme.basis[i]
            if variable >= 0:
                if programme.mark[USABLE, variable] == 0:
                    return True
            elif _price_of(programme, variable) > 0.0:
                return True
    return False


@kernel
def _reduce(programme: Programme, lines: int, sellers: int) -> None:
    """Compute the reduced cost of every bundle."""
    columns = programme.count[COLUMNS]
    upper = lines + sellers
    reduced = programme.column[COLUMN_REDUCED]
    for column in range(columns):
        seller = programme.mark[COLUMN_SELLER, column]
        reduced[column] = programme.column[COLUMN_COST, column]
        reduced[column] -= programme.row[DUAL, lines + seller]
    for row in range(lines + KINDS):
        price = programme.row[DUAL, row]
        if row >= lines:
            at = upper + row - lines
            price = programme.row[DUAL, at] + programme.row[DUAL, at + KINDS]
        if price != 0.0:
            share = programme.share[row]
            for column in range(columns):
                reduced[column] -= price * share[column]


@kernel
def _entering(programme: Programme, lines: int, sellers: int) -> tuple[int, int, float]:
    """Choose what enters: (number, 0 bundle | 1 surplus | 2 slack, reduced cost); -1 at the end."""
    enter = -1
    kind = 0
    least = -1e-8
    _reduce(programme, lines, sellers)
    for column in range(programme.count[COLUMNS]):
        reduced = programme.column[COLUMN_REDUCED, column]
        if reduced < least and programme.mark[USABLE, column] == 1:
            least = reduced
            enter = column
    lower = lines + sellers + KINDS
    for row in range(len(programme.basis)):
        slack = lines <= row < lower
        reduced = -programme.row[DUAL, row] if slack else programme.row[DUAL, row]
        if reduced < least:
            least = reduced
            enter = row
            kind = 2 if slack else 1
    return enter, kind, least


@kernel
def _transform(programme: Programme, lines: int, sellers: int, enter: int, kind: int) -> None:
    """Express the entering column in the basis."""
    rows = len(programme.basis)
    entering = programme.row[ENTERING]
    if kind != 0:
        sign = 1.0 if kind == 2 else -1.0
        for i in range(rows):
            entering[i] = sign * programme.inverse[enter, i]
        return
    seller = lines + programme.mark[COLUMN_SELLER, enter]
    for i in range(rows):
        entering[i] = programme.inverse[seller, i]
    for row in range(lines + KINDS):
        share = programme.share[row, enter]
        if share == 0.0:
            continue
        at = row if row < lines else row + sellers
        inverse = programme.inverse[at]
        for i in range(rows):
            entering[i] += share * inverse[i]
        if row >= lines:
            inverse = programme.inverse[at + KINDS]
            for i in range(rows):
                entering[i] += share * inverse[i]


@kernel
def _leaving(programme: Programme) -> tuple[int, float]:
    """Choose what leaves, the largest pivot among ties; -1 when nothing does."""
    leave = -1
    step = 1e30
    for i in range(len(programme.basis)):
        pivot = programme.row[ENTERING, i]
        if pivot > TINY:
            ratio = programme.row[BASIC, i] / pivot
            tie = ratio < step + 1e-10 and pivot > programme.row[ENTERING, max(leave, 0)]
            if ratio < step - 1e-10 or tie:
                step = ratio
                leave = i
    return leave, max(step, 0.0)


@kernel
def _pivot(programme: Programme, leave: int, step: float, reduced: float) -> None:
    """Exchange the leaving for the entering variable."""
    rows = len(programme.basis)
    entering = programme.row[ENTERING]
    pivot = entering[leave]
    for i in range(rows):
        if entering[i] != 0.0:
            programme.row[BASIC, i] = max(0.0, programme.row[BASIC, i] - entering[i] * step)
    programme.row[BASIC, leave] = step
    entering[leave] = 0.0
    for j in range(rows):
        inverse = programme.inverse[j]
        share = inverse[leave]
        if share != 0.0:
            share /= pivot
            inverse[leave] = share
            programme.row[DUAL, j] += reduced * share
            for i in range(rows):
                inverse[i] -= entering[i] * share


@kernel
def solve(table: Table, programme: Programme, limit: int) -> int:
    """Pivot until no known bundle makes the mix cheaper; return how often."""
    lines = table.line.shape[1]
    sellers = table.seller.shape[1]
    pivots = 0
    _duals(programme)
    while pivots < limit:
        enter, kind, reduced = _entering(programme, lines, sellers)
        if enter < 0:
            break
        _transform(programme, lines, sellers, enter, kind)
        leave, step = _leaving(programme)
        if leave < 0:
            break
        _pivot(programme, leave, step, reduced)
        programme.basis[leave] = enter
        if kind == 1:
            programme.basis[leave] = -1 - SURPLUS - enter
        elif kind == 2:
            programme.basis[leave] = -1 - enter
        pivots += 1
        if pivots % 50 == 0:
            _duals(programme)
    programme.count[PIVOTS] += pivots
    programme.count[UPDATES] += pivots
    if programme.count[UPDATES] > REBUILD:
        _rebuild(programme, lines, sellers)
    _duals(programme)
    return pivots


@kernel
def _write_basis(programme: Programme, lines: int, sellers: int) -> None:
    """Write the basis down beside a unit matrix."""
    rows = len(programme.basis)
    matrix = programme.matrix
    for i in range(rows):
        for j in range(2 * rows):
            matrix[i, j] = 0.0
    for i in range(rows):
        matrix[i, rows + i] = 1.0
        variable = programme.basis[i]
        if variable >= 0:
            matrix[lines + programme.mark[COLUMN_SELLER, variable], i] = 1.0
            for row in range(lines + KINDS):
                at = row if row < lines else row + sellers
                matrix[at, i] = programme.share[row, variable]
                if row >= lines:
                    matrix[at + KINDS, i] = programme.share[row, variable]
        elif -1 - variable >= SURPLUS:
            matrix[-1 - variable - SURPLUS, i] = -1.0
        else:
            matrix[-1 - variable, i] = 1.0


@kernel
def _rebuild(programme: Programme, lines: int, sellers: int) -> None:
    """Invert the basis afresh (Gauss and Jordan, partial pivoting); begin anew if singular."""
    rows = len(programme.basis)
    for i in range(rows):
        if programme.basis[i] < -TURNED:
            return
    programme.count[UPDATES] = 0
    _write_basis(programme, lines, sellers)
    matrix = programme.matrix
    for c in range(rows):
        p = c
        for r in range(c + 1, rows):
            if abs(matrix[r, c]) > abs(matrix[p, c]):
                p = r
        if abs(matrix[p, c]) < 1e-9:
            begin(programme)
            return
        if p != c:
            for j in range(2 * rows):
                held = matrix[p, j]
                matrix[p, j] = matrix[c, j]
                matrix[c, j] = held
        scale = 1.0 / matrix[c, c]
        for j in range(c, 2 * rows):
            matrix[c, j] *= scale
        for r in range(rows):
            factor = matrix[r, c]
            if r != c and factor != 0.0:
                for j in range(c, 2 * rows):
                    matrix[r, j] -= factor * matrix[c, j]
    for i in range(rows):
        for j in range(rows):
            programme.inverse[j, i] = matrix[i, rows + j]
    _basic_values(programme)
    for i in range(rows):
        programme.row[BASIC, i] = max(0.0, programme.row[BASIC, i])


@kernel
def read_prices(table: Table, programme: Programme, prices: Floats, paid: Floats) -> None:
    """Read what lines (by unit), counts and sellers pay in the present mix."""
    lines = table.line.shape[1]
    sellers = table.seller.shape[1]
    for line in range(lines):
        prices[line] = max(0.0, programme.row[DUAL, line]) / table.line[DEMAND, line]
    for k in range(sellers):
        paid[k] = programme.row[DUAL, lines + k]
    for kind in range(KINDS):
        at = lines + sellers + kind
        prices[lines + kind] = min(0.0, programme.row[DUAL, at])
        prices[lines + KINDS + kind] = max(0.0, programme.row[DUAL, at + KINDS])


@kernel
def drop_dear(table: Table, programme: Programme, limit: float) -> None:
    """Forget bundles outside the basis whose reduced cost exceeds a limit."""
    lines = table.line.shape[1]
    widest = programme.level.shape[1]
    _reduce(programme, lines, table.seller.shape[1])
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
            for row in range(lines + KINDS):
                programme.share[row, kept] = programme.share[row, column]
            for position in range(widest):
                programme.level[kept, position] = programme.level[column, position]
                for line in range(lines):
                    quantity = programme.quantity[column, position, line]
                    programme.quantity[kept, position, line] = quantity
            for row in range(2):
                programme.column[row, kept] = programme.column[row, column]
            for row in range(3):
                programme.mark[row, kept] = programme.mark[row, column]
        if basic[column] >= 0:
            programme.basis[basic[column]] = kept
        kept += 1
    programme.count[COLUMNS] = kept
