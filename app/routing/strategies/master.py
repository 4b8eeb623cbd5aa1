"""The linear programme over bundles: which mix of known bundles serves the order at least cost.

A bundle is a source, a configuration and the goods in it. Bundles are added as the knapsacks find
better ones; a node forbids those whose configuration it does not allow. Its prices make the
knapsacks' bound as good as it gets, its shares tell where to branch.

The rows that hold a seller to one bundle per source and to its minimum are added when a mix breaks
them: most sellers never need theirs, and a small programme is a fast one. Dear slacks keep every
node's programme feasible.

Laws: the bound is never read from here, only prices and shares are, so the solver's tolerances
cannot spoil a proof.
"""

from dataclasses import dataclass

import highspy
import numpy as np

from app.routing.strategies.dual import TINY, Relaxation
from app.routing.strategies.instance import Flags, Floats, Ints
from app.routing.strategies.nodes import UNLIMITED, Duals, Menu, Node, Pricing

INFINITY = highspy.kHighsInf
DUAL_SIMPLEX, PRIMAL_SIMPLEX = 1, 4
SMALL = 1e-7
BROKEN = 1e-3
MOST_ADDED = 20
NO_INDEX = np.zeros(0, dtype=np.int32)
NO_VALUE = np.zeros(0)
OPTIONS: tuple[tuple[str, bool | int | float | str], ...] = (
    ("threads", 1),
    ("presolve", "off"),
    ("solver", "simplex"),
    ("dual_simplex_cost_perturbation_multiplier", 0.0),
    ("primal_simplex_bound_perturbation_multiplier", 0.0),
)


@dataclass(frozen=True, slots=True)
class Mix:
    """The programme's optimum: value, duals, and by menu row the shares and quantities."""

    value: float
    duals: Duals
    source_dual: Floats
    share: Floats
    taken: Floats
    whole: bool


