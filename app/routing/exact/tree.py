"""A tree over which sites are open: Lagrangean bounds, fixing by what a change must cost.

The node of lowest bound is taken first. Its prices are improved, sites that no plan below the best
can open or shut are fixed, plans are made of what the mean solution opens, and the least certain
site is opened in one half and shut in the other. With every site decided, serving is exact.

Laws: the bound holds for every plan; effort is counted in rounds, no clock is read.
"""

import heapq
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from app.routing.exact.columns import Columns
from app.routing.exact.packs import fits
from app.routing.exact.polish import place, polish
from app.routing.exact.serving import NEVER, open_and_assign, serve
from app.routing.exact.sites import (
    FREE,
    OPEN,
    SHUT,
    Floats,
    Prices,
    Sites,
    States,
    begin,
    first_prices,
    improve,
    surcharges,
)
from app.routing.problem import Progress, Watch

ROOT_ROUNDS, ROOT_BATCH, NODE_ROUNDS = 800, 100, 30
PASSES, FIRST_BATCHES = 4, 4
A_LOOK, ROUNDS_TO_SERVE = 1, 10
# An integer programme over more pairs of site and line is slower than the tree; little work is for
# neither.
MOST_PAIRS, PATIENT_ROUNDS = 1_500, 2_000
STILL = 1e-4


