"""Configurations: the weights that a source can buy room for, and their freight.

A configuration is a number of full parcels plus at most one lighter band. Those that the bound
shows to be part of no better plan are left out.
"""

import numpy as np

from app.routing.strategies.dual import Ascent, Relaxation
from app.routing.strategies.instance import NEVER, Flags, Floats, Ints
from app.routing.strategies.nodes import UNLIMITED, Menu, Node


def build_menu(ascent: Ascent, cutoff: float) -> tuple[Menu, Node]:
    """List the sources and configurations that a plan below the cutoff may use."""
    relaxation, bound = ascent.relaxation, ascent.bound
    slack = cutoff - bound.value
    seller_gain = bound.seller_gain[relaxation.instance.seller]
    useful = np.maximum(bound.gain, 0.0)
    base = np.where(seller_gain > 0, useful, useful - seller_gain)
    sources = np.flatnonzero(base - bound.gain < slack)
    if not len(sources):
        sources = np.array([int(bound.gain.argmax())])
    room, price, kinds = configurations(relaxation, sources)
    gain = _filled(ascent, sources, room) - price
    menu = _packed(sources, room, price, kinds, base[sources, None] - gain < slack)
    least = np.zeros(menu.kinds.shape[2])
    return menu, Node(bound.value, menu.price < NEVER, least, least + UNLIMITED)


def configurations(relaxation: Relaxation, sources: Ints) -> tuple[Floats, Floats, Floats]:
    """All configurations of sources, each up to the first that carries all it could be asked for.

    Returns rooms, prices (beyond reach for those not needed) and what they count: full parcels,
    each lighter band, one source.
    """
    total = relaxation.load[sources].sum(axis=1)
    parcel, rest = relaxation.parcel[sources], relaxation.rest_weight[sources, :-1]
    count = int(np.ceil(total / parcel).max()) + 1
    bands = rest.shape[1]
    parcels = np.arange(count, dtype=np.float64)
    shape = len(sources), count * bands
    room = (parcels[:, None] * parcel[:, None, None] + rest[:, None, :]).reshape(shape)
    price = parcels[:, None] * relaxation.parcel_price[sources, None, None]
    price = (price + relaxation.rest_price[sources, None, :-1]).reshape(shape)
    price = price + relaxation.instance.fixed_cost[sources, None]
    before = np.hstack([np.full((len(sources), 1), -1.0), room[:, :-1]])
    price[before >= total[:, None]] = NEVER
    if relaxation.weight.all():
        price[:, 0] = NEVER
    kinds = np.zeros((count, bands, bands + 1))
    kinds[:, :, 0] = parcels[:, None]
    kinds[:, np.arange(1, bands), np.arange(1, bands)] = 1.0
    kinds[:, :, bands] = 1.0
    return room, price, kinds.reshape(-1, bands + 1)


def _filled(ascent: Ascent, sources: Ints, room: Floats) -> Floats:
    """What fills each room best, at the ascent's prices."""
    _, density, loads, worths = ascent.relaxation.knapsacks(ascent.best)
    density, loads, worths = density[sources], loads[sources], worths[sources]
    position = (loads[:, None, 1:] <= room[:, :, None]).sum(axis=2)
    padded = np.hstack([density, np.zeros((len(sources), 1))])
    spare = room - np.take_along_axis(loads, position, 1)
    filled: Floats = np.take_along_axis(worths, position, 1)
    filled += spare * np.take_along_axis(padded, position, 1)
    return filled


def _packed(sources: Ints, room: Floats, price: Floats, kinds: Floats, kept: Flags) -> Menu:
    """Keep the chosen configurations side by side, behind the closed source."""
    kept = kept & (price < NEVER)
    rows = np.flatnonzero(kept.any(axis=1))
    kept = kept[rows]
    width = int(kept.sum(axis=1).max(initial=0))
    order = np.argsort(~kept, axis=1, kind="stable")[:, :width]
    price = np.take_along_axis(np.where(kept, price[rows], NEVER), order, 1)
    closed = np.zeros((len(rows), 1))
    return Menu(
        sources[rows],
        np.hstack([closed, np.take_along_axis(room[rows], order, 1)]),
        np.hstack([closed, price]),
        np.concatenate([np.zeros((len(rows), 1, kinds.shape[1])), kinds[order]], axis=1),
    )
