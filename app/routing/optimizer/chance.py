"""Chance that repeats itself: draws from a seed that the search sets, the same on every machine."""

import numpy as np

from app.routing.optimizer.compiled import kernel
from app.routing.optimizer.instance import Ints

# Element of the search's work where the state of the draws is.
RANDOM = 4


@kernel
def draw(work: Ints) -> float:
    """The next number from 0 to 1 (xorshift)."""
    x = work[RANDOM]
    x ^= (x << 13) & 0x7FFFFFFFFFFFFFF
    x ^= x >> 7
    x ^= (x << 17) & 0x7FFFFFFFFFFFFFF
    work[RANDOM] = x
    return (x & 0xFFFFFFFF) / 4294967296.0


@kernel
def seed(work: Ints, number: int) -> None:
    """Begin the draws anew."""
    work[RANDOM] = 7919 * (number + 1) + 104729


@kernel
def draw_below(work: Ints, many: int) -> int:
    """A whole number from 0 to one less than so many."""
    return int(np.floor(draw(work) * many))
