"""Strategies: every registered one keeps the contract; strangers are let in, or reported."""

from importlib.metadata import EntryPoint

import pytest

from app.routing.check import check
from app.routing.freight import FREE_FREIGHT
from app.routing.problem import Allocation, Limits, Line, Problem, Seller, Source, Supply
from app.routing.strategies import (
    NoSuchStrategy,
    UnlawfulPlan,
    broken_strategies,
    find_strategy,
    strategy_names,
)
from app.routing.strategies.contract import StrategyContract
from app.routing.strategies.registry import GROUP, Registry
from app.routing.strategies.walking import GreedyStrategy

LIMITS = Limits()


@pytest.fixture(params=strategy_names(), autouse=False)
def name(request):
    return request.param


class TestEveryRegisteredStrategy(StrategyContract):
    @pytest.fixture(autouse=True)
    def _named(self, name):
        self.strategy = find_strategy(name)


class NothingStrategy:
    """What a stranger might bring: it serves nothing, lawfully."""

    def plan(self, problem, limits):
        return GreedyStrategy().plan(
            Problem(problem.lines, problem.sellers, problem.sources, []), limits
        )


class NoStrategy:
    """What a stranger might bring by mistake."""


def make_nothing():
    raise RuntimeError("its licence has expired")


def offered(name, what):
    return EntryPoint(name, f"{__name__}:{what}", GROUP)


class TestAStrangersStrategy:
    def test_is_found_by_its_name(self):
        registry = Registry([offered("nothing", "NothingStrategy")])
        assert type(registry.find("nothing")).__name__ == "NothingStrategy"

    @pytest.mark.parametrize(
        ("what", "why"),
        [
            ("make_nothing", "RuntimeError: its licence has expired"),
            ("is_not_there", "AttributeError"),
            ("NoStrategy", "has no plan()"),
        ],
    )
    def test_that_is_broken_is_reported_and_stops_nobody(self, what, why):
        registry = Registry([offered("theirs", what)])
        assert why in registry.broken["theirs"]
        assert registry.find("optimal")
        with pytest.raises(NoSuchStrategy, match="theirs"):
            registry.find("theirs")

    def test_does_not_take_over_a_built_in_name(self):
        registry = Registry([offered("optimal", "NothingStrategy")])
        assert type(registry.find("optimal")).__name__ == "OptimalStrategy"
        assert list(registry.broken.values()) == ["its name is taken"]

    def test_is_missing_here_for_no_reason(self):
        assert broken_strategies() == {}


def shop(*, ranks=(0, 0, 0), given=()):
    """The first seller has a bit of everything, the second all of one, the third all, dear."""
    return Problem(
        lines=[Line(2, 0), Line(2, 0)],
        sellers=[Seller(rank=rank) for rank in ranks],
        sources=[Source(no, FREE_FREIGHT, 100) for no in range(3)],
        supplies=[
            Supply(0, 0, 1, 10, 10),
            Supply(1, 0, 1, 10, 10),
            Supply(0, 1, 2, 20, 20),
            Supply(0, 2, 2, 500, 500),
            Supply(1, 2, 2, 500, 500),
        ],
        given=given,
    )


def used(plan):
    return sorted({row.source for row in plan.allocations})


class TestGreedy:
    def test_asks_sellers_by_rank(self):
        plan = GreedyStrategy().plan(shop(ranks=(3, 1, 2)), LIMITS)
        assert used(plan) == [1, 2]
        assert plan.allocations[0] == Allocation(0, 1, 2)

    def test_asks_sellers_of_one_rank_by_number(self):
        assert used(GreedyStrategy().plan(shop(), LIMITS)) == [0, 1, 2]


class TestCheapestSingle:
    def test_takes_one_seller_for_all_even_if_dear(self):
        plan = find_strategy("cheapest_single").plan(shop(), LIMITS)
        assert used(plan) == [2]
        assert plan.cost == 4 * 500 + 100


class TestFewestParcels:
    def test_counts_consignments_before_money(self):
        plan = find_strategy("fewest_parcels").plan(shop(), LIMITS)
        assert used(plan) == [2]
        assert plan.bound == (10 + 20) + (10 + 500)
        assert check(shop(), plan) == []


class TestOptimal:
    def test_counts_money(self):
        plan = find_strategy("optimal").plan(shop(), LIMITS)
        assert used(plan) == [0, 1, 2]
        assert plan.cost == 10 + 10 + 20 + 500 + 300


class TestManual:
    def test_takes_what_is_given(self):
        given = (Allocation(0, 2, 1), Allocation(1, 0, 1))
        plan = find_strategy("manual").plan(shop(given=given), LIMITS)
        assert plan.allocations == given
        assert plan.cost == 500 + 10 + 200
        assert not plan.units_proved

    def test_refuses_what_the_problem_forbids(self):
        with pytest.raises(UnlawfulPlan, match="more than its stock") as refused:
            find_strategy("manual").plan(shop(given=(Allocation(0, 0, 2),)), LIMITS)
        assert len(refused.value.violations) == 1
