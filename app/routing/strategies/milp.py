"""The routing problem as a mixed-integer programme, for what the other methods leave open.

Freight is modelled as covering: a used source buys full parcels and at most one lighter parcel
whose bands together carry its goods. Prices never fall with weight, so the cheapest cover is the
consignment's price. A row that says that all parcels together carry the whole order is redundant
but lets the solver cut.

Laws: the solver runs on one thread, is started fresh for each call and leaves nothing behind; its
answer is rounded to whole units and priced again in whole numbers by the caller.
"""

from dataclasses import dataclass, field

import highspy
import numpy as np

from app.routing.strategies.instance import Flags, Floats, Instance, Ints

KILOGRAM = 1000.0
INFINITY = highspy.kHighsInf


@dataclass(frozen=True, slots=True)
class Demand:
    """What must be served: every line in full, or so many units in total of any lines."""

    units: int | None = None
    maximise_units: bool = False


SERVE_ALL = Demand()


@dataclass(frozen=True, slots=True)
class Effort:
    """When the solver stops."""

    time_s: float
    nodes: int = 1_000_000


@dataclass(frozen=True, slots=True)
class Answer:
    """What the solver found: quantities (or none) and the proved bound on its objective."""

    taken: Ints | None
    bound: float
    optimal: bool
    infeasible: bool


@dataclass(slots=True)
class _Rows:
    """Rows of the constraint matrix, collected as coordinates."""

    count: int = 0
    rows: list[Ints] = field(default_factory=list)
    columns: list[Ints] = field(default_factory=list)
    values: list[Floats] = field(default_factory=list)
    lower: list[Floats] = field(default_factory=list)
    upper: list[Floats] = field(default_factory=list)

    def open(self, lower: Floats, upper: Floats) -> Ints:
        """Add rows with their limits and return their numbers."""
        numbers = np.arange(self.count, self.count + len(lower))
        self.count += len(lower)
        self.lower.append(lower)
        self.upper.append(upper)
        return numbers

    def put(self, rows: Ints, columns: Ints, values: Floats | float) -> None:
        """Add entries."""
        self.rows.append(rows)
        self.columns.append(columns)
        self.values.append(np.broadcast_to(np.asarray(values, dtype=np.float64), rows.shape))

    def fill(self, model: "highspy.HighsLp") -> None:
        """Hand the matrix to the solver row by row."""
        rows = np.concatenate(self.rows)
        order = np.argsort(rows, kind="stable")
        counts = np.bincount(rows, minlength=self.count)
        model.num_row_ = self.count
        model.row_lower_ = np.concatenate(self.lower)
        model.row_upper_ = np.concatenate(self.upper)
        model.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        model.a_matrix_.start_ = np.r_[0, np.cumsum(counts)]
        model.a_matrix_.index_ = np.concatenate(self.columns)[order]
        model.a_matrix_.value_ = np.concatenate(self.values)[order]


@dataclass(slots=True)
class _Model:
    """Column numbers of the model."""

    edge_source: Ints
    edge_line: Ints
    edge: Ints
    used: Ints
    parcels: Ints
    rest: Ints
    seller: Ints
    width: int


def solve(
    instance: Instance, sources: Flags, demand: Demand, scale: float, effort: Effort
) -> Answer:
    """Solve over the chosen sources; objective and bound are in `scale` cost units."""
    columns = _number_columns(instance, sources)
    model = highspy.HighsLp()
    model.num_col_ = columns.width
    _fill_columns(model, instance, columns, demand, scale)
    _rows(instance, sources, columns, demand).fill(model)
    solver = highspy.Highs()  # type: ignore[no-untyped-call]
    solver.silent()
    for name, value in (
        ("threads", 1),
        ("time_limit", effort.time_s),
        ("mip_max_nodes", effort.nodes),
        ("mip_rel_gap", 0.0),
        ("mip_abs_gap", 0.5),
        ("objective_target", -float(instance.demand.sum()) if demand.maximise_units else -INFINITY),
    ):
        solver.setOptionValue(name, value)
    solver.passModel(model)
    solver.run()
    return _read(solver, instance, columns)


def _read(solver: "highspy.Highs", instance: Instance, columns: _Model) -> Answer:
    """Read quantities and bound out of the solver."""
    status, info = solver.getModelStatus(), solver.getInfo()
    infeasible = status == highspy.HighsModelStatus.kInfeasible
    taken = None
    if info.primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible:
        values = np.array(solver.getSolution().col_value)
        taken = np.zeros(instance.shape, dtype=np.int64)
        quantities = np.rint(values[columns.edge]).astype(np.int64)
        taken[columns.edge_source, columns.edge_line] = quantities
    optimal = status == highspy.HighsModelStatus.kOptimal
    return Answer(taken, info.mip_dual_bound, optimal, infeasible)


