"""A plan made by a person: taken as it is if the problem allows it, refused if not."""

from app.routing.check import violations
from app.routing.exact.rows import survey
from app.routing.exact.tally import floor_cost, told
from app.routing.problem import Limits, Plan, Problem


class UnlawfulPlan(ValueError):
    """What a person decided breaks the problem's terms; `violations` says how."""

    def __init__(self, violations: list[str]) -> None:
        super().__init__("; ".join(violations))
        self.violations = violations


class ManualStrategy:
    """The allocations that are given with the problem, checked."""

    def plan(self, problem: Problem, limits: Limits) -> Plan:  # noqa: ARG002 - the protocol's
        """Check and price what is given.

        Raises:
            UnlawfulPlan: it is more than there is, or against another term of the problem.
        """
        wrong = violations(problem, problem.given)
        if wrong:
            raise UnlawfulPlan(wrong)
        rows = survey(problem)
        full = sum(part.quantity for part in problem.given) == sum(rows.most)
        return told(
            problem,
            problem.given,
            method="manual",
            bound=floor_cost(problem, rows) if full else 0,
            units_proved=full,
            levels_proved=not problem.levels,
        )
