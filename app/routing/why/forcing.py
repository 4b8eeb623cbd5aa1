"""A problem with one thing changed: a line from one seller, a seller left out, fewer sellers.

Each function gives a new problem over the same sellers and sources, so plans of both compare.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from app.routing.problem import Allocation, Problem, Supply


@dataclass(frozen=True, slots=True)
class Forced:
    """A problem in which a seller's units of a line, as many as it can give, are a line apart.

    `units` of line `line` come from the seller or from nobody; `rest` is the line that holds the
    units beyond them, if there are any.
    """

    problem: Problem
    line: int
    units: int
    rest: int | None

    def merged(self, allocations: Sequence[Allocation]) -> list[Allocation]:
        """Allocations in terms of the problem that it was made from."""
        sums: dict[tuple[int, int], int] = {}
        for line, source, quantity in allocations:
            key = (self.line if line == self.rest else line, source)
            sums[key] = sums.get(key, 0) + quantity
        return [Allocation(*key, quantity) for key, quantity in sorted(sums.items())]

    def taken(self, allocations: Sequence[Allocation]) -> int:
        """Units that allocations of the forced problem take from the seller's own line."""
        return sum(part.quantity for part in allocations if part.line == self.line)


def rows_of(problem: Problem) -> list[Supply]:
    """The supplies as rows with all their fields."""
    return [Supply(*row) for row in problem.supplies]


def seller_of(problem: Problem, row: Supply) -> int:
    """Whose supply it is."""
    return problem.sources[row.source].seller


def units_within(problem: Problem, line: int, seller: int) -> int:
    """The most whole packs' units of a line that a seller has."""
    has = [
        row.available // row.step * row.step
        for row in rows_of(problem)
        if row.line == line and seller_of(problem, row) == seller
    ]
    return min(problem.lines[line].quantity, sum(has))


def with_line_from(problem: Problem, line: int, seller: int) -> Forced | None:
    """As much of a line from a seller as it has, the rest from whoever else; none if it has none.

    A line that must not be cut comes from the seller whole or not at all.
    """
    units, whole = units_within(problem, line, seller), problem.lines[line]
    if not units or (whole.is_whole and units < whole.quantity):
        return None
    if units == whole.quantity:
        made = keeping(problem, lambda row: row.line != line or seller_of(problem, row) == seller)
        return Forced(made, line, units, None)
    return Forced(_cut(problem, line, seller, units), line, units, len(problem.lines))


def _cut(problem: Problem, line: int, seller: int, units: int) -> Problem:
    """The same with a line in two: the seller's units, and the others' as a line of its own."""
    rest, whole = len(problem.lines), problem.lines[line]
    rows = [
        row if row.line != line or seller_of(problem, row) == seller else row._replace(line=rest)
        for row in rows_of(problem)
    ]
    lines = [*problem.lines, whole._replace(quantity=whole.quantity - units)]
    lines[line] = whole._replace(quantity=units)
    return replace(
        problem,
        lines=lines,
        supplies=rows,
        complete=_grown(problem.complete, line, rest),
        together=_grown(problem.together, line, rest),
    )


def without(problem: Problem, seller: int) -> Problem:
    """The same without a seller."""
    return keeping(problem, lambda row: seller_of(problem, row) != seller)


def only(problem: Problem, seller: int) -> Problem:
    """The same with one seller alone."""
    return keeping(problem, lambda row: seller_of(problem, row) == seller)


def keeping(problem: Problem, keeps: Callable[[Supply], bool]) -> Problem:
    """The same with some of the supplies; what levels say of the others goes with them."""
    rows = rows_of(problem)
    kept = [number for number, row in enumerate(rows) if keeps(row)]
    levels = tuple(
        level._replace(supplies=[level.supplies[n] for n in kept] if level.supplies else ())
        for level in problem.levels
    )
    return replace(problem, supplies=[rows[number] for number in kept], levels=levels)


def at_most(problem: Problem, sellers: int) -> Problem:
    """The same with so many sellers at most."""
    return replace(problem, most_sellers=sellers)


def with_price_lower(problem: Problem, line: int, seller: int, by: int) -> Problem:
    """A seller asks so many cost units less for a unit of a line."""

    def lower(row: Supply) -> Supply:
        cost, goods = max(0, row.unit_cost - by), max(0, row.goods_value - by)
        return row._replace(unit_cost=cost, goods_value=goods)

    return _changed(problem, line, lambda row: seller_of(problem, row) == seller, lower)


def with_stock(problem: Problem, line: int, source: int, units: int) -> Problem:
    """A source has so many units of a line."""
    return _changed(
        problem,
        line,
        lambda row: row.source == source,
        lambda row: row._replace(available=units),
    )


def _changed(
    problem: Problem,
    line: int,
    is_meant: Callable[[Supply], bool],
    change: Callable[[Supply], Supply],
) -> Problem:
    rows: Iterable[Supply] = (
        change(row) if row.line == line and is_meant(row) else row for row in rows_of(problem)
    )
    return replace(problem, supplies=list(rows))


def _grown(groups: Sequence[Sequence[int]], line: int, rest: int) -> Sequence[Sequence[int]]:
    return tuple((*group, rest) if line in group else group for group in groups)
