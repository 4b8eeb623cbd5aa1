"""Branch and bound over which sources open and what room they buy.

A node's bound is raised by adding bundles until it settles. Nodes wait lowest bound first, so the
lowest bound left bounds every plan. A node is cut when its bound reaches the best plan known,
thinned out by penalties, and split where the mix of bundles is undecided: on how many parcels of a
kind the whole plan buys, on a source's opening, on its room, on a quantity. Dives follow the shares
down to a decided node, whose quantities are rounded and repaired into a plan.

Laws: the two halves of a node cover its plans; the work limit counts rounds of pricing, so the same
problem gives the same plan on every machine.
"""

import heapq
from dataclasses import dataclass, field, replace
from time import monotonic

import numpy as np

from app.routing.strategies.configurations import build_menu
from app.routing.strategies.construct import from_knapsacks
from app.routing.strategies.draft import Draft
from app.routing.strategies.dual import Ascent, Relaxation
from app.routing.strategies.exchange import polish
from app.routing.strategies.improve import improve
from app.routing.strategies.instance import NEVER, Flags, Floats, Instance, Ints
from app.routing.strategies.master import Master, Mix
from app.routing.strategies.nodes import UNLIMITED, Duals, GoodsLimit, Menu, Node, Pricer, Pricing
from app.routing.strategies.reinsert import reinsert

ROOT_ROUNDS, NODE_ROUNDS, DIVE_ROUNDS = 20, 6, 1
DIVE_DEPTH, DIVE_WIDTH = 10, 14
FIRST_DIVE = 16
WIDE, REBUILDS = 12, 75
PROMISING = 1.02
CLOSE = 0.05
GUESS = 1.02
CLEAR, NEARLY = 0.6, 0.99
UNDECIDED_KIND = 0.05
SURE = 1e-4


@dataclass(slots=True)
class Incumbent:
    """The best plan known and the cost that a better one must not exceed."""

    grain: int
    draft: Draft | None = None
    cost: int = 1 << 60

    def offer(self, draft: Draft | None) -> bool:
        """Keep a lawful plan that costs less."""
        if draft is None or not draft.lawful():
            return False
        cost = draft.cost()
        if cost >= self.cost:
            return False
        self.draft, self.cost = draft, cost
        return True

    def cutoff(self) -> float:
        """Bounds above this leave no room for a better plan: costs are multiples of the grain."""
        return self.cost - self.grain + 1.0 if self.draft else NEVER

    def target(self, bound: float) -> float:
        """A value to climb towards."""
        return float(self.cost) if self.draft else bound * GUESS


