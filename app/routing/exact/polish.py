"""Assignments of whole lines to sites, made and polished: quick, lawful, seldom the cheapest.

A wish (sites by lines) says who should serve what. Lines are placed by it, the heaviest first, and
then moved, exchanged, and taken from sites that can be shut, as long as that saves money.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.routing.exact.sites import Floats, Sites

Ints = NDArray[np.int64]
MOST_MOVES = 2_000
HALF = 0.5
SAVED = 1e-9


@dataclass(slots=True)
class Assignment:
    """Lines at sites, under way."""

    sites: Sites
    cost: Floats
    at: Ints
    load: Floats
    lines: Ints

    @property
    def total(self) -> float:
        """What it costs."""
        used = self.lines > 0
        return float(self.sites.fixed[used].sum()) + float(
            self.cost[self.at, np.arange(len(self.at))].sum()
        )

    def shares(self) -> Floats:
        """As shares by site and line."""
        shares = np.zeros_like(self.cost)
        shares[self.at, np.arange(len(self.at))] = 1.0
        return shares

    def put(self, line: int, site: int) -> None:
        """Move a line."""
        old = int(self.at[line])
        self.load[old] -= self.sites.load[line]
        self.lines[old] -= 1
        self.at[line] = site
        self.load[site] += self.sites.load[line]
        self.lines[site] += 1


def place(sites: Sites, cost: Floats, wish: Floats) -> Assignment | None:
    """Place lines by a wish; `cost` is infinite where a site must not serve. None: it failed."""
    count = len(sites.load)
    left = sites.capacity.copy()
    at = np.full(count, -1, dtype=np.int64)
    opened = wish.sum(axis=1) > HALF
    sure = wish.max(axis=0)
    liked = 2.0 * float(sites.cost.max(initial=0.0) + sites.fixed.max(initial=0.0))
    for line in np.lexsort((-sites.load, -np.round(sure, 2))).tolist():
        able = (left >= sites.load[line]) & np.isfinite(cost[:, line])
        if not able.any():
            return None
        price = cost[:, line] + np.where(opened, 0.0, sites.fixed) - wish[:, line] * liked
        price = np.where(able, price, np.inf)
        site = int(np.argmin(price))
        at[line], opened[site] = site, True
        left[site] -= sites.load[line]
    numbers = np.bincount(at, minlength=len(left))
    return Assignment(sites, cost, at, sites.capacity - left, numbers)


def polish(made: Assignment) -> Assignment:
    """Move and exchange lines while that saves money."""
    for _ in range(MOST_MOVES):
        if not (_move(made) or _exchange(made)):
            break
    return made


def _move(made: Assignment) -> bool:
    """Move the line whose move saves most."""
    sites, lines = made.sites, np.arange(len(made.at))
    own = made.cost[made.at, lines] + np.where(made.lines[made.at] == 1, sites.fixed[made.at], 0.0)
    new = made.cost + np.where(made.lines > 0, 0.0, sites.fixed)[:, None]
    able = made.load[:, None] + sites.load[None, :] <= sites.capacity[:, None]
    able[made.at, lines] = False
    saved = np.where(able, own[None, :] - new, -np.inf)
    site, line = np.unravel_index(int(np.argmax(saved)), saved.shape)
    if not saved[site, line] > SAVED * max(1.0, abs(float(own[line]))):
        return False
    made.put(int(line), int(site))
    return True


def _exchange(made: Assignment) -> bool:
    """Exchange the two lines whose exchange saves most."""
    sites, lines = made.sites, np.arange(len(made.at))
    there = made.cost[made.at][:, lines]
    own = made.cost[made.at, lines]
    saved = own[:, None] + own[None, :] - there - there.T
    room = (sites.capacity - made.load)[made.at]
    swell = sites.load[None, :] - sites.load[:, None]
    saved[(swell > room[:, None]) | (-swell > room[None, :])] = -np.inf
    first, second = np.unravel_index(int(np.argmax(saved)), saved.shape)
    if not saved[first, second] > SAVED * max(1.0, abs(float(own[first]))):
        return False
    here, other = int(made.at[first]), int(made.at[second])
    made.put(int(first), other)
    made.put(int(second), here)
    return True
