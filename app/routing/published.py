"""What is published of location instances: a table beside the files, and capacities by name.

`optima.csv` in a file's folder tells the optimum of each problem: instance, problem, file, optimum
and, where one file stands for several problems, capacity. OR-Library's three largest files leave
the capacity to the reader; the values that optima are published for are known here.
"""

import csv
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path

from app.routing.instance_files import Kind, UnreadableInstance, wants_capacity

TABLE = "optima.csv"
CAPACITIES: dict[str, tuple[int, ...]] = {
    "capa": (8_000, 10_000, 12_000, 14_000),
    "capb": (5_000, 6_000, 7_000, 8_000),
    "capc": (5_000, 5_750, 6_500, 7_250),
}
_COLUMNS = {"instance", "problem", "file", "optimum"}
# Optima are published with a few decimals.
_TOLERANCE = Decimal("1e-6")


@dataclass(frozen=True, slots=True)
class Published:
    """A problem and its optimum."""

    instance: str
    file: str
    kind: Kind
    capacity: int | None
    optimum: Decimal

    def agrees_with(self, objective: Decimal) -> bool:
        """Tell whether an objective is the optimum, as far as that is published."""
        return abs(objective - self.optimum) <= _TOLERANCE * max(Decimal(1), abs(self.optimum))


def read_table(folder: Path) -> list[Published]:
    """Read the table of a folder; a folder without one has nothing.

    Raises:
        UnreadableInstance: a row is wrong; the message says which.
    """
    path = folder / TABLE
    if not path.is_file():
        return []
    with path.open(encoding="utf-8", newline="") as rows:
        reader = csv.DictReader(rows)
        lacking = _COLUMNS - set(reader.fieldnames or ())
        if lacking:
            raise UnreadableInstance(f"{TABLE} has no column {', '.join(sorted(lacking))}")
        return [_row(row, reader.line_num) for row in reader]


def _row(row: dict[str, str], number: int) -> Published:
    capacity = row.get("capacity") or ""
    try:
        return Published(
            row["instance"],
            row["file"],
            _kind_of(row["problem"]),
            int(capacity) if capacity else None,
            Decimal(row["optimum"]),
        )
    except (InvalidOperation, ValueError, TypeError):
        raise UnreadableInstance(f"{TABLE}, line {number} cannot be read") from None


def _kind_of(problem: str) -> Kind:
    """What a description of a problem asks for."""
    if "uncapacitated" in problem:
        return "uncapacitated"
    return "single-source" if "single" in problem else "split"


def capacities_of(path: Path, table: list[Published]) -> list[int | None]:
    """The capacities that a file is to be solved with; none is given where it says them itself.

    Raises:
        UnreadableInstance: it leaves them to the reader, and nobody knows which are published.
    """
    if not wants_capacity(path):
        return [None]
    told = {row.capacity for row in table if row.file == path.name and row.capacity}
    known = sorted(told) or CAPACITIES.get(path.name.partition(".")[0].lower(), ())
    if not known:
        raise UnreadableInstance(
            f"{path.name} says `capacity` in place of a number: give it with --capacity"
        )
    return list(known)


def find(table: list[Published], path: Path, kind: Kind, capacity: int | None) -> Published | None:
    """The row for a file, what is solved, and a capacity that the file does not say itself."""
    fitting = [row for row in table if row.file == path.name and row.kind == kind]
    return next((row for row in fitting if row.capacity in {None, capacity}), None)