@dataclass(slots=True)
class Tree:
    """The tree under way. `grain` divides what plans cost; work counts looks at prices."""

    sites: Sites
    grain: float
    rounds: int
    nodes: int
    watch: Watch | None = None
    least: float = NEVER
    shares: Floats | None = None
    bound: float = 0.0
    stuck: float = NEVER
    seen: dict[bytes, float] = field(default_factory=dict)
    heap: list[tuple[float, int, States, Floats]] = field(default_factory=list)
    made: int = 0
    pricing: Sites = field(init=False)
    allowed: int = field(init=False)

    def __post_init__(self) -> None:
        """Prices look at shares of lines where knapsacks of whole ones would be too large."""
        self.allowed = self.rounds
        rooms = np.minimum(self.sites.capacity, self.sites.load.sum()).astype(np.int64)
        can_pack = self.sites.is_whole and fits(rooms, len(self.sites.load))
        self.pricing = self.sites if can_pack else self._loose()

    def _loose(self) -> Sites:
        return replace(self.sites, is_whole=False)

    @property
    def cutoff(self) -> float:
        """A plan must cost no more than this to be better than the best."""
        return self.least - self.grain * 0.999

    def search(self) -> None:
        """Search until the proof or the limit of rounds."""
        state = np.zeros(len(self.sites.fixed), dtype=np.int8)
        if self.pricing.is_whole and self.rounds > PATIENT_ROUNDS:
            self._search_columns(state)
            return
        self._add_one_by_one()
        price = first_prices(self.sites)
        # Shares first, they are quick; then whole lines, which give the sharper bound.
        for sites in [self._loose(), self.pricing] if self.pricing.is_whole else [self.pricing]:
            prices, state = self._settle_root(sites, begin(sites, price, state), state)
            price = prices.price
            if self.sites.is_whole and not sites.is_whole and prices.bound < self.cutoff:
                proved = self._assign(sites, prices, state)
                if proved:
                    self.bound = self.least
                    return
        self._push(prices, state)
        while self.heap and self.heap[0][0] < self.cutoff and self.rounds > 0:
            bound, _, state, price = heapq.heappop(self.heap)
            self._tell(bound)
            self._look(state, price)
        lowest = self.heap[0][0] if self.heap else NEVER
        self.bound = min(self.least, self.stuck, lowest)

    def _search_columns(self, state: States) -> None:
        """Search by what sites take, from the prices of shares and a plan that is made quickly."""
        sites = self.sites
        possible = (sites.most >= 1.0) & (sites.load <= sites.capacity[:, None])
        cost = np.where(possible, sites.cost, np.inf)
        made = place(sites, cost, np.zeros_like(cost))
        if made is not None:
            self.least, self.shares = polish(made).total, made.shares()
        loose = self._loose()
        prices = begin(loose, first_prices(sites), state)
        for _ in range(FIRST_BATCHES):
            prices = self._improve(prices, state, ROOT_BATCH, loose)
        columns = Columns(sites, self.grain, self.rounds, self.least, self.shares, self.watch)
        self.bound = max(prices.bound, columns.search(prices.price, state, possible))
        self.least, self.shares = columns.least, columns.shares
        self.bound = min(self.bound, self.least)

    def _assign(self, loose: Sites, prices: Prices, state: States) -> bool:
        """Decide whole lines by an integer programme when few pairs of site and line are left.

        Pairs that no better plan can use are left out; tells whether the best plan is proved.
        """
        floor = prices.bound + np.maximum(prices.relaxed.change, 0.0)
        dear = floor[:, None] + surcharges(loose, prices.price) > self.cutoff
        allowed = (loose.most >= 1.0) & (state != SHUT)[:, None] & ~dear
        allowed &= self.sites.load <= self.sites.capacity[:, None]
        if not allowed.any(axis=0).all():
            return True
        if np.count_nonzero(allowed) > MOST_PAIRS:
            return False
        nodes = self.nodes if self.rounds > PATIENT_ROUNDS else A_LOOK
        served = open_and_assign(self.sites, allowed, state == OPEN, self.cutoff, nodes)
        if served.cost < self.least:
            self.least, self.shares = served.cost, served.shares
        return served.floor >= self.cutoff

    def _settle_root(self, sites: Sites, prices: Prices, state: States) -> tuple[Prices, States]:
        """Improve the first prices until they stand still."""
        for _ in range(ROOT_ROUNDS // ROOT_BATCH):
            before = prices.bound
            prices = self._improve(prices, state, ROOT_BATCH, sites)
            self._make_plans(prices, state)
            self._tell(prices.bound)
            state = self._fixed(prices, state)
            if prices.bound >= self.cutoff or prices.bound - before < STILL * abs(before):
                break
        return prices, state

    def _add_one_by_one(self) -> None:
        """Open the site that saves most, again and again: a first plan, and how dear plans are.

        Capacities count in that all are needed to hold the order; serving keeps them.
        """
        sites = self.sites
        near = np.full(sites.cost.shape[1], 2.0 * float(sites.cost.max(initial=0.0)) + 1.0)
        opened = np.zeros(len(sites.fixed), dtype=np.bool_)
        while not opened.all():
            saved = np.maximum(near - sites.cost, 0.0).sum(axis=1) - sites.fixed
            saved[opened] = -np.inf
            site = int(np.argmax(saved))
            enough = float(sites.capacity[opened].sum()) >= float(sites.load.sum()) - 1e-6
            if saved[site] <= 0.0 and enough and self.least < NEVER:
                return
            opened[site] = True
            near = np.minimum(near, sites.cost[site])
            if float(sites.capacity[opened].sum()) >= float(sites.load.sum()) - 1e-6:
                self._serve(opened.copy())

    def _look(self, state: States, price: Floats) -> None:
        """Bound a node, fix, make plans, and cut it in two."""
        prices = begin(self.pricing, price, state)
        for _ in range(PASSES):
            if prices.bound >= self.cutoff:
                return
            prices = self._improve(prices, state, NODE_ROUNDS)
            fixed = self._fixed(prices, state)
            if (fixed == state).all():
                break
            state = fixed
            prices = begin(self.pricing, prices.price, state)
        if prices.bound >= self.cutoff:
            return
        free = np.flatnonzero(state == FREE)
        if not len(free):
            self.stuck = min(self.stuck, self._serve(state == OPEN, self.nodes))
            return
        self._make_plans(prices, state)
        doubt = np.abs(prices.opened[free] - 0.5)
        site = int(free[np.argmin(doubt)])
        for way in (OPEN, SHUT):
            half = state.copy()
            half[site] = way
            if self._can_hold(half):
                self._push(prices, half)

    def _tell(self, bound: float) -> None:
        """Tell whoever watches how far the search is."""
        if self.watch is not None:
            lowest = min(bound, self.heap[0][0]) if self.heap else bound
            self.watch(Progress(self.least, lowest, 1.0 - max(0, self.rounds) / self.allowed))

    def _push(self, prices: Prices, state: States) -> None:
        self.made += 1
        heapq.heappush(self.heap, (prices.bound, self.made, state, prices.price))

    def _improve(
        self, prices: Prices, state: States, rounds: int, sites: Sites | None = None
    ) -> Prices:
        self.rounds -= rounds
        target = self.least if self.least < NEVER else 1.05 * abs(prices.bound) + 1.0
        return improve(sites or self.pricing, prices, state, target, rounds)

    def _fixed(self, prices: Prices, state: States) -> States:
        """Fix what every better plan opens or shuts."""
        gap = self.cutoff - prices.bound
        fixed = state.copy()
        free = state == FREE
        fixed[free & (prices.relaxed.change > gap)] = SHUT
        fixed[free & (prices.relaxed.change < -gap)] = OPEN
        return fixed

    def _can_hold(self, state: States) -> bool:
        total = float(self.sites.capacity[state != SHUT].sum())
        return bool((state != SHUT).any()) and total >= self.sites.load.sum() - 1e-6

    def _make_plans(self, prices: Prices, state: States) -> None:
        """Make plans of what the mean and the last solution open."""
        for opened in (prices.opened, prices.relaxed.opened):
            liking = np.where(state == OPEN, 2.0, np.where(state == SHUT, -1.0, opened))
            self._try(np.argsort(-liking, kind="stable"), round(float(opened.sum())))

    def _try(self, order: NDArray[np.intp], count: int = 1) -> None:
        """Open sites in an order until they hold the order; and about as many as are liked."""
        held = np.cumsum(self.sites.capacity[order])
        fewest = int(np.searchsorted(held, self.sites.load.sum() - 1e-6)) + 1
        for many in sorted({max(fewest, count + more) for more in (-1, 0, 1)}):
            if many <= len(order):
                opened = np.zeros(len(order), dtype=np.bool_)
                opened[order[:many]] = True
                self._serve(opened)

    def _serve(self, opened: NDArray[np.bool_], nodes: int = A_LOOK) -> float:
        """Serve from a set of open sites; return a floor under doing so."""
        key = opened.tobytes()
        known = self.seen.get(key)
        if known is not None and (known >= self.cutoff or nodes == A_LOOK):
            return known
        self.rounds -= ROUNDS_TO_SERVE
        served = serve(self.sites, opened, self.cutoff, nodes)
        self.seen[key] = served.floor
        if served.cost < self.least:
            self.least, self.shares = served.cost, served.shares
        return served.floor
