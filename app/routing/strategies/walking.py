"""Strategies that walk sellers: simple to foresee, kept as baselines and as a beginning.

Their bound is what the goods alone must cost.
"""

from collections.abc import Sequence

from app.routing.exact.rows import Rows, survey
from app.routing.exact.tally import floor_cost, told
from app.routing.exact.walk import Choice, Walk, walk
from app.routing.problem import Allocation, Limits, Plan, Problem


def by_rank(walked: Walk, waiting: Sequence[int]) -> tuple[int, list[Allocation]] | None:
    """The seller of the lowest rank, then of the lowest number."""
    seller = min(waiting, key=lambda seller: (walked.problem.sellers[seller].rank, seller))
    return seller, walked.offer(seller)


def by_most(walked: Walk, waiting: Sequence[int]) -> tuple[int, list[Allocation]] | None:
    """The seller that can give most now; among such the cheapest, freight and all."""
    best: tuple[tuple[int, int, int], list[Allocation]] | None = None
    for seller in waiting:
        parts = walked.offer(seller)
        units = sum(part.quantity for part in parts)
        if parts and (best is None or -units <= best[0][0]):
            key = (-units, walked.cost(parts), seller)
            best = (key, parts) if best is None or key < best[0] else best
    return (best[0][2], best[1]) if best else None


class GreedyStrategy:
    """Sellers in the order of their ranks, each asked for all that it has."""

    def plan(self, problem: Problem, limits: Limits) -> Plan:  # noqa: ARG002 - the protocol's
        """Walk by rank."""
        return walked_plan(problem, by_rank, "greedy")


class CheapestSingleStrategy:
    """One seller for everything if there is one, the cheapest; else who gives most, and on."""

    def plan(self, problem: Problem, limits: Limits) -> Plan:  # noqa: ARG002 - the protocol's
        """Walk by what sellers can give."""
        return walked_plan(problem, by_most, "cheapest_single")


def walked_plan(problem: Problem, choose: Choice, method: str) -> Plan:
    """Walk, and say what is known about the outcome."""
    return floored(problem, walk(problem, choose), method)


def floored(
    problem: Problem, parts: Sequence[Allocation], method: str, rows: Rows | None = None
) -> Plan:
    """A plan of which is only known what its goods must cost at least."""
    rows = rows or survey(problem)
    full = sum(part.quantity for part in parts) == sum(rows.most)
    return told(
        problem,
        parts,
        method=method,
        bound=floor_cost(problem, rows) if full else 0,
        units_proved=full,
        levels_proved=not problem.levels,
    )
