"""What of a problem's supplies can take part in a plan, with groups drawn together.

Laws: what stays holds every plan of the problem; a line's `most` bounds what any plan serves of it.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from app.routing.problem import Problem

STEP_AT = 5


class Row(NamedTuple):
    """A supply that may take part: at most so many packs of so many units."""

    number: int
    line: int
    source: int
    packs: int
    step: int
    unit_cost: int
    goods_value: int


@dataclass(frozen=True, slots=True)
class Bundle:
    """Lines that ship from one source in full or not at all, and the sources that can."""

    lines: tuple[int, ...]
    sources: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Rows:
    """The survivors: free rows by line, bundles, groups to be completed, units at most by line."""

    rows: tuple[Row, ...]
    bundles: tuple[Bundle, ...]
    complete: tuple[tuple[int, ...], ...]
    most: tuple[int, ...]
    by_place: dict[tuple[int, int], Row]


def survey(problem: Problem) -> Rows:
    """Find what can take part."""
    complete = [tuple(group) for group in problem.complete]
    if problem.must_serve_all:
        complete.append(tuple(range(len(problem.lines))))
    bundled = [*problem.together, *_whole_and_complete(problem, complete)]
    groups = _merged(bundled)
    in_groups = set().union(*groups)
    everything = _rows_by_line(problem)
    bundles = [_bundle(problem, group, everything) for group in groups]
    most = [
        _most(problem, line, rows) if line not in in_groups else 0
        for line, rows in enumerate(everything)
    ]
    for bundle in bundles:
        for line in bundle.lines:
            most[line] = problem.lines[line].quantity if bundle.sources else 0
    _close(problem, [*complete, *groups], most)
    return Rows(
        tuple(
            row
            for line, rows in enumerate(everything)
            if line not in in_groups and most[line]
            for row in rows
        ),
        tuple(bundle for bundle in bundles if most[bundle.lines[0]]),
        tuple(group for group in complete if group and most[group[0]]),
        tuple(most),
        {(row.line, row.source): row for rows in everything for row in rows},
    )


def _rows_by_line(problem: Problem) -> list[list[Row]]:
    by_line: list[list[Row]] = [[] for _ in problem.lines]
    limits = [_capacity(problem, source) for source in range(len(problem.sources))]
    wanted = [line.quantity for line in problem.lines]
    for number, supply in enumerate(problem.supplies):
        line, source, available, unit_cost, goods_value = supply[:STEP_AT]
        step = supply[STEP_AT] if len(supply) > STEP_AT else 1
        units = min(available, wanted[line])
        limit = limits[source]
        if limit is not None and problem.lines[line].size:
            units = min(units, limit // problem.lines[line].size)
        if units >= step:
            row = Row(number, line, source, units // step, step, unit_cost, goods_value)
            by_line[line].append(row)
    return by_line


def _capacity(problem: Problem, source: int) -> int | None:
    """What a source takes at most, its seller's capacity included."""
    place = problem.sources[source]
    own, sellers = place.capacity, problem.sellers[place.seller].capacity
    if own is None or sellers is None:
        return sellers if own is None else own
    return min(own, sellers)


def _whole_and_complete(
    problem: Problem, complete: Sequence[tuple[int, ...]]
) -> Iterator[tuple[int, ...]]:
    """Whole lines that ship in full or not at all are bundles of one line."""
    for line in dict.fromkeys(line for group in complete for line in group):
        if problem.lines[line].is_whole:
            yield (line,)


def _merged(groups: Iterable[Sequence[int]]) -> list[tuple[int, ...]]:
    """Groups that share a line share their source and their fate."""
    merged: list[set[int]] = []
    for group in groups:
        touching = [other for other in merged if other & set(group)]
        merged = [other for other in merged if other not in touching]
        merged.append(set(group).union(*touching))
    return sorted(tuple(sorted(group)) for group in merged if group)


def _bundle(problem: Problem, group: tuple[int, ...], rows: Sequence[Sequence[Row]]) -> Bundle:
    """The sources that can ship all of a group."""
    able = [
        {row.source for row in rows[line] if row.packs * row.step == problem.lines[line].quantity}
        for line in group
    ]
    size = sum(problem.lines[line].quantity * problem.lines[line].size for line in group)
    sources = []
    for source in sorted(set.intersection(*able)):
        limit = _capacity(problem, source)
        if limit is None or limit >= size:
            sources.append(source)
    return Bundle(group, tuple(sources))


def _most(problem: Problem, line: int, rows: Sequence[Row]) -> int:
    amounts = [row.packs * row.step for row in rows]
    wanted = problem.lines[line]
    together = max(amounts, default=0) if wanted.is_whole else sum(amounts)
    return min(wanted.quantity, together)


def _close(problem: Problem, groups: Sequence[Sequence[int]], most: list[int]) -> None:
    """Lines of a group that falls short are not served at all, until nothing changes."""
    changed = True
    while changed:
        changed = False
        for group in groups:
            short = any(most[line] < problem.lines[line].quantity for line in group)
            if short and any(most[line] for line in group):
                changed = True
                for line in group:
                    most[line] = 0
