"""Strategies that decide a routing problem, found by name; `optimal` is the default.

A strategy is anything with `plan(problem, limits) -> plan` (`app.routing.problem.Strategy`). Others
add theirs by an entry point (`registry`) and test them against the contract (`contract`).
"""

from app.routing.strategies.manual import UnlawfulPlan
from app.routing.strategies.optimal import OptimalStrategy
from app.routing.strategies.registry import (
    DEFAULT,
    NoSuchStrategy,
    broken_strategies,
    find_strategy,
    strategy_names,
)

__all__ = [
    "DEFAULT",
    "NoSuchStrategy",
    "OptimalStrategy",
    "UnlawfulPlan",
    "broken_strategies",
    "find_strategy",
    "strategy_names",
]
