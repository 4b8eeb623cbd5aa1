"""A dual simplex: from the basis of one box to the optimum of another in few pivots.

A box forbids bundles and moves limits. The reduced costs of what stays allowed do not change with
that, so the basis, no longer lawful, is still dual feasible, or nearly so when it comes from a box
far away. What is forbidden or below nought leaves, the worst first, for what keeps reduced costs
from turning negative (Lemke 1954); reduced costs that are negative already count as nought. The
primal simplex ends what is left to do.
"""

from app.routing.optimizer.compiled import kernel
from app.routing.optimizer.simplex import (
    BASIC,
    COLUMN_COST,
    COLUMN_PIVOT,
    COLUMN_REDUCED,
    COLUMNS,
    DUAL,
    ELEMENTS,
    ENTERING,
    LEAVING,
    LOGICAL,
    PIVOTS,
    PRICED,
    SURPLUS,
    TINY,
    TURNED,
    UPDATES,
    USABLE,
    Programme,
    exchange,
    reduce,
    transform,
)
from app.routing.optimizer.table import KINDS, Table

# What enters: a bundle, or the surplus, slack or artificial of a row.
BUNDLE, OVER, UNDER, WANTING = 0, 1, 2, 3
# Elements smaller than this are no pivots; forbidden variables go before small infeasibilities.
LEAST_PIVOT = 1e-6
FORBIDDEN = 1e-3


@kernel
def _own_duals(programme: Programme) -> None:
    """Compute the dual prices, forbidden bundles at their own cost."""
    rows = len(programme.basis)
    for j in range(rows):
        programme.row[DUAL, j] = 0.0
    for i in range(rows):
        variable = programme.basis[i]
        price = 0.0
        if variable >= 0:
            price = programme.column[COLUMN_COST, variable]
        elif -1 - variable < SURPLUS:
            price = programme.row[LOGICAL, -1 - variable]
        if price != 0.0:
            for j in range(rows):
                programme.row[DUAL, j] += price * programme.inverse[j, i]


@kernel
def _is_forbidden(programme: Programme, i: int) -> bool:
    """Tell whether a basic variable must leave, whatever its value."""
    variable = programme.basis[i]
    if variable >= 0:
        return bool(programme.mark[USABLE, variable] == 0)
    return bool(-1 - variable >= TURNED)


@kernel
def _leaving(programme: Programme) -> tuple[int, float]:
    """Choose the worst basic variable and the sign of its pivot; -1 when all are lawful."""
    leave = -1
    sign = 1.0
    worst = TINY
    for i in range(len(programme.basis)):
        value = programme.row[BASIC, i]
        bad = -value
        if _is_forbidden(programme, i):
            bad = abs(value) + FORBIDDEN
        if bad > worst:
            worst = bad
            leave = i
            sign = -1.0 if value < -TINY else 1.0
    return leave, sign


@kernel
def _express(programme: Programme, leave: int) -> None:
    """Write down what each bundle has in the leaving row."""
    leaving = programme.row[LEAVING]
    for row in range(len(programme.basis)):
        leaving[row] = programme.inverse[row, leave]
    for column in range(programme.count[COLUMNS]):
        rows = programme.row_of[column]
        elements = programme.element[column]
        pivot = 0.0
        for i in range(programme.mark[ELEMENTS, column]):
            pivot += leaving[rows[i]] * elements[i]
        programme.column[COLUMN_PIVOT, column] = pivot


@kernel
def _entering_bundle(programme: Programme, sign: float) -> tuple[int, float, float]:
    """The bundle whose reduced cost gives way first: its number or -1, the ratio, the pivot."""
    enter = -1
    least = 1e30
    size = 0.0
    for column in range(programme.count[COLUMNS]):
        pivot = sign * programme.column[COLUMN_PIVOT, column]
        if pivot <= LEAST_PIVOT or programme.mark[USABLE, column] == 0:
            continue
        ratio = max(0.0, programme.column[COLUMN_REDUCED, column]) / pivot
        if ratio < least - 1e-9 or (ratio < least + 1e-9 and pivot > size):
            enter = column
            least = ratio
            size = pivot
    return enter, least, size


