"""Who ships when sellers' minimums forbid to serve an order in full: the sellers that serve most.

A set of sellers is *possible* when the order's goods can be dealt out so that each of them reaches
its minimum. More units never hurt a minimum, so a possible set, together with the sellers that have
none, serves all that they hold of each line: how many units that are needs no programme. Sets are
searched depth first, those that add most first, bounded by what is left to add and by the worth of
goods that there is for further minimums. Goods are dealt greedily, else by a linear programme whose
whole part is mended, else by an integer programme.

Laws: a set that is passed over adds no more than the bound says; effort is counted in sets.
"""

from dataclasses import dataclass, field
from typing import NamedTuple

import highspy
import numpy as np
from numpy.typing import NDArray

from app.routing.integer import INFINITY, NO_INNER_SEARCHES, Model, as_highs, make_solver, minimize

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

NOTHING = 1e-9
WHOLE = 1e-6
# An integer programme that deals goods out gives up after so many nodes.
DEALING_NODES = 50
# What it takes to look at a set, to solve its linear programme, and its integer one (by columns of
# that): milliseconds or so.
LOOK, LINEAR, COLUMNS_A_MS = 1, 2, 2


@dataclass(frozen=True, slots=True)
class Goods:
    """What sources (rows) hold of lines (columns), what a unit is worth, and whose they are."""

    held: Ints
    worth: Ints
    demand: Ints
    seller: Ints
    minimum: Ints


class Served(NamedTuple):
    """Quantities by source and line that keep all minimums, and a bound on what could be served.

    The bound is in the weights that the lines were given.
    """

    taken: Ints
    bound: float


class _Dealt(NamedTuple):
    """Quantities by entry that let each seller of a set reach its minimum; None when unknown."""

    quantities: Ints | None
    is_impossible: bool

    @property
    def is_known(self) -> bool:
        """Tell whether the set is known to be possible, or not to be."""
        return self.is_impossible or self.quantities is not None


def serve_most(goods: Goods, weight: Floats, effort: int) -> Served:
    """Serve the units of most weight; the effort is in milliseconds or so."""
    search = _Search(goods, weight, effort)
    search.go()
    return Served(search.plan(), max(search.best, search.open))


