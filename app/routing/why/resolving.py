"""A kept problem decided anew, with one thing changed, and what that would cost.

Laws: every answer is a plan of the strategy over the kept problem, so a repetition is identical;
differences are against the plan that was chosen, and their parts sum to the whole: goods as the
sellers charge them, freight, and what the policy adds (lead time, splits, priority and the like).
Amounts are cost units here; whoever tells them rounds each once.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from app.routing.check import cost_of, level_of
from app.routing.freight import consignment_price
from app.routing.keeping import Kept, extended
from app.routing.problem import Allocation, Plan, Problem, Strategy, Supply
from app.routing.strategies import OptimalStrategy
from app.routing.why import forcing

# No more sellers than these are tried one by one, those that can give most first.
MOST_SINGLES = 100
MOST_STEPS = 24


@dataclass(frozen=True, slots=True)
class Costs:
    """What allocations come to, in parts."""

    units: int
    goods: int
    freight: int
    terms: int
    levels: tuple[int, ...] = ()

    @property
    def total(self) -> int:
        """All of it."""
        return self.goods + self.freight + self.terms

    def less(self, other: "Costs") -> "Costs":
        """The difference to another."""
        return Costs(
            self.units - other.units,
            self.goods - other.goods,
            self.freight - other.freight,
            self.terms - other.terms,
            tuple(mine - its for mine, its in zip(self.levels, other.levels, strict=True)),
        )


@dataclass(frozen=True, slots=True)
class Outcome:
    """A plan with something changed, beside the plan that was chosen."""

    allocations: tuple[Allocation, ...]
    costs: Costs
    difference: Costs
    is_proved: bool

    @property
    def is_worse(self) -> bool:
        """Whether what counts first speaks against it: units, then levels, then the cost."""
        told = self.difference
        return (-told.units, *told.levels, told.total) > (0,) * (2 + len(told.levels))


@dataclass(frozen=True, slots=True)
class With:
    """The best plan that takes a line from a seller, as far as the seller's stock reaches."""

    outcome: Outcome
    units: int
    taken: int


@dataclass(frozen=True, slots=True)
class Changes:
    """What would make a seller win a line, each by itself; none: by itself it cannot.

    `price` and `freight` are cost units to go down by, a unit and altogether; `stock` is how many
    units its best location would need.
    """

    price: int | None = None
    freight: int | None = None
    stock: int | None = None


