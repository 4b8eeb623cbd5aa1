"""Orders that the search finds no plan for: what do the sellers' minimums allow at most?

A mixed-integer programme without costs finds the most units that any plan serves. When that is the
whole order, its plan is a start for the search. Otherwise lines compete: the search then looks for
the cheapest way to serve what the programme chose, a second programme looks for a cheaper choice,
and the bound is the second programme's or that of the cheapest units one by one.
"""

from dataclasses import dataclass, replace
from math import isfinite

import numpy as np

from app.routing.strategies import milp
from app.routing.strategies.draft import Draft
from app.routing.strategies.instance import Instance, Ints

UNITS_TIME_S, UNITS_NODES = 2.0, 5_000
COST_TIME_S, COST_NODES = 0.25, 200
SMALL = 60


@dataclass(frozen=True, slots=True)
class MostUnits:
    """Quantities that serve the most units, and whether that is proved."""

    taken: Ints
    units: int
    proved: bool


def most_units(instance: Instance) -> MostUnits:
    """Find the most units that the minimums allow."""
    every = np.ones(instance.shape[0], dtype=np.bool_)
    demand = milp.Demand(maximise_units=True)
    answer = milp.solve(instance, every, demand, 1.0, milp.Effort(UNITS_TIME_S, UNITS_NODES))
    if answer.taken is None:
        return MostUnits(np.zeros(instance.shape, dtype=np.int64), 0, answer.infeasible)
    units = int(answer.taken.sum())
    return MostUnits(answer.taken, units, answer.optimal or units == int(instance.demand.sum()))


def narrowed(instance: Instance, served: Ints) -> Instance:
    """The same order asking only for what can be served, without lines that get nothing."""
    lines = np.flatnonzero(served)
    demand = served[lines]
    return replace(
        instance,
        line_ids=instance.line_ids[lines],
        weight=instance.weight[lines],
        demand=demand,
        capacity=np.minimum(instance.capacity[:, lines], demand),
        unit_cost=instance.unit_cost[:, lines],
        goods_value=instance.goods_value[:, lines],
    )


def cheaper_choice(
    instance: Instance, units: int, cost: int, floor: int
) -> tuple[Ints | None, int]:
    """Look for cheaper quantities of as many units; return them, if any, and a bound.

    `floor` is a bound on the cost of so many units of any lines.
    """
    if (instance.capacity > 0).sum() > SMALL:
        return None, min(cost, floor)
    grain = instance.grain()
    every = np.ones(instance.shape[0], dtype=np.bool_)
    effort = milp.Effort(COST_TIME_S, COST_NODES)
    answer = milp.solve(instance, every, milp.Demand(units=units), grain, effort)
    if answer.taken is None:
        return None, min(cost, floor)
    found = Draft.of(instance, answer.taken)
    if found.poor_sellers().size or found.taken.sum() != units:
        return None, min(cost, floor)
    best = min(cost, found.cost())
    bound = best if answer.optimal else int(answer.bound * grain - grain)
    proved = bound if isfinite(answer.bound) else floor
    return (answer.taken if found.cost() < cost else None), min(best, max(proved, floor))