class Master:
    """The programme, kept warm from node to node."""

    def __init__(self, relaxation: Relaxation, menu: Menu, ceiling: Floats, dear: float) -> None:
        self.relaxation, self.menu = relaxation, menu
        instance = relaxation.instance
        self.scale = float(max(1.0, relaxation.parcel_price.max() / 30))
        self.dear = dear / self.scale
        self.lines, self.kinds = len(instance.demand), menu.kinds.shape[2]
        self.seller_of = instance.seller[menu.sources]
        self.goods_scale = float(max(1, instance.goods_value.max()))
        self.rows = np.zeros(0, dtype=np.int64)
        self.choices = np.zeros(0, dtype=np.int64)
        self.goods = np.zeros((0, self.lines))
        self.worth = np.zeros(0)
        self.column = np.zeros(0, dtype=np.int64)
        self.source_row = np.full(len(menu.sources), -1)
        self.source_slack = np.full(len(menu.sources), -1)
        self.seller_row = np.full(len(instance.seller_minimum), -1)
        self.seller_column = np.full(len(instance.seller_minimum), -1)
        self.forced = np.zeros(len(menu.sources), dtype=np.bool_)
        self.least = np.zeros(self.kinds)
        self.most = np.full(self.kinds, UNLIMITED)
        self.solver = highspy.Highs()  # type: ignore[no-untyped-call]
        self.solver.silent()
        for name, value in OPTIONS:
            self.solver.setOptionValue(name, value)
        self._pass_frame(ceiling)
        dear_sellers = np.unique(self.seller_of[instance.seller_fixed[self.seller_of] > 0])
        self._watch(dear_sellers)

    def _pass_frame(self, ceiling: Floats) -> None:
        """Set up the rows of lines and kinds and the slacks that keep them feasible."""
        lines, kinds = self.lines, self.kinds
        model = highspy.HighsLp()
        model.num_col_, model.num_row_ = lines + 2 * kinds, lines + kinds
        dear = np.full(2 * kinds, self.dear)
        model.col_cost_ = np.concatenate([ceiling / self.scale, dear])
        model.col_lower_ = np.zeros(lines + 2 * kinds)
        model.col_upper_ = np.full(lines + 2 * kinds, INFINITY)
        demand = self.relaxation.instance.demand.astype(np.float64)
        model.row_lower_ = np.concatenate([demand, np.zeros(kinds)])
        model.row_upper_ = np.full(lines + kinds, INFINITY)
        every = np.arange(lines + kinds)
        model.a_matrix_.format_ = highspy.MatrixFormat.kColwise
        model.a_matrix_.start_ = np.arange(lines + 2 * kinds + 1)
        model.a_matrix_.index_ = np.concatenate([every, every[lines:]])
        model.a_matrix_.value_ = np.concatenate([np.ones(lines + kinds), np.full(kinds, -1.0)])
        self.solver.passModel(model)

    def _add_column(self, cost: float, upper: float) -> int:
        """Add an empty column."""
        self.solver.addCol(cost, 0.0, upper, 0, NO_INDEX, NO_VALUE)
        return int(self.solver.getNumCol()) - 1

    def _add_row(self, bounds: tuple[float, float], index: Ints, value: Floats) -> int:
        """Add a row."""
        self.solver.addRow(*bounds, len(index), index.astype(np.int32), value)
        return int(self.solver.getNumRow()) - 1

    def _watch(self, sellers: Ints) -> None:
        """Add the rows of sellers: one bundle per source, and the minimum."""
        instance = self.relaxation.instance
        for seller in sellers.tolist():
            opened = self._add_column(float(instance.seller_fixed[seller]) / self.scale, 1.0)
            self.seller_column[seller] = opened
            for row in np.flatnonzero(self.seller_of == seller).tolist():
                slack = self._add_column(self.dear, 0.0)
                own = self.column[self.rows == row]
                index = np.concatenate([own, [slack, opened]])
                value = np.concatenate([np.ones(len(own) + 1), [-1.0]])
                self.source_row[row] = self._add_row((-INFINITY, 0.0), index, value)
                self.source_slack[row] = slack
            minimum = float(instance.seller_minimum[seller]) / self.goods_scale
            if minimum > 0:
                own = self.seller_of[self.rows] == seller
                index = np.concatenate([self.column[own], [opened]])
                value = np.concatenate([self.worth[own], [-minimum]])
                self.seller_row[seller] = self._add_row((0.0, INFINITY), index, value)

    def enter(self, node: Node) -> None:
        """Forbid what the node forbids, require what it requires."""
        self.node = node
        self.solver.setOptionValue("simplex_strategy", DUAL_SIMPLEX)
        forced = ~node.allowed[:, 0]
        unwatched = self.seller_of[forced & (self.source_row < 0)]
        self._watch(np.unique(unwatched))
        self._bound_columns(node)
        for row in np.flatnonzero(forced != self.forced).tolist():
            self.solver.changeRowBounds(
                int(self.source_row[row]), 0.0 if forced[row] else -INFINITY, 0.0
            )
            upper = 1.0 if forced[row] else 0.0
            self.solver.changeColBounds(int(self.source_slack[row]), 0.0, upper)
        for seller in np.unique(self.seller_of[forced != self.forced]).tolist():
            must = float(forced[self.seller_of == seller].any())
            self.solver.changeColBounds(int(self.seller_column[seller]), must, 1.0)
        self.forced = forced
        for kind in np.flatnonzero((node.least != self.least) | (node.most != self.most)).tolist():
            most = float(node.most[kind]) if node.most[kind] < UNLIMITED else INFINITY
            self.solver.changeRowBounds(self.lines + kind, float(node.least[kind]), most)
        self.least, self.most = node.least, node.most

    def _bound_columns(self, node: Node) -> None:
        """Switch bundles on or off."""
        usable = node.allowed[self.rows, self.choices]
        for limit in node.limits:
            goods = self.goods[:, limit.line]
            fits = (goods >= limit.least - TINY) & (goods <= limit.most + TINY)
            usable = usable & (fits | (self.rows != limit.row))
        upper = np.where(usable, INFINITY, 0.0)
        index = self.column.astype(np.int32)
        self.solver.changeColsBounds(len(index), index, np.zeros(len(index)), upper)

    def add(self, rows: Ints, choices: Ints, goods: Floats) -> None:
        """Add bundles."""
        instance, count = self.relaxation.instance, len(rows)
        sources, sellers = self.menu.sources[rows], self.seller_of[rows]
        table = np.zeros((count, int(self.solver.getNumRow())))
        table[:, : self.lines] = goods
        table[:, self.lines : self.lines + self.kinds] = self.menu.kinds[rows, choices]
        worth = (goods * instance.goods_value[sources]).sum(axis=1) / self.goods_scale
        watched = np.flatnonzero(self.source_row[rows] >= 0)
        table[watched, self.source_row[rows[watched]]] = 1.0
        watched = np.flatnonzero(self.seller_row[sellers] >= 0)
        table[watched, self.seller_row[sellers[watched]]] = worth[watched]
        cost = (goods * instance.unit_cost[sources]).sum(axis=1) + self.menu.price[rows, choices]
        which, index = np.nonzero(table)
        starts = np.searchsorted(which, np.arange(count)).astype(np.int32)
        first = int(self.solver.getNumCol())
        self.solver.addCols(
            count,
            cost / self.scale,
            np.zeros(count),
            np.full(count, INFINITY),
            len(index),
            starts,
            index.astype(np.int32),
            table[which, index],
        )
        self.column = np.concatenate([self.column, np.arange(first, first + count)])
        self.rows = np.concatenate([self.rows, rows])
        self.choices = np.concatenate([self.choices, choices])
        self.goods = np.concatenate([self.goods, goods])
        self.worth = np.concatenate([self.worth, worth])
        self.solver.setOptionValue("simplex_strategy", PRIMAL_SIMPLEX)

    def solve(self) -> Mix:
        """Solve, watch the sellers that the mix breaks, and read duals and shares."""
        self.solver.run()
        solution = self.solver.getSolution()
        values, dual = np.array(solution.col_value), np.array(solution.row_dual) * self.scale
        part = np.maximum(values[self.column], 0.0)
        duals = Duals(
            np.maximum(dual[: self.lines], 0.0),
            np.maximum(self._of_rows(dual, self.seller_row), 0.0) / self.goods_scale,
            self._tolls(-dual[self.lines : self.lines + self.kinds]),
        )
        source_dual = np.maximum(-self._of_rows(dual, self.source_row), 0.0)
        share = np.zeros(self.menu.room.shape)
        taken = np.zeros((len(self.menu.sources), self.lines))
        used = np.flatnonzero(part > SMALL)
        np.add.at(share, (self.rows[used], self.choices[used]), part[used])
        np.add.at(taken, self.rows[used], part[used, None] * self.goods[used])
        broken = self._broken(part, share[:, 1:].sum(axis=1))
        self._watch(broken)
        share[:, 0] = np.maximum(0.0, 1.0 - share[:, 1:].sum(axis=1))
        value = self.solver.getInfo().objective_function_value * self.scale
        return Mix(value, duals, source_dual, share, taken, not len(broken))

    def _of_rows(self, dual: Floats, row: Ints) -> Floats:
        """Duals of rows that exist, nought for the others."""
        return np.where(row >= 0, dual[row], 0.0)

    def _broken(self, part: Floats, opened: Floats) -> Ints:
        """Sellers whose missing rows the mix breaks."""
        sellers = len(self.seller_row)
        most = np.zeros(sellers)
        np.maximum.at(most, self.seller_of, opened)
        worth = np.bincount(self.seller_of[self.rows], part * self.worth, sellers)
        owed = self.relaxation.instance.seller_minimum / self.goods_scale * most
        broken: Flags = (most > 1.0 + BROKEN) | (worth < owed - BROKEN)
        return np.flatnonzero(broken & (self.seller_column < 0))

    def _tolls(self, toll: Floats) -> Floats:
        """Keep only tolls that enforce a limit."""
        lowest = np.where(self.node.least > 0, -np.inf, 0.0)
        highest = np.where(self.node.most < UNLIMITED, np.inf, 0.0)
        return np.clip(toll, lowest, highest)

    def add_priced(self, pricing: Pricing, mix: Mix | None) -> int:
        """Add the bundles that gain more than the mix pays for their source; tell how many."""
        excess = pricing.gain - (0.0 if mix is None else mix.source_dual[pricing.rows])
        excess = np.where(pricing.chosen > 0, excess, -np.inf)
        best = np.argsort(-excess, kind="stable")[:MOST_ADDED]
        useful = best[excess[best] > (SMALL * self.scale if mix is not None else -self.dear)]
        if len(useful):
            self.add(pricing.rows[useful], pricing.chosen[useful], pricing.taken[useful])
        return len(useful)
