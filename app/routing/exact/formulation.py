"""A problem with all its terms as an integer programme.

A column for each supply (in packs) or bundle's source, for each source and seller that is used, for
each whole line's source, and for freight. The formulation is strong where it is cheap: a supply is
held down by its own source, not only the source by all of them.

Laws: plans and whole values of the columns stand for each other; further columns only help.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from app.routing.exact.freight import Consignment, add_consignment
from app.routing.exact.rows import Bundle, Row, Rows, survey
from app.routing.freight import Tariff
from app.routing.integer import INFINITY, Floats, Model
from app.routing.problem import Allocation, Level, Problem

Terms = list[tuple[int, float]]


@dataclass(slots=True)
class Formulation:
    """The programme and what its columns stand for."""

    problem: Problem
    rows: Rows
    model: Model = field(default_factory=Model)
    taken: dict[tuple[int, int], tuple[int, int]] = field(default_factory=dict)
    opened: dict[int, int] = field(default_factory=dict)
    used: dict[int, int] = field(default_factory=dict)
    chosen: dict[tuple[int, int], int] = field(default_factory=dict)
    consignments: dict[int, dict[int, Consignment]] = field(default_factory=dict)
    completed: list[tuple[tuple[int, ...], int]] = field(default_factory=list)
    line_rows: dict[int, int] = field(default_factory=dict)

    def objective(self, level: Level, number: int) -> Floats:
        """A level's (or, as the last one, the cost's) coefficients."""
        row_of = {(row[0], row[1]): no for no, row in enumerate(self.problem.supplies)}
        terms: Terms = []
        if level.supplies:
            terms += [
                (column, level.supplies[row_of[key]] * units)
                for key, (column, units) in self.taken.items()
            ]
        if level.sources:
            terms += [(column, level.sources[source]) for source, column in self.opened.items()]
        if level.sellers:
            terms += [(column, level.sellers[seller]) for seller, column in self.used.items()]
        for consignment in self.consignments.get(number, {}).values():
            terms += consignment.prices()
        return self.vector(terms)

    def vector(self, terms: Sequence[tuple[int, float]]) -> Floats:
        """Coefficients of all columns."""
        vector = np.zeros(len(self.model.lower))
        for column, value in terms:
            vector[column] += value
        return vector

    def units(self) -> Terms:
        """What each column serves."""
        return [(column, float(units)) for column, units in self.taken.values()]

    def allocations(self, values: Floats) -> tuple[Allocation, ...]:
        """Read a plan out of the columns' values."""
        whole = np.rint(values).astype(np.int64).tolist()
        return tuple(
            Allocation(line, source, whole[column] * units)
            for (line, source), (column, units) in sorted(self.taken.items())
            if whole[column] > 0
        )

    def values(self, allocations: Sequence[Allocation]) -> Floats:
        """State a plan in the columns' values."""
        values = np.zeros(len(self.model.lower))
        weights: dict[int, int] = defaultdict(int)
        served: dict[int, int] = defaultdict(int)
        for line, source, quantity in allocations:
            column, units = self.taken[line, source]
            values[column] = quantity // units
            values[self.opened[source]] = 1
            values[self.used[self.problem.sources[source].seller]] = 1
            if (line, source) in self.chosen:
                values[self.chosen[line, source]] = 1
            weights[source] += quantity * self.problem.lines[line].unit_weight_g
            served[line] += quantity
        for by_source in self.consignments.values():
            for source in weights.keys() & by_source.keys():
                for column, value in by_source[source].values(weights[source]):
                    values[column] = value
        for group, column in self.completed:
            values[column] = 1 if served[group[0]] else 0
        return values


def formulate(problem: Problem) -> Formulation:
    """State a problem as an integer programme."""
    made = Formulation(problem, survey(problem))
    _open(made)
    for row in made.rows.rows:
        made.taken[row.line, row.source] = (made.model.column(0, row.packs), row.step)
    for bundle in made.rows.bundles:
        _add_bundle(made, bundle)
    _add_lines(made)
    for number, tariffs in enumerate([*(level.tariffs for level in problem.levels), ()]):
        _add_freight(made, number, tariffs or [])
    _add_freight(made, len(problem.levels), [source.tariff for source in problem.sources])
    _hold_down(made)
    _add_capacities(made)
    _add_minimums(made)
    _add_counts(made)
    return made


def _open(made: Formulation) -> None:
    """Columns of sources and of sellers; a seller of one source is that source."""
    sources = sorted(
        {row.source for row in made.rows.rows}.union(*(b.sources for b in made.rows.bundles))
    )
    by_seller: dict[int, list[int]] = defaultdict(list)
    for source in sources:
        made.opened[source] = made.model.column(0, 1)
        by_seller[made.problem.sources[source].seller].append(source)
    for seller, own in by_seller.items():
        if len(own) == 1:
            made.used[seller] = made.opened[own[0]]
            continue
        made.used[seller] = made.model.column(0, 1)
        for source in own:
            made.model.at_most([(made.opened[source], 1.0), (made.used[seller], -1.0)])


