"""Local search in pairs: what single shifts cannot reach because parcels are packed to the edge.

Two moves of two lines each. A *swap* moves a quantity of one line from one source to another and a
quantity of a second line back. A *chain* moves a quantity to a second source, and what makes room
there on to a third. All pairs of what is shipped are priced at once; the best few are tried.

Laws: what is returned is lawful and costs less than the draft it came from.
"""

from typing import NamedTuple

import numpy as np

from app.routing.strategies.draft import FORBIDDEN, Draft, freight
from app.routing.strategies.improve import boundary_above, boundary_below, improve
from app.routing.strategies.instance import Flags, Ints

MOST_PARTS = 48
TRIED = 6
ROUNDS = 20


class _Parts(NamedTuple):
    """What is shipped, part by part, with the quantities worth moving."""

    source: Ints
    line: Ints
    held: Ints
    weight: Ints
    excess: Ints
    slack: Ints
    wish: Ints


class _Moves(NamedTuple):
    """Priced moves: savings, and by move the first part, the second, both quantities, the end."""

    saving: Ints
    first: Ints
    second: Ints
    quantity: Ints
    back: Ints
    end: Ints


def polish(draft: Draft, candidates: Ints) -> Draft:
    """Search from a lawful draft until neither shifts nor exchanges save."""
    draft = improve(draft, candidates)
    for _ in range(ROUNDS):
        better = exchange(draft, candidates)
        if better is None:
            break
        draft = improve(better, candidates)
    return draft


def exchange(draft: Draft, candidates: Ints) -> Draft | None:
    """Do the best swap or chain that saves; None when none does."""
    parts = _parts(draft)
    if not 1 < len(parts.source) <= MOST_PARTS:
        return None
    moves = [_swaps(draft, parts), _chains(draft, parts, candidates)]
    merged = _Moves(*(np.concatenate(columns) for columns in zip(*moves, strict=True)))
    cost = draft.cost()
    for row in np.argsort(-merged.saving, kind="stable")[:TRIED].tolist():
        if merged.saving[row] <= 0:
            break
        trial = _moved(draft, parts, merged, row)
        if trial.lawful() and trial.cost() < cost:
            return trial
    return None


def _moved(draft: Draft, parts: _Parts, moves: _Moves, row: int) -> Draft:
    """Make one move."""
    trial = draft.copy()
    first, second = int(moves.first[row]), int(moves.second[row])
    start, middle = int(parts.source[first]), int(parts.source[second])
    line, other = int(parts.line[first]), int(parts.line[second])
    trial.add(start, line, -int(moves.quantity[row]))
    trial.add(middle, line, int(moves.quantity[row]))
    trial.add(middle, other, -int(moves.back[row]))
    trial.add(int(moves.end[row]), other, int(moves.back[row]))
    return trial