@dataclass(slots=True)
class Search:
    """The open nodes and the best plan."""

    relaxation: Relaxation
    menu: Menu
    master: Master
    incumbent: Incumbent
    open: list[tuple[float, int, Node]] = field(default_factory=list)
    decided: list[Node] = field(default_factory=list)
    counter: int = 0
    rounds: int = 0
    nodes: int = 0
    next_dive: int = FIRST_DIVE
    root_duals: Duals | None = None
    latest_duals: Duals | None = None
    remoteness: Floats = field(default_factory=lambda: np.zeros(0))

    @property
    def instance(self) -> Instance:
        """The instance searched."""
        return self.relaxation.instance

    def push(self, node: Node) -> None:
        """Put a node up for evaluation."""
        self.counter += 1
        heapq.heappush(self.open, (node.bound, self.counter, node))

    def bound(self) -> float:
        """The lowest bound of what is not settled."""
        floor = min((node.bound for node in self.decided), default=NEVER)
        return min(floor, self.open[0][0] if self.open else NEVER)

    def run(self, rounds: int, deadline: float) -> None:
        """Evaluate nodes until nothing is open or the work is done."""
        while self.open and self.rounds < rounds and monotonic() < deadline:
            _, _, node = heapq.heappop(self.open)
            if node.bound < self.incumbent.cutoff():
                self.step(node)

    def step(self, node: Node) -> None:
        """Evaluate a node and split what remains of it."""
        following, mix = self.evaluated(node, NODE_ROUNDS)
        if following is None or mix is None:
            return
        if not _undecided(mix.share).any():
            self.plan_from(mix)
        elif self.nodes == 1:
            self._rebuild(self._rounded(mix), self._near())
        elif self.nodes >= self.next_dive:
            self.next_dive = 2 * self.nodes
            self.dive(following, mix)
        if following.bound < self.incumbent.cutoff():
            self._split(following, mix)

    def evaluated(self, node: Node, rounds: int) -> tuple[Node | None, Mix | None]:
        """Raise the node's bound as far as bundles allow and thin it out; None when it is cut."""
        self.nodes += 1
        pricer = Pricer(self.relaxation, self.menu, node)
        self.master.enter(node)
        cutoff = self.incumbent.cutoff()
        best: Pricing | None = None
        for _ in range(rounds):
            self.rounds += 1
            mix = self.master.solve()
            pricing = pricer.evaluate(mix.duals)
            best = pricing if best is None or pricing.value > best.value else best
            if best.value >= cutoff:
                return None, None
            slack = self.incumbent.target(best.value) - best.value
            if mix.whole and mix.value - best.value < CLOSE * slack:
                break
            if not self.master.add_priced(pricing, mix) and mix.whole:
                break
        assert best is not None
        allowed = pricer.thinned(best, cutoff)
        self.latest_duals = best.duals
        self.remoteness = np.full(len(self.menu.sources), NEVER)
        self.remoteness[best.rows] = best.penalty[:, 1:].min(axis=1, initial=NEVER)
        if not allowed.any(axis=1).all():
            return None, None
        following = replace(node, bound=max(node.bound, best.value), allowed=allowed)
        return (following, mix) if self.sufficient(following) else (None, None)

    def sufficient(self, node: Node) -> bool:
        """Tell whether the node's rooms and stocks can serve the order."""
        rooms = np.where(node.allowed, self.menu.room, 0.0).max(axis=1, initial=0.0).sum()
        if rooms < self.instance.demand @ self.instance.weight:
            return False
        rows = node.allowed[:, 1:].any(axis=1)
        stock = self.instance.capacity[self.menu.sources[rows]].sum(axis=0)
        return bool((stock >= self.instance.demand).all())

    def _split(self, node: Node, mix: Mix) -> None:
        """Put up both halves of a node, or set it aside when nothing is left to decide."""
        counts = np.einsum("rk,rkc->c", mix.share, self.menu.kinds)
        children = (
            _by_kind(node, counts) or _by_source(node, mix.share) or self._by_goods(node, mix)
        )
        if not children:
            self.decided.append(node)
        for child in children:
            if self.sufficient(child):
                self.push(child)

    def _by_goods(self, node: Node, mix: Mix) -> list[Node]:
        """Split on the quantity of a line from a source, where that is no whole number."""
        part = mix.taken - np.floor(mix.taken)
        doubt = np.minimum(part, 1.0 - part) * np.maximum(self.instance.weight, 1)
        doubt[part < SURE] = 0.0
        doubt[part > 1.0 - SURE] = 0.0
        row, line = divmod(int(doubt.argmax()), doubt.shape[1])
        if doubt[row, line] <= 0:
            return []
        floor = float(np.floor(mix.taken[row, line]))
        opened = node.allowed.copy()
        opened[row, 0] = False
        return [
            replace(node, limits=(*node.limits, GoodsLimit(row, line, 0.0, floor))),
            replace(
                node,
                allowed=opened,
                limits=(*node.limits, GoodsLimit(row, line, floor + 1.0, UNLIMITED)),
            ),
        ]

    def settle_root(self) -> None:
        """Bring the root's bound as far as bundles allow and make the first plans."""
        _, _, root = heapq.heappop(self.open)
        following, mix = self.evaluated(root, ROOT_ROUNDS)
        if following is None or mix is None:
            return
        self.root_duals = self.latest_duals
        near = self._near()
        self.plan_from(mix)
        self.dive(following, mix)
        self._rebuild(None, near)
        if following.bound < self.incumbent.cutoff():
            self._split(following, mix)

    def _near(self) -> Ints:
        """The sources that the mix uses or comes nearest to using."""
        return self.menu.sources[np.argsort(self.remoteness, kind="stable")[:WIDE]]

    def _rebuild(self, draft: Draft | None, near: Ints) -> None:
        """Take a plan apart and place it anew, among its own sources and others near."""
        draft = draft or self.incumbent.draft
        if draft is None:
            return
        candidates = np.union1d(near, np.flatnonzero(draft.used()))
        draft = reinsert(draft, candidates, REBUILDS)
        self.incumbent.offer(polish(draft, candidates))

    def dive(self, node: Node, mix: Mix) -> None:
        """Follow the shares from a node down to a decided one and make a plan of it."""
        for _ in range(DIVE_DEPTH):
            if not _undecided(mix.share).any():
                break
            allowed = _fixed(node.allowed, mix.share) & self._narrowed(node, mix)
            narrower = replace(node, allowed=allowed)
            if (allowed == node.allowed).all() or not self.sufficient(narrower):
                break
            following, deeper = self.evaluated(narrower, DIVE_ROUNDS)
            if following is None or deeper is None:
                break
            node, mix = following, deeper
        self.plan_from(mix)

    def _narrowed(self, node: Node, mix: Mix) -> Flags:
        """Close what neither the mix uses nor comes near to being used."""
        rank = np.argsort(self.remoteness, kind="stable")
        near = mix.share[:, 0] < 1.0 - SURE
        near[rank[:DIVE_WIDTH]] = True
        allowed = node.allowed.copy()
        allowed[~near & allowed[:, 0], 1:] = False
        return allowed

    def _rounded(self, mix: Mix) -> Draft | None:
        """Round the mix's quantities into a lawful draft."""
        wanted, gain = np.zeros(self.instance.shape), np.zeros(self.instance.shape[0])
        wanted[self.menu.sources] = mix.taken
        gain[self.menu.sources] = 1.0 - mix.share[:, 0]
        return from_knapsacks(self.instance, wanted, gain)

    def plan_from(self, mix: Mix) -> None:
        """Round the mix's quantities into a plan and improve it."""
        draft = self._rounded(mix)
        if draft is None:
            return
        self.incumbent.offer(draft)
        if draft.cost() < PROMISING * self.incumbent.cost:
            near = self.menu.sources[mix.share[:, 0] < NEARLY]
            candidates = np.union1d(near, np.flatnonzero(draft.used()))
            self.incumbent.offer(improve(draft, candidates))


