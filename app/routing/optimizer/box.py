"""A box: the part of all plans that is looked at.

Levels from `level[0]` to `level[1]` by source, quantities by entry from `quantity[0]` to
`quantity[1]`, counts of the whole plan by kind from `count[0]` to `count[1]`.
"""

from typing import NamedTuple

import numpy as np

from app.routing.optimizer.compiled import kernel
from app.routing.optimizer.instance import Floats, Ints
from app.routing.optimizer.table import ENTRIES, KINDS, LEVELS, STOCK, Table


class Box(NamedTuple):
    """The part of all plans that is looked at."""

    level: Ints
    quantity: Floats
    count: Floats  # type: ignore[assignment]


def whole_box(table: Table) -> Box:
    """Look at all plans."""
    stock = np.vstack([np.zeros(table.entry.shape[1]), table.entry[STOCK]])
    levels = np.diff(table.source_of[LEVELS])
    many = float(table.level.shape[1]) + 1.0
    counts = np.vstack([np.zeros(KINDS), np.full(KINDS, many)])
    return Box(np.vstack([np.zeros_like(levels), levels]), stock, counts)


@kernel
def is_shut(table: Table, box: Box, k: int) -> bool:
    """Tell whether a seller must not be used."""
    for s in range(table.first_source[k], table.first_source[k + 1]):
        if box.level[1, s] > 0:
            return False
    return True


@kernel
def is_forced_source(table: Table, box: Box, s: int) -> bool:
    """Tell whether a source must be used."""
    if box.level[0, s] > 0:
        return True
    for e in range(table.source_of[ENTRIES, s], table.source_of[ENTRIES, s + 1]):
        if box.quantity[0, e] > 0.0:
            return True
    return False


@kernel
def is_forced(table: Table, box: Box, k: int) -> bool:
    """Tell whether a seller must be used."""
    for s in range(table.first_source[k], table.first_source[k + 1]):
        if is_forced_source(table, box, s):
            return True
    return False