@dataclass(slots=True)
class _Search:
    """The search under way: sellers that may be needed by number, what they hold, the best set."""

    goods: Goods
    weight: Floats
    left: int
    sellers: Ints = field(init=False)
    given: Ints = field(init=False)
    held: Ints = field(init=False)
    dearest: Floats = field(init=False)
    need: Floats = field(init=False)
    agree: Flags = field(init=False)
    entries: list[Ints] = field(init=False)
    best: float = 0.0
    chosen: tuple[int, ...] = ()
    open: float = 0.0
    looks_closely: bool = False
    dealt: dict[tuple[int, ...], _Dealt] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Leave out sellers that no line is short of."""
        goods, demand = self.goods, self.goods.demand
        held = np.zeros((len(goods.minimum), len(demand)), dtype=np.int64)
        np.add.at(held, goods.seller, goods.held)
        held = np.minimum(held, demand)
        is_free = goods.minimum <= 0
        self.given = np.minimum(held[is_free].sum(axis=0), demand)
        short = self.given < demand
        self.sellers = np.flatnonzero(~is_free & held[:, short].any(axis=1))
        self.held, self.need = held[self.sellers], goods.minimum[self.sellers].astype(np.float64)
        self.entries = [
            np.argwhere((goods.held > 0) & (goods.seller == seller)[:, None])
            for seller in self.sellers.tolist()
        ]
        self.dearest = np.zeros(self.held.shape)
        for own, entries in zip(self.dearest, self.entries, strict=True):
            np.maximum.at(own, entries[:, 1], goods.worth[entries[:, 0], entries[:, 1]])
        self.agree = self._pairs()
        self.best = self._served(self.given)

    def _pairs(self) -> Flags:
        """Which two sellers' minimums the goods that they hold together may be worth."""
        agree = np.ones((len(self.need), len(self.need)), dtype=np.bool_)
        for seller, own in enumerate(self.held):
            both = np.minimum(self.goods.demand, own + self.held)
            worth = (np.maximum(self.dearest[seller], self.dearest) * both).sum(axis=1)
            agree[seller] = self.need[seller] + self.need <= worth + WHOLE
        return agree

    def _served(self, held: Ints) -> float:
        return float(np.minimum(self.goods.demand, held) @ self.weight)

    def go(self) -> None:
        """Search by what is dealt quickly, then again where that left a doubt."""
        everybody = np.arange(len(self.sellers))
        self.visit((), self.given, everybody)
        if self.open > self.best and self.left > 0:
            self.open, self.looks_closely = 0.0, True
            self.dealt = {key: dealt for key, dealt in self.dealt.items() if dealt.is_known}
            self.visit((), self.given, everybody)

    def visit(self, chosen: tuple[int, ...], held: Ints, able: Ints) -> None:
        """Add sellers to a possible set, one after the other."""
        now = self._served(held)
        if now > self.best:
            self.best, self.chosen = now, chosen
        while len(able):
            gain = np.minimum(self.goods.demand, held + self.held[able]) @ self.weight - now
            able, gain = able[gain > NOTHING], gain[gain > NOTHING]
            bound = now + self._most_gain(chosen, held, able, gain)
            if bound <= self.best + NOTHING:
                return
            if self.left <= 0:
                self.open = max(self.open, bound)
                return
            seller = int(able[np.argmax(gain / np.sqrt(self.need[able]))])
            able = able[able != seller]
            self._try(chosen, held, able, seller)

    def _try(self, chosen: tuple[int, ...], held: Ints, able: Ints, seller: int) -> None:
        """Go on with one seller more, if that is possible."""
        wider = tuple(sorted((*chosen, seller)))
        dealt = self.dealt.get(wider)
        if dealt is None:
            dealt = self.dealt[wider] = self._deal(wider)
        fellows = able[self.agree[seller][able]]
        if dealt.quantities is not None:
            self.visit(wider, held + self.held[seller], fellows)
        elif not dealt.is_impossible:
            everything = held + self.held[seller] + self.held[fellows].sum(axis=0)
            self.open = max(self.open, self._served(everything))

    def _most_gain(self, chosen: tuple[int, ...], held: Ints, able: Ints, gain: Floats) -> float:
        """Bound what further sellers add: all of them, and what the worth of goods allows."""
        if not len(able):
            return 0.0
        everything = held + self.held[able].sum(axis=0)
        most = self._served(everything) - self._served(held)
        both = [*chosen, *able.tolist()]
        goods = np.minimum(self.goods.demand, self.held[both].sum(axis=0))
        spare = float(self.dearest[both].max(axis=0) @ goods) - float(self.need[[*chosen]].sum())
        order = np.argsort(-gain / self.need[able], kind="stable")
        used = np.cumsum(self.need[able][order])
        full = int(np.searchsorted(used, spare + WHOLE, side="right"))
        packed = float(gain[order[:full]].sum())
        if full < len(order):
            before = float(used[full - 1]) if full else 0.0
            part = max(0.0, spare - before) / float(self.need[able][order[full]])
            packed += part * float(gain[order[full]])
        return min(most, packed)

    def _deal(self, sellers: tuple[int, ...]) -> _Dealt:
        """Deal goods out so that each seller of a set reaches its minimum."""
        own = [*sellers]
        goods = np.minimum(self.goods.demand, self.held[own].sum(axis=0))
        if float(self.dearest[own].max(axis=0) @ goods) < float(self.need[own].sum()) - WHOLE:
            return _Dealt(None, is_impossible=True)
        entries = np.vstack([self.entries[seller] for seller in own])
        of = np.repeat(np.arange(len(own)), [len(self.entries[seller]) for seller in own])
        table = _Table(self.goods, entries, of, self.need[own])
        nothing = np.zeros(len(entries), dtype=np.int64)
        quantities = table.mended(nothing)
        if quantities is not None:
            self.left -= LOOK
            return _Dealt(quantities, is_impossible=False)
        dealt = table.nearly()
        self.left -= LOOK + LINEAR
        if not dealt.is_known and self.looks_closely and self.left > 0:
            self.left -= len(entries) // COLUMNS_A_MS
            dealt = table.exactly()
        return dealt

    def plan(self) -> Ints:
        """What the best set gives, with all that it and sellers without a minimum still hold."""
        goods = self.goods
        taken = np.zeros(goods.held.shape, dtype=np.int64)
        if self.chosen:
            entries = np.vstack([self.entries[seller] for seller in self.chosen])
            quantities = self.dealt[self.chosen].quantities
            assert quantities is not None
            taken[entries[:, 0], entries[:, 1]] = quantities
        ships = goods.minimum <= 0
        ships[self.sellers[[*self.chosen]]] = True
        able = np.flatnonzero(ships[goods.seller])
        for line in np.flatnonzero(goods.demand > taken.sum(axis=0)).tolist():
            spare = goods.held[able, line] - taken[able, line]
            room = goods.demand[line] - taken[:, line].sum()
            before = np.cumsum(spare) - spare
            taken[able, line] += np.clip(room - before, 0, spare)
        return taken


