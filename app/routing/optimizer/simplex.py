"""A primal simplex that keeps its inverse.

An explicit inverse (Dantzig's rule, product-form updates, rebuilt every few hundred pivots): the
programme has tens of rows and is changed a little and solved again hundreds of times, so keeping
the inverse beats any solver that must be handed a model. Rows come in the order lines, sources,
upper limits of counts, lower limits. A line's row is scaled by its demand.

When a limit moves, a basic variable may turn negative. The dual simplex (`dual`) restores it; where
that ends too early, its column is taken with the other sign as an artificial of its own, so that
the simplex stays primal and prices it out.
"""

from typing import NamedTuple

from app.routing.optimizer.compiled import ZERO, kernel
from app.routing.optimizer.instance import Floats, Ints
from app.routing.optimizer.table import KINDS, Table

# Rows of `column`: cost, reduced cost, what it has in the dual simplex's leaving row. Rows of
# `mark`: seller, may be used, is whole, the seller's first source, working memory, a list of
# promising columns, how many elements a column has.
COLUMN_COST, COLUMN_REDUCED, COLUMN_PIVOT = 0, 1, 2
COLUMN_SELLER, USABLE, PROVED, COLUMN_FIRST, SPARE, LISTED, ELEMENTS = 0, 1, 2, 3, 4, 5, 6
# Rows of `row`: basic values, dual prices, the entering column, right-hand side, cost of the row's
# own artificial or slack, the leaving row.
BASIC, DUAL, ENTERING, LIMIT, LOGICAL, LEAVING = 0, 1, 2, 3, 4, 5
# Elements of `count`: columns, pivots in all, pivots since the inverse was built, how often all
# columns were priced.
COLUMNS, PIVOTS, UPDATES, PRICED = 0, 1, 2, 3
# A basic variable that is no column is -1 - row for a row's own slack or artificial; the surplus of
# a row, and a column with its sign turned, are that much further down.
SURPLUS, TURNED = 10_000, 20_000
REBUILD = 400
TINY = 1e-7
# What a bundle must save to enter, and how many wait for it at a time.
WORTH, CANDIDATES = 1e-8, 24


class Programme(NamedTuple):
    """Known bundles (by column) and the basis. `inverse[j, i]` is row i, column j.

    A column has few elements: `row_of[column]` names their rows, `element[column]` their values.
    """

    row_of: Ints
    element: Floats
    quantity: Floats
    level: Ints
    column: Floats
    mark: Ints
    inverse: Floats
    row: Floats
    basis: Ints
    count: Ints  # type: ignore[assignment]
    matrix: Floats


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
def basic_values(programme: Programme) -> None:
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
def reduced_cost(programme: Programme, column: int) -> float:
    """The reduced cost of a bundle."""
    reduced = programme.column[COLUMN_COST, column]
    prices = programme.row[DUAL]
    rows = programme.row_of[column]
    elements = programme.element[column]
    for i in range(programme.mark[ELEMENTS, column]):
        reduced -= prices[rows[i]] * elements[i]
    return float(reduced)


@kernel
def reduce(programme: Programme) -> None:
    """Compute the reduced cost of every bundle."""
    for column in range(programme.count[COLUMNS]):
        programme.column[COLUMN_REDUCED, column] = reduced_cost(programme, column)


@kernel
def _list_candidates(programme: Programme) -> tuple[int, float]:
    """List bundles that would pay best, half as much as the best at least; how many, how much."""
    reduce(programme)
    least = -WORTH
    for column in range(programme.count[COLUMNS]):
        if programme.mark[USABLE, column] == 1:
            least = min(least, programme.column[COLUMN_REDUCED, column])
    many = 0
    if least < -WORTH:
        for column in range(programme.count[COLUMNS]):
            pays = programme.column[COLUMN_REDUCED, column] <= 0.5 * least
            if pays and programme.mark[USABLE, column] == 1 and many < CANDIDATES:
                programme.mark[SPARE, many] = column
                many += 1
    return many, min(-WORTH, 0.5 * least)


