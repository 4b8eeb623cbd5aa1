"""Fewest consignments: how many locations ship counts before what they cost."""

from dataclasses import replace

from app.routing.problem import Level, Limits, Plan, Problem
from app.routing.strategies.optimal import OptimalStrategy


class FewestParcelsStrategy:
    """As few consignments as can be, then the cheapest."""

    def plan(self, problem: Problem, limits: Limits) -> Plan:
        """Settle the number of consignments before everything else."""
        level = Level(sources=[1] * len(problem.sources))
        counted = replace(problem, levels=(level, *problem.levels))
        plan = OptimalStrategy().plan(counted, limits)
        return replace(plan, levels=plan.levels[1:], method="fewest_parcels")
