"""The routing problem and its plan as plain values: what a strategy gets and what it gives back.

Costs are whole numbers of *cost units*: `COST_SCALE` of them make one minor currency unit, so a
price per hundred units or a policy's weight stays exact. Lines, sellers and sources are known by
their position in the problem. A source is one location of one seller.

Laws of a plan: whole units, within stock and demand; a used seller's goods reach its minimum; all
further terms of the problem (whole lines, packs, capacities, groups, counts) are kept. As many
units as possible are served; among such plans each level in turn is the least, and then the cost,
when `proof` says so; otherwise the cost is at most `cost - bound` above the least.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple, Protocol

from app.routing.freight import Tariff

COST_SCALE = 1000

Proof = Literal["optimal", "bounded"]


class Line(NamedTuple):
    """A line of the order: how many units of one variant, and what a unit weighs.

    A whole line is taken from one source only; it may still be served in part. A unit takes up
    `size` of the capacities of its seller and source.
    """

    quantity: int
    unit_weight_g: int
    is_whole: bool = False
    size: int = 1


class Seller(NamedTuple):
    """A seller: the least value of goods it ships, and what using it at all costs.

    Its capacity is the most that it takes over all lines, in units (or their sizes). A lower rank
    is asked earlier by strategies that walk sellers; others leave ranks aside.
    """

    minimum_value: int = 0
    fixed_cost: int = 0
    capacity: int | None = None
    rank: int = 0


class Source(NamedTuple):
    """A location of a seller with its freight to this buyer, and what opening it costs.

    Its capacity is the most that it takes over all lines, in units (or their sizes).
    """

    seller: int
    tariff: Tariff
    fixed_cost: int = 0
    capacity: int | None = None


class Supply(NamedTuple):
    """What one source can give of one line: one row for a (line, source) at most.

    It gives whole packs of `step` units.
    """

    line: int
    source: int
    available: int
    unit_cost: int
    goods_value: int
    step: int = 1


class Allocation(NamedTuple):
    """A quantity of a line taken from a source."""

    line: int
    source: int
    quantity: int


class Level(NamedTuple):
    """Something that counts before the cost: its units are its own, none outweighs the next.

    Amounts run beside the problem's supplies (by unit), sources and sellers (when used at all) and,
    by tariff, beside its sources (by consignment); an empty row is nought throughout.
    """

    supplies: Sequence[int] = ()
    sources: Sequence[int] = ()
    sellers: Sequence[int] = ()
    tariffs: Sequence[Tariff] = ()


@dataclass(frozen=True, slots=True)
class Problem:
    """One order to route. Supplies may be plain tuples in the order of `Supply`'s fields.

    Plain supplies are all of five or all of six numbers. The further terms:

    Attributes:
        most_sellers: no plan uses more sellers.
        most_sources: no plan uses more sources, that is, makes more deliveries.
        together: groups of lines that ship from one source, in full or not at all.
        complete: groups of lines that ship in full or not at all, from wherever.
        must_serve_all: the whole order is such a group, whatever is in stock.
        levels: what counts before the cost, the first most; each is settled before the next.
        given: what a person decided; only the manual strategy reads it.
    """

    lines: Sequence[Line]
    sellers: Sequence[Seller]
    sources: Sequence[Source]
    supplies: Sequence[Supply] | Sequence[tuple[int, ...]]
    most_sellers: int | None = None
    most_sources: int | None = None
    together: Sequence[Sequence[int]] = ()
    complete: Sequence[Sequence[int]] = ()
    must_serve_all: bool = False
    levels: Sequence[Level] = ()
    given: Sequence[Allocation] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """A decision: allocations by line and source, and what is proved about it.

    `levels` are the amounts of the problem's levels, the first first. An optimal plan's levels are
    the least as well.
    """

    allocations: tuple[Allocation, ...]
    units: int
    cost: int
    bound: int
    proof: Proof
    method: str
    units_proved: bool = True
    levels: tuple[int, ...] = ()


class Progress(NamedTuple):
    """How far a long decision is: the best plan's cost, a bound, and the share of work done.

    The cost is infinite while no plan is known. Both are in cost units, as floats: they are looked
    at and decide nothing.
    """

    cost: float
    bound: float
    done: float


Watch = Callable[[Progress], None]


@dataclass(frozen=True, slots=True)
class Limits:
    """How hard to try: work counts the same on every machine (a microsecond or so each).

    Whoever watches is told now and then how far a long decision is; that changes nothing.
    """

    work: int = 20_000
    watch: Watch | None = None

    @classmethod
    def lasting(cls, milliseconds: int) -> "Limits":
        """Work for so many milliseconds or so, at most."""
        return cls(milliseconds * 1000)


class Strategy(Protocol):
    """A way to decide a routing problem."""

    def plan(self, problem: Problem, limits: Limits) -> Plan:
        """Decide the problem within the limits."""
        ...