@kernel
def _kind_of(programme: Programme, row: int, pivot: float, lines: int, sources: int) -> int:
    """What of a row may enter for a pivot of this sign; BUNDLE for nothing."""
    if lines <= row < lines + sources + KINDS:
        return UNDER if pivot > 0.0 and programme.row[LOGICAL, row] == 0.0 else BUNDLE
    return WANTING if pivot > 0.0 else OVER


@kernel
def _reduced_of(programme: Programme, row: int, kind: int) -> float:
    """The reduced cost of a row's surplus, slack or artificial."""
    price = float(programme.row[DUAL, row])
    return price if kind == OVER else float(programme.row[LOGICAL, row]) - price


@kernel
def _entering(programme: Programme, lines: int, sources: int, sign: float) -> tuple[int, int]:
    """Choose what enters: (number, kind); -1 for nothing."""
    enter, least, size = _entering_bundle(programme, sign)
    chosen = BUNDLE
    for row in range(len(programme.basis)):
        pivot = sign * programme.row[LEAVING, row]
        if abs(pivot) <= LEAST_PIVOT:
            continue
        kind = _kind_of(programme, row, pivot, lines, sources)
        if kind == BUNDLE:
            continue
        ratio = max(0.0, _reduced_of(programme, row, kind)) / abs(pivot)
        if ratio < least - 1e-9 or (ratio < least + 1e-9 and abs(pivot) > size):
            enter = row
            chosen = kind
            least = ratio
            size = abs(pivot)
    return enter, chosen


@kernel
def _swap(programme: Programme, leave: int, enter: int, kind: int) -> bool:
    """Let one variable enter for another; false when the pivot is too small to trust."""
    reduced = programme.column[COLUMN_REDUCED, enter]
    if kind != BUNDLE:
        reduced = _reduced_of(programme, enter, kind)
    transform(programme, enter, min(kind, UNDER))
    pivot = programme.row[ENTERING, leave]
    if abs(pivot) < TINY:
        return False
    _take(programme, leave, programme.row[BASIC, leave] / pivot, reduced / pivot)
    exchange(programme, leave, reduced)
    programme.basis[leave] = enter
    if kind == OVER:
        programme.basis[leave] = -1 - SURPLUS - enter
    elif kind != BUNDLE:
        programme.basis[leave] = -1 - enter
    return True


@kernel
def _take(programme: Programme, leave: int, step: float, theta: float) -> None:
    """Move the basic values by a step, and reduced costs with the leaving row."""
    for i in range(len(programme.basis)):
        programme.row[BASIC, i] -= programme.row[ENTERING, i] * step
    programme.row[BASIC, leave] = step
    for column in range(programme.count[COLUMNS]):
        programme.column[COLUMN_REDUCED, column] -= theta * programme.column[COLUMN_PIVOT, column]


@kernel
def restore(table: Table, programme: Programme, limit: int) -> None:
    """Drive out what is forbidden or below nought, in so many pivots at most."""
    lines = table.line.shape[1]
    sources = table.source_of.shape[1] - 1
    _own_duals(programme)
    reduce(programme)
    pivots = 0
    while pivots < limit:
        leave, sign = _leaving(programme)
        if leave < 0:
            break
        _express(programme, leave)
        enter, kind = _entering(programme, lines, sources, sign)
        if enter < 0 and abs(programme.row[BASIC, leave]) <= TINY:
            # What is forbidden and nought may leave either way.
            enter, kind = _entering(programme, lines, sources, -sign)
        if enter < 0 or not _swap(programme, leave, enter, kind):
            break
        pivots += 1
    programme.count[PIVOTS] += pivots
    programme.count[PRICED] += pivots
    programme.count[UPDATES] += pivots