def _parts(draft: Draft) -> _Parts:
    """List what is shipped."""
    instance = draft.instance
    source, line = np.nonzero(draft.taken)
    held, weight = draft.taken[source, line], np.maximum(instance.weight[line], 1)
    loaded = draft.weight[source]
    excess = loaded - boundary_below(instance, source, loaded)
    slack = boundary_above(instance, source, loaded) - loaded
    drop = np.clip(-(-excess // weight), 1, held)
    wish = np.stack([held, drop, (held + drop + 1) // 2])
    return _Parts(source, line, held, weight, excess, slack, wish)


def _swaps(draft: Draft, parts: _Parts) -> _Moves:
    """Price the exchange of every two parts in several quantities."""
    instance, source, line = draft.instance, parts.source, parts.line
    spare = instance.capacity - draft.taken
    there, back_room = spare[source][:, line].T, spare[source][:, line]
    quantity = np.minimum(parts.wish[:, :, None], there)
    moved = quantity * parts.weight[:, None]
    fitting = -(-(moved - parts.slack) // parts.weight)
    refill = (moved - parts.excess[:, None]) // parts.weight
    most = np.minimum(parts.held, back_room)
    back = np.concatenate(
        [np.clip(fitting, 1, most), np.clip(refill, 1, most), np.broadcast_to(most, moved.shape)]
    )
    quantity, moved = np.tile(quantity, (3, 1, 1)), np.tile(moved, (3, 1, 1))
    net = moved - back * parts.weight
    price, own = instance.unit_cost[source][:, line], instance.unit_cost[source, line]
    saving = quantity * (own[:, None] - price.T) + back * (own - price)
    saving += _lightened(draft, source, net.swapaxes(1, 2)).swapaxes(1, 2)
    saving += _lightened(draft, source, -net)
    saving[(quantity <= 0) | (back <= 0) | _pointless(parts)] = 0
    return _best(saving, quantity, back, np.broadcast_to(source[:, None], saving.shape))


def _chains(draft: Draft, parts: _Parts, candidates: Ints) -> _Moves:
    """Price moving every part to where another lies and that one on to where it is cheapest."""
    instance, source, line = draft.instance, parts.source, parts.line
    spare = instance.capacity - draft.taken
    quantity = np.minimum(parts.wish[:, :, None], spare[source][:, line].T)
    moved = quantity * parts.weight[:, None]
    saving = quantity * (
        instance.unit_cost[source, line][:, None] - instance.unit_cost[source][:, line].T
    )
    saving += _lightened(draft, source, moved.swapaxes(1, 2)).swapaxes(1, 2)
    back, (first_end, second_end), (first_cost, second_cost) = _onward(draft, parts, candidates)
    other = first_end[:, None, :] == source[:, None]
    end = np.where(other, second_end[:, None, :], first_end[:, None, :])
    onward = np.where(other, second_cost[:, None, :], first_cost[:, None, :])
    count = len(back)
    net = moved[:, None] - (back * parts.weight)[None, :, None, :]
    total = saving[:, None] + _lightened(draft, source, -net) - onward[None]
    total[np.broadcast_to((quantity <= 0)[:, None] | _pointless(parts), total.shape)] = 0
    shape = (-1, *quantity.shape[1:])
    quantity = np.repeat(quantity, count, axis=0)
    back = np.broadcast_to(back[None, :, None, :], total.shape).reshape(shape)
    end = np.broadcast_to(end[None], total.shape).reshape(shape)
    return _best(total.reshape(shape), quantity, back, end)


def _onward(
    draft: Draft, parts: _Parts, candidates: Ints
) -> tuple[Ints, tuple[Ints, Ints], tuple[Ints, Ints]]:
    """Quantities of every part to send on, the two cheapest ends, and what they cost."""
    instance, line = draft.instance, parts.line
    room = (instance.capacity - draft.taken)[candidates][:, line]
    back = parts.wish
    now = draft.weight[candidates]
    after = now[:, None] + (back * parts.weight)[:, None, :]
    cost = -_lightened(draft, candidates, (now[:, None] - after).swapaxes(1, 2)).swapaxes(1, 2)
    price = instance.unit_cost[candidates][:, line] - instance.unit_cost[parts.source, line]
    cost = cost + price * back[:, None, :]
    seller = instance.seller[candidates]
    worth = instance.goods_value[candidates][:, line] * back[:, None, :]
    poor = draft.value[seller][:, None] + worth < instance.seller_minimum[seller][:, None]
    barred = (room < back[:, None, :]) | poor | (candidates[:, None] == parts.source)
    cost = np.where(barred, FORBIDDEN, cost)
    ends, costs = [], []
    for _ in range(2):
        best = cost.argmin(axis=1)
        ends.append(candidates[best])
        costs.append(np.take_along_axis(cost, best[:, None, :], 1)[:, 0])
        np.put_along_axis(cost, best[:, None, :], FORBIDDEN, 1)
    return back, (ends[0], ends[1]), (costs[0], costs[1])


def _lightened(draft: Draft, source: Ints, less: Ints) -> Ints:
    """What freight falls by when sources (last axis) carry so much less."""
    now = draft.weight[source]
    saved: Ints = freight(draft.instance, source, now) - freight(draft.instance, source, now - less)
    return saved


def _pointless(parts: _Parts) -> Flags:
    """Pairs of the same source or of the same line."""
    same_line: Flags = parts.line[:, None] == parts.line
    same: Flags = same_line | (parts.source[:, None] == parts.source)
    return same


def _best(saving: Ints, quantity: Ints, back: Ints, end: Ints) -> _Moves:
    """Keep the moves that save most."""
    flat = saving.ravel()
    best = np.argsort(-flat, kind="stable")[:TRIED]
    _, first, second = np.unravel_index(best, saving.shape)
    return _Moves(
        flat[best], first, second, quantity.ravel()[best], back.ravel()[best], end.ravel()[best]
    )
