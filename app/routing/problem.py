"""The routing problem and its plan as plain values: what a strategy gets and what it gives back.

Costs are whole numbers of *cost units*: `COST_SCALE` of them make one minor currency unit, so a
price per hundred units or a policy's weight stays exact. Lines, sellers and sources are known by
their position in the problem. A source is one location of one seller.

Laws of a plan: whole units, within stock and demand; a used seller's goods reach its minimum; as
many units as possible are served, and among such plans the cost is the least when `proof` says so,
otherwise it is at most `cost - bound` above the least.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple, Protocol

from app.routing.freight import Tariff

COST_SCALE = 1000

Proof = Literal["optimal", "bounded"]


class Line(NamedTuple):
    """A line of the order: how many units of one variant, and what a unit weighs."""

    quantity: int
    unit_weight_g: int


class Seller(NamedTuple):
    """A seller: the least value of goods it ships, and what using it at all costs."""

    minimum_value: int = 0
    fixed_cost: int = 0


class Source(NamedTuple):
    """A location of a seller with its freight to this buyer, and what opening it costs."""

    seller: int
    tariff: Tariff
    fixed_cost: int = 0


class Supply(NamedTuple):
    """What one source can give of one line: one row for a (line, source) at most."""

    line: int
    source: int
    available: int
    unit_cost: int
    goods_value: int


class Allocation(NamedTuple):
    """A quantity of a line taken from a source."""

    line: int
    source: int
    quantity: int


@dataclass(frozen=True, slots=True)
class Problem:
    """One order to route. Supplies may be plain tuples in the order of `Supply`'s fields."""

    lines: Sequence[Line]
    sellers: Sequence[Seller]
    sources: Sequence[Source]
    supplies: Sequence[Supply] | Sequence[tuple[int, int, int, int, int]]


@dataclass(frozen=True, slots=True)
class Plan:
    """A decision: allocations by line and source, and what is proved about it."""

    allocations: tuple[Allocation, ...]
    units: int
    cost: int
    bound: int
    proof: Proof
    method: str
    units_proved: bool = True


@dataclass(frozen=True, slots=True)
class Limits:
    """How hard to try: work counts the same on every machine (a microsecond or so each)."""

    work: int = 50_000

    def within(self, milliseconds: int) -> "Limits":
        """Work no longer than so many milliseconds or so."""
        return Limits(min(self.work, milliseconds * 1000))


class Strategy(Protocol):
    """A way to decide a routing problem."""

    def plan(self, problem: Problem, limits: Limits) -> Plan:
        """Decide the problem within the limits."""
        ...
