"""The second opinion sees every kind of wrong plan."""

from dataclasses import replace

import pytest

from app.routing.check import check, cost_of
from app.routing.freight import Tariff
from app.routing.problem import Allocation, Line, Plan, Problem, Seller, Source, Supply

PROBLEM = Problem(
    lines=[Line(4, 500), Line(2, 100)],
    sellers=[Seller(3_000, 70), Seller()],
    sources=[Source(0, Tariff(((1000, 50), (2000, 90))), 7), Source(1, Tariff(()))],
    supplies=[
        Supply(0, 0, 3, 1_000, 1_000),
        Supply(0, 1, 4, 1_100, 1_100),
        Supply(1, 1, 2, 10, 10),
    ],
)
RIGHT = Plan(
    allocations=(Allocation(0, 0, 3), Allocation(0, 1, 1), Allocation(1, 1, 2)),
    units=6,
    cost=3_000 + 90 + 7 + 70 + 1_100 + 20,
    bound=0,
    proof="bounded",
    method="by hand",
)


class TestCheck:
    def test_accepts_a_right_plan(self):
        assert check(PROBLEM, RIGHT) == []
        assert cost_of(PROBLEM, RIGHT.allocations) == RIGHT.cost

    @pytest.mark.parametrize(
        ("change", "complaint"),
        [
            ({"units": 5}, "claims 5 units"),
            ({"cost": RIGHT.cost - 1}, "claims a cost"),
            ({"bound": RIGHT.cost + 1}, "above the cost"),
            ({"proof": "optimal"}, "bound is its cost"),
        ],
    )
    def test_sees_false_claims(self, change, complaint):
        assert any(complaint in found for found in check(PROBLEM, replace(RIGHT, **change)))

    @pytest.mark.parametrize(
        ("allocations", "complaint"),
        [
            ([(0, 0, 4)], "more than its stock"),
            ([(1, 0, 1)], "more than its stock or none"),
            ([(0, 0, 3), (0, 1, 2)], "is served 5 of 4"),
            ([(0, 0, 2)], "below its minimum"),
            ([(0, 1, 1), (0, 1, 1)], "twice"),
            ([(0, 1, 0)], "takes 0"),
        ],
    )
    def test_sees_forbidden_quantities(self, allocations, complaint):
        plan = replace(RIGHT, allocations=tuple(Allocation(*row) for row in allocations))
        assert any(complaint in found for found in check(PROBLEM, plan))
