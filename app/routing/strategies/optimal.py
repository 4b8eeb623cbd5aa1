"""The default strategy: the cheapest plan that serves the most units, with its proof.

Climb to a bound, list what a plan near the bound may use, dive for a plan, then branch until the
bound reaches the plan or the work is done. Orders that cannot be served in full under the sellers'
minimums are settled in two steps by mixed-integer programmes: most units, then least cost.
"""

from dataclasses import dataclass
from time import monotonic

import numpy as np

from app.routing.problem import Limits, Plan, Problem
from app.routing.strategies.configurations import build_menu
from app.routing.strategies.draft import Draft
from app.routing.strategies.dual import Ascent, Relaxation
from app.routing.strategies.instance import Instance, build_instance
from app.routing.strategies.partial import plan_in_part
from app.routing.strategies.search import Incumbent, Search, begin_search

EMPTY = Plan((), 0, 0, 0, "optimal", "empty")
FIRST_STEPS, MORE_STEPS = 12, 8
FIRST_TARGET = 1.04
GUESSES = (1.08, 1.3, 3.0)


class OptimalStrategy:
    """Bounds, bundles and branching."""

    def plan(self, problem: Problem, limits: Limits) -> Plan:
        """Decide the problem within the limits."""
        instance = build_instance(problem)
        if instance is None:
            return EMPTY
        return _Decision(instance, limits, monotonic() + limits.time_s).plan()


@dataclass(slots=True)
class _Decision:
    """One order being decided."""

    instance: Instance
    limits: Limits
    deadline: float

    def plan(self) -> Plan:
        """Serve everything, or else as much as the minimums allow."""
        ascent = Ascent.begin(Relaxation.of(self.instance))
        ascent.climb(ascent.bound.value * FIRST_TARGET, FIRST_STEPS)
        incumbent = Incumbent(self.instance.grain())
        search = self._first_plan(ascent, incumbent)
        if incumbent.draft is None:
            return plan_in_part(self.instance, self.limits) or EMPTY
        if search is None:
            search = self._again(ascent, incumbent)
        if search is None:
            return self._told(incumbent, incumbent.cost, "bound")
        search.run(self.limits.work, self.deadline)
        return self._told(incumbent, search.bound(), "branch")

    def _first_plan(self, ascent: Ascent, incumbent: Incumbent) -> Search | None:
        """Dive within a guessed distance of the bound; None when the plan lies beyond it."""
        for guess in GUESSES:
            cutoff = ascent.bound.value * guess
            search = begin_search(ascent, incumbent, cutoff)
            if search is not None:
                search.dive()
                if incumbent.draft is not None:
                    return search if incumbent.cutoff() <= cutoff else None
        return None

    def _again(self, ascent: Ascent, incumbent: Incumbent) -> Search | None:
        """List anew what a plan better than the known one may use; None when nothing may."""
        ascent.climb(incumbent.target(ascent.bound.value), MORE_STEPS)
        return begin_search(ascent, incumbent, incumbent.cutoff())

    def _told(self, incumbent: Incumbent, bound: float, method: str) -> Plan:
        """State the plan and what is proved."""
        draft = incumbent.draft
        assert draft is not None
        proved = bound >= incumbent.cutoff()
        return Plan(
            self.instance.allocations(draft.taken),
            int(draft.taken.sum()),
            incumbent.cost,
            incumbent.cost if proved else whole_bound(bound, incumbent),
            "optimal" if proved else "bounded",
            method,
        )


def whole_bound(bound: float, incumbent: Incumbent) -> int:
    """Round a bound up to what a plan can cost, after giving away what rounding may have added."""
    grain = incumbent.grain
    return min(incumbent.cost, -int(-(bound - 1.0) // grain) * grain)


def served_in_full(draft: Draft) -> bool:
    """Tell whether a draft leaves no demand."""
    return not np.any(draft.missing())
