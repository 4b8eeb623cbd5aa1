"""Published instances of facility location, read as orders to route.

A facility is the one location of a seller, its fixed cost what opening that location costs, a
customer a line. `split`: a line is the customer's demand, which may come from several facilities,
at costs by unit. `single-source`: a line is one delivery that takes up the demand of a facility's
capacity. `uncapacitated`: the same without capacities. Costs with decimals become whole numbers by
a power of ten (or a common denominator, where a cost is divided by a demand).

Two layouts are known, plain or gzipped. *By customer* (OR-Library's cap files): facilities and
customers, capacity and fixed cost of each facility, then for each customer its demand and the costs
of serving all of it. *By facility* (Holmberg, Yang and others): the same, but all demands first and
then the costs facility by facility; a last number, the optimum, may follow. The word `capacity` may
stand for a number that is given beside the file.
"""

import gzip
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from math import lcm
from pathlib import Path
from typing import Literal, get_args

from app.routing.freight import FREE_FREIGHT
from app.routing.problem import Line, Plan, Problem, Seller, Source, Supply

Kind = Literal["split", "single-source", "uncapacitated"]
KINDS: tuple[Kind, ...] = get_args(Kind)
# Beyond this a cost by unit is rounded, and the objective told with what that may amount to.
LARGEST_SCALE = 10**7
ROUNDED_SCALE = 10**6
_GZIP = b"\x1f\x8b"
_PLACEHOLDER = "capacity"


class UnreadableInstance(ValueError):
    """The file is not of a known layout."""


@dataclass(frozen=True, slots=True)
class Instance:
    """Facilities and customers as they are published."""

    layout: Literal["by customer", "by facility"]
    capacity: tuple[Decimal, ...]
    fixed: tuple[Decimal, ...]
    demand: tuple[int, ...]
    cost: tuple[tuple[Decimal, ...], ...]

    @property
    def usual_kind(self) -> Kind:
        """The problem that instances of this layout are published for."""
        return "split" if self.layout == "by customer" else "single-source"


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


def read(path: Path, capacity: int | None = None) -> Instance:
    """Read a file of either layout.

    Raises:
        UnreadableInstance: it is neither.
    """
    content = path.read_bytes()
    if content[:2] == _GZIP:
        content = gzip.decompress(content)
    # Some copies are filled up with nought bytes.
    text = content.replace(b"\0", b" ").decode("ascii", errors="replace")
    if capacity is not None:
        text = text.replace(_PLACEHOLDER, str(capacity))
    try:
        numbers = [Decimal(word) for word in text.split()]
    except InvalidOperation:
        hint = " (give --capacity)" if _PLACEHOLDER in text else ""
        raise UnreadableInstance(f"{path.name} holds words beside numbers{hint}") from None
    return _parse(
        path.name, numbers, [len(row.split()) for row in text.splitlines() if row.split()]
    )


def _parse(name: str, numbers: Sequence[Decimal], widths: Sequence[int]) -> Instance:
    """Recognise the layout."""
    if len(numbers) < 2:  # noqa: PLR2004 - how many facilities and customers
        raise UnreadableInstance(f"{name} does not say how many facilities and customers there are")
    first, second = int(numbers[0]), int(numbers[1])
    for sites, lines in ((first, second), (second, first)):
        expected = 2 + 2 * sites + lines * (1 + sites)
        if len(numbers) in {expected, expected + 1}:
            break
    else:
        raise UnreadableInstance(f"{name} holds {len(numbers)} numbers, {expected} were expected")
    pairs = numbers[2 : 2 + 2 * sites]
    rest = numbers[2 + 2 * sites : expected]
    capacity, fixed = tuple(pairs[::2]), tuple(pairs[1::2])
    ways = [_by_customer(rest, sites, lines), _by_facility(rest, sites, lines)]
    if not _is_by_customer(widths, sites):
        ways.reverse()
    for layout, demand, cost in ways:
        whole = all(amount >= 0 and amount == int(amount) for amount in demand)
        if whole and sum(demand) <= sum(capacity):
            return Instance(layout, capacity, fixed, tuple(map(int, demand)), cost)
    raise UnreadableInstance(f"{name}: the demands are not whole, or above all capacities")


_Way = tuple[
    Literal["by customer", "by facility"], Sequence[Decimal], tuple[tuple[Decimal, ...], ...]
]


def _is_by_customer(widths: Sequence[int], sites: int) -> bool:
    """After the facilities, a customer's demand stands alone or before its costs."""
    after = widths[1 + sites] if len(widths) > 1 + sites else 0
    return widths[0] == 2 and (after in {1, 1 + sites})  # noqa: PLR2004 - facilities and customers


def _by_customer(rest: Sequence[Decimal], sites: int, lines: int) -> _Way:
    rows = [rest[no * (1 + sites) : (no + 1) * (1 + sites)] for no in range(lines)]
    cost = tuple(tuple(row[1 + site] for row in rows) for site in range(sites))
    return "by customer", [row[0] for row in rows], cost


def _by_facility(rest: Sequence[Decimal], sites: int, lines: int) -> _Way:
    cost = tuple(tuple(rest[lines * (1 + no) : lines * (2 + no)]) for no in range(sites))
    return "by facility", rest[:lines], cost


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
