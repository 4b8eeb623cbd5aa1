"""An integer programme, put together row by row and solved by HiGHS.

Laws: one thread, a fixed seed, no clock: effort is counted in nodes, so the same programme gets the
same answer on every machine. What HiGHS calls optimal is proved as far as its tolerances go; any
other bound is what it tells less what they may hide.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import highspy
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Options = Mapping[str, bool | int | float | str]

INFINITY = highspy.kHighsInf
# Objectives are scaled to this size: HiGHS's tolerances are absolute.
LARGEST = 1e4
SAFETY = 1e-7
NO_OPTIONS: Options = {}
# Searches within the search: they take long, and nodes do not count them.
NO_INNER_SEARCHES: Options = {
    "mip_heuristic_run_rins": False,
    "mip_heuristic_run_rens": False,
    "mip_heuristic_run_root_reduced_cost": False,
    "mip_heuristic_effort": 0.0,
}

_STOPPED = (
    highspy.HighsModelStatus.kSolutionLimit,
    highspy.HighsModelStatus.kInterrupt,
    highspy.HighsModelStatus.kIterationLimit,
)


@dataclass(frozen=True, slots=True)
class Solved:
    """The best values known (None: none), a bound on the objective, and whether that is proved."""

    values: Floats | None
    bound: float
    is_proved: bool

    @property
    def is_impossible(self) -> bool:
        """Tell whether it is proved that no values keep the rows."""
        return self.is_proved and self.values is None


@dataclass(slots=True)
class Model:
    """Columns with bounds, and rows over them; whole columns take whole values."""

    lower: list[float] = field(default_factory=list)
    upper: list[float] = field(default_factory=list)
    whole: list[bool] = field(default_factory=list)
    row_lower: list[float] = field(default_factory=list)
    row_upper: list[float] = field(default_factory=list)
    starts: list[int] = field(default_factory=lambda: [0])
    columns: list[int] = field(default_factory=list)
    values: list[float] = field(default_factory=list)

    def column(self, lower: float, upper: float, *, continuous: bool = False) -> int:
        """Add a column; return its number."""
        self.lower.append(lower)
        self.upper.append(upper)
        self.whole.append(not continuous)
        return len(self.lower) - 1

    def row(self, lower: float, upper: float, terms: Iterable[tuple[int, float]]) -> None:
        """Add a row over (column, coefficient); a column's coefficients are summed."""
        sums: dict[int, float] = {}
        for column, value in terms:
            sums[column] = sums.get(column, 0.0) + value
        self.columns += sums.keys()
        self.values += sums.values()
        self.starts.append(len(self.columns))
        self.row_lower.append(lower)
        self.row_upper.append(upper)

    def at_most(self, terms: Iterable[tuple[int, float]], upper: float = 0.0) -> None:
        """Add a row that is at most so much."""
        self.row(-INFINITY, upper, terms)

    def equal(self, terms: Iterable[tuple[int, float]], value: float) -> None:
        """Add a row that is just so much."""
        self.row(value, value, terms)


def minimize(
    model: Model,
    objective: Floats,
    nodes: int,
    *,
    grain: float = 0.0,
    start: Floats | None = None,
    options: Options = NO_OPTIONS,
) -> Solved:
    """Find the least objective; the search ends when no multiple of `grain` can lie below."""
    scale = LARGEST / max(1.0, float(np.abs(objective).max(initial=0.0)))
    solver = make_solver(nodes)
    solver.setOptionValue("mip_abs_gap", max(1e-6, grain * scale * 0.99))
    for name, value in options.items():
        solver.setOptionValue(name, value)
    accepted = solver.passModel(as_highs(model, objective * scale))
    assert accepted != highspy.HighsStatus.kError
    if start is not None:
        known = highspy.HighsSolution()
        known.col_value = start.tolist()
        solver.setSolution(known)
    solver.run()
    return _read(solver, objective, scale)


def _read(solver: highspy.Highs, objective: Floats, scale: float) -> Solved:
    """Read what was found and proved."""
    status = solver.getModelStatus()
    if status == highspy.HighsModelStatus.kInfeasible:
        return Solved(None, float("inf"), is_proved=True)
    info = solver.getInfo()
    is_optimal = status == highspy.HighsModelStatus.kOptimal
    if not is_optimal and status not in _STOPPED:
        return Solved(None, float("-inf"), is_proved=False)
    has_plan = info.primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible
    values = np.array(solver.getSolution().col_value) if has_plan else None
    if is_optimal and values is not None:
        return Solved(values, float(objective @ values), is_proved=True)
    bound = info.mip_dual_bound
    return Solved(values, (bound - SAFETY * max(1.0, abs(bound))) / scale, is_proved=False)


def make_solver(nodes: int) -> highspy.Highs:
    """A silent solver that depends on nothing but its input."""
    solver = highspy.Highs()  # type: ignore[no-untyped-call]
    options: Options = {
        "output_flag": False,
        "threads": 1,
        "parallel": "off",
        "random_seed": 1,
        "mip_rel_gap": 0.0,
        "mip_feasibility_tolerance": 1e-7,
        "mip_max_nodes": nodes,
    }
    for name, value in options.items():
        solver.setOptionValue(name, value)
    return solver


def as_highs(model: Model, objective: Sequence[float] | Floats) -> highspy.HighsLp:
    """State the programme to HiGHS."""
    lp = highspy.HighsLp()
    lp.num_col_ = len(model.lower)
    lp.num_row_ = len(model.row_lower)
    lp.col_cost_ = np.asarray(objective, dtype=np.float64)
    lp.col_lower_ = np.array(model.lower)
    lp.col_upper_ = np.array(model.upper)
    lp.row_lower_ = np.array(model.row_lower)
    lp.row_upper_ = np.array(model.row_upper)
    kinds = (highspy.HighsVarType.kContinuous, highspy.HighsVarType.kInteger)
    lp.integrality_ = [kinds[whole] for whole in model.whole]
    lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    lp.a_matrix_.start_ = np.array(model.starts, dtype=np.int32)
    lp.a_matrix_.index_ = np.array(model.columns, dtype=np.int32)
    lp.a_matrix_.value_ = np.array(model.values)
    return lp
