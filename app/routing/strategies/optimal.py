"""The default strategy: the cheapest plan that serves the most units, with its proof.

A problem without further terms is branch and price's (`app.routing.optimizer`). With them it is
*relaxed, checked, then exact*: decided without them first, and a plan that keeps them anyway is the
answer, bound and all; otherwise an exact method takes over that fits its shape.
"""

from dataclasses import replace

from app.routing.check import violations
from app.routing.exact import stages
from app.routing.exact.location import decide_location
from app.routing.exact.subsets import decide_subsets
from app.routing.exact.walk import walk
from app.routing.optimizer.branch_and_price import branch_and_price
from app.routing.problem import Allocation, Limits, Line, Plan, Problem, Source, Supply
from app.routing.problem import Seller as SellerTerms
from app.routing.strategies.walking import by_most, by_rank

# What a node of the tree over a programme is worth in work.
WORK_A_NODE = 100
# Of more lines than this, even plain orders are looked at for their shape first.
MANY_LINES = 40


class OptimalStrategy:
    """Branch and price where it fits, else an exact method for the problem's shape."""

    def plan(self, problem: Problem, limits: Limits) -> Plan:
        """Decide the problem within the limits."""
        if is_plain(problem) and len(problem.lines) <= MANY_LINES:
            return branch_and_price(problem, limits)
        shaped = decide_subsets(problem) or decide_location(problem, limits)
        if shaped is not None:
            return shaped
        if is_plain(problem):
            return branch_and_price(problem, limits)
        relaxed = None if problem.levels else branch_and_price(relax(problem), limits)
        if relaxed is not None and not violations(problem, relaxed.allocations):
            return relaxed
        plan = stages.settle(problem, _beginning(problem), max(1, limits.work // WORK_A_NODE))
        return plan if relaxed is None else _lifted(plan, relaxed)


def is_plain(problem: Problem) -> bool:
    """Tell whether branch and price knows all terms of a problem."""
    return not (
        problem.levels
        or problem.together
        or problem.complete
        or problem.must_serve_all
        or problem.most_sellers is not None
        or problem.most_sources is not None
        or any(line.is_whole for line in problem.lines)
        or any(seller.capacity is not None for seller in problem.sellers)
        or any(source.capacity is not None for source in problem.sources)
        or any(row[5:] not in {(), (1,)} for row in problem.supplies)
    )


def relax(problem: Problem) -> Problem:
    """The same problem without what branch and price does not know."""
    return Problem(
        [Line(line.quantity, line.unit_weight_g) for line in problem.lines],
        [SellerTerms(row.minimum_value, row.fixed_cost) for row in problem.sellers],
        [Source(row.seller, row.tariff, row.fixed_cost) for row in problem.sources],
        [Supply(*row[:5]) for row in problem.supplies],
    )


def _beginning(problem: Problem) -> tuple[Allocation, ...]:
    """A lawful plan to begin with: the best walk."""
    plans: list[list[Allocation]] = [walk(problem, choose) for choose in (by_most, by_rank)]
    return tuple(max(plans, key=lambda parts: sum(part.quantity for part in parts)))


def _lifted(plan: Plan, relaxed: Plan) -> Plan:
    """The relaxed problem's bound holds for the plan, too, when both serve as much."""
    if relaxed.units != plan.units or relaxed.bound <= plan.bound:
        return plan
    bound = min(plan.cost, relaxed.bound)
    proved = bound == plan.cost and plan.units_proved
    return replace(plan, bound=bound, proof="optimal" if proved else plan.proof)
