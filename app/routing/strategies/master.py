"""The linear programme over bundles: which mix of known bundles serves the order at least cost.

A bundle is a source, a configuration and the goods in it. Bundles are added as the knapsacks find
better ones; a node forbids those whose configuration it does not allow. Its prices make the
knapsacks' bound as good as it gets, its shares tell where to branch.

Laws: the bound is never read from here, only prices and shares are, so the solver's tolerances
cannot spoil a proof.
"""

from dataclasses import dataclass

import highspy
import numpy as np

from app.routing.strategies.dual import TINY, Relaxation
from app.routing.strategies.instance import Floats, Ints
from app.routing.strategies.nodes import UNLIMITED, Duals, Menu, Node, Pricing

INFINITY = highspy.kHighsInf
DUAL_SIMPLEX, PRIMAL_SIMPLEX = 1, 4
SMALL = 1e-7


@dataclass(frozen=True, slots=True)
class Mix:
    """The programme's optimum: value, duals, and by menu row the shares and quantities."""

    value: float
    duals: Duals
    source_dual: Floats
    share: Floats
    taken: Floats
    unserved: float


class Master:
    """The programme, kept warm from node to node."""

    def __init__(self, relaxation: Relaxation, menu: Menu, ceiling: Floats) -> None:
        self.relaxation, self.menu = relaxation, menu
        instance = relaxation.instance
        self.scale = float(max(1.0, relaxation.parcel_price.max() / 30))
        self.lines = len(instance.demand)
        self.kinds = menu.kinds.shape[2]
        self.used_sellers, self.seller_row = np.unique(
            instance.seller[menu.sources], return_inverse=True
        )
        self.first_kind = self.lines
        self.first_source = self.first_kind + self.kinds
        self.first_seller = self.first_source + len(menu.sources)
        self.goods_scale = float(max(1, instance.goods_value.max()))
        self.rows = np.zeros(0, dtype=np.int64)
        self.choices = np.zeros(0, dtype=np.int64)
        self.goods = np.zeros((0, self.lines))
        self.forced = np.zeros(len(menu.sources), dtype=np.bool_)
        self.least = np.zeros(self.kinds)
        self.most = np.full(self.kinds, UNLIMITED)
        self.solver = highspy.Highs()
        self.solver.silent()
        for name, value in (("threads", 1), ("presolve", "off"), ("solver", "simplex")):
            self.solver.setOptionValue(name, value)
        self._pass_frame(ceiling)

    def _pass_frame(self, ceiling: Floats) -> None:
        """Set up rows, a dear way to leave a unit unserved, and the sellers."""
        instance = self.relaxation.instance
        sellers = len(self.used_sellers)
        rows = self.first_seller + sellers
        model = highspy.HighsLp()
        model.num_col_, model.num_row_ = self.lines + sellers, rows
        fixed = instance.seller_fixed[self.used_sellers] / self.scale
        model.col_cost_ = np.concatenate([ceiling / self.scale, fixed])
        model.col_lower_ = np.zeros(self.lines + sellers)
        model.col_upper_ = np.concatenate([instance.demand, np.ones(sellers)]).astype(np.float64)
        lower, upper = np.full(rows, -INFINITY), np.zeros(rows)
        lower[: self.lines], upper[: self.lines] = instance.demand, INFINITY
        lower[self.first_kind : self.first_source] = 0.0
        upper[self.first_kind : self.first_source] = INFINITY
        lower[self.first_seller :], upper[self.first_seller :] = 0.0, INFINITY
        model.row_lower_, model.row_upper_ = lower, upper
        minimum = instance.seller_minimum[self.used_sellers] / self.goods_scale
        starts, index, value = [0], list(range(self.lines)), [1.0] * self.lines
        starts += list(range(1, self.lines + 1))
        for seller in range(sellers):
            own = np.flatnonzero(self.seller_row == seller) + self.first_source
            index += [*own.tolist(), self.first_seller + seller]
            value += [-1.0] * len(own) + [-float(minimum[seller])]
            starts.append(len(index))
        model.a_matrix_.format_ = highspy.MatrixFormat.kColwise
        model.a_matrix_.start_ = np.array(starts)
        model.a_matrix_.index_ = np.array(index)
        model.a_matrix_.value_ = np.array(value)
        self.solver.passModel(model)

    def enter(self, node: Node) -> None:
        """Forbid what the node forbids, require what it requires."""
        self.node = node
        self.solver.setOptionValue("simplex_strategy", DUAL_SIMPLEX)
        self._bound_columns(node)
        forced = ~node.allowed[:, 0]
        for row in np.flatnonzero(forced != self.forced).tolist():
            lower = 0.0 if forced[row] else -INFINITY
            self.solver.changeRowBounds(self.first_source + row, lower, 0.0)
        self.forced = forced
        for kind in np.flatnonzero((node.least != self.least) | (node.most != self.most)).tolist():
            most = float(node.most[kind]) if node.most[kind] < UNLIMITED else INFINITY
            self.solver.changeRowBounds(self.first_kind + kind, float(node.least[kind]), most)
        self.least, self.most = node.least, node.most

    def _bound_columns(self, node: Node) -> None:
        """Switch bundles on or off, and require sellers whose source must open."""
        must = np.zeros(len(self.used_sellers))
        must[self.seller_row[~node.allowed[:, 0]]] = 1.0
        usable = node.allowed[self.rows, self.choices]
        for limit in node.limits:
            goods = self.goods[:, limit.line]
            fits = (goods >= limit.least - TINY) & (goods <= limit.most + TINY)
            usable = usable & (fits | (self.rows != limit.row))
        lower = np.concatenate([must, np.zeros(len(usable))])
        upper = np.concatenate([np.ones(len(must)), np.where(usable, INFINITY, 0.0)])
        index = np.arange(self.lines, self.lines + len(lower), dtype=np.int32)
        self.solver.changeColsBounds(len(lower), index, lower, upper)

    def add(self, rows: Ints, choices: Ints, goods: Floats) -> None:
        """Add bundles."""
        instance, count = self.relaxation.instance, len(rows)
        sources = self.menu.sources[rows]
        table = np.zeros((count, self.first_seller + len(self.used_sellers)))
        table[:, : self.lines] = goods
        table[:, self.first_kind : self.first_source] = self.menu.kinds[rows, choices]
        every = np.arange(count)
        table[every, self.first_source + rows] = 1.0
        worth = (goods * instance.goods_value[sources]).sum(axis=1) / self.goods_scale
        table[every, self.first_seller + self.seller_row[rows]] = worth
        cost = (goods * instance.unit_cost[sources]).sum(axis=1) + self.menu.price[rows, choices]
        which, index = np.nonzero(table)
        starts = np.searchsorted(which, every).astype(np.int32)
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
        self.rows = np.concatenate([self.rows, rows])
        self.choices = np.concatenate([self.choices, choices])
        self.goods = np.concatenate([self.goods, goods])
        self.solver.setOptionValue("simplex_strategy", PRIMAL_SIMPLEX)

    def solve(self) -> Mix:
        """Solve and read duals and shares."""
        self.solver.run()
        solution = self.solver.getSolution()
        dual = np.array(solution.row_dual) * self.scale
        seller = np.zeros(len(self.relaxation.instance.seller_minimum))
        seller[self.used_sellers] = dual[self.first_seller :] / self.goods_scale
        duals = Duals(
            np.maximum(dual[: self.lines], 0.0),
            np.maximum(seller, 0.0),
            self._tolls(-dual[self.first_kind : self.first_source]),
        )
        values = np.array(solution.col_value)
        first = self.lines + len(self.used_sellers)
        part = np.maximum(values[first:], 0.0)
        share = np.zeros(self.menu.room.shape)
        taken = np.zeros((len(self.menu.sources), self.lines))
        used = np.flatnonzero(part > SMALL)
        np.add.at(share, (self.rows[used], self.choices[used]), part[used])
        np.add.at(taken, self.rows[used], part[used, None] * self.goods[used])
        share[:, 0] = np.maximum(0.0, 1.0 - share[:, 1:].sum(axis=1))
        value = self.solver.getInfo().objective_function_value * self.scale
        return Mix(
            value=value,
            duals=duals,
            source_dual=-dual[self.first_source : self.first_seller],
            share=share,
            taken=taken,
            unserved=float(values[: self.lines].sum()),
        )

    def _tolls(self, toll: Floats) -> Floats:
        """Keep only tolls that enforce a limit."""
        lowest = np.where(self.node.least > 0, -np.inf, 0.0)
        highest = np.where(self.node.most < UNLIMITED, np.inf, 0.0)
        return np.clip(toll, lowest, highest)

    def add_priced(self, pricing: Pricing, mix: Mix | None) -> int:
        """Add the bundles that gain more than the mix pays for their source; tell how many."""
        useful = pricing.chosen > 0
        if mix is not None:
            useful &= pricing.gain > mix.source_dual[pricing.rows] + SMALL * self.scale
        count = int(useful.sum())
        if count:
            self.add(pricing.rows[useful], pricing.chosen[useful], pricing.taken[useful])
        return count
