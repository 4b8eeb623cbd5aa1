"""``python -m bench instances --data DIR``: published location instances, ours beside the optimum.

DIR holds `optima.csv` (instance, problem, file, optimum; optionally capacity) and the files it
names. Times are the processor's, of this process.
"""

import sys
import time
from decimal import Decimal
from pathlib import Path

from app.routing import instances, published
from app.routing.problem import Limits
from app.routing.strategies import OptimalStrategy


def run(data: Path, *, seconds: int) -> int:
    """Solve all instances; returns how many missed their published optimum, at most 1."""
    known = published.read_table(data)
    print(f"{'instance':<14}{'problem':<16}{'size':>10}{'ours':>18}{'published':>18}{'gap %':>9}"
          f"{'proof':>10}{'CPU s':>9}")  # fmt: skip
    missed = 0
    for row in known:
        missed += not _solve(data, row, seconds)
    print(f"{len(known) - missed} of {len(known)} reach their published optimum")
    return min(1, missed)


def _solve(data: Path, row: published.Published, seconds: int) -> bool:
    """Solve one and print a line; tell whether it is the optimum, proved."""
    read = instances.read(data / row.file, row.capacity)
    posed = instances.pose(read, row.kind)
    started = time.process_time()
    plan = OptimalStrategy().plan(posed.problem, Limits(seconds * 1_000_000))
    took = time.process_time() - started
    told = instances.answer(read, posed, plan)
    size = f"{len(read.demand)}x{len(read.fixed)}"
    print(f"{row.instance:<14}{row.kind:<16}{size:>10}{float(told.objective):>18.4f}"
          f"{row.optimum:>18.4f}{100 * told.gap:>9.4f}{plan.proof:>10}{took:>9.2f}")  # fmt: skip
    sys.stdout.flush()
    return row.agrees_with(Decimal(float(told.objective))) and plan.proof == "optimal"
