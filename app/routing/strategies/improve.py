"""Local search: place what is missing, then move units while it saves money.

Two moves: shift a quantity of one line from one source to another (all of it, what brings
the giver down to a lighter band, or what fills the taker's band); dissolve a source or a seller.
Every move is priced exactly.

Laws: a lawful draft stays lawful and never gets dearer; ties go to the first in canonical order.
"""

import numpy as np

from app.routing.strategies.draft import FORBIDDEN, Draft, freight
from app.routing.strategies.instance import Instance, Ints

ROUNDS = 30
LIGHTEST = 4


def place_missing(draft: Draft, candidates: Ints) -> None:
    """Place what is missing, heaviest line first, each part where a unit comes cheapest."""
    instance = draft.instance
    missing = draft.missing()
    heaviest_first = np.argsort(-missing * instance.weight, kind="stable")
    for line in heaviest_first[missing[heaviest_first] > 0].tolist():
        left = int(missing[line])
        able = candidates[instance.capacity[candidates, line] > draft.taken[candidates, line]]
        while left > 0 and len(able):
            quantity = np.minimum(instance.capacity[able, line] - draft.taken[able, line], left)
            best = int((_placing_cost(draft, able, line, quantity) / quantity).argmin())
            draft.add(int(able[best]), line, int(quantity[best]))
            left -= int(quantity[best])
            able = np.delete(able, best)


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
    return np.asarray(cost, dtype=np.int64)


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
    """Do the best single-line shifts that do not touch each other; False when none saves."""
    giver, line, wish = _wishes(draft, candidates)
    room = draft.instance.capacity[candidates][:, line].T - draft.taken[candidates][:, line].T
    room = np.where(giver[:, None] == candidates, 0, room)
    quantity = np.minimum(wish, room)
    saving = _shift_saving(draft, giver, line, quantity, candidates)
    best = saving.argmax(axis=1)
    gained = saving[np.arange(len(best)), best]
    touched: set[int] = set()
    for row in np.argsort(-gained, kind="stable").tolist():
        if gained[row] <= 0:
            break
        source_from, source_to = int(giver[row]), int(candidates[best[row]])
        pair = {int(draft.instance.seller[source_from]), int(draft.instance.seller[source_to])}
        if touched.isdisjoint(pair):
            touched |= pair
            moved = int(quantity[row, best[row]])
            draft.add(source_from, int(line[row]), -moved)
            draft.add(source_to, int(line[row]), moved)
    return bool(touched)


def _wishes(draft: Draft, candidates: Ints) -> tuple[Ints, Ints, Ints]:
    """Givers, lines, and by taker the quantities worth trying: all, what lightens, what fills."""
    instance = draft.instance
    giver, line = np.nonzero(draft.taken)
    held = draft.taken[giver, line]
    unit = np.maximum(instance.weight[line], 1)
    excess = draft.weight[giver] - boundary_below(instance, giver, draft.weight[giver])
    drop = np.minimum(-(-excess // unit), held)
    above = boundary_above(instance, candidates, draft.weight[candidates])
    fill = np.maximum(above - draft.weight[candidates], 0)[None, :] // unit[:, None]
    wide = np.ones(len(candidates), dtype=np.int64)
    wish = np.vstack([held[:, None] * wide, drop[:, None] * wide, np.minimum(fill, held[:, None])])
    return np.tile(giver, 3), np.tile(line, 3), wish


def boundary_below(instance: Instance, source: Ints, weight: Ints) -> Ints:
    """The heaviest weight with a cheaper consignment."""
    parcel = instance.band_weight[source, -1]
    full = np.maximum(weight - 1, 0) // parcel
    rest = weight - full * parcel
    below = np.where(instance.band_weight[source] < rest[:, None], instance.band_weight[source], 0)
    boundary: Ints = full * parcel + below.max(axis=1)
    return boundary


def boundary_above(instance: Instance, source: Ints, weight: Ints) -> Ints:
    """The heaviest weight for the same price."""
    parcel = instance.band_weight[source, -1]
    full = np.maximum(weight - 1, 0) // parcel
    rest = weight - full * parcel
    bands = instance.band_weight[source]
    above = np.where(bands >= rest[:, None], bands, FORBIDDEN).min(axis=1)
    boundary: Ints = full * parcel + above
    return boundary


def _shift_saving(draft: Draft, giver: Ints, line: Ints, quantity: Ints, candidates: Ints) -> Ints:
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


def _seller_effect(draft: Draft, giver: Ints, line: Ints, quantity: Ints, candidates: Ints) -> Ints:
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
    """Empty a light source, and its seller when that falls short, and place the goods anew."""
    cost = draft.cost()
    instance = draft.instance
    used = np.flatnonzero(draft.used())
    for source in used[np.argsort(draft.weight[used], kind="stable")][:LIGHTEST].tolist():
        trial = draft.copy()
        _empty(trial, np.array([source]))
        for seller in trial.poor_sellers().tolist():
            _empty(trial, np.flatnonzero(instance.seller == seller))
        _place_without(trial, source, candidates)
        if trial.cost() < cost and trial.lawful():
            return trial
    return None


def _place_without(draft: Draft, source: int, candidates: Ints) -> None:
    """Place what is missing at the candidates, but not at one source."""
    place_missing(draft, candidates[candidates != source])


def _empty(draft: Draft, sources: Ints) -> None:
    """Take everything out of sources."""
    for source in sources.tolist():
        for line in np.flatnonzero(draft.taken[source]).tolist():
            draft.add(source, line, -int(draft.taken[source, line]))
