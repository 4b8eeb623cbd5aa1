"""``python -m bench instances --data DIR``: published location instances, ours beside the optimum.

DIR holds `optima.csv` (instance, problem, file, optimum; optionally capacity) and the files it
names. Times are the processor's, of this process.
"""

import csv
import sys
import time
from pathlib import Path

from app.routing import instances
from app.routing.problem import Limits
from app.routing.strategies import OptimalStrategy

TOLERANCE = 1e-6


def kind_of(problem: str) -> instances.Kind:
    """What a description of a problem asks for."""
    if "uncapacitated" in problem:
        return "uncapacitated"
    return "single-source" if "single" in problem else "split"


def run(data: Path, *, seconds: int) -> int:
    """Solve all instances; returns how many missed their published optimum, at most 1."""
    with (data / "optima.csv").open(encoding="utf-8") as rows:
        known = list(csv.DictReader(rows))
    print(f"{'instance':<14}{'problem':<16}{'size':>10}{'ours':>18}{'published':>18}{'gap %':>9}"
          f"{'proof':>10}{'CPU s':>9}")  # fmt: skip
    missed = 0
    for row in known:
        missed += not _solve(data, row, seconds)
    print(f"{len(known) - missed} of {len(known)} reach their published optimum")
    return min(1, missed)


def _solve(data: Path, row: dict[str, str], seconds: int) -> bool:
    """Solve one and print a line; tell whether it is the optimum, proved."""
    capacity = int(row["capacity"]) if row.get("capacity") else None
    read = instances.read(data / row["file"], capacity)
    kind = kind_of(row["problem"])
    posed = instances.pose(read, kind)
    started = time.process_time()
    plan = OptimalStrategy().plan(posed.problem, Limits(seconds * 1_000_000))
    took = time.process_time() - started
    told = instances.answer(read, posed, plan)
    published = float(row["optimum"])
    size = f"{len(read.demand)}x{len(read.fixed)}"
    print(f"{row['instance']:<14}{kind:<16}{size:>10}{float(told.objective):>18.4f}"
          f"{published:>18.4f}{100 * told.gap:>9.4f}{plan.proof:>10}{took:>9.2f}")  # fmt: skip
    sys.stdout.flush()
    right = abs(float(told.objective) - published) <= TOLERANCE * max(1.0, published)
    return right and plan.proof == "optimal"
