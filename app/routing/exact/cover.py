"""Which few givers together hold an order: a set cover with quantities.

A giver is a source, or a seller with all its sources. Lines are independent of each other, so
givers hold an order when of each line they have as much as is wanted. The search deepens by number
of givers, branches over whoever can give of the line that fewest can give, and leaves a branch that
the best that is left could not complete.

Laws: every cover that is told holds the order; what is called the fewest was searched to the end;
effort is counted in nodes, so the same order gets the same covers on every machine.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]

MOST_NODES = 300
MOST_COVERS = 120


@dataclass(frozen=True, slots=True)
class Covers:
    """Covers of one size, in the order in which they were found; whether fewer are impossible."""

    covers: list[tuple[int, ...]]
    is_fewest: bool


def find_covers(gives: Ints, wanted: Ints) -> Covers:
    """Find covers of as few givers as can be; ``gives``: units by giver and line.

    Everybody together must hold what is wanted.
    """
    capped = np.minimum(gives, wanted)
    forced = _forced(capped, wanted)
    left = np.maximum(wanted - capped[list(forced)].sum(axis=0), 0)
    if not left.any():
        return Covers([forced], is_fewest=True)
    free = np.array([no for no in range(len(gives)) if no not in forced], dtype=np.int64)
    found = _Search(np.minimum(capped[free], left), left).run()
    named = [tuple(sorted((*forced, *free[list(cover)].tolist()))) for cover in found.covers]
    return Covers(named, found.is_fewest)


def _forced(gives: Ints, wanted: Ints) -> tuple[int, ...]:
    """Givers without whom the others do not suffice."""
    spare = gives.sum(axis=0) - wanted
    return tuple(np.flatnonzero(((gives > spare) & (gives > 0)).any(axis=1)).tolist())


@dataclass(slots=True)
class _Search:
    """A search under way: covers of the depth that is tried, and the nodes that are left."""

    gives: Ints
    wanted: Ints
    covers: list[tuple[int, ...]] = field(default_factory=list)
    nodes: int = MOST_NODES

    def run(self) -> Covers:
        """Deepen until there are covers; a greedy one is known beforehand."""
        known = greedy_cover(self.gives, self.wanted)
        everybody = np.ones(len(self.gives), dtype=bool)
        depth = self._least()
        while not self.covers and self.nodes > 0 and depth <= len(known):
            self._descend((), self.wanted, everybody, depth)
            depth += 0 if self.covers else self.nodes > 0
        # What was cut short has proved every smaller size, and may have found this one.
        is_fewest = bool(self.covers) or depth == len(known)
        if len(known) == depth or not self.covers:
            self.covers += [known, *self._beside(known)]
        return Covers(list(dict.fromkeys(self.covers)), is_fewest)

    def _beside(self, cover: tuple[int, ...]) -> Iterator[tuple[int, ...]]:
        """Covers with one giver in place of another."""
        for place, giver in enumerate(cover):
            others = cover[:place] + cover[place + 1 :]
            left = np.maximum(self.wanted - self.gives[list(others)].sum(axis=0), 0)
            able = np.flatnonzero((self.gives >= left).all(axis=1)).tolist()
            yield from ((*others, no) for no in able if no not in {*others, giver})

    def _least(self) -> int:
        """How many givers it takes at least: by all units, and by each line."""
        ranked = -np.sort(-self.gives, axis=0)
        by_line = (np.cumsum(ranked, axis=0) < self.wanted).sum(axis=0).max() + 1
        totals = np.cumsum(-np.sort(-self.gives.sum(axis=1)))
        return int(max(by_line, (totals < self.wanted.sum()).sum() + 1))

    def _descend(
        self, chosen: tuple[int, ...], left: Ints, may: NDArray[np.bool_], depth: int
    ) -> None:
        """Complete what is chosen by so many more givers, of those that may still be."""
        self.nodes -= 1
        if depth == 1:
            last = np.flatnonzero(may & (self.gives >= left).all(axis=1))
            self.covers += [(*chosen, no) for no in last.tolist()]
            return
        useful = np.minimum(self.gives, left)
        useful[~may] = 0
        if not _reaches(useful, left, depth):
            return
        able = (useful > 0).sum(axis=0)
        line = int(np.argmin(np.where(left > 0, able, len(may) + 1)))
        may = may.copy()
        for giver in _best_first(useful, line):
            if self.nodes <= 0 or len(self.covers) >= MOST_COVERS:
                return
            may[giver] = False
            rest = np.maximum(left - self.gives[giver], 0)
            if rest.any():
                self._descend((*chosen, giver), rest, may, depth - 1)
            else:
                self.covers.append((*chosen, giver))


def _reaches(useful: Ints, left: Ints, depth: int) -> bool:
    """Whether the most that so many givers could add reaches what is left."""
    if (useful.sum(axis=0) < left).any():
        return False
    shares = (useful / np.maximum(left, 1)).sum(axis=1)
    if len(shares) > depth:
        shares = np.partition(shares, -depth)[-depth:]
    # Sums of shares may lie beside the whole number that they mean.
    return bool(shares.sum() > np.count_nonzero(left) - 1e-6)


def _best_first(useful: Ints, line: int) -> Iterator[int]:
    """Who can give of a line, whoever gives most in all first."""
    able = np.flatnonzero(useful[:, line])
    order = np.argsort(-useful[able].sum(axis=1), kind="stable")
    yield from able[order].tolist()


def greedy_cover(gives: Ints, wanted: Ints) -> tuple[int, ...]:
    """A cover by always asking who completes most; nobody in it is superfluous."""
    left, chosen = wanted.copy(), list[int]()
    while left.any():
        shares = (np.minimum(gives, left) / np.maximum(left, 1)).sum(axis=1)
        shares[chosen] = -1.0
        best = int(np.argmax(shares))
        chosen.append(best)
        left = np.maximum(left - gives[best], 0)
    for giver in chosen[:-1]:
        others = [no for no in chosen if no != giver]
        if (gives[others].sum(axis=0) >= wanted).all():
            chosen = others
    return tuple(chosen)
