"""Published instances of facility location, read as orders to route.

A facility is the one location of a seller, its fixed cost what opening that location costs, a
customer a line. `split`: a line is the customer's demand, which may come from several facilities,
at costs by unit. `single-source`: a line is one delivery that takes up the demand of a facility's
capacity. `uncapacitated`: the same without capacities. Costs with decimals become whole numbers by
a power of ten (or a common denominator, where a cost is divided by a demand).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import lcm

from app.routing.freight import FREE_FREIGHT
from app.routing.instance_files import KINDS, Instance, Kind, UnreadableInstance, read
from app.routing.problem import Line, Plan, Problem, Seller, Source, Supply

__all__ = (
    "KINDS", "Answer", "Instance", "Kind", "Posed", "UnreadableInstance", "answer", "pose", "read",
)  # fmt: skip

# Beyond this a cost by unit is rounded, and the objective told with what that may amount to.
LARGEST_SCALE = 10**7
ROUNDED_SCALE = 10**6


@dataclass(frozen=True, slots=True)
class Posed:
    """An instance as an order, and how many cost units make 1 of its own."""

    problem: Problem
    scale: int
    is_exact: bool


@dataclass(frozen=True, slots=True)
class Answer:
    """A plan in the instance's own numbers."""

    objective: Fraction
    bound: Fraction

    @property
    def gap(self) -> float:
        """How far the bound lies below the objective, as a share of it."""
        return float((self.objective - self.bound) / self.objective) if self.objective else 0.0


def pose(instance: Instance, kind: Kind) -> Posed:
    """State an instance as an order."""
    sites, lines = len(instance.fixed), len(instance.demand)
    # A demand of nothing is still served, at its cost, and takes up nothing.
    quantity = [max(1, amount) if kind == "split" else 1 for amount in instance.demand]
    unit = [
        [Fraction(cost) / quantity[line] for line, cost in enumerate(row)] for row in instance.cost
    ]
    scale, is_exact = _scale_of(instance, unit)
    size = [amount if kind == "single-source" else min(1, amount) for amount in instance.demand]
    problem = Problem(
        lines=[
            Line(quantity[no], 0, is_whole=kind == "single-source", size=size[no])
            for no in range(lines)
        ],
        sellers=[Seller()] * sites,
        sources=[
            Source(
                no,
                FREE_FREIGHT,
                round(Fraction(instance.fixed[no]) * scale),
                None if kind == "uncapacitated" else int(instance.capacity[no]),
            )
            for no in range(sites)
        ],
        supplies=[
            Supply(line, site, quantity[line], round(unit[site][line] * scale), 0)
            for line in range(lines)
            for site in range(sites)
        ],
    )
    return Posed(problem, scale, is_exact)


def _scale_of(instance: Instance, unit: Sequence[Sequence[Fraction]]) -> tuple[int, bool]:
    """The least number that makes all costs whole, if it is not too large."""
    scale = 1
    amounts = [
        *(Fraction(cost) for cost in instance.fixed),
        *(cost for row in unit for cost in row),
    ]
    for amount in amounts:
        scale = lcm(scale, amount.denominator)
        if scale > LARGEST_SCALE:
            return ROUNDED_SCALE, False
    return scale, True


def answer(instance: Instance, posed: Posed, plan: Plan) -> Answer:
    """Price a plan by the published numbers; the bound less what rounding may have added."""
    lines = posed.problem.lines
    used = {row.source for row in plan.allocations}
    objective = sum((Fraction(instance.fixed[site]) for site in used), Fraction(0))
    for line, site, quantity in plan.allocations:
        objective += Fraction(instance.cost[site][line]) * quantity / lines[line].quantity
    if posed.is_exact:
        return Answer(objective, Fraction(plan.bound, posed.scale))
    units = sum(line.quantity for line in lines) + len(instance.fixed)
    bound = Fraction(plan.bound, posed.scale) - Fraction(units, 2 * posed.scale)
    return Answer(objective, min(bound, objective))