def _add_bundle(made: Formulation, bundle: Bundle) -> None:
    """One of the sources that can ships all of the bundle, or none does."""
    columns = []
    for source in bundle.sources:
        column = made.model.column(0, 1)
        columns.append((column, 1.0))
        for line in bundle.lines:
            made.taken[line, source] = (column, made.problem.lines[line].quantity)
    made.model.at_most(columns, 1.0)


def _add_lines(made: Formulation) -> None:
    """Lines get what they want at most; whole ones from one source; groups in full."""
    by_line: dict[int, Terms] = defaultdict(list)
    for (line, _), (column, units) in made.taken.items():
        by_line[line].append((column, float(units)))
    whole: dict[int, list[Row]] = defaultdict(list)
    for row in made.rows.rows:
        if made.problem.lines[row.line].is_whole:
            whole[row.line].append(row)
    for line, own in whole.items():
        _choose_source(made, line, own)
    for line, terms in by_line.items():
        made.line_rows[line] = len(made.model.row_lower)
        made.model.at_most(terms, made.rows.most[line])
    for group in made.rows.complete:
        column = made.model.column(0, 1)
        made.completed.append((group, column))
        for line in group:
            wanted = float(made.problem.lines[line].quantity)
            made.model.equal([*by_line[line], (column, -wanted)], 0.0)


def _choose_source(made: Formulation, line: int, rows: Sequence[Row]) -> None:
    """At most one of a whole line's sources is chosen."""
    if len(rows) == 1:
        return
    choices: Terms = []
    for row in rows:
        column = made.model.column(0, 1)
        made.chosen[line, row.source] = column
        choices.append((column, 1.0))
        made.model.at_most([(made.taken[line, row.source][0], 1.0), (column, -float(row.packs))])
        made.model.at_most([(column, 1.0), (made.opened[row.source], -1.0)])
    made.model.at_most(choices, 1.0)


def _by_source(made: Formulation) -> dict[int, list[tuple[int, int, int]]]:
    """What each source may ship: line, column, units."""
    own: dict[int, list[tuple[int, int, int]]] = {source: [] for source in made.opened}
    for (line, source), (column, units) in made.taken.items():
        own[source].append((line, column, units))
    return own


def _add_freight(made: Formulation, number: int, tariffs: Sequence[Tariff]) -> None:
    """Columns of freight, for the cost or for a level that counts freight of its own."""
    if not tariffs:
        return
    made.consignments[number] = {}
    for source, own in _by_source(made).items():
        weighing = [
            (column, float(units * made.problem.lines[line].unit_weight_g))
            for line, column, units in own
            if made.problem.lines[line].unit_weight_g
        ]
        if not weighing or not tariffs[source].bands:
            continue
        heaviest = int(sum(weight * made.model.upper[column] for column, weight in weighing))
        consignment = add_consignment(made.model, tariffs[source], heaviest, made.opened[source])
        made.consignments[number][source] = consignment
        made.model.at_most(
            [*weighing, *((column, -float(room)) for column, room in consignment.rooms())]
        )


def _hold_down(made: Formulation) -> None:
    """What is taken of a source is held down by its being open, or by the form of its freight."""
    cost = made.consignments.get(len(made.problem.levels), {})
    grams: dict[tuple[int, int], int] = defaultdict(int)
    for (line, source), (column, units) in made.taken.items():
        grams[column, source] += units * made.problem.lines[line].unit_weight_g
    for (column, source), weight in grams.items():
        most = made.model.upper[column]
        made.model.at_most([(column, 1.0), (made.opened[source], -most)])
        consignment = cost.get(source)
        if consignment is not None and consignment.forms and weight:
            held = [(form, -min(most, float(room // weight))) for form, room in consignment.rooms()]
            made.model.at_most([(column, 1.0), *held])


def _add_capacities(made: Formulation) -> None:
    """Capacities bind what is used, and nothing passes what is not."""
    lines, sources = made.problem.lines, made.problem.sources
    of_seller: dict[int, Terms] = defaultdict(list)
    for source, own in _by_source(made).items():
        loads = [(column, float(units * lines[line].size)) for line, column, units in own]
        of_seller[sources[source].seller] += loads
        capacity = sources[source].capacity
        if capacity is not None:
            made.model.at_most([*loads, (made.opened[source], -float(capacity))])
    for seller, loads in of_seller.items():
        capacity = made.problem.sellers[seller].capacity
        if capacity is not None:
            made.model.at_most([*loads, (made.used[seller], -float(capacity))])


def _add_minimums(made: Formulation) -> None:
    """A used seller's goods reach its minimum."""
    worth = {(row[0], row[1]): row[4] for row in made.problem.supplies}
    goods: dict[int, Terms] = defaultdict(list)
    for (line, source), (column, units) in made.taken.items():
        seller = made.problem.sources[source].seller
        goods[seller].append((column, float(worth[line, source] * units)))
    for seller, terms in goods.items():
        minimum = made.problem.sellers[seller].minimum_value
        if minimum:
            made.model.row(0.0, INFINITY, [*terms, (made.used[seller], -float(minimum))])


def _add_counts(made: Formulation) -> None:
    """No more sellers and sources than allowed."""
    for most, columns in (
        (made.problem.most_sellers, made.used),
        (made.problem.most_sources, made.opened),
    ):
        if most is not None and most < len(columns):
            made.model.at_most([(column, 1.0) for column in columns.values()], most)
