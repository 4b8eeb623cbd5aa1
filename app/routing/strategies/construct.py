"""First plans: from what the bound's knapsacks would take, made whole and lawful."""

import numpy as np

from app.routing.strategies.draft import Draft
from app.routing.strategies.improve import place_missing
from app.routing.strategies.instance import Floats, Instance, Ints

REPAIRS = 12


def from_knapsacks(instance: Instance, wanted: Floats, gain: Floats) -> Draft | None:
    """Let the sources that gain most take what they want first, then repair."""
    taken = np.zeros(instance.shape, dtype=np.int64)
    left = instance.demand.copy()
    floor = np.minimum(np.floor(wanted + 1e-6).astype(np.int64), instance.capacity)
    for source in np.argsort(-gain, kind="stable").tolist():
        if not floor[source].any():
            continue
        taken[source] = np.minimum(floor[source], left)
        left -= taken[source]
    draft = Draft.of(instance, taken)
    return draft if repair(draft) else None


def repair(draft: Draft) -> bool:
    """Place what is missing; close or feed sellers below their minimum. False when stuck."""
    instance = draft.instance
    blocked = np.zeros(len(instance.seller_minimum), dtype=np.bool_)
    for _ in range(REPAIRS):
        place_missing(draft, np.flatnonzero(~blocked[instance.seller]))
        poor = draft.poor_sellers()
        if not len(poor):
            return draft.lawful()
        lacking = instance.seller_minimum[poor] - draft.value[poor]
        seller = int(poor[lacking.argmin()])
        if feed(draft, seller):
            continue
        empty_seller(draft, seller)
        blocked[seller] = True
    return False


def empty_seller(draft: Draft, seller: int) -> None:
    """Take everything out of a seller's sources."""
    for source in np.flatnonzero(draft.instance.seller == seller).tolist():
        for line in np.flatnonzero(draft.taken[source]).tolist():
            draft.add(source, line, -int(draft.taken[source, line]))


def feed(draft: Draft, seller: int) -> bool:
    """Bring a seller to its minimum with the goods that are least dear to move, if it can."""
    instance = draft.instance
    trial = draft.copy()
    own = np.flatnonzero((instance.seller == seller) & draft.used())
    for _ in range(4 * instance.shape[1]):
        short = int(instance.seller_minimum[seller] - trial.value[seller])
        if short <= 0:
            draft.taken, draft.weight, draft.value = trial.taken, trial.weight, trial.value
            return True
        if not _move_dearest(trial, seller, own, short):
            return False
    return False


def _move_dearest(trial: Draft, seller: int, own: Ints, short: int) -> bool:
    """Move the line that costs least per unit of value from whoever can spare it."""
    instance = trial.instance
    spare = trial.value - instance.seller_minimum
    giver, line = np.nonzero(trial.taken)
    price, worth = instance.unit_cost, np.maximum(instance.goods_value, 1)
    best: tuple[float, int, int, int, int] | None = None
    for source in own.tolist():
        room = instance.capacity[source, line] - trial.taken[source, line]
        limit = spare[instance.seller[giver]] // worth[giver, line]
        need = -(-short // worth[source, line])
        quantity = np.minimum.reduce([room, trial.taken[giver, line], limit, need])
        quantity = np.where(instance.seller[giver] == seller, 0, quantity)
        if not (quantity > 0).any():
            continue
        extra = (price[source, line] - price[giver, line]) / worth[source, line]
        extra = np.where(quantity > 0, extra, np.inf)
        row = int(extra.argmin())
        option = (float(extra[row]), int(giver[row]), source, int(line[row]), int(quantity[row]))
        best = option if best is None else min(best, option)
    if best is None:
        return False
    _, source_from, source_to, moved_line, quantity_moved = best
    trial.add(source_from, moved_line, -quantity_moved)
    trial.add(source_to, moved_line, quantity_moved)
    return True
