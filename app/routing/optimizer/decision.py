"""One order being decided in full: packed, searched, and its plan priced again in whole numbers."""

from dataclasses import dataclass
from math import ceil

import numpy as np

from app.routing.optimizer.box import Box, whole_box
from app.routing.optimizer.branching import search
from app.routing.optimizer.bundles import make_bundle
from app.routing.optimizer.cutting import Nodes
from app.routing.optimizer.draft import Draft
from app.routing.optimizer.drafts import Drafts, make_drafts
from app.routing.optimizer.generation import BEST_PRICE, LIMIT, PLAN, State, root_prices
from app.routing.optimizer.instance import Floats, Instance, Ints
from app.routing.optimizer.knapsack import NEVER, Items, make_items
from app.routing.optimizer.programme import make_programme
from app.routing.optimizer.simplex import Programme
from app.routing.optimizer.table import (
    KINDS,
    LEVELS,
    Table,
    build_table,
    quantities_of,
    taken_of,
)
from app.routing.problem import Plan

COLUMNS, NODES, OPTIONS = 2000, 1500, 4000
STEPS_PER_MICROSECOND = 1000
# What sums of floats may add to a bound; the search cuts off with more to spare (1e-6).
ROUNDING = 5e-7


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
        lines, sources = table.line.shape[1], table.source_of.shape[1] - 1
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
                np.zeros((3, sources)),
                np.zeros((2, table.entry.shape[1])),
                np.zeros(6, dtype=np.int64),
                np.zeros(table.level.shape[1] + 1),
                make_bundle(widest, lines),
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
        self._allow(work)
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
        )
        self.bound = bound * self.scale
        if least < self.known:
            self.taken = taken_of(self.table, self.state.plan[PLAN], self.instance)

    def prices(self, work: int) -> tuple[Floats, float]:
        """Bound all plans without branching: what a unit of each line pays, and the bound."""
        self._allow(work)
        bound = root_prices(self.table, self.box, self.items, self.programme, self.state)
        lines = len(self.instance.demand)
        return self.state.price[BEST_PRICE, :lines] * self.scale, bound * self.scale

    def _allow(self, work: int) -> None:
        """Set the limit of steps."""
        self.state.work[LIMIT] = work * STEPS_PER_MICROSECOND

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
        safe = self.bound * (1 - 1e-13) - ROUNDING * self.scale
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
