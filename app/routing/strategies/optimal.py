"""The default strategy: the cheapest plan that serves the most units, with its proof.

Climb to a bound, list what a plan near the bound may use, settle the root and dive for a plan,
then branch until the bound reaches the plan or the work is done. When no plan is found, the most
units that the sellers' minimums allow are settled first.
"""

from dataclasses import dataclass, replace
from math import ceil, isfinite
from time import monotonic

import numpy as np

from app.routing.problem import Limits, Plan, Problem, Proof
from app.routing.strategies import milp
from app.routing.strategies.draft import Draft
from app.routing.strategies.dual import Ascent, Prices, Relaxation
from app.routing.strategies.improve import improve
from app.routing.strategies.instance import Instance, build_instance
from app.routing.strategies.partial import cheaper_choice, most_units, narrowed
from app.routing.strategies.search import Incumbent, Search, begin_search

EMPTY = Plan((), 0, 0, 0, "optimal", "empty")
FIRST_STEPS, MORE_STEPS = 12, 8
FIRST_TARGET = 1.04
GUESSES = (1.08, 1.4)
SMALL = 40
SMALL_SHARE, SMALL_TIME_S = 3, 0.005


class OptimalStrategy:
    """Bounds, bundles and branching."""

    def plan(self, problem: Problem, limits: Limits) -> Plan:
        """Decide the problem within the limits."""
        instance = build_instance(problem)
        if instance is None:
            return EMPTY
        deadline = monotonic() + limits.time_s
        decision = _Decision(instance, limits.work, deadline, Incumbent(instance.grain()))
        decision.decide()
        if decision.incumbent.draft is not None:
            return decision.told()
        return _decide_by_units(instance, limits, deadline)


def _decide_by_units(instance: Instance, limits: Limits, deadline: float) -> Plan:
    """Settle how many units can be served before asking for the least cost."""
    most = most_units(instance)
    if not most.units:
        return EMPTY if most.proved else replace(EMPTY, proof="bounded", units_proved=False)
    part = narrowed(instance, most.taken.sum(axis=0))
    incumbent = Incumbent(part.grain())
    start = Draft.of(part, np.minimum(most.taken[:, most.taken.any(axis=0)], part.capacity))
    incumbent.offer(start)
    incumbent.offer(improve(start, np.arange(part.shape[0])))
    decision = _Decision(part, limits.work, deadline, incumbent)
    decision.decide()
    if most.units == int(instance.demand.sum()):
        return decision.told()
    return _in_part(instance, decision, units_proved=most.proved)


def _in_part(instance: Instance, decision: "_Decision", *, units_proved: bool) -> Plan:
    """State a plan that leaves units unserved: another choice of units may be cheaper."""
    plan = decision.told()
    choice, bound = cheaper_choice(instance, plan.units, plan.cost)
    if choice is not None:
        cost = Draft.of(instance, choice).cost()
        plan = Plan(instance.allocations(choice), plan.units, cost, bound, "bounded", "partial")
    proof: Proof = "optimal" if bound == plan.cost else "bounded"
    return replace(plan, bound=bound, proof=proof, method="partial", units_proved=units_proved)


@dataclass(slots=True)
class _Decision:
    """One order being decided in full."""

    instance: Instance
    work: int
    deadline: float
    incumbent: Incumbent
    bound: float = 0.0
    method: str = "bound"

    def decide(self) -> None:
        """Find a plan and prove it as far as the work goes."""
        incumbent = self.incumbent
        ascent = Ascent.begin(Relaxation.of(self.instance))
        ascent.climb(ascent.bound.value * FIRST_TARGET, FIRST_STEPS)
        known = incumbent.draft is not None
        search = None
        for guess in GUESSES:
            cutoff = incumbent.cutoff() if known else ascent.bound.value * guess
            search = begin_search(ascent, incumbent, cutoff)
            if search is not None:
                search.settle_root()
            if incumbent.draft is not None:
                break
        if incumbent.draft is not None and incumbent.cutoff() > cutoff:
            search = self._again(ascent, search)
        self.bound = ascent.bound.value
        if incumbent.draft is not None:
            self._search_on(search)

    def _search_on(self, search: Search | None) -> None:
        """Branch with the work that is left."""
        if search is None:
            self.bound = float(self.incumbent.cost)
            return
        self.method = "branch"
        small = (self.instance.capacity > 0).sum() <= SMALL
        search.run(self.work * (SMALL_SHARE if small else 1), self.deadline)
        self.bound = search.bound()
        if small and self.bound < self.incumbent.cutoff() and monotonic() < self.deadline:
            self._finish_small()

    def _finish_small(self) -> None:
        """Hand what is left of a small order to the general solver."""
        instance, incumbent = self.instance, self.incumbent
        every = np.ones(instance.shape[0], dtype=np.bool_)
        effort = milp.Effort(self.work * SMALL_TIME_S, self.work)
        answer = milp.solve(instance, every, milp.SERVE_ALL, incumbent.grain, effort)
        if answer.taken is not None:
            incumbent.offer(Draft.of(instance, answer.taken))
        proved = incumbent.cost if answer.optimal else answer.bound * incumbent.grain
        if isfinite(proved) and proved > self.bound:
            self.bound, self.method = float(proved), "milp"

    def _again(self, ascent: Ascent, first: Search | None) -> Search | None:
        """List anew what a plan better than the known one may use; None when nothing may."""
        if first is not None and first.root_duals is not None:
            ascent.resume(Prices(first.root_duals.line, first.root_duals.seller))
        ascent.climb(self.incumbent.target(ascent.bound.value), MORE_STEPS)
        return begin_search(ascent, self.incumbent, self.incumbent.cutoff())

    def told(self) -> Plan:
        """State the plan and what is proved."""
        incumbent = self.incumbent
        assert incumbent.draft is not None
        taken = incumbent.draft.taken
        proved = self.bound >= incumbent.cutoff()
        return Plan(
            self.instance.allocations(taken),
            int(taken.sum()),
            incumbent.cost,
            incumbent.cost if proved else whole_bound(self.bound, incumbent),
            "optimal" if proved else "bounded",
            self.method,
        )


def whole_bound(bound: float, incumbent: Incumbent) -> int:
    """Round a bound up to what a plan can cost, after giving away what rounding may have added."""
    grain = incumbent.grain
    return max(0, min(incumbent.cost, ceil((bound - 1.0) / grain) * grain))
