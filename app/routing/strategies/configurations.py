"""Configurations: the weights that a source can buy room for, and their freight.

A configuration is a number of full parcels plus at most one lighter band. Those that the bound
shows to be part of no better plan are left out.
"""

import numpy as np

from app.routing.strategies.dual import Ascent, Relaxation
from app.routing.strategies.instance import NEVER, Floats
from app.routing.strategies.nodes import UNLIMITED, Menu, Node


def build_menu(ascent: Ascent, cutoff: float) -> tuple[Menu, Node]:
    """List the sources and configurations that a plan below the cutoff may use."""
    relaxation, bound = ascent.relaxation, ascent.bound
    _, density, loads, worths = relaxation.knapsacks(ascent.best)
    slack = cutoff - bound.value
    seller_gain = bound.seller_gain[relaxation.instance.seller]
    useful = np.maximum(bound.gain, 0.0)
    base = np.where(seller_gain > 0, useful, useful - seller_gain)
    kept: list[tuple[int, Floats, Floats, Floats]] = []
    for source in np.flatnonzero(base - bound.gain < slack).tolist():
        room, price, kinds = configurations(relaxation, source)
        gain = _worth(room, density[source], loads[source], worths[source]) - price
        chosen = base[source] - gain < slack
        if chosen.any():
            kept.append((source, room[chosen], price[chosen], kinds[chosen]))
    menu = _table(kept, relaxation.rest_weight.shape[1])
    least = np.zeros(menu.kinds.shape[2])
    return menu, Node(bound.value, menu.price < NEVER, least, least + UNLIMITED)


def _table(kept: list[tuple[int, Floats, Floats, Floats]], kind_count: int) -> Menu:
    """Lay configurations side by side, behind the closed source."""
    width = max((len(room) for _, room, _, _ in kept), default=0) + 1
    rooms, prices = np.zeros((len(kept), width)), np.full((len(kept), width), NEVER)
    prices[:, 0] = 0.0
    all_kinds = np.zeros((len(kept), width, kind_count))
    for row, (_, room, price, kinds) in enumerate(kept):
        rooms[row, 1 : len(room) + 1] = room
        prices[row, 1 : len(room) + 1] = price
        all_kinds[row, 1 : len(room) + 1] = kinds
    sources = np.array([row[0] for row in kept], dtype=np.int64)
    return Menu(sources, rooms, prices, all_kinds)


def configurations(relaxation: Relaxation, source: int) -> tuple[Floats, Floats, Floats]:
    """All configurations of a source up to the first that carries all it could be asked for.

    Returns their rooms, prices and what they count: full parcels, each lighter band, one source.
    """
    total = float(relaxation.load[source].sum())
    parcel, parcel_price = relaxation.parcel[source], relaxation.parcel_price[source]
    parcels = np.arange(int(-(-total // parcel)) + 1)[:, None]
    room = (parcels * parcel + relaxation.rest_weight[source, :-1]).ravel()
    price = (parcels * parcel_price + relaxation.rest_price[source, :-1]).ravel()
    end = int(np.searchsorted(room, total)) + 1
    first = 0 if not relaxation.weight.all() else 1
    fixed = float(relaxation.instance.fixed_cost[source])
    bands = relaxation.rest_weight.shape[1] - 1
    kinds = np.zeros((len(parcels), bands, bands + 1))
    kinds[:, :, 0] = parcels
    kinds[:, np.arange(1, bands), np.arange(1, bands)] = 1.0
    kinds[:, :, bands] = 1.0
    counted = kinds.reshape(-1, bands + 1)
    return room[first:end], price[first:end] + fixed, counted[first:end]


def _worth(room: Floats, density: Floats, loads: Floats, worths: Floats) -> Floats:
    """What fills each room best."""
    position = np.searchsorted(loads[1:], room, side="right")
    spare = room - loads[position]
    filled: Floats = worths[position] + spare * np.append(density, 0.0)[position]
    return filled