def begin_search(ascent: Ascent, incumbent: Incumbent, cutoff: float) -> Search | None:
    """Open the search for plans below a cutoff; None when the bound leaves none."""
    menu, root = build_menu(ascent, cutoff)
    if not len(menu.sources) or root.bound >= cutoff:
        return None
    relaxation = ascent.relaxation
    ceiling = ascent.best.line + (cutoff - ascent.bound.value)
    search = Search(
        relaxation, menu, Master(relaxation, menu, ceiling, cutoff - ascent.bound.value), incumbent
    )
    if not search.sufficient(root):
        return None
    tolls = np.zeros(menu.kinds.shape[2])
    start = Duals(ascent.best.line, ascent.best.seller, tolls)
    search.master.add_priced(Pricer(relaxation, menu, root).evaluate(start), None)
    search.push(root)
    return search


def _undecided(share: Floats) -> Flags:
    """Tell which sources buy a mix of configurations."""
    flags: Flags = share.max(axis=1) < 1.0 - SURE
    return flags


def _by_kind(node: Node, counts: Floats) -> list[Node]:
    """Split on the number of parcels of a kind or of sources; empty when all are nearly whole."""
    floor = np.floor(counts)
    part = counts - floor
    doubt = np.minimum(part, 1.0 - part)
    doubt[(floor < node.least) | (floor + 1 > node.most)] = 0.0
    kind = int(doubt.argmax())
    if doubt[kind] < UNDECIDED_KIND:
        return []
    most, least = node.most.copy(), node.least.copy()
    most[kind], least[kind] = floor[kind], floor[kind] + 1
    return [
        replace(node, most=most),
        replace(node, least=least),
    ]


def _by_source(node: Node, share: Floats) -> list[Node]:
    """Split on closed or open where that is undecided, otherwise on the room of one source."""
    opened = 1.0 - share[:, 0]
    first, second = node.allowed.copy(), node.allowed.copy()
    doubt = np.where(node.allowed[:, 0], np.minimum(opened, 1.0 - opened), 0.0)
    row = int(doubt.argmax())
    if doubt[row] > SURE:
        first[row, 1:] = False
        second[row, 0] = False
        return [replace(node, allowed=first), replace(node, allowed=second)]
    spread = np.where(node.allowed.sum(axis=1) > 1, 1.0 - share.max(axis=1), 0.0)
    row = int(spread.argmax())
    if spread[row] <= SURE:
        return []
    options = np.flatnonzero(node.allowed[row])
    mean = (share[row, options] * options).sum() / max(share[row, options].sum(), SURE)
    cut = options[np.clip(np.searchsorted(options, mean), 1, len(options) - 1)]
    first[row, cut:] = False
    second[row, :cut] = False
    return [replace(node, allowed=first), replace(node, allowed=second)]


def _fixed(allowed: Flags, share: Floats) -> Flags:
    """Decide what the shares have nearly decided, and at least the clearest undecided source."""
    allowed = allowed.copy()
    share = np.where(allowed, share, 0.0)
    count = allowed.sum(axis=1)
    top = np.where(count > 1, share[:, 1:].max(axis=1, initial=0.0), 0.0)
    rows = np.flatnonzero((top > CLEAR) | ((top == top.max(initial=0.0)) & (top > SURE)))
    for row in rows.tolist():
        best = int(share[row, 1:].argmax()) + 1
        allowed[row] = False
        allowed[row, best] = True
    return allowed
