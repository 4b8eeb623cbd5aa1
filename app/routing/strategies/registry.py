"""Strategies by name: the built-in ones, and those that other packages bring.

A package outside the tree adds one by an entry point:

    [project.entry-points."distributary.routing_strategies"]
    nearest = "acme.routing:NearestStrategy"

It names a class (or function) that is called without arguments and gives a strategy. What cannot be
loaded is told by `broken_strategies` and stops nothing else; built-in names cannot be taken over.
"""

from collections.abc import Callable, Iterable, Mapping
from functools import cache
from importlib.metadata import EntryPoint, entry_points

from app.routing.problem import Strategy
from app.routing.strategies.fewest import FewestParcelsStrategy, FewestSellersStrategy
from app.routing.strategies.manual import ManualStrategy
from app.routing.strategies.optimal import OptimalStrategy
from app.routing.strategies.walking import CheapestSingleStrategy, GreedyStrategy

GROUP = "distributary.routing_strategies"
DEFAULT = "optimal"
BUILT_IN: Mapping[str, Callable[[], Strategy]] = {
    "optimal": OptimalStrategy,
    "greedy": GreedyStrategy,
    "cheapest_single": CheapestSingleStrategy,
    "fewest_sellers": FewestSellersStrategy,
    "fewest_parcels": FewestParcelsStrategy,
    "manual": ManualStrategy,
}


class NoSuchStrategy(LookupError):
    """No strategy has this name, or it could not be loaded."""


class Registry:
    """Strategies by name, and why others are missing."""

    def __init__(self, offered: Iterable[EntryPoint]) -> None:
        self.strategies: dict[str, Strategy] = {name: make() for name, make in BUILT_IN.items()}
        self.broken: dict[str, str] = {}
        for point in sorted(offered, key=lambda point: (point.name, point.value)):
            self._add(point)

    def _add(self, point: EntryPoint) -> None:
        """Load a strategy from outside; whatever goes wrong there is told, not raised."""
        if point.name in self.strategies:
            self.broken[f"{point.name} ({point.value})"] = "its name is taken"
            return
        try:
            made = point.load()()
        except Exception as error:  # noqa: BLE001 - a stranger's code may raise anything
            self.broken[point.name] = f"{type(error).__name__}: {error}"
            return
        if callable(getattr(made, "plan", None)):
            self.strategies[point.name] = made
        else:
            self.broken[point.name] = f"{point.value} makes no strategy: it has no plan()"

    def find(self, name: str) -> Strategy:
        """The strategy of a name.

        Raises:
            NoSuchStrategy: there is none.
        """
        if name in self.strategies:
            return self.strategies[name]
        why = self.broken.get(name, f"known are {', '.join(self.strategies)}")
        raise NoSuchStrategy(f"There is no strategy {name!r}: {why}")


@cache
def installed() -> Registry:
    """What is installed here, looked up once for a process."""
    return Registry(entry_points(group=GROUP))


def find_strategy(name: str) -> Strategy:
    """The strategy of a name.

    Raises:
        NoSuchStrategy: there is none.
    """
    return installed().find(name)


def strategy_names() -> tuple[str, ...]:
    """The names of all strategies that can be used."""
    return tuple(installed().strategies)


def broken_strategies() -> Mapping[str, str]:
    """Strategies that could not be loaded, and why."""
    return installed().broken