def _number_columns(instance: Instance, sources: Flags) -> _Model:
    """Give every decision its column."""
    edge_source, edge_line = np.nonzero((instance.capacity > 0) & sources[:, None])
    count, bands = instance.shape[0], instance.band_weight.shape[1]
    position = len(edge_source)
    edge = np.arange(position)
    used = position + np.arange(count)
    parcels = used + count
    rest = (parcels[-1] + 1 + np.arange(count * bands)).reshape(count, bands)
    seller = rest[-1, -1] + 1 + np.arange(len(instance.seller_minimum))
    return _Model(edge_source, edge_line, edge, used, parcels, rest, seller, int(seller[-1]) + 1)


def _fill_columns(
    model: "highspy.HighsLp", instance: Instance, columns: _Model, demand: Demand, scale: float
) -> None:
    """Set costs, limits and integrality."""
    cost, upper = np.zeros(columns.width), np.ones(columns.width)
    at = columns.edge_source, columns.edge_line
    upper[columns.edge] = instance.capacity[at]
    if demand.maximise_units:
        cost[columns.edge] = -1.0
    else:
        cost[columns.edge] = instance.unit_cost[at] / scale
        cost[columns.used] = instance.fixed_cost / scale
        cost[columns.parcels] = instance.band_price[:, -1] / scale
        cost[columns.rest] = instance.band_price / scale
        cost[columns.seller] = instance.seller_fixed / scale
    heaviest = (instance.capacity * instance.weight).sum(axis=1)
    upper[columns.parcels] = -(-heaviest // instance.band_weight[:, -1])
    upper[columns.rest[:, -1]] = 0.0
    model.col_cost_, model.col_lower_, model.col_upper_ = cost, np.zeros(columns.width), upper
    model.integrality_ = [highspy.HighsVarType.kInteger] * columns.width


def _rows(instance: Instance, sources: Flags, columns: _Model, demand: Demand) -> _Rows:
    """Collect all constraints."""
    rows = _Rows()
    _demand_rows(rows, instance, columns, demand)
    _opening_rows(rows, instance, columns)
    _seller_rows(rows, instance, sources, columns)
    if not demand.maximise_units:
        _parcel_rows(rows, instance, sources, columns)
    _minimum_rows(rows, instance, columns)
    return rows


def _demand_rows(rows: _Rows, instance: Instance, columns: _Model, demand: Demand) -> None:
    """Serve every line in full, or no line beyond its demand and so many units in total."""
    wanted = instance.demand.astype(np.float64)
    partly = demand.maximise_units or demand.units is not None
    numbers = rows.open(np.zeros_like(wanted) if partly else wanted, wanted)
    rows.put(numbers[columns.edge_line], columns.edge, 1.0)
    if demand.units is not None:
        total = rows.open(np.array([float(demand.units)]), np.array([float(demand.units)]))
        rows.put(np.repeat(total, len(columns.edge)), columns.edge, 1.0)


def _parcel_rows(rows: _Rows, instance: Instance, sources: Flags, columns: _Model) -> None:
    """Carry every source's goods in its parcels, at most one of them in a lighter band."""
    which = np.flatnonzero(sources)
    position = np.full(len(sources), -1)
    never, nought = np.full(len(which), -np.inf), np.zeros(len(which))
    position[which] = rows.open(never, nought)
    rows.put(
        position[columns.edge_source],
        columns.edge,
        instance.weight[columns.edge_line] / KILOGRAM,
    )
    bands = instance.band_weight.shape[1]
    rows.put(position[which], columns.parcels[which], -instance.band_weight[which, -1] / KILOGRAM)
    rows.put(
        np.repeat(position[which], bands),
        columns.rest[which].ravel(),
        -instance.band_weight[which].ravel() / KILOGRAM,
    )
    single = rows.open(never, nought)
    rows.put(np.repeat(single, bands), columns.rest[which].ravel(), 1.0)
    rows.put(single, columns.used[which], -1.0)


def _opening_rows(rows: _Rows, instance: Instance, columns: _Model) -> None:
    """Take goods from used sources only."""
    edges = len(columns.edge)
    numbers = rows.open(np.full(edges, -np.inf), np.zeros(edges))
    rows.put(numbers, columns.edge, 1.0)
    capacity = instance.capacity[columns.edge_source, columns.edge_line].astype(np.float64)
    rows.put(numbers, columns.used[columns.edge_source], -capacity)


def _seller_rows(rows: _Rows, instance: Instance, sources: Flags, columns: _Model) -> None:
    """Use a source only under a used seller."""
    which = np.flatnonzero(sources)
    numbers = rows.open(np.full(len(which), -np.inf), np.zeros(len(which)))
    rows.put(numbers, columns.used[which], 1.0)
    rows.put(numbers, columns.seller[instance.seller[which]], -1.0)


def _minimum_rows(rows: _Rows, instance: Instance, columns: _Model) -> None:
    """Reach the minimum of every used seller."""
    minimum = instance.seller_minimum / instance.goods_value.max(initial=1)
    numbers = rows.open(np.zeros(len(minimum)), np.full(len(minimum), np.inf))
    rows.put(numbers, columns.seller, -minimum)
    at = columns.edge_source, columns.edge_line
    value = instance.goods_value[at] / instance.goods_value.max(initial=1)
    rows.put(numbers[instance.seller[columns.edge_source]], columns.edge, value)
