"""A problem decided by integer programmes in turn: units, each level, the cost.

Each stage is settled before the next and kept by a row of its own; nothing is weighed by giant
numbers. The most units are known beforehand when a plan in hand serves all that could be served, or
when the first stage finds one.

Laws: a plan in hand is never made worse; what the effort did not suffice to prove is told.
"""

from dataclasses import dataclass
from math import ceil, floor, inf

import numpy as np

from app.routing.check import violations
from app.routing.exact.formulation import Formulation, formulate
from app.routing.exact.tally import amount_of, cost_level, grain_of, told
from app.routing.integer import INFINITY, Floats, Solved, minimize
from app.routing.problem import Allocation, Level, Plan, Problem

METHOD = "programme"
MUCH = 1 << 62
HIDDEN = 1e-3


@dataclass(slots=True)
class _Course:
    """The stages under way."""

    made: Formulation
    nodes: int
    best: tuple[Allocation, ...]
    units_proved: bool = False
    levels_proved: bool = True

    def settle_units(self) -> None:
        """Find the most units, and keep them."""
        most = sum(self.made.rows.most)
        units = sum(row.quantity for row in self.best)
        if units < most:
            vector = -self.made.vector(self.made.units())
            solved = self._minimize(vector, 1)
            self._take(solved, Level(), units_first=True)
            units = sum(row.quantity for row in self.best)
            most = min(most, _rounded(-solved.bound, 1, down=True))
        self.units_proved = units == most
        if units == sum(self.made.rows.most):
            for line, row in self.made.line_rows.items():
                self.made.model.row_lower[row] = self.made.rows.most[line]
        else:
            self.made.model.row(units, INFINITY, self.made.units())

    def settle(self, level: Level, number: int) -> int:
        """Find a level's least amount, and keep it; returns the bound."""
        vector = self.made.objective(level, number)
        grain = grain_of(level)
        solved = self._minimize(vector, grain)
        self._take(solved, level)
        amount = amount_of(self.made.problem, level, self.best)
        bound = min(amount, _rounded(solved.bound, grain, down=False))
        terms = [(int(column), float(vector[column])) for column in np.flatnonzero(vector)]
        self.made.model.at_most(terms, amount)
        return bound

    def _minimize(self, vector: Floats, grain: int) -> Solved:
        start = self.made.values(self.best)
        return minimize(self.made.model, vector, self.nodes, grain=grain, start=start)

    def _take(self, solved: Solved, level: Level, *, units_first: bool = False) -> None:
        """Take over what is found if it is lawful and no worse than what is in hand."""
        if solved.values is None:
            return
        problem = self.made.problem
        found = self.made.allocations(solved.values)
        if violations(problem, found):
            return

        def rank(plan: tuple[Allocation, ...]) -> tuple[int, int]:
            return -sum(row.quantity for row in plan), amount_of(problem, level, plan)

        if units_first or rank(found) < rank(self.best):
            self.best = min(self.best, found, key=rank)


def settle(problem: Problem, known: tuple[Allocation, ...], nodes: int) -> Plan:
    """Decide a problem by integer programmes, beginning with a lawful plan."""
    course = _Course(formulate(problem), nodes, known)
    if not any(course.made.rows.most):
        return told(problem, (), method=METHOD, bound=0, units_proved=True)
    course.settle_units()
    for number, level in enumerate(problem.levels):
        bound = course.settle(level, number)
        amount = amount_of(problem, level, course.best)
        course.levels_proved = course.levels_proved and bound == amount
    bound = course.settle(cost_level(problem), len(problem.levels))
    return told(
        problem,
        course.best,
        method=METHOD,
        bound=max(0, bound),
        units_proved=course.units_proved,
        levels_proved=course.levels_proved,
    )


def _rounded(bound: float, grain: int, *, down: bool) -> int:
    """The nearest multiple of the grain that a bound allows."""
    if bound in {inf, -inf}:
        return MUCH if bound > 0 else -MUCH
    # Sums of floats may lie beside the whole number that they mean.
    whole = floor(bound / grain + HIDDEN) if down else ceil(bound / grain - HIDDEN)
    return whole * grain
