"""The default strategy: the cheapest plan that serves the most units, with its proof.

An order is packed (`table`), searched (`branching`) and its plan priced again in whole numbers.
When no plan serves it in full because sellers' minimums stand in the way, the most units that they
allow are settled first (`partial`).
"""

from dataclasses import dataclass, replace
from math import ceil

import numpy as np

from app.routing.problem import Limits, Plan, Problem, Proof
from app.routing.strategies.branching import (
    BEST_PRICE,
    LIMIT,
    PLAN,
    Nodes,
    State,
    root_prices,
    search,
)
from app.routing.strategies.bundles import Box, Bundle, whole_box
from app.routing.strategies.draft import Draft
from app.routing.strategies.instance import Floats, Instance, Ints, build_instance
from app.routing.strategies.knapsack import NEVER, Items, make_items
from app.routing.strategies.partial import cheaper_choice, most_units, narrowed
from app.routing.strategies.programme import Programme, make_programme
from app.routing.strategies.reinsert import Drafts, make_drafts
from app.routing.strategies.table import (
    DEMAND,
    KINDS,
    LEVELS,
    Table,
    build_table,
    quantities_of,
    taken_of,
)

EMPTY = Plan((), 0, 0, 0, "optimal", "empty")
COLUMNS, NODES, OPTIONS = 1500, 400, 4000
STEPS_PER_MICROSECOND = 1000
# Orders of few lines are decided while somebody waits; large ones gain more from more work.
LEAST_WORK, WORK_A_LINE = 0.15, 0.05
FIRST_ROUNDS, ROUNDS_A_LINE = 40, 20


class OptimalStrategy:
    """Bounds, bundles and branching."""

    def plan(self, problem: Problem, limits: Limits) -> Plan:
        """Decide the problem within the limits."""
        instance = build_instance(problem)
        if instance is None:
            return EMPTY
        decision = Decision.begin(instance)
        decision.decide(limits.work)
        if decision.taken is not None:
            return decision.told()
        return _decide_by_units(instance, limits)


def _decide_by_units(instance: Instance, limits: Limits) -> Plan:
    """Settle how many units can be served before asking for the least cost."""
    most = most_units(instance)
    if not most.units:
        return EMPTY if most.proved else replace(EMPTY, proof="bounded", units_proved=False)
    part = narrowed(instance, most.taken.sum(axis=0))
    decision = Decision.begin(part)
    lines = most.taken.any(axis=0)
    decision.start_from(np.minimum(most.taken[:, lines], part.capacity))
    decision.decide(limits.work)
    if most.units == int(instance.demand.sum()):
        return decision.told()
    return _in_part(instance, decision, units_proved=most.proved)


def _in_part(instance: Instance, decision: "Decision", *, units_proved: bool) -> Plan:
    """State a plan that leaves units unserved: another choice of units may be cheaper."""
    plan = decision.told()
    floor = cheapest_units(instance, plan.units)
    choice, bound = cheaper_choice(instance, plan.units, plan.cost, floor)
    if choice is not None:
        cost = Draft.of(instance, choice).cost()
        plan = Plan(instance.allocations(choice), plan.units, cost, bound, "bounded", "partial")
    proof: Proof = "optimal" if bound == plan.cost else "bounded"
    return replace(plan, bound=bound, proof=proof, method="partial", units_proved=units_proved)


def cheapest_units(instance: Instance, units: int) -> int:
    """Bound the cost of so many units of any lines.

    The bound for the whole order holds for any prices; only, the lines now give the units that are
    cheapest at those prices instead of all.
    """
    decision = Decision.begin(instance)
    table = decision.table
    bound = root_prices(table, decision.box, decision.items, decision.programme, decision.state)
    price = decision.state.price[BEST_PRICE][: len(instance.demand)]
    order = np.argsort(price, kind="stable")
    demand = table.line[DEMAND]
    before = np.cumsum(demand[order]) - demand[order]
    taken = np.clip(units - before, 0.0, demand[order])
    value = bound - float(price @ demand) + float(taken @ price[order])
    return max(0, int(value * decision.scale * (1 - 1e-9) - 1.0))


@dataclass(slots=True)
class Decision:
    """One order being decided in full."""

    instance: Instance
    table: Table
    scale: float
    grain: int
    box: Box
    items: Items
    programme: Programme
    state: State
    drafts: Drafts
    known: float = NEVER
    bound: float = 0.0
    taken: Ints | None = None

    @classmethod
    def begin(cls, instance: Instance) -> "Decision":
        """Pack an order and make room for the search."""
        table, scale = build_table(instance)
        lines, sellers = table.line.shape[1], table.seller.shape[1]
        levels = np.diff(table.source_of[LEVELS])
        widest = int(np.diff(table.first_source).max())
        programme = make_programme(table, COLUMNS)
        return cls(
            instance,
            table,
            scale,
            instance.grain(),
            whole_box(table),
            make_items(lines, widest, int(levels.max()) + 1, OPTIONS),
            programme,
            State(
                np.zeros((3, lines + 2 * KINDS)),
                np.zeros((3, sellers)),
                np.zeros((2, table.entry.shape[1])),
                np.zeros(5, dtype=np.int64),
                np.zeros(table.level.shape[1] + 1),
                Bundle(np.zeros(widest, dtype=np.int64), np.zeros((widest, lines))),
            ),
            make_drafts(table, len(programme.basis)),
        )

    def start_from(self, taken: Ints) -> None:
        """Begin with a plan that is known."""
        self.taken = taken
        self.state.plan[PLAN] = quantities_of(self.table, taken, self.instance)
        self.known = Draft.of(self.instance, taken).cost() / self.scale

    def decide(self, work: int) -> None:
        """Find a plan and prove it as far as the work, in microseconds or so, goes."""
        lines = len(self.instance.demand)
        share = min(1.0, LEAST_WORK + WORK_A_LINE * lines)
        self.state.work[LIMIT] = int(work * share) * STEPS_PER_MICROSECOND
        bound, least = search(
            self.table,
            self.box,
            self.items,
            self.programme,
            self.state,
            self.drafts,
            _make_nodes(self.table),
            self.known,
            self.grain / self.scale,
            FIRST_ROUNDS + ROUNDS_A_LINE * lines,
        )
        self.bound = bound * self.scale
        if least < self.known:
            self.taken = taken_of(self.table, self.state.plan[PLAN], self.instance)

    def told(self) -> Plan:
        """State the plan and what is proved."""
        assert self.taken is not None
        cost = Draft.of(self.instance, self.taken).cost()
        bound = min(cost, self._whole_bound())
        return Plan(
            self.instance.allocations(self.taken),
            int(self.taken.sum()),
            cost,
            bound,
            "optimal" if bound == cost else "bounded",
            "branch",
        )

    def _whole_bound(self) -> int:
        """Round the bound up to what a plan can cost, less what rounding may have added."""
        safe = self.bound * (1 - 1e-10) - 1.0
        return max(0, ceil(safe / self.grain) * self.grain)


def _make_nodes(table: Table) -> Nodes:
    """Make room for open nodes."""
    lines, entries = table.line.shape[1], table.entry.shape[1]
    sources = table.source_of.shape[1] - 1
    prices: Floats = np.empty((NODES, lines + 2 * KINDS))
    return Nodes(
        np.empty((NODES, 2, sources), dtype=np.int64),
        np.empty((NODES, 2, entries)),
        np.empty((NODES, 2, KINDS)),
        prices,
        np.empty(NODES),
        np.zeros(NODES, dtype=np.int64),
    )
