"""Fewest consignments: how many locations ship counts before what they cost.

Its plans are the cheapest of those with as few consignments; others may be cheaper, so what is told
as the bound is what the goods alone must cost.
"""

from dataclasses import replace

from app.routing.problem import Level, Limits, Plan, Problem
from app.routing.strategies.optimal import OptimalStrategy
from app.routing.strategies.walking import floored


class FewestParcelsStrategy:
    """As few consignments as can be, then the cheapest."""

    def plan(self, problem: Problem, limits: Limits) -> Plan:
        """Settle the number of consignments before everything else."""
        level = Level(sources=[1] * len(problem.sources))
        counted = replace(problem, levels=(level, *problem.levels))
        plan = OptimalStrategy().plan(counted, limits)
        return floored(problem, plan.allocations, "fewest_parcels")
