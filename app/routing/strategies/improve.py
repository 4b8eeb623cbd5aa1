"""Local search: place what is missing, then move units while it saves money.

Three moves: shift a quantity of one line from one source to another (all of it, what brings
the giver down to a lighter band, or what fills the taker's band); dissolve a source or a seller;
open a source with a bundle of the goods that gain most by it. Every move is priced exactly.

Laws: a lawful draft stays lawful and never gets dearer; ties go to the first in canonical order.
"""

import numpy as np

from app.routing.strategies.draft import FORBIDDEN, Draft, freight
from app.routing.strategies.instance import Instance, Ints

ROUNDS = 60
OPENINGS = 6


def place_missing(draft: Draft) -> None:
    """Place what is missing, heaviest line first, each part where a unit comes cheapest."""
    instance = draft.instance
    missing = draft.missing()
    every = np.arange(instance.shape[0])
    for line in np.argsort(-missing * instance.weight, kind="stable").tolist():
        left = int(missing[line])
        while left > 0:
            room = np.minimum(instance.capacity[:, line] - draft.taken[:, line], left)
            quantity = np.maximum(room, 0)
            price = _placing_cost(draft, every, line, quantity)
            per_unit = np.where(room > 0, price / np.maximum(quantity, 1), np.inf)
            source = int(per_unit.argmin())
            if room[source] <= 0:
                return
            draft.add(source, line, int(quantity[source]))
            left -= int(quantity[source])


def _placing_cost(draft: Draft, sources: Ints, line: int, quantity: Ints) -> Ints:
    """Price adding a quantity of a line to every source; new sellers must afford their minimum."""
    instance = draft.instance
    cost = instance.unit_cost[sources, line] * quantity
    after = draft.weight[sources] + quantity * instance.weight[line]
    cost += freight(instance, sources, after) - freight(instance, sources, draft.weight[sources])
    cost += np.where(draft.used()[sources], 0, instance.fixed_cost[sources])
    fresh = ~draft.sellers_used()[instance.seller[sources]]
    worth = quantity * instance.goods_value[sources, line]
    short = np.maximum(instance.seller_minimum[instance.seller[sources]] - worth, 0)
    cost += np.where(fresh, instance.seller_fixed[instance.seller[sources]] + short, 0)
    return cost


def improve(draft: Draft, candidates: Ints, rounds: int = ROUNDS) -> Draft:
    """Search from a lawful draft until no move saves."""
    for _ in range(rounds):
        if not _shift(draft, candidates):
            better = _dissolve(draft, candidates)
            if better is None:
                return draft
            draft = better
    return draft


def _shift(draft: Draft, candidates: Ints) -> bool:
    """Do the best single-line shift; False when none saves."""
    instance = draft.instance
    giver, line = np.nonzero(draft.taken)
    held = draft.taken[giver, line]
    room = instance.capacity[candidates][:, line].T - draft.taken[candidates][:, line].T
    room = np.where(giver[:, None] == candidates, 0, room)
    best = (0, -1, -1, 0)
    for wish in _wishes(draft, giver, line, held, candidates):
        quantity = np.minimum(np.minimum(wish, held[:, None]), room)
        saving = _shift_saving(draft, giver, line, quantity, candidates)
        spot = int(saving.argmax())
        row, column = divmod(spot, len(candidates))
        if saving[row, column] > best[0]:
            best = (int(saving[row, column]), row, column, int(quantity[row, column]))
    if best[0] <= 0:
        return False
    _, row, column, quantity_moved = best
    draft.add(int(giver[row]), int(line[row]), -quantity_moved)
    draft.add(int(candidates[column]), int(line[row]), quantity_moved)
    return True


