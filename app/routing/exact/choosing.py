"""A choice of sites that together hold what is needed, and how many of them there are.

At prices, a site has a value: what opening it costs less what it gains. Chosen are sites of least
value that have room enough, at least so many and at most so many. The room is relaxed by a price of
its own (a line for each choice of sites, the highest point under all of them); the numbers are kept
as whole ones, which is what makes the bound sharp where sites are about as large as each other.

Law: no choice of whole sites that keeps the terms is worth less than the bound.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

TINY = 1e-9
# Lines crossed before the best of the two at hand is good enough.
MOST_CROSSINGS = 40
MANY = 1 << 30


class Terms(NamedTuple):
    """What the chosen sites must hold, and between which numbers they are."""

    needed: float
    fewest: int
    most: int


class Chosen(NamedTuple):
    """The bound, how much each site is chosen, and what choosing or leaving it must cost.

    A change above nought is what a site costs that is chosen though it was not, one below nought
    what it costs to leave out.
    """

    bound: float
    share: Floats
    change: Floats


class _Pick(NamedTuple):
    """The best choice at a price of room."""

    bound: float
    reduced: Floats
    order: NDArray[np.intp]
    many: int
    spare: float


def terms_of(capacity: Floats, needed: float, fewest: int = 0, most: int = MANY) -> Terms:
    """The terms with no fewer sites than the largest that hold what is needed."""
    if needed > TINY:
        held = np.cumsum(np.sort(capacity)[::-1])
        fewest = max(fewest, int(np.searchsorted(held, needed - TINY * needed)) + 1)
    return Terms(max(0.0, needed), max(0, fewest), min(most, len(capacity)))


def choose_sites(value: Floats, capacity: Floats, terms: Terms) -> Chosen:
    """Choose the sites of least value within the terms."""
    if terms.fewest > terms.most:
        nothing = np.zeros(len(value))
        return Chosen(np.inf, nothing, nothing)
    room = np.minimum(capacity, terms.needed)
    low = _pick(value, room, terms, 0.0)
    if low.spare >= -TINY * terms.needed:
        return Chosen(low.bound, _share(low), _change(low, terms))
    return _crossed(value, room, terms, low)


def _crossed(value: Floats, room: Floats, terms: Terms, low: _Pick) -> Chosen:
    """Go to where the line of a choice with too little room crosses that of one with enough."""
    largest = np.argsort(-room, kind="stable")[: terms.most]
    high_value, high_spare = float(value[largest].sum()), float(room[largest].sum() - terms.needed)
    if high_spare < -TINY * terms.needed:
        nothing = np.zeros(len(value))
        return Chosen(np.inf, nothing, nothing)
    high_share = np.zeros(len(value))
    high_share[largest] = 1.0
    low_value, best = low.bound, low
    for _ in range(MOST_CROSSINGS):
        price = (high_value - low_value) / (high_spare - low.spare)
        pick = _pick(value, room, terms, price)
        level = low_value - price * low.spare
        if pick.bound > best.bound:
            best = pick
        if pick.bound >= level - TINY * max(1.0, abs(level)):
            break
        own = pick.bound + price * pick.spare
        if pick.spare < 0.0:
            low, low_value = pick, own
        else:
            high_value, high_spare, high_share = own, pick.spare, _share(pick)
    part = high_spare / (high_spare - low.spare)
    share = part * _share(low) + (1.0 - part) * high_share
    return Chosen(best.bound, share, _change(best, terms))


def _pick(value: Floats, room: Floats, terms: Terms, price: float) -> _Pick:
    """The choice of least value when room has a price."""
    reduced = value - price * room
    order = np.argsort(reduced, kind="stable")
    paying = int(np.count_nonzero(reduced < 0.0))
    count = min(max(paying, terms.fewest), terms.most)
    own = order[:count]
    bound = float(reduced[own].sum()) + price * terms.needed
    return _Pick(bound, reduced, order, count, float(room[own].sum()) - terms.needed)


def _share(pick: _Pick) -> Floats:
    share = np.zeros(len(pick.order))
    share[pick.order[: pick.many]] = 1.0
    return share


def _change(pick: _Pick, terms: Terms) -> Floats:
    """What a change of each site must cost, the others chosen anew within the numbers."""
    reduced, order, count = pick.reduced, pick.order, pick.many
    change = np.zeros(len(order))
    inside, outside = order[:count], order[count:]
    last = float(reduced[inside[-1]]) if count else 0.0
    # One that comes in pushes out the last if there is no room for more, or if it did not pay.
    pushed = last if count == terms.most else max(0.0, last)
    change[outside] = np.maximum(0.0, reduced[outside] - pushed) if count else reduced[outside]
    # One that leaves is replaced by the next if there must be so many.
    following = float(reduced[outside[0]]) if len(outside) else np.inf
    replaced = following if count == terms.fewest else min(0.0, following)
    change[inside] = np.minimum(0.0, reduced[inside] - replaced)
    return change
