"""A plan made by a person: taken as it is if the problem allows it, refused if not."""

from app.routing.check import violations
from app.routing.problem import Limits, Plan, Problem
from app.routing.strategies.walking import floored


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
        return floored(problem, problem.given, "manual")