def _wishes(draft: Draft, giver: Ints, line: Ints, held: Ints, candidates: Ints) -> list[Ints]:
    """Quantities worth trying, by (held line, taker)."""
    instance = draft.instance
    unit = np.maximum(instance.weight[line], 1)
    excess = draft.weight[giver] - _boundary_below(instance, giver, draft.weight[giver])
    drop = np.minimum(-(-excess // unit), held)
    space = _boundary_above(instance, candidates, draft.weight[candidates])
    fill = np.maximum(space - draft.weight[candidates], 0)[None, :] // unit[:, None]
    return [held[:, None], drop[:, None], fill]


def _boundary_below(instance: Instance, source: Ints, weight: Ints) -> Ints:
    """The heaviest weight with a cheaper consignment."""
    parcel = instance.band_weight[source, -1]
    full = np.maximum(weight - 1, 0) // parcel
    rest = weight - full * parcel
    below = np.where(instance.band_weight[source] < rest[:, None], instance.band_weight[source], 0)
    boundary: Ints = full * parcel + below.max(axis=1)
    return boundary


def _boundary_above(instance: Instance, source: Ints, weight: Ints) -> Ints:
    """The heaviest weight for the same price."""
    parcel = instance.band_weight[source, -1]
    full = np.maximum(weight - 1, 0) // parcel
    rest = weight - full * parcel
    bands = instance.band_weight[source]
    above = np.where(bands >= rest[:, None], bands, FORBIDDEN).min(axis=1)
    boundary: Ints = full * parcel + above
    return boundary


def _shift_saving(
    draft: Draft, giver: Ints, line: Ints, quantity: Ints, candidates: Ints
) -> Ints:
    """What each shift saves; at most nought where it is not allowed."""
    instance = draft.instance
    moved = quantity * instance.weight[line][:, None]
    goods = instance.unit_cost[giver, line][:, None] - instance.unit_cost[candidates][:, line].T
    saving = goods * quantity
    left = draft.weight[giver][:, None] - moved
    saving += (freight(instance, giver, draft.weight[giver])[:, None]) - freight(
        instance, np.broadcast_to(giver[:, None], left.shape), left
    )
    now = draft.weight[candidates]
    saving -= freight(instance, candidates, now + moved) - freight(instance, candidates, now)
    emptied = draft.taken[giver].sum(axis=1)[:, None] == quantity
    saving += np.where(emptied, instance.fixed_cost[giver][:, None], 0)
    opened = ~draft.used()[candidates]
    saving -= np.where(opened, instance.fixed_cost[candidates], 0)[None, :]
    saving += _seller_effect(draft, giver, line, quantity, candidates)
    return np.where(quantity > 0, saving, 0)


def _seller_effect(
    draft: Draft, giver: Ints, line: Ints, quantity: Ints, candidates: Ints
) -> Ints:
    """Fixed costs of sellers won or lost by each shift; forbidden where a minimum breaks."""
    instance = draft.instance
    from_seller, to_seller = instance.seller[giver][:, None], instance.seller[candidates][None, :]
    loss = quantity * instance.goods_value[giver, line][:, None]
    gain = quantity * instance.goods_value[candidates][:, line].T
    same = from_seller == to_seller
    value = draft.value
    giver_left = value[from_seller] - loss + np.where(same, gain, 0)
    taker_left = value[to_seller] + gain - np.where(same, loss, 0)
    units = np.zeros(len(value), dtype=np.int64)
    np.add.at(units, instance.seller, draft.taken.sum(axis=1))
    gone = ~same & (units[from_seller] == quantity)
    fresh = units[to_seller] == 0
    broken = ~gone & (giver_left < instance.seller_minimum[from_seller])
    broken |= taker_left < instance.seller_minimum[to_seller]
    effect = np.where(gone, instance.seller_fixed[from_seller], 0)
    effect -= np.where(fresh, instance.seller_fixed[to_seller], 0)
    return np.where(broken, -FORBIDDEN, effect)


def _dissolve(draft: Draft, candidates: Ints) -> Draft | None:
    """Empty a source or a seller and place its goods anew; None when that never saves."""
    cost = draft.cost()
    instance = draft.instance
    for source in np.flatnonzero(draft.used()).tolist():
        trial = draft.copy()
        _empty(trial, np.array([source]))
        for seller in trial.poor_sellers().tolist():
            _empty(trial, np.flatnonzero(instance.seller == seller))
        place_without(trial, source)
        if trial.lawful() and trial.cost() < cost:
            return trial
    return None


def place_without(draft: Draft, source: int) -> None:
    """Place what is missing anywhere but at one source."""
    instance = draft.instance
    kept = instance.capacity[source].copy()
    instance.capacity[source] = 0
    place_missing(draft)
    instance.capacity[source] = kept


def _empty(draft: Draft, sources: Ints) -> None:
    """Take everything out of sources."""
    for source in sources.tolist():
        for line in np.flatnonzero(draft.taken[source]).tolist():
            draft.add(source, line, -int(draft.taken[source, line]))
