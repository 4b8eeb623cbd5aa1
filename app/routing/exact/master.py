"""The programme over columns: a column is a site with the lines that it takes.

Rows: each line is taken by one column at least; a site gives one column at most (just one where it
is open); columns together have room for the order; so many sites are used, between two numbers.
Columns are added as prices call for them; HiGHS goes on from where it stood.
"""

from dataclasses import dataclass

import highspy
import numpy as np
from numpy.typing import NDArray

from app.routing.exact.sites import OPEN, SHUT, Flags, Floats, Sites, States
from app.routing.integer import INFINITY, LARGEST, make_solver

Indices = NDArray[np.int32]
WHOLE, NOTHING = 1e-6, 1e-9


@dataclass(frozen=True, slots=True)
class Duals:
    """Prices: of lines, sites, room, and the number of sites."""

    line: Floats
    site: Floats
    room: float
    count: float


@dataclass(slots=True)
class Solution:
    """What the programme says."""

    objective: float
    duals: Duals
    opened: Floats
    share: Floats

    @property
    def is_whole(self) -> bool:
        """Tell whether every line is served by one site."""
        return bool((np.abs(self.share - np.rint(self.share)) < WHOLE).all())


class Master:
    """The programme under way. `dear` is what leaving a line out costs, above any better plan."""

    def __init__(self, sites: Sites, dear: float) -> None:
        """State the rows, and columns that leave lines out."""
        self.sites = sites
        self.scale = LARGEST / max(1.0, dear)
        self.takes = np.zeros((0, sites.cost.shape[1]), dtype=np.bool_)
        self.of = np.zeros(0, dtype=np.int64)
        self.known: set[tuple[int, bytes]] = set()
        self.solver = make_solver(0)
        self.solver.setOptionValue("solver", "simplex")
        count, lines = sites.cost.shape
        self.first = lines + 1
        empty: Indices = np.zeros(0, dtype=np.int32)
        lowest = [1.0] * lines + [-INFINITY] * count + [float(sites.load.sum()), 0.0]
        highest = [INFINITY] * lines + [1.0] * count + [INFINITY, float(count)]
        for low, high in zip(lowest, highest, strict=True):
            self.solver.addRow(low, high, 0, empty, np.zeros(0))
        for line in range(lines):
            self._add(dear, [line], [1.0])
        self._add(dear, [lines + count], [max(1.0, float(sites.load.sum()))])

    def _add(self, cost: float, rows: list[int], values: list[float]) -> None:
        self.solver.addCol(
            cost * self.scale, 0.0, INFINITY, len(rows), np.array(rows, dtype=np.int32),
            np.array(values),
        )  # fmt: skip

    def add(self, site: int, take: Flags) -> bool:
        """Add a column; tells whether it is new."""
        key = site, np.packbits(take).tobytes()
        if key in self.known:
            return False
        self.known.add(key)
        lines = self.sites.cost.shape[1]
        own = np.flatnonzero(take).tolist()
        room = lines + len(self.sites.fixed)
        rows = [*own, lines + site, room, room + 1]
        values = [1.0] * (len(own) + 1) + [float(self.sites.capacity[site]), 1.0]
        cost = float(self.sites.fixed[site]) + float(self.sites.cost[site, own].sum())
        self._add(cost, rows, values)
        self.takes = np.vstack([self.takes, take])
        self.of = np.append(self.of, site)
        return True

    def restrict(self, state: States, allowed: Flags, fewest: int, most: int) -> None:
        """Go to a node: sites open and shut, pairs allowed, and how many sites are used."""
        count, lines = self.sites.cost.shape
        if len(self.of):
            bad = (self.takes & ~allowed[self.of]).any(axis=1) | (state[self.of] == SHUT)
            numbers = np.arange(self.first, self.first + len(bad), dtype=np.int32)
            upper = np.where(bad, 0.0, INFINITY)
            self.solver.changeColsBounds(len(bad), numbers, np.zeros(len(bad)), upper)
        for site in range(count):
            low = 1.0 if state[site] == OPEN else -INFINITY
            self.solver.changeRowBounds(lines + site, low, 1.0)
        self.solver.changeRowBounds(lines + count + 1, float(fewest), float(most))

    def solve(self) -> Solution | None:
        """Solve it; None when HiGHS cannot."""
        self.solver.run()
        if self.solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            return None
        told = self.solver.getSolution()
        count, lines = self.sites.cost.shape
        dual = np.array(told.row_dual) / self.scale
        value = np.array(told.col_value)
        own = value[self.first :]
        used = np.flatnonzero(own > NOTHING)
        share = np.zeros((count, lines))
        np.add.at(share, self.of[used], own[used, None] * self.takes[used])
        opened = np.zeros(count)
        np.add.at(opened, self.of[used], own[used])
        return Solution(
            self.solver.getInfo().objective_function_value / self.scale,
            Duals(
                np.maximum(dual[:lines], 0.0),
                dual[lines : lines + count],
                max(0.0, float(dual[lines + count])),
                float(dual[lines + count + 1]),
            ),
            opened,
            share,
        )
