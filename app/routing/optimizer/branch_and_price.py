"""From a problem to the cheapest plan that serves the most units, with its proof.

An order is packed (`table`), searched (`branching`) and its plan priced again in whole numbers.
When no plan serves it in full because sellers' minimums stand in the way, the most units that they
allow are settled first (`partial`).
"""

from dataclasses import replace

import numpy as np

from app.routing.optimizer.decision import Decision
from app.routing.optimizer.instance import Instance, build_instance
from app.routing.optimizer.partial import cheapest_units, most_units, narrowed
from app.routing.problem import Limits, Plan, Problem, Proof

EMPTY = Plan((), 0, 0, 0, "optimal", "empty")
# Orders of few lines are decided while somebody waits; larger ones gain more from more work. Shares
# of the work allowed, by number of lines.
WORK_SHARES = ((10, 0.45), (20, 0.85))


def branch_and_price(problem: Problem, limits: Limits) -> Plan:
    """Decide a problem within the limits."""
    instance = build_instance(problem)
    if instance is None:
        return EMPTY
    decision = Decision.begin(instance)
    decision.decide(work_for(len(problem.lines), limits))
    if decision.taken is not None:
        return decision.told()
    return _decide_in_part(instance, limits)


def work_for(lines: int, limits: Limits) -> int:
    """The work that an order of so many lines is worth."""
    share = next((share for upto, share in WORK_SHARES if lines <= upto), 1.0)
    return int(limits.work * share)


def _decide_in_part(instance: Instance, limits: Limits) -> Plan:
    """Settle how many units can be served before asking for the least cost."""
    taken, most = most_units(instance, limits.work)
    units = int(taken.sum())
    if not units:
        return replace(EMPTY, proof="bounded" if most else "optimal", units_proved=most == 0)
    part, sources = narrowed(instance, taken.sum(axis=0))
    decision = Decision.begin(part)
    decision.start_from(taken[np.ix_(sources, taken.any(axis=0))])
    decision.decide(limits.work)
    plan = decision.told()
    if units == int(instance.demand.sum()):
        return plan
    # Other units of the same number may be cheaper: the bound must hold for them too.
    bound = min(plan.cost, cheapest_units(instance, units, limits.work))
    proof: Proof = "optimal" if bound == plan.cost and units == most else "bounded"
    return replace(plan, bound=bound, proof=proof, method="partial", units_proved=units == most)
