"""Several orders decided as one: scarce stock goes where it saves most.

Every order brings its problem, as if nothing of the batch were taken yet, and the plan that it has.
Orders meet on shelves: a variant at a location. A programme over the plans of all (`exact/choice`)
tells what another unit of each scarce shelf would save; at these prices each order is decided anew
by its own strategy, which brings further plans into the programme; and so on, a bounded number of
rounds. Of all plans found the cheapest combination is chosen, and then polished order by order.

Laws: every line is served as far as before, and no level that counts before the cost is worse; no
shelf gives more than it has; all together never cost more than before. The same batch gets the same
plans. What a batch could cost at the least is bounded by prices: plans at prices, less the prices
of all stock, bound any plans together.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from app.routing.check import cost_of, level_of
from app.routing.exact.choice import Choice, choose, scarcity_prices
from app.routing.problem import Allocation, Limits, Plan, Problem, Strategy

ROUNDS = 6
SWEEPS = 2
NODES = 200
IN_THE_WAY = 6
# How hard each decision tries at the most, and how many there are for an order: then nobody looks
# again.
WORK = 10_000
DECISIONS = 16

Allocations = tuple[Allocation, ...]


class Member(NamedTuple):
    """An order of a batch: what it asks for is just what its plan serves.

    ``shelves`` say, beside the problem's supplies, which shelf each takes its units from.
    """

    problem: Problem
    shelves: Sequence[int]
    plan: Allocations
    strategy: Strategy
    limits: Limits = Limits()


class Batch(NamedTuple):
    """What came of it: each member's plan; what all cost before and after, and at the least.

    ``alone`` is what all would cost if each had its cheapest plan, whatever the others take;
    ``decisions``: so many were made.
    """

    plans: list[Allocations]
    before: int
    after: int
    alone: int
    bound: int
    decisions: int


@dataclass
class _Order:
    """A member with all plans known for it, the first of which it has."""

    member: Member
    plans: list[Allocations] = field(default_factory=list)
    choices: list[Choice] = field(default_factory=list)
    asked: dict[tuple[tuple[int, int], ...], int] = field(default_factory=dict)
    decisions: int = 0

    def __post_init__(self) -> None:
        problem = self.member.problem
        rows = zip(problem.supplies, self.member.shelves, strict=True)
        self.shelf_of = {(row[0], row[1]): shelf for row, shelf in rows}
        self.shelves = frozenset(self.member.shelves)
        self.units = sum(line.quantity for line in problem.lines)
        self.levels = self._levels(self.member.plan)
        self.know(self.member.plan)

    def _levels(self, plan: Allocations) -> list[int]:
        return [level_of(self.member.problem, level, plan) for level in self.member.problem.levels]

    def know(self, plan: Iterable[Allocation]) -> int:
        """Keep a plan; its number."""
        ordered = tuple(sorted(plan))
        if ordered not in self.plans:
            taken: Counter[int] = Counter()
            for line, source, quantity in ordered:
                taken[self.shelf_of[line, source]] += quantity
            self.plans.append(ordered)
            self.choices.append(Choice(cost_of(self.member.problem, ordered), taken))
        return self.plans.index(ordered)

    def at_prices(self, prices: Mapping[int, int], stock: Sequence[int]) -> int:
        """Find the plan at these prices, with all stock to itself; what it costs at the least."""
        own = tuple(sorted((shelf, prices[shelf]) for shelf in self.shelves & prices.keys()))
        if own not in self.asked:
            plan = self._decide(dict(own), {shelf: stock[shelf] for shelf in self.shelves})
            is_bound = self._accept(plan) is not None and not self.levels
            self.asked[own] = plan.bound if is_bound else 0
        return self.asked[own]

    @property
    def best_alone(self) -> int:
        """The number of its cheapest plan, whatever the others take."""
        return min(range(len(self.choices)), key=lambda no: self.choices[no].cost)

    def cheapest(self, left: Mapping[int, int], present: int) -> int:
        """The number of the cheapest plan within what is left; the present one if none serves."""
        found = self._accept(self._decide({}, left))
        own = self.choices[present]
        stays = all(units <= left[shelf] for shelf, units in own.taken.items())
        if found is None or (stays and own.cost <= self.choices[found].cost):
            return present
        return found

    def _decide(self, prices: Mapping[int, int], left: Mapping[int, int]) -> Plan:
        self.decisions += 1
        member, problem = self.member, self.member.problem
        supplies = [
            (row[0], row[1], min(row[2], left[shelf]), row[3] + prices.get(shelf, 0), *row[4:])
            for row, shelf in zip(problem.supplies, member.shelves, strict=True)
        ]
        limits = Limits(min(member.limits.work, WORK))
        return member.strategy.plan(_supplied(problem, supplies), limits)

    def _accept(self, plan: Plan) -> int | None:
        served = sum(part.quantity for part in plan.allocations)
        if served < self.units or self._levels(plan.allocations) > self.levels:
            return None
        return self.know(plan.allocations)


def _supplied(problem: Problem, supplies: Sequence[tuple[int, ...]]) -> Problem:
    """The problem with other supplies; those with nothing to give are left out."""
    kept = [no for no, row in enumerate(supplies) if row[2] > 0]
    if len(kept) == len(supplies):
        return replace(problem, supplies=supplies)
    levels = [
        level._replace(supplies=[level.supplies[no] for no in kept]) if level.supplies else level
        for level in problem.levels
    ]
    return replace(problem, supplies=[supplies[no] for no in kept], levels=levels)


def replan(members: Sequence[Member], stock: Sequence[int], *, rounds: int = ROUNDS) -> Batch:
    """Decide orders together within the stock of the shelves that all of them may use."""
    orders = [_Order(member) for member in members]
    before = sum(order.choices[0].cost for order in orders)
    bound = sum(order.at_prices({}, stock) for order in orders)
    bound = _find_plans(orders, stock, rounds, bound)
    chosen = _polished(orders, stock, _chosen(orders, stock, [0] * len(orders)))
    chosen = _staying(orders, stock, chosen)
    plans = [order.plans[no] for order, no in zip(orders, chosen, strict=True)]
    after = _cost(orders, chosen)
    alone = _cost(orders, [order.best_alone for order in orders])
    decisions = sum(order.decisions for order in orders)
    return Batch(plans, before, after, alone, min(bound, after), decisions)


def _find_plans(orders: Sequence[_Order], stock: Sequence[int], rounds: int, bound: int) -> int:
    """Ask every order at prices that follow what was found; the best bound."""
    prices: Mapping[int, int] = {}
    for _ in range(rounds):
        scarce = _scarce(orders, stock)
        if not scarce:
            break
        known = sum(len(order.plans) for order in orders)
        prices = _between(prices, scarcity_prices([order.choices for order in orders], scarce))
        at_prices = sum(order.at_prices(prices, stock) for order in orders)
        bound = max(bound, at_prices - sum(stock[shelf] * each for shelf, each in prices.items()))
        if sum(len(order.plans) for order in orders) == known:
            break
    return bound


def _between(before: Mapping[int, int], after: Mapping[int, int]) -> dict[int, int]:
    """Prices half way: those of a programme over few plans leap."""
    if not before:
        return dict(after)
    both = sorted(before.keys() | after.keys())
    middle = {shelf: (before.get(shelf, 0) + after.get(shelf, 0)) // 2 for shelf in both}
    return {shelf: price for shelf, price in middle.items() if price}


def _scarce(orders: Sequence[_Order], stock: Sequence[int]) -> dict[int, int]:
    """The shelves that could not serve every order whichever of its plans it got."""
    most: Counter[int] = Counter()
    for order in orders:
        wanted: Counter[int] = Counter()
        for choice in order.choices:
            wanted |= Counter(choice.taken)
        most += wanted
    return {shelf: stock[shelf] for shelf, units in most.items() if units > stock[shelf]}


def _chosen(orders: Sequence[_Order], stock: Sequence[int], start: Sequence[int]) -> list[int]:
    """The cheapest combination of the known plans, or the present one."""
    choices = [order.choices for order in orders]
    found = choose(choices, _scarce(orders, stock), start=start, nodes=NODES)
    return _cheaper(orders, stock, list(start), found)


def _polished(orders: Sequence[_Order], stock: Sequence[int], chosen: list[int]) -> list[int]:
    """Let each order that has not got its best look again, then go first."""
    for _ in range(SWEEPS):
        better = list(chosen)
        for no, order in enumerate(orders):
            if sum(each.decisions for each in orders) > DECISIONS * len(orders):
                break
            if order.choices[better[no]].cost > order.choices[order.best_alone].cost:
                better = _looking_again(orders, stock, better, [no])
                better = _going_first(orders, stock, better, no)
        if better == chosen:
            break
        chosen = _chosen(orders, stock, better)
    return chosen


def _going_first(
    orders: Sequence[_Order], stock: Sequence[int], chosen: list[int], first: int
) -> list[int]:
    """Give an order its best, and who is in its way looks again; or just one of those after it."""
    wanted = list(chosen)
    wanted[first] = orders[first].best_alone
    short = {shelf for shelf, units in _used(orders, wanted).items() if units > stock[shelf]}
    in_the_way = [
        no
        for no, order in enumerate(orders)
        if no != first and not short.isdisjoint(order.choices[chosen[no]].taken)
    ]
    if len(in_the_way) <= IN_THE_WAY:
        moved = _looking_again(orders, stock, wanted, in_the_way)
        chosen = _cheaper(orders, stock, chosen, moved)
    for other in in_the_way[:IN_THE_WAY]:
        moved = _looking_again(orders, stock, chosen, [first, other])
        chosen = _cheaper(orders, stock, chosen, moved)
    return chosen


def _cheaper(
    orders: Sequence[_Order], stock: Sequence[int], chosen: list[int], moved: list[int]
) -> list[int]:
    is_cheaper = _cost(orders, moved) < _cost(orders, chosen)
    return moved if is_cheaper and _fits(orders, stock, moved) else chosen


def _fits(orders: Sequence[_Order], stock: Sequence[int], chosen: Sequence[int]) -> bool:
    return all(units <= stock[shelf] for shelf, units in _used(orders, chosen).items())


def _looking_again(
    orders: Sequence[_Order], stock: Sequence[int], chosen: list[int], looking: Sequence[int]
) -> list[int]:
    """Let go of what these hold; then each takes its cheapest of what is left, if it can."""
    better = list(chosen)
    used = _used(orders, chosen)
    for no in looking:
        used.subtract(orders[no].choices[chosen[no]].taken)
    for no in looking:
        order = orders[no]
        left = {shelf: stock[shelf] - used[shelf] for shelf in order.shelves}
        better[no] = order.cheapest(left, chosen[no])
        used.update(order.choices[better[no]].taken)
    return better


def _staying(orders: Sequence[_Order], stock: Sequence[int], chosen: list[int]) -> list[int]:
    """Whoever gains nothing keeps the plan that it has, where that is possible."""
    staying = list(chosen)
    for no, order in enumerate(orders):
        kept = [*staying[:no], 0, *staying[no + 1 :]]
        if order.choices[staying[no]].cost >= order.choices[0].cost:
            staying = kept if _fits(orders, stock, kept) else staying
    return staying


def _used(orders: Sequence[_Order], chosen: Sequence[int]) -> Counter[int]:
    used: Counter[int] = Counter()
    for order, no in zip(orders, chosen, strict=True):
        used.update(order.choices[no].taken)
    return used


def _cost(orders: Sequence[_Order], chosen: Sequence[int]) -> int:
    return sum(order.choices[no].cost for order, no in zip(orders, chosen, strict=True))