@dataclass(frozen=True, slots=True)
class _Table:
    """Goods to be dealt out among some sellers: an entry is a source's hold of a line."""

    goods: Goods
    entries: Ints
    of: Ints
    need: Floats

    @property
    def worth(self) -> Ints:
        return self.goods.worth[self.entries[:, 0], self.entries[:, 1]]

    @property
    def held(self) -> Ints:
        return self.goods.held[self.entries[:, 0], self.entries[:, 1]]

    def mended(self, quantities: Ints) -> Ints | None:
        """Add units for whoever lacks worth; sellers of least choice first, what few want first."""
        worth, held, lines = self.worth, self.held, self.entries[:, 1]
        dealt = quantities.copy()
        left = self.goods.demand - np.bincount(lines, dealt, len(self.goods.demand)).astype(int)
        lack = self.need - np.bincount(self.of, dealt * worth, len(self.need))
        choice = np.bincount(self.of, held * worth, len(self.need)) / self.need
        wanted = np.bincount(lines, held, len(self.goods.demand))
        press = wanted / np.maximum(1, self.goods.demand)
        for seller in np.argsort(choice, kind="stable").tolist():
            own = np.flatnonzero(self.of == seller)
            for entry in own[np.lexsort((-worth[own], press[lines[own]]))].tolist():
                if lack[seller] <= 0.0:
                    break
                line, value = lines[entry], max(1, int(worth[entry]))
                units = min(
                    int(left[line]), int(held[entry] - dealt[entry]), -int(-lack[seller] // value)
                )
                dealt[entry] += units
                left[line] -= units
                lack[seller] -= units * int(worth[entry])
            if lack[seller] > 0.0:
                return None
        return dealt

    def nearly(self) -> _Dealt:
        """Deal by a linear programme that leaves as much to spare as can be; mend its whole part.

        Its last column is what every seller gets above its minimum, as a share of that.
        """
        model = self._model(continuous=True)
        objective = np.zeros(len(model.lower))
        objective[-1] = -1.0
        solver = make_solver(0)
        solver.passModel(as_highs(model, objective))
        solver.run()
        if solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            return _Dealt(None, is_impossible=False)
        values = np.array(solver.getSolution().col_value)
        if values[-1] < -WHOLE:
            return _Dealt(None, is_impossible=True)
        dealt = self.mended(np.floor(values[:-1] + WHOLE).astype(np.int64))
        return _Dealt(dealt, is_impossible=False)

    def exactly(self) -> _Dealt:
        """Deal by an integer programme, which may give up."""
        model = self._model(continuous=False)
        nothing = np.zeros(len(model.lower))
        whole = minimize(model, nothing, DEALING_NODES, options=NO_INNER_SEARCHES)
        if whole.values is None:
            return _Dealt(None, is_impossible=whole.is_impossible)
        dealt = np.rint(whole.values[:-1]).astype(np.int64)
        reached = np.bincount(self.of, dealt * self.worth, len(self.need)) >= self.need
        return _Dealt(dealt if reached.all() else None, is_impossible=False)

    def _model(self, *, continuous: bool) -> Model:
        """A column for each entry and one for what is to spare; rows of sellers and of lines."""
        model = Model()
        by_line: dict[int, list[tuple[int, float]]] = {}
        by_seller: dict[int, list[tuple[int, float]]] = {}
        rows = zip(
            self.entries[:, 1].tolist(), self.of.tolist(), self.held.tolist(),
            self.worth.tolist(), strict=True,
        )  # fmt: skip
        for line, seller, held, worth in rows:
            column = model.column(0.0, float(held), continuous=continuous)
            by_line.setdefault(line, []).append((column, 1.0))
            by_seller.setdefault(seller, []).append((column, worth / float(self.need[seller])))
        spare = model.column(-1.0 if continuous else 0.0, 1.0, continuous=True)
        for terms in by_seller.values():
            model.row(1.0, INFINITY, [*terms, (spare, -1.0)])
        for line, terms in by_line.items():
            model.at_most(terms, float(self.goods.demand[line]))
        return model