@kernel
def _entering(
    programme: Programme, lines: int, sources: int, many: int, enough: float
) -> tuple[int, int, float]:
    """Choose what enters: (number, 0 bundle | 1 surplus | 2 slack, reduced cost); -1 for none."""
    enter = -1
    kind = 0
    least = enough
    for i in range(many):
        column = programme.mark[SPARE, i]
        reduced = reduced_cost(programme, column)
        if reduced <= least:
            least = reduced
            enter = column
    lower = lines + sources + KINDS
    for row in range(len(programme.basis)):
        slack = lines <= row < lower
        reduced = programme.row[DUAL, row]
        if slack:
            reduced = programme.row[LOGICAL, row] - reduced
        if reduced < least:
            least = reduced
            enter = row
            kind = 2 if slack else 1
    return enter, kind, least


@kernel
def transform(programme: Programme, enter: int, kind: int) -> None:
    """Express the entering column in the basis."""
    rows = len(programme.basis)
    entering = programme.row[ENTERING]
    if kind != 0:
        sign = 1.0 if kind == 2 else -1.0
        for i in range(rows):
            entering[i] = sign * programme.inverse[enter, i]
        return
    for i in range(rows):
        entering[i] = 0.0
    for t in range(programme.mark[ELEMENTS, enter]):
        element = programme.element[enter, t]
        inverse = programme.inverse[programme.row_of[enter, t]]
        for i in range(rows):
            entering[i] += element * inverse[i]


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
def _move(programme: Programme, leave: int, step: float) -> None:
    """Let the entering variable grow by a step."""
    entering = programme.row[ENTERING]
    for i in range(len(programme.basis)):
        if entering[i] != 0.0:
            programme.row[BASIC, i] = max(0.0, programme.row[BASIC, i] - entering[i] * step)
    programme.row[BASIC, leave] = step


@kernel
def exchange(programme: Programme, leave: int, reduced: float) -> None:
    """Exchange the leaving for the entering variable in the inverse and the dual prices."""
    rows = len(programme.basis)
    entering = programme.row[ENTERING]
    pivot = entering[leave]
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
    """Pivot until no known bundle makes the mix cheaper; return how often.

    Candidates that pay best enter one after the other before all bundles are priced again.
    """
    lines = table.line.shape[1]
    sources = table.source_of.shape[1] - 1
    pivots = 0
    many = ZERO
    enough = -WORTH
    fresh = False
    _duals(programme)
    while pivots < limit:
        enter, kind, reduced = _entering(programme, lines, sources, many, enough)
        if enter < 0:
            if fresh:
                break
            many, enough = _list_candidates(programme)
            programme.count[PRICED] += 1
            fresh = True
            continue
        fresh = False
        transform(programme, enter, kind)
        leave, step = _leaving(programme)
        if leave < 0:
            break
        _move(programme, leave, step)
        exchange(programme, leave, reduced)
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
        _rebuild(programme)
    _duals(programme)
    return pivots


@kernel
def _write_basis(programme: Programme) -> None:
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
            for t in range(programme.mark[ELEMENTS, variable]):
                matrix[programme.row_of[variable, t], i] = programme.element[variable, t]
        elif -1 - variable >= SURPLUS:
            matrix[-1 - variable - SURPLUS, i] = -1.0
        else:
            matrix[-1 - variable, i] = 1.0


@kernel
def _rebuild(programme: Programme) -> None:
    """Invert the basis afresh (Gauss and Jordan, partial pivoting); begin anew if singular."""
    rows = len(programme.basis)
    for i in range(rows):
        if programme.basis[i] < -TURNED:
            return
    programme.count[UPDATES] = 0
    _write_basis(programme)
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
    basic_values(programme)
    for i in range(rows):
        programme.row[BASIC, i] = max(0.0, programme.row[BASIC, i])