@dataclass
class Resolver:
    """A kept problem, the plan that was chosen, and a strategy to decide it anew."""

    kept: Kept
    chosen: Sequence[Allocation]
    strategy: Strategy = field(default_factory=OptimalStrategy)

    @cached_property
    def costs(self) -> Costs:
        """What the chosen plan comes to."""
        return costs_of(self.kept.problem, self.chosen)

    def replayed(self) -> Plan:
        """The kept problem as it was decided."""
        return self._plan(self.kept.problem)

    def with_line(self, line: int, seller: int) -> With | None:
        """Take a line from a seller; none where no lawful plan does so."""
        forced = forcing.with_line_from(self.kept.problem, line, seller)
        if forced is None:
            return None
        plan = self._plan(forced.problem)
        taken = forced.taken(plan.allocations)
        if taken < forced.units:
            return None
        return With(self._outcome(forced.merged(plan.allocations), plan), forced.units, taken)

    def without(self, seller: int) -> Outcome:
        """Leave a seller out."""
        return self._of(forcing.without(self.kept.problem, seller))

    def single(self) -> tuple[int, Outcome] | None:
        """The best plan of one seller alone, and who that is."""
        problem = self.kept.problem
        able: dict[int, int] = {}
        for row in forcing.rows_of(problem):
            seller = forcing.seller_of(problem, row)
            able[seller] = able.get(seller, 0) + min(
                row.available, problem.lines[row.line].quantity
            )
        asked = sorted(able, key=lambda seller: (-able[seller], seller))[:MOST_SINGLES]
        found = [(seller, self._of(forcing.only(problem, seller))) for seller in asked]
        served = [each for each in found if each[1].allocations]
        return min(served, key=lambda each: (*_rank(each[1].costs), each[0]), default=None)

    def one_fewer(self) -> Outcome | None:
        """The best plan with one seller fewer; none where one serves all already."""
        used = {self.kept.problem.sources[part.source].seller for part in self.chosen}
        if len(used) <= 1:
            return None
        return self._of(forcing.at_most(self.kept.problem, len(used) - 1))

    def changes(self, line: int, seller: int) -> Changes:
        """What would make a seller win a line that it did not get."""
        best = self.with_line(line, seller)
        if best is None:
            return Changes(stock=self._stock_needed(line, seller))
        if best.outcome.difference.units < 0 or any(best.outcome.difference.levels):
            return Changes(stock=self._stock_needed(line, seller))
        gap = best.outcome.difference.total
        return Changes(
            price=self._price_needed(line, seller, best.units, gap),
            freight=self._freight_needed(seller, best, gap),
            stock=self._stock_needed(line, seller),
        )

    def stock_from_nothing(self, line: int, seller_id: uuid.UUID) -> int | None:
        """The least stock with which a seller that lacks nothing else gets a line."""
        kept, rows = extended(self.kept)
        number = kept.sellers.get(seller_id)
        needed: list[int] = []
        for row in rows:
            if row.line == line and kept.problem.sources[row.source].seller == number:
                supplies = [*forcing.rows_of(kept.problem), row]
                tried = Resolver(
                    replace(kept, problem=replace(kept.problem, supplies=supplies)),
                    self.chosen,
                    self.strategy,
                )
                found = tried.least_stock(line, number, row)
                needed += [found] if found else []
        return min(needed, default=None)

    def _price_needed(self, line: int, seller: int, units: int, gap: int) -> int | None:
        """Every plan with these units from it falls by as much a unit: just beyond the gap wins."""
        by = gap // units + 1
        problem = self.kept.problem
        asked = [
            row.goods_value
            for row in forcing.rows_of(problem)
            if row.line == line and forcing.seller_of(problem, row) == seller
        ]
        if by <= 0 or by > min(asked):
            return None
        lower = self._plan(forcing.with_price_lower(problem, line, seller, by))
        return by if self._gives(lower, line, seller) else None

    def _freight_needed(self, seller: int, best: With, gap: int) -> int | None:
        """What its consignments would have to cost less; nothing where it delivers anyway."""
        if gap < 0 or seller in self._sellers(self.chosen):
            return None
        pays = freight_of(self.kept.problem, best.outcome.allocations, seller)
        return gap + 1 if gap + 1 <= pays else None

    def _stock_needed(self, line: int, seller: int) -> int | None:
        """By bisection: the least stock at its best location with which it gets some of a line."""
        problem = self.kept.problem
        here = [
            row
            for row in forcing.rows_of(problem)
            if row.line == line and forcing.seller_of(problem, row) == seller
        ]
        found = [self.least_stock(line, seller, row) for row in here]
        return min((units for units in found if units), default=None)

    def least_stock(self, line: int, seller: int, row: Supply) -> int | None:
        """The least stock of one place with which its seller gets some of a line."""
        low, high = row.available, self.kept.problem.lines[line].quantity
        if low >= high or not self._wins_with(line, seller, row.source, high):
            return None
        for _ in range(MOST_STEPS):
            if high - low <= 1:
                break
            middle = (low + high) // 2
            if self._wins_with(line, seller, row.source, middle):
                high = middle
            else:
                low = middle
        return high

    def _wins_with(self, line: int, seller: int, source: int, units: int) -> bool:
        plan = self._plan(forcing.with_stock(self.kept.problem, line, source, units))
        return self._gives(plan, line, seller)

    def _gives(self, plan: Plan, line: int, seller: int) -> bool:
        return any(
            part.line == line and self.kept.problem.sources[part.source].seller == seller
            for part in plan.allocations
        )

    def _sellers(self, allocations: Sequence[Allocation]) -> set[int]:
        return {self.kept.problem.sources[part.source].seller for part in allocations}

    def _of(self, problem: Problem) -> Outcome:
        plan = self._plan(problem)
        return self._outcome(plan.allocations, plan)

    def _plan(self, problem: Problem) -> Plan:
        return self.strategy.plan(problem, self.kept.limits)

    def _outcome(self, allocations: Sequence[Allocation], plan: Plan) -> Outcome:
        costs = costs_of(self.kept.problem, allocations)
        return Outcome(tuple(allocations), costs, costs.less(self.costs), plan.proof == "optimal")


def _rank(costs: Costs) -> tuple[int, ...]:
    return (-costs.units, *costs.levels, costs.total)


def costs_of(problem: Problem, allocations: Sequence[Allocation]) -> Costs:
    """What allocations come to, counted from the problem in whole numbers."""
    value = {(row.line, row.source): row.goods_value for row in forcing.rows_of(problem)}
    goods = sum(value[part.line, part.source] * part.quantity for part in allocations)
    freight = sum(
        freight_of(problem, allocations, seller) for seller in range(len(problem.sellers))
    )
    return Costs(
        sum(part.quantity for part in allocations),
        goods,
        freight,
        cost_of(problem, allocations) - goods - freight,
        tuple(level_of(problem, level, allocations) for level in problem.levels),
    )


def freight_of(problem: Problem, allocations: Sequence[Allocation], seller: int) -> int:
    """What a seller's consignments cost."""
    weights: dict[int, int] = {}
    for line, source, quantity in allocations:
        if problem.sources[source].seller == seller:
            weight = problem.lines[line].unit_weight_g * quantity
            weights[source] = weights.get(source, 0) + weight
    tariffs = {source: problem.sources[source].tariff for source in weights}
    return sum(consignment_price(tariffs[source], weight) for source, weight in weights.items())
