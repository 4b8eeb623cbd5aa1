"""The default strategy: the cheapest plan that serves the most units, with its proof.

An order is packed (`table`), searched (`branching`) and its plan priced again in whole numbers.
When no plan serves it in full because sellers' minimums stand in the way, it is searched again with
a seller of last resort.
"""

from dataclasses import dataclass, replace
from math import ceil

import numpy as np

from app.routing.problem import Limits, Plan, Problem, Proof
from app.routing.strategies.branching import (
    LIMIT,
    PLAN,
    Nodes,
    State,
    search,
)
from app.routing.strategies.bundles import Box, Bundle, whole_box
from app.routing.strategies.draft import Draft, freight
from app.routing.strategies.instance import Floats, Instance, Ints, build_instance
from app.routing.strategies.knapsack import NEVER, Items, make_items
from app.routing.strategies.programme import Programme, make_programme
from app.routing.strategies.reinsert import Drafts, make_drafts
from app.routing.strategies.table import (
    KINDS,
    LEVELS,
    Table,
    build_table,
    quantities_of,
    taken_of,
)

WEIGHTLESS = 1 << 40
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
        return _decide_in_part(instance, limits)


def _decide_in_part(instance: Instance, limits: Limits) -> Plan:
    """Serve the most units that the minimums allow, then at the least cost.

    A seller of last resort takes what nobody can serve, each unit for more than any plan costs. A
    bound on the whole that reaches what it takes proves the units; the rest of it bounds the cost.
    """
    price = _forbidding_price(instance)
    extended = _with_last_resort(instance, price)
    decision = Decision.begin(extended)
    decision.start_from(np.vstack([np.zeros(instance.shape, dtype=np.int64), instance.demand]))
    decision.decide(limits.work)
    assert decision.taken is not None
    taken = decision.taken[:-1]
    missing = int(instance.demand.sum() - taken.sum())
    bound = decision.whole_bound() - missing * price
    units_proved = bound >= 0
    if not taken.any():
        proof: Proof = "optimal" if units_proved else "bounded"
        return replace(EMPTY, proof=proof, units_proved=units_proved)
    cost = Draft.of(instance, taken).cost()
    bound = max(0, min(cost, bound))
    return Plan(
        instance.allocations(taken),
        int(taken.sum()),
        cost,
        bound,
        "optimal" if bound == cost and units_proved else "bounded",
        "partial" if missing else "branch",
        units_proved,
    )


def _forbidding_price(instance: Instance) -> int:
    """More than any plan costs: all goods at the dearest, each source shipping all it can."""
    goods = (instance.unit_cost.max(axis=0) * instance.demand).sum()
    every = np.arange(instance.shape[0])
    weight = (instance.capacity * instance.weight).sum(axis=1)
    shipping = freight(instance, every, weight) + instance.fixed_cost
    total = int(goods) + int(shipping.sum()) + int(instance.seller_fixed.sum())
    grain = instance.grain()
    return (total // grain + 1) * grain


def _with_last_resort(instance: Instance, price: int) -> Instance:
    """Add a seller that gives any quantity of every line, freight free, at a forbidding price."""
    lines = len(instance.demand)
    bands = instance.band_weight.shape[1]

    def below(rows: Ints, row: Ints | int) -> Ints:
        return np.vstack([rows, np.broadcast_to(np.asarray(row), (1, rows.shape[1]))])

    return replace(
        instance,
        source_ids=np.append(instance.source_ids, -1),
        capacity=below(instance.capacity, instance.demand),
        unit_cost=below(instance.unit_cost, np.full(lines, price)),
        goods_value=below(instance.goods_value, 0),
        fixed_cost=np.append(instance.fixed_cost, 0),
        seller=np.append(instance.seller, len(instance.seller_minimum)),
        seller_minimum=np.append(instance.seller_minimum, 0),
        seller_fixed=np.append(instance.seller_fixed, 0),
        band_weight=below(instance.band_weight, np.full(bands, WEIGHTLESS)),
        band_price=below(instance.band_price, 0),
        band_floor=below(instance.band_floor, 0),
        band_step=below(instance.band_step, 0),
    )


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
        self.known = Draft.of(self.instance, taken).cost() / self.scale
        self.state.plan[PLAN] = quantities_of(self.table, taken, self.instance)

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
        bound = min(cost, self.whole_bound())
        return Plan(
            self.instance.allocations(self.taken),
            int(self.taken.sum()),
            cost,
            bound,
            "optimal" if bound == cost else "bounded",
            "branch",
        )

    def whole_bound(self) -> int:
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
