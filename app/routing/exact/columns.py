"""Branch and price for whole lines: a programme over what sites take, priced by knapsacks.

Its bound is sharper than that of shares by what knapsacks know of whole lines. A node says which
sites are open or shut, how many are used, and which pairs of site and line are allowed; the node of
lowest bound is taken first. What a pair must cost at a node's prices shuts out pairs for good.

Laws: bounds are Lagrangean, taken from prices and knapsacks and not from the programme's tolerance;
effort is counted in looks at prices, no clock is read.
"""

import heapq
from dataclasses import dataclass, field, replace

import numpy as np

from app.routing.exact.master import Duals, Master, Solution
from app.routing.exact.packs import Ints, pack, stakes
from app.routing.exact.polish import place, polish
from app.routing.exact.sites import (
    FREE,
    OPEN,
    SHUT,
    WORK_A_CELL,
    WORK_A_ROUND,
    Flags,
    Floats,
    Sites,
    States,
)
from app.routing.problem import Progress, Watch

NEVER = float("inf")
# How far prices stay with those of the best bound.
STEADY = 0.8
# A node whose bound lies so near its programme's value, by the gap that is left, is cut in two.
NEAR = 0.03
WHOLE, HALF = 1e-6, 0.5
MOST_LOOKS = 400
# What a look is worth in work: by cell of the knapsacks' tables, and by row of the programme.
WORK_A_PACK, WORK_A_ROW = 0.003, 0.5


@dataclass(frozen=True, slots=True)
class Node:
    """A part of all plans, its bound, and the prices to begin with."""

    state: States
    allowed: Flags
    fewest: int
    most: int
    bound: float
    duals: Duals


@dataclass(slots=True)
class Priced:
    """What prices give at a node: a bound, what each site stakes, gains and takes."""

    bound: float
    duals: Duals
    change: Floats
    gain: Floats
    takes: Flags


