"""Knapsacks of whole lines: what each site gains at best at some prices, and what a pair stakes.

All sites' tables are filled at once, line by line. Laws: loads and room are whole numbers; a line
that gains nothing is left out.
"""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Ints = NDArray[np.int64]

# Tables of more cells than this are not filled.
MOST_CELLS = 300_000_000
NOTHING = 1e-9


def fits(room: Ints, lines: int) -> bool:
    """Tell whether the tables can be held in memory."""
    return len(room) * lines * (int(room.max(initial=0)) + 1) <= MOST_CELLS


def pack(gain: Floats, load: Ints, room: Ints) -> tuple[Floats, Flags]:
    """Fill each site (row) with the lines (columns) that gain most; lines that must not: below 0.

    Returns what each site gains, and what it takes.
    """
    count, widest = len(room), int(room.max(initial=0)) + 1
    best = np.zeros((count, widest))
    lines = np.flatnonzero((gain > NOTHING).any(axis=0))
    takes = np.zeros((len(lines), count, widest), dtype=np.bool_)
    for no, line in enumerate(lines.tolist()):
        takes[no] = _offer(best, gain[:, line], int(load[line]))
    taken = np.zeros(gain.shape, dtype=np.bool_)
    sites, left = np.arange(count), room.copy()
    for no in range(len(lines) - 1, -1, -1):
        line = int(lines[no])
        own = takes[no, sites, left]
        taken[own, line] = True
        left[own] -= load[line]
    gained: Floats = best[sites, room]
    return gained, taken


def _offer(best: Floats, gain: Floats, load: int) -> Flags:
    """Offer a line to all sites; tell for which room it is taken."""
    better = np.zeros(best.shape, dtype=np.bool_)
    sites = np.flatnonzero(gain > NOTHING)
    own = best[sites]
    with_it = own[:, : own.shape[1] - load] + gain[sites, None]
    better[sites, load:] = with_it > own[:, load:]
    np.maximum(own[:, load:], with_it, out=own[:, load:])
    best[sites] = own
    return better


def stakes(gain: Floats, load: Ints, room: Ints, allowed: Flags) -> Floats:
    """What a site loses at least when it must take a line; infinite where it cannot.

    What the lines before a line gain by room, and those after it, are known from tables in both
    directions; one site at a time, so that they stay small.
    """
    lost = np.full(gain.shape, np.inf)
    for site in range(len(room)):
        own = np.flatnonzero(allowed[site])
        lost[site, own] = _stakes_of(gain[site, own], load[own], int(room[site]))
    return lost


def _stakes_of(gain: Floats, load: Ints, room: int) -> Floats:
    """The same for one site, over its own lines."""
    count = len(gain)
    before = np.zeros((count + 1, room + 1))
    after = np.zeros((count + 1, room + 1))
    for no in range(count):
        _advance(before[no], before[no + 1], gain[no], int(load[no]))
    for no in range(count - 1, -1, -1):
        _advance(after[no + 1], after[no], gain[no], int(load[no]))
    best = float(before[count, room])
    lost = np.full(count, np.inf)
    for no in range(count):
        left = room - int(load[no])
        if left >= 0:
            others = before[no, : left + 1] + after[no + 1, left::-1]
            lost[no] = best - float(gain[no]) - float(others.max())
    return lost


def _advance(old: Floats, new: Floats, gain: float, load: int) -> None:
    new[:] = old
    if gain > NOTHING and load < len(old):
        np.maximum(new[load:], old[: len(old) - load] + gain, out=new[load:])
