"""The default strategy: the cheapest plan that serves the most units, with its proof."""

from app.routing.optimizer.branch_and_price import branch_and_price
from app.routing.problem import Limits, Plan, Problem


class OptimalStrategy:
    """Bounds, bundles and branching."""

    def plan(self, problem: Problem, limits: Limits) -> Plan:
        """Decide the problem within the limits."""
        return branch_and_price(problem, limits)
