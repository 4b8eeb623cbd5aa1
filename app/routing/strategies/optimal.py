"""The default strategy: the cheapest plan that serves the most units, with its proof."""

import numpy as np

from app.routing.problem import Limits, Plan, Problem
from app.routing.strategies import milp
from app.routing.strategies.instance import Instance, Ints, build_instance

EMPTY = Plan((), 0, 0, 0, "optimal", "empty")


class OptimalStrategy:
    """Decides by bounds, reductions and, for the remainder, a mixed-integer programme."""

    def plan(self, problem: Problem, limits: Limits) -> Plan:
        """Decide the problem within the limits."""
        instance = build_instance(problem)
        if instance is None:
            return EMPTY
        every = np.ones(instance.shape[0], dtype=np.bool_)
        effort = milp.Effort(limits.time_s)
        grain = instance.grain()
        answer = milp.solve(instance, every, milp.SERVE_ALL, grain, effort)
        units_proved = True
        if answer.infeasible:
            most = milp.solve(instance, every, milp.Demand(maximise_units=True), grain, effort)
            units = int(most.taken.sum()) if most.taken is not None else 0
            units_proved = most.optimal
            answer = milp.solve(instance, every, milp.Demand(units=units), grain, effort)
        if answer.taken is None or not answer.taken.any():
            return EMPTY
        cost = plan_cost(instance, answer.taken)
        bound = cost if answer.optimal else min(cost, int(answer.bound) * grain)
        return Plan(
            instance.allocations(answer.taken),
            int(answer.taken.sum()),
            cost,
            bound,
            "optimal" if answer.optimal else "bounded",
            "milp",
            units_proved,
        )


def plan_cost(instance: Instance, taken: Ints) -> int:
    """Price quantities in whole numbers."""
    weight = (taken * instance.weight).sum(axis=1)
    used = taken.any(axis=1)
    parcels, rest = np.divmod(weight, instance.band_weight[:, -1])
    band = (instance.band_weight < rest[:, None]).sum(axis=1)
    rest_price = np.where(rest > 0, instance.band_price[np.arange(len(band)), band], 0)
    freight = parcels * instance.band_price[:, -1] + rest_price + instance.fixed_cost
    sellers = np.unique(instance.seller[used])
    goods = int((taken * instance.unit_cost).sum())
    return goods + int(freight[used].sum()) + int(instance.seller_fixed[sellers].sum())
