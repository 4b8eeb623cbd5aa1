"""Open orders planned again together: what that saves, on a network's demand in time order.

Orders are decided as they come. Each time so many are open (``--windows``) they are planned again
as a batch before anybody accepts them; what they hold from then on is what the next ones find. Time
is the processor's.
"""

import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from app.routing.batch import Batch, Member, replan
from app.routing.problem import COST_SCALE, Allocation, Limits, Plan, Problem
from app.routing.strategies import OptimalStrategy
from bench.network import Case, Network, Order, build_case, load_network, load_orders

Shelf = tuple[str, int]
STRATEGY, LIMITS = OptimalStrategy(), Limits()


@dataclass
class Sum:
    """What a replay came to."""

    orders: int = 0
    units: int = 0
    cost: int = 0
    before: int = 0
    freight: int = 0
    alone: int = 0
    moved: int = 0
    decisions: int = 0
    deciding_s: float = 0.0
    replanning_s: float = 0.0


@dataclass
class Shelves:
    """The stock that a window of orders may use, numbered."""

    stock: dict[Shelf, int]
    numbers: dict[Shelf, int] = field(default_factory=dict)

    def number(self, shelf: Shelf) -> int:
        """A shelf's position."""
        return self.numbers.setdefault(shelf, len(self.numbers))

    @property
    def units(self) -> list[int]:
        """What each has."""
        return [self.stock[shelf] for shelf in self.numbers]


def run(folder: Path, *, orders: int, windows: Sequence[int], percent: int) -> int:
    """Replay and print."""
    network, demand = load_network(folder), load_orders(folder)[:orders]
    stock = {shelf: units * percent // 100 for shelf, units in network.stock.items()}
    STRATEGY.plan(build_case(network, demand[0]).problem, LIMITS)
    print(_row("open at once", "cost", "units", "gain", "of freight", "each alone", "all in all",
               "moved", "decisions", "deciding", "again"))  # fmt: skip
    first = _replay(replace(network, stock=dict(stock)), demand, 1)
    print(_row("as they come", _money(first.cost), f"{first.units:,}", "", "", "", "", "", "1.0",
               _ms(first.deciding_s, first.orders), ""), flush=True)  # fmt: skip
    for window in windows:
        told = _replay(replace(network, stock=dict(stock)), demand, window)
        share = told.cost / told.units / (first.cost / first.units)
        print(
            _row(
                str(window), _money(told.cost), f"{told.units:,}",
                f"{1 - told.cost / told.before:.3%}",
                f"{(told.before - told.cost) / told.freight:.2%}",
                f"{1 - told.alone / told.before:.3%}",
                f"{1 - share:.3%}", f"{told.moved / told.orders:.1%}",
                f"{told.decisions / told.orders:.1f}", _ms(told.deciding_s, told.orders),
                _ms(told.replanning_s, told.orders),
            ),
            flush=True,
        )  # fmt: skip
    return 0


def _replay(network: Network, demand: Sequence[Order], window: int) -> Sum:
    found = Sum()
    for start in range(0, len(demand), window):
        before = dict(network.stock)
        plans = list(_decided(network, demand[start : start + window], found))
        if window == 1:
            found.cost += sum(plan.cost for _, plan in plans)
            continue
        _again(network, before, plans, found)
    return found


def _decided(network: Network, demand: Sequence[Order], found: Sum) -> Iterator[tuple[Case, Plan]]:
    """Decide orders as they come."""
    for order in demand:
        case = build_case(network, order)
        began = time.process_time()
        plan = STRATEGY.plan(case.problem, LIMITS)
        found.deciding_s += time.process_time() - began
        _take(network.stock, case, plan.allocations)
        found.orders += 1
        found.units += plan.units
        yield case, plan


def _take(stock: dict[Shelf, int], case: Case, plan: Sequence[Allocation]) -> None:
    for line, source, quantity in plan:
        stock[case.order.lines[line][0], case.locations[source]] -= quantity


def _again(
    network: Network, before: dict[Shelf, int], plans: Sequence[tuple[Case, Plan]], found: Sum
) -> None:
    """Plan a window again from the stock before it; its stock is what these plans leave."""
    network.stock = before
    shelves = Shelves(before)
    asked = [_asked(network, shelves, case, plan) for case, plan in plans if plan.allocations]
    began = time.process_time()
    batch = replan([member for _, member in asked], shelves.units)
    found.replanning_s += time.process_time() - began
    _count(found, batch, [member for _, member in asked])
    for (names, _), allocations in zip(asked, batch.plans, strict=True):
        for line, source, quantity in allocations:
            before[names[line, source]] -= quantity
    assert min(before.values()) >= 0


def _count(found: Sum, batch: Batch, members: Sequence[Member]) -> None:
    had = [tuple(sorted(member.plan)) for member in members]
    found.moved += sum(new != old for new, old in zip(batch.plans, had, strict=True))
    found.decisions += batch.decisions
    found.before += batch.before
    found.freight += batch.before - sum(map(_goods, members))
    found.cost += batch.after
    found.alone += batch.alone


def _goods(member: Member) -> int:
    prices = {(row[0], row[1]): row[3] for row in member.problem.supplies}
    return sum(prices[line, source] * quantity for line, source, quantity in member.plan)


def _asked(
    network: Network, shelves: Shelves, case: Case, plan: Plan
) -> tuple[dict[tuple[int, int], Shelf], Member]:
    """The order as a member: it asks for what it was served, and may use all that was there."""
    served: Counter[int] = Counter()
    for line, _, quantity in plan.allocations:
        served[line] += quantity
    line_no = {line: no for no, line in enumerate(sorted(served))}
    full = build_case(network, case.order)
    source_no = {location: no for no, location in enumerate(full.locations)}
    names, rows, numbers = {}, [], []
    for line, source, *rest in full.problem.supplies:
        if line in line_no:
            shelf = case.order.lines[line][0], full.locations[source]
            names[line_no[line], source] = shelf
            rows.append((line_no[line], source, *rest))
            numbers.append(shelves.number(shelf))
    lines = [case.problem.lines[line]._replace(quantity=served[line]) for line in line_no]
    has = tuple(
        Allocation(line_no[line], source_no[case.locations[source]], quantity)
        for line, source, quantity in plan.allocations
    )
    problem = Problem(lines, full.problem.sellers, full.problem.sources, rows)
    return names, Member(problem, numbers, has, STRATEGY, LIMITS)


def _money(cost: int) -> str:
    return f"{cost / COST_SCALE / 100:,.2f}"


def _ms(seconds: float, orders: int) -> str:
    return f"{1000 * seconds / max(1, orders):.1f} ms"


def _row(*cells: str) -> str:
    return "".join(f"{cell:>15}" for cell in cells)