@dataclass(slots=True)
class Columns:
    """The search under way. Work counts rounds; plans must cost less than `cutoff`."""

    sites: Sites
    grain: float
    rounds: int
    least: float
    shares: Floats | None
    watch: Watch | None = None
    allowed: int = field(init=False)
    load: Ints = field(init=False)
    room: Ints = field(init=False)
    master: Master = field(init=False)
    heap: list[tuple[float, int, Node]] = field(default_factory=list)
    made: int = 0
    stuck: float = NEVER
    rounds_a_look: int = 1

    def __post_init__(self) -> None:
        """Make room."""
        self.allowed = self.rounds
        self.load = self.sites.load.astype(np.int64)
        self.room = np.minimum(self.sites.capacity, self.sites.load.sum()).astype(np.int64)
        count, lines = self.sites.cost.shape
        cells = count * lines * (int(self.room.max()) + 1)
        looked = WORK_A_PACK * cells + WORK_A_ROW * (count + lines) ** 2
        self.rounds_a_look = 1 + int(looked / (WORK_A_ROUND + WORK_A_CELL * count * lines))
        self.master = Master(self.sites, self.least if self.least < NEVER else self._dear())
        if self.shares is not None:
            self._keep_plan()
        # A site that must be open, or counts, may serve nothing.
        for site in range(len(self.sites.fixed)):
            self.master.add(site, np.zeros(len(self.load), dtype=np.bool_))

    def _keep_plan(self) -> None:
        """Make columns of the best plan."""
        assert self.shares is not None
        for site in np.flatnonzero(self.shares.any(axis=1)).tolist():
            self.master.add(site, self.shares[site] > HALF)

    def _dear(self) -> float:
        return float(self.sites.fixed.sum() + self.sites.cost.max(axis=0).sum()) + 1.0

    @property
    def cutoff(self) -> float:
        """A plan must cost no more than this to be better than the best."""
        return self.least - self.grain * 0.999

    def search(self, price: Floats, state: States, allowed: Flags) -> float:
        """Search until the proof or the limit; returns a bound under every plan."""
        count = len(self.sites.fixed)
        zero = np.zeros(count)
        self._push(Node(state, allowed, 0, count, -NEVER, Duals(price, zero, 0.0, 0.0)))
        while self.heap and self.heap[0][0] < self.cutoff and self.rounds > 0:
            _, _, node = heapq.heappop(self.heap)
            self._tell(node.bound)
            self._look(node)
        lowest = self.heap[0][0] if self.heap else NEVER
        return min(self.least, self.stuck, lowest)

    def _tell(self, bound: float) -> None:
        """Tell whoever watches how far the search is."""
        if self.watch is not None:
            lowest = min(bound, self.heap[0][0]) if self.heap else bound
            self.watch(Progress(self.least, lowest, 1.0 - max(0, self.rounds) / self.allowed))

    def _push(self, node: Node) -> None:
        self.made += 1
        heapq.heappush(self.heap, (node.bound, self.made, node))

    def _look(self, node: Node) -> None:
        """Bound a node, shut out pairs, make plans, and cut it in two."""
        solved, best = self._generate(node)
        if best.bound >= self.cutoff:
            return
        if solved is None:
            # The limit, or a programme that was not solved: the bound stands.
            self.stuck = min(self.stuck, max(node.bound, best.bound))
            return
        self._make_plan(node, solved)
        node = self._narrowed(node, best)
        if best.bound >= self.cutoff:
            return
        halves = self._halves(node, solved)
        if not halves:
            self.stuck = min(self.stuck, node.bound)
        for half in halves:
            if self._can_hold(half):
                self._push(half)

    def _generate(self, node: Node) -> tuple[Solution | None, Priced]:
        """Add columns until prices stand still."""
        self.master.restrict(node.state, node.allowed, node.fewest, node.most)
        best = self._price(node, node.duals)
        self._add(node, best)
        for _ in range(MOST_LOOKS):
            if best.bound >= self.cutoff:
                return None, best
            solved = self.master.solve()
            if solved is None or self.rounds <= 0:
                return None, best
            new, best = self._improve(node, solved.duals, best)
            near = NEAR * min(self.cutoff - best.bound, abs(best.bound))
            is_near = solved.objective - best.bound <= near and not solved.is_whole
            if not new or is_near:
                return solved, best
            self._tell(max(node.bound, best.bound))
        return solved, best

    def _improve(self, node: Node, duals: Duals, best: Priced) -> tuple[int, Priced]:
        """Look at prices between the best ones and the programme's, then at the programme's."""
        for steady in (STEADY, 0.0):
            tried = self._price(node, _between(best.duals, duals, steady))
            if tried.bound > best.bound:
                best = tried
            new = self._add(node, tried, duals)
            if new:
                break
        return new, best

    def _price(self, node: Node, duals: Duals) -> Priced:
        """Bound a node at some prices."""
        self.rounds -= self.rounds_a_look
        sites = self.sites
        gain = np.where(node.allowed, duals.line[None, :] - sites.cost, -1.0)
        gain[node.state == SHUT] = -1.0
        gained, takes = pack(gain, self.load, self.room)
        change = sites.fixed - gained - duals.room * sites.capacity - duals.count
        free = node.state == FREE
        least = np.where(free, np.minimum(change, 0.0), np.where(node.state == OPEN, change, 0.0))
        bound = (
            float(duals.line.sum())
            + duals.room * float(sites.load.sum())
            + (duals.count * (node.fewest if duals.count > 0.0 else node.most))
            + float(least.sum())
        )
        return Priced(bound, duals, change, gain, takes)

    def _add(self, node: Node, priced: Priced, duals: Duals | None = None) -> int:
        """Add the columns that a programme's prices call for; all when there are none."""
        able = node.state != SHUT
        if duals is not None:
            worth = self.sites.fixed - duals.room * self.sites.capacity - duals.count - duals.site
            worth += np.where(priced.takes, self.sites.cost - duals.line, 0.0).sum(axis=1)
            able = able & (worth < -WHOLE / self.master.scale)
        sites = np.flatnonzero(able).tolist()
        return sum(self.master.add(site, priced.takes[site]) for site in sites)

    def _narrowed(self, node: Node, best: Priced) -> Node:
        """Fix sites and shut out pairs that no better plan can have."""
        spare = self.cutoff - best.bound
        free = node.state == FREE
        state = node.state.copy()
        state[free & (best.change > spare)] = SHUT
        state[free & (best.change < -spare)] = OPEN
        allowed = node.allowed & (state != SHUT)[:, None]
        dear = np.where(free, np.maximum(best.change, 0.0), 0.0)
        lost = stakes(best.gain, self.load, self.room, allowed)
        allowed &= lost + dear[:, None] <= spare
        bound = max(node.bound, best.bound)
        return replace(node, state=state, allowed=allowed, bound=bound, duals=best.duals)

    def _make_plan(self, node: Node, solved: Solution) -> None:
        """Round what the programme says, and polish."""
        cost = np.where(node.allowed, self.sites.cost, np.inf)
        made = place(self.sites, cost, solved.share)
        if made is None:
            return
        # Pairs that this node leaves out may be better all the same.
        made.cost = np.where(self._possible(), self.sites.cost, np.inf)
        made = polish(made)
        if made.total < self.least:
            self.least, self.shares = made.total, made.shares()
            self._keep_plan()

    def _possible(self) -> Flags:
        sites = self.sites
        possible: Flags = (sites.most >= 1.0) & (sites.load <= sites.capacity[:, None])
        return possible

    def _halves(self, node: Node, solved: Solution) -> list[Node]:
        """Cut a node by the number of sites, by a site, or by a pair."""
        count = float(solved.opened.sum())
        if abs(count - round(count)) > WHOLE:
            fewer, more = int(np.floor(count)), int(np.ceil(count))
            return [replace(node, most=fewer), replace(node, fewest=more)]
        free = np.flatnonzero(node.state == FREE)
        doubt = np.abs(solved.opened[free] - np.rint(solved.opened[free]))
        if len(free) and doubt.max() > WHOLE:
            return self._by_site(node, int(free[np.argmax(doubt)]))
        doubt = np.abs(solved.share - np.rint(solved.share)) * (1.0 + self.sites.load / 1e3)
        site, line = np.unravel_index(int(np.argmax(doubt)), doubt.shape)
        if doubt[site, line] <= WHOLE:
            return []
        return _by_pair(node, int(site), int(line))

    def _by_site(self, node: Node, site: int) -> list[Node]:
        halves = []
        for way in (OPEN, SHUT):
            state = node.state.copy()
            state[site] = way
            allowed = node.allowed.copy()
            if way == SHUT:
                allowed[site] = False
            halves.append(replace(node, state=state, allowed=allowed))
        return halves

    def _can_hold(self, node: Node) -> bool:
        """Tell whether a node's sites can hold the order, and every line has one."""
        open_, live = int((node.state == OPEN).sum()), node.state != SHUT
        ranked = np.sort(self.sites.capacity[live])[::-1]
        return bool(
            node.allowed.any(axis=0).all()
            and open_ <= node.most
            and live.sum() >= node.fewest
            and ranked[: node.most].sum() >= self.sites.load.sum() - WHOLE
        )


def _by_pair(node: Node, site: int, line: int) -> list[Node]:
    with_it, without = node.allowed.copy(), node.allowed.copy()
    with_it[:, line] = False
    with_it[site, line] = True
    without[site, line] = False
    return [replace(node, allowed=with_it), replace(node, allowed=without)]


def _between(best: Duals, duals: Duals, steady: float) -> Duals:
    """Prices on the way from the best ones to the programme's."""
    return Duals(
        steady * best.line + (1.0 - steady) * duals.line,
        duals.site,
        steady * best.room + (1.0 - steady) * duals.room,
        steady * best.count + (1.0 - steady) * duals.count,
    )
