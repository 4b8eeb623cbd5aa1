"""Orders that the sellers' minimums keep from being served in full.

First the most units that any plan serves, then the least cost of serving so many, both as
mixed-integer programmes. Lines compete here, so the bounds of the full case do not hold.
"""

from math import isfinite

import numpy as np

from app.routing.problem import Limits, Plan
from app.routing.strategies import milp
from app.routing.strategies.draft import Draft
from app.routing.strategies.instance import Instance

UNITS_TIME_S = 2.0
COST_TIME_S = 0.3


def plan_in_part(instance: Instance, limits: Limits) -> Plan | None:
    """Serve as many units as possible, then as cheaply as the effort allows; None for nothing."""
    every = np.ones(instance.shape[0], dtype=np.bool_)
    grain = instance.grain()
    most = milp.solve(
        instance,
        every,
        milp.Demand(maximise_units=True),
        grain,
        milp.Effort(min(UNITS_TIME_S, limits.time_s)),
    )
    if most.taken is None or not most.taken.any():
        return None
    units = int(most.taken.sum())
    cheapest = milp.solve(
        instance,
        every,
        milp.Demand(units=units),
        grain,
        milp.Effort(min(COST_TIME_S, limits.time_s)),
    )
    taken = most.taken if cheapest.taken is None else cheapest.taken
    cost = Draft.of(instance, taken).cost()
    proved = cheapest.bound if isfinite(cheapest.bound) else 0.0
    bound = cost if cheapest.optimal else max(0, min(cost, int(proved - 1e-6) * grain))
    return Plan(
        instance.allocations(taken),
        units,
        cost,
        bound,
        "optimal" if cheapest.optimal else "bounded",
        "partial",
        most.optimal,
    )
