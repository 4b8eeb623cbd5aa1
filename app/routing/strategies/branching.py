"""Branch and price: close in on the cheapest plan from both sides, to the proof or the limit.

A *node* is a box. Its bound comes from column generation: the programme over known bundles gives
prices, pricing every seller at prices between the best so far and the programme's (in-out
separation, Ben-Ameur and Neto 2007) gives a bound and new bundles. Nodes are taken lowest bound
first. A box is cut in two, in this order of preference:

1. by a count of the whole plan (sellers, full parcels, parcels of the next bands): freight is
   paid by the parcel, so both "at most 3" and "at least 4" lift the bound;
2. by the level of a source (closed or open before all);
3. by the quantity of an entry, in parts at first; then, as sources of one seller are bounded by the
   cheaper one's costs, by one that is dearer than that.

Bundles are relaxed at first, whole later: whole ones only sharpen the bound a little and cost much
more. Sellers and levels that no plan below the best known one can use are dropped at the root.

Work is counted in steps, about a nanosecond's worth each, the same on every machine; no clock is
read. Laws: the bound holds for every plan of the box; the same table gives the same plan.
"""

from typing import NamedTuple

import numpy as np

from app.routing.strategies.bundles import (
    NONE,
    Box,
    Bundle,
    is_forced,
    is_shut,
    net_levels,
    price_seller,
)
from app.routing.strategies.compiled import kernel, typed
from app.routing.strategies.instance import Floats, Ints
from app.routing.strategies.knapsack import NEVER, Items
from app.routing.strategies.programme import (
    BASIC,
    COLUMN_REDUCED,
    COLUMN_SELLER,
    COLUMNS,
    LISTED,
    PIVOTS,
    SPARE,
    Programme,
    add_bundle,
    cost_of_bundle,
    drop_dear,
    enter_box,
    is_infeasible,
    objective,
    read_prices,
    solve,
)
from app.routing.strategies.reinsert import (
    BEST,
    NO,
    RANDOM,
    START,
    YES,
    Drafts,
    cheapest_goods,
    clear,
    cost_of,
    from_mix,
    put,
    reinsert,
)
from app.routing.strategies.table import (
    COST,
    COUNTS,
    DEMAND,
    ENTRIES,
    KINDS,
    LEVELS,
    LINE,
    PRICE,
    RANKED,
    SELLERS,
    SOURCE,
    STOCK,
    WEIGHT,
    Table,
    copy_into,
)

RELAXED, WHOLE = typed(0), typed(300)
ROOT_ROUNDS, NODE_ROUNDS = typed(60), typed(12)
MIXING = 0.5
CONVERGED = 1e-5
POOL, POOL_GAP = 100, 0.03
PIVOT_LIMIT = typed(1000)
SEARCH_EVERY = 20
COUNT_SHARE = 0.02
# Elements of `State.work`: steps done, limit of steps, nodes, rounds of pricing, draws.
STEPS, LIMIT, NODES, ROUNDS = 0, 1, 2, 3


# Rows of `State.price`: the best prices at the node, those asked at, those of the mix.
BEST_PRICE, ASKED, MIXED = 0, 1, 2
# Rows of `State.seller`: reduced cost of each seller's bundle at the best prices and at those asked
# at, and what each seller's row pays.
REDUCED_AT_BEST, REDUCED_NOW, PAID = 0, 1, 2
# Rows of `State.plan`: quantities of the best plan, and of the mix.
PLAN, MIX = 0, 1


class State(NamedTuple):
    """What a search carries along: prices (of lines, of counts' limits), reduced costs, plans."""

    price: Floats
    seller: Floats
    plan: Floats
    work: Ints
    charges: Floats
    bundle: Bundle


class Nodes(NamedTuple):
    """Open boxes with their bounds and the prices to begin with."""

    level: Ints
    quantity: Floats
    count: Floats  # type: ignore[assignment]
    prices: Floats
    bound: Floats
    is_open: Ints


@kernel
def _charge_steps(table: Table, programme: Programme, items: Items, work: Ints) -> None:
    """Add what pivots and pricing since the last call cost."""
    rows = len(programme.basis)
    columns = programme.count[COLUMNS]
    lines = table.line.shape[1]
    work[STEPS] += programme.count[PIVOTS] * (rows * rows // 2 + columns * (lines + 8) // 4)
    work[STEPS] += items.count[1] * 40
    programme.count[PIVOTS] = 0
    items.count[1] = 0


@kernel
def _bound(
    table: Table,
    box: Box,
    items: Items,
    programme: Programme,
    state: State,
    budget: int,
) -> tuple[float, int]:
    """Bound the box at the prices asked at; bundles that the mix's prices favour become known.

    Returns the bound (NEVER when the box is empty) and how many bundles were added.
    """
    at = state.price[ASKED]
    mix = state.price[MIXED]
    paid = state.seller[PAID]
    reduced = state.seller[REDUCED_NOW]
    lines = table.line.shape[1]
    bound = 0.0
    for line in range(lines):
        bound += at[line] * table.line[DEMAND, line]
    for kind in range(KINDS):
        bound += at[lines + kind] * box.count[1, kind]
        bound += at[lines + KINDS + kind] * box.count[0, kind]
    own = net_levels(table, at, state.charges)
    added = 0
    for k in range(table.seller.shape[1]):
        reduced[k] = 0.0
        if is_shut(table, box, k):
            continue
        forced = is_forced(table, box, k)
        limit = NEVER if forced else 0.0
        value, proof = price_seller(
            table, box, items, at, state.charges, own, k, limit, budget, state.bundle
        )
        if proof == NONE:
            if forced:
                return NEVER, added
            continue
        reduced[k] = value
        bound += value
        # A loose bundle's own cost may exceed what its bound says: it must not come cheaper.
        cost = cost_of_bundle(table, k, state.bundle)
        if cost - _paid_for(table, state.bundle, k, mix, paid) < -1e-7 and add_bundle(
            table, programme, k, state.bundle, cost, proof
        ):
            added += 1
    state.work[ROUNDS] += 1
    state.work[STEPS] += table.entry.shape[1] * 40
    return bound, added


@kernel
def _paid_for(table: Table, bundle: Bundle, k: int, prices: Floats, paid: Floats) -> float:
    """What lines, counts and the seller's row pay for a bundle."""
    lines = table.line.shape[1]
    pay = paid[k] + prices[lines + SELLERS] + prices[lines + KINDS + SELLERS]
    first = table.first_source[k]
    for position in range(table.first_source[k + 1] - first):
        level = bundle.level[position]
        if level == 0:
            continue
        for line in range(lines):
            pay += prices[line] * bundle.quantity[position, line]
        row = table.source_of[LEVELS, first + position] + level - 1
        for kind in range(SELLERS + 1, KINDS):
            price = prices[lines + kind] + prices[lines + KINDS + kind]
            pay += price * table.level[COUNTS + kind, row]
    return float(pay)


@kernel
def _generate(
    table: Table,
    box: Box,
    items: Items,
    programme: Programme,
    state: State,
    cutoff: float,
    budget: int,
    rounds: int,
    until: int,
) -> tuple[float, bool]:
    """Generate bundles until the node's bound is found or reaches the cutoff, or work is up.

    The best prices are those to begin with and become those of the bound, row REDUCED_AT_BEST its
    reduced costs. Returns the bound and whether it cannot be lifted further without branching.
    """
    enter_box(table, box, programme, 1 if budget > 0 else 0)
    at = state.price[ASKED]
    mix = state.price[MIXED]
    paid = state.seller[PAID]
    copy_into(at, state.price[BEST_PRICE])
    copy_into(mix, state.price[BEST_PRICE])
    best = -NEVER
    mixing = 0.0
    solve(table, programme, PIVOT_LIMIT)
    read_prices(table, programme, mix, paid)
    for number in range(rounds):
        bound, added = _bound(table, box, items, programme, state, budget)
        if bound > best:
            best = bound
            copy_into(state.price[BEST_PRICE], at)
            copy_into(state.seller[REDUCED_AT_BEST], state.seller[REDUCED_NOW])
        if added > 0:
            solve(table, programme, PIVOT_LIMIT)
            read_prices(table, programme, mix, paid)
        _charge_steps(table, programme, items, state.work)
        if best >= cutoff or state.work[STEPS] >= until:
            return best, False
        if objective(programme) - best <= CONVERGED:
            return best, True
        if number > 0 and mixing > 0.0 and added == 0:
            # The prices between told nothing new: ask at the programme's own.
            mixing = 0.0
            copy_into(at, mix)
            continue
        mixing = MIXING
        for i in range(len(at)):
            at[i] = mixing * state.price[BEST_PRICE, i] + (1.0 - mixing) * mix[i]
    return best, False


@kernel
def _drop_useless(
    table: Table,
    box: Box,
    items: Items,
    state: State,
    bound: float,
    cutoff: float,
    budget: int,
) -> None:
    """Shut sellers and drop top levels that no plan below the cutoff can use."""
    prices = state.price[BEST_PRICE]
    own = net_levels(table, prices, state.charges)
    for k in range(table.seller.shape[1]):
        if is_shut(table, box, k):
            continue
        limit = cutoff - (bound - state.seller[REDUCED_AT_BEST, k])
        first = table.first_source[k]
        last = table.first_source[k + 1]
        if not is_forced(table, box, k):
            _, proof = price_seller(
                table, box, items, prices, state.charges, own, k, limit, budget, state.bundle
            )
            if proof == NONE:
                for s in range(first, last):
                    box.level[1, s] = 0
                continue
        for s in range(first, last):
            low = box.level[0, s]
            high = box.level[1, s]
            a = low
            b = high
            while a < b:
                middle = (a + b + 1) // 2
                box.level[0, s] = middle
                _, proof = price_seller(
                    table,
                    box,
                    items,
                    prices,
                    state.charges,
                    own,
                    k,
                    limit,
                    budget,
                    state.bundle,
                )
                if proof == NONE:
                    b = middle - 1
                else:
                    a = max(middle, state.bundle.level[s - first])
            box.level[0, s] = low
            box.level[1, s] = a
    state.work[STEPS] += table.entry.shape[1] * 80


@kernel
def _list_promising(programme: Programme, limit: float) -> int:
    """List bundles of least reduced cost, the least first; return how many."""
    known = 0
    columns = programme.count[COLUMNS]
    listed = programme.mark[SPARE]
    for column in range(columns):
        listed[column] = 0
    while known < POOL:
        least = -1
        for column in range(columns):
            reduced = programme.column[COLUMN_REDUCED, column]
            if (
                listed[column] == 0
                and reduced <= limit
                and (least < 0 or reduced < programme.column[COLUMN_REDUCED, least])
            ):
                least = column
        if least < 0:
            break
        listed[least] = 1
        programme.mark[LISTED, known] = least
        known += 1
    return known


@kernel
def _look_for_plan(
    table: Table,
    programme: Programme,
    state: State,
    drafts: Drafts,
    rounds: int,
    least: float,
    mixed: int,
) -> float:
    """Search around the mix or the best plan; take over a plan cheaper than the least known."""
    if mixed == YES or least >= NEVER:
        from_mix(table, programme, drafts, START)
    else:
        _read_plan(table, state.plan[PLAN], drafts)
    known = _list_promising(programme, POOL_GAP * cheapest_goods(table))
    state.work[RANDOM] = 7919 * (state.work[NODES] + 1) + 104729
    cost = reinsert(table, programme, drafts, known, rounds, state.work)
    lines = table.line.shape[1]
    state.work[STEPS] += rounds * (6000 + 300 * lines + 6 * table.entry.shape[1])
    if cost < least - 1e-6:
        copy_into(state.plan[PLAN], drafts.quantity[BEST])
        return cost
    return least


@kernel
def _read_plan(table: Table, quantity: Floats, drafts: Drafts) -> None:
    """Read a plan, rounded, as the draft to start from."""
    clear(table, drafts, START)
    for e in range(len(quantity)):
        if quantity[e] > 0.5:
            put(table, drafts, START, e, np.floor(quantity[e] + 0.5))


@kernel
def _count_to_branch(table: Table, programme: Programme) -> tuple[int, float]:
    """The count of the plan that is farthest from whole, and its whole part; -1 for none."""
    lines = table.line.shape[1]
    chosen = -1
    most = COUNT_SHARE
    below = 0.0
    for kind in range(KINDS):
        total = 0.0
        for i in range(len(programme.basis)):
            if programme.basis[i] >= 0:
                share = programme.share[lines + kind, programme.basis[i]]
                total += programme.row[BASIC, i] * share
        part = total - np.floor(total)
        part = min(part, 1.0 - part)
        weight = 1.0 if kind < 2 else 1.0 / (2 ** (kind - 1))
        if part > COUNT_SHARE and part * weight > most:
            chosen = kind
            most = part * weight
            below = np.floor(total)
    return chosen, below


@kernel
def _level_to_branch(
    table: Table, box: Box, programme: Programme, share: Floats
) -> tuple[int, int]:
    """The source whose level is least settled, and the level to cut above; -1 for none."""
    chosen = -1
    cut = 0
    most = 1e-6
    for s in range(table.source_of.shape[1] - 1):
        low = box.level[0, s]
        high = box.level[1, s]
        if low == high:
            continue
        k = table.source_of[2, s]
        position = s - table.first_source[k]
        for j in range(low, high + 1):
            share[j] = 0.0
        for i in range(len(programme.basis)):
            column = programme.basis[i]
            if column >= 0 and programme.mark[COLUMN_SELLER, column] == k:
                j = programme.level[column, position]
                if low < j <= high:
                    share[j] += programme.row[BASIC, i]
        above = 0.0
        first = table.source_of[LEVELS, s]
        for j in range(high, low, -1):
            above += share[j]
            part = min(above, 1.0 - above)
            if part <= 1e-6:
                continue
            step = table.level[PRICE, first + j - 1]
            if j > 1:
                step -= table.level[PRICE, first + j - 2]
            else:
                step *= 3.0
            if part * step > most:
                most = part * step
                chosen = s
                cut = j - 1
    return chosen, cut


@kernel
def _read_mix(table: Table, programme: Programme, quantity: Floats) -> None:
    """Read the quantities by entry of the present mix."""
    for e in range(len(quantity)):
        quantity[e] = 0.0
    for i in range(len(programme.basis)):
        column = programme.basis[i]
        if column < 0 or programme.row[BASIC, i] <= 1e-9:
            continue
        k = programme.mark[COLUMN_SELLER, column]
        first = table.first_source[k]
        for s in range(first, table.first_source[k + 1]):
            if programme.level[column, s - first] == 0:
                continue
            for e in range(table.source_of[ENTRIES, s], table.source_of[ENTRIES, s + 1]):
                amount = programme.quantity[column, s - first, table.entry_of[LINE, e]]
                quantity[e] += programme.row[BASIC, i] * amount


@kernel
def _quantity_to_branch(table: Table, quantity: Floats) -> tuple[int, float]:
    """The entry whose quantity is farthest from whole, heavy lines first; -1 for none."""
    chosen = -1
    most = 0.0
    below = 0.0
    for e in range(len(quantity)):
        part = quantity[e] - np.floor(quantity[e])
        part = min(part, 1.0 - part)
        if part < 1e-5:
            continue
        score = part * (table.line[WEIGHT, table.entry_of[LINE, e]] + 100.0)
        if score > most:
            most = score
            chosen = e
            below = np.floor(quantity[e])
    return chosen, below


@kernel
def _take_whole_mix(table: Table, state: State, drafts: Drafts, least: float) -> float:
    """Take over the mix as a plan, if it is one and cheaper than the least known."""
    _read_plan(table, state.plan[MIX], drafts)
    for e in range(drafts.quantity.shape[1]):
        if drafts.quantity[START, e] > table.entry[STOCK, e]:
            return least
    for line in range(drafts.left.shape[1]):
        if abs(drafts.left[START, line]) > 0.5:
            return least
    cost, lack = cost_of(table, drafts, START)
    if lack == 0.0 and cost < least - 1e-6:
        copy_into(state.plan[PLAN], drafts.quantity[START])
        return cost
    return least


@kernel
def _load(nodes: Nodes, node: int, box: Box, state: State) -> None:
    """Look at a node's box."""
    for row in range(2):
        for s in range(box.level.shape[1]):
            box.level[row, s] = nodes.level[node, row, s]
        for e in range(box.quantity.shape[1]):
            box.quantity[row, e] = nodes.quantity[node, row, e]
        for kind in range(KINDS):
            box.count[row, kind] = nodes.count[node, row, kind]
    copy_into(state.price[BEST_PRICE], nodes.prices[node])


@kernel
def _store(nodes: Nodes, node: int, box: Box, state: State, bound: float) -> None:
    """Keep a box for later."""
    for row in range(2):
        for s in range(box.level.shape[1]):
            nodes.level[node, row, s] = box.level[row, s]
        for e in range(box.quantity.shape[1]):
            nodes.quantity[node, row, e] = box.quantity[row, e]
        for kind in range(KINDS):
            nodes.count[node, row, kind] = box.count[row, kind]
    copy_into(nodes.prices[node], state.price[BEST_PRICE])
    nodes.bound[node] = bound
    nodes.is_open[node] = 1


@kernel
def _lowest(nodes: Nodes) -> int:
    """The open node of lowest bound; -1 when all are done."""
    lowest = -1
    for node in range(len(nodes.bound)):
        if nodes.is_open[node] == 1 and (lowest < 0 or nodes.bound[node] < nodes.bound[lowest]):
            lowest = node
    return lowest


@kernel
def _free_node(nodes: Nodes) -> int:
    """A place to keep a node; -1 when there is none."""
    for node in range(len(nodes.bound)):
        if nodes.is_open[node] == 0:
            return node
    return -1


@kernel
def _branch(
    table: Table, box: Box, programme: Programme, state: State, nodes: Nodes, bound: float
) -> bool:
    """Cut the box in two and keep both halves; false when nothing is left to cut."""
    one = _free_node(nodes)
    _store(nodes, one, box, state, bound)
    other = _free_node(nodes)
    _store(nodes, other, box, state, bound)
    kind, below = _count_to_branch(table, programme)
    if kind >= 0:
        nodes.count[one, 1, kind] = below
        nodes.count[other, 0, kind] = below + 1.0
        return True
    s, cut = _level_to_branch(table, box, programme, state.charges)
    if s >= 0:
        nodes.level[one, 1, s] = cut
        nodes.level[other, 0, s] = cut + 1
        return True
    _read_mix(table, programme, state.plan[MIX])
    e, part = _quantity_to_branch(table, state.plan[MIX])
    if e >= 0:
        nodes.quantity[one, 1, e] = part
        nodes.quantity[other, 0, e] = part + 1.0
        return True
    nodes.is_open[one] = 0
    nodes.is_open[other] = 0
    return False


@kernel
def _quantity_to_split(table: Table, box: Box, quantity: Floats) -> int:
    """The open entry whose cost is most above what its seller is bounded by; -1 for none."""
    chosen = -1
    most = 0.0
    for line in range(table.line.shape[1]):
        for a in range(table.ranked[line], table.ranked[line + 1]):
            e = table.entry_of[RANKED, a]
            s = table.entry_of[SOURCE, e]
            if box.level[1, s] == 0 or box.quantity[0, e] >= box.quantity[1, e]:
                continue
            cheapest = table.entry[COST, e]
            for b in range(table.ranked[line], a):
                other = table.entry_of[RANKED, b]
                if table.source_of[2, table.entry_of[SOURCE, other]] == table.source_of[2, s]:
                    cheapest = table.entry[COST, other]
                    break
            taken = max(0.0, quantity[e] - box.quantity[0, e])
            score = (taken + 0.01) * (table.entry[COST, e] - cheapest + 0.01)
            if score > most:
                most = score
                chosen = e
    return chosen


@kernel
def _split(table: Table, box: Box, state: State, nodes: Nodes, bound: float) -> bool:
    """Cut a box whose mix is whole in two and keep both halves; false when all is settled."""
    e = _quantity_to_split(table, box, state.plan[MIX])
    if e < 0:
        return False
    low = box.quantity[0, e]
    cut = max(low, min(np.floor(state.plan[MIX, e] + 0.5), box.quantity[1, e]) - 1.0)
    one = _free_node(nodes)
    _store(nodes, one, box, state, bound)
    other = _free_node(nodes)
    _store(nodes, other, box, state, bound)
    nodes.quantity[one, 1, e] = cut
    nodes.quantity[other, 0, e] = cut + 1.0
    return True


@kernel
def root_prices(table: Table, box: Box, items: Items, programme: Programme, state: State) -> float:
    """Bound all plans without branching; the prices that prove it are in the best prices."""
    _guess_prices(table, state)
    bound, _ = _generate(
        table, box, items, programme, state, NEVER, RELAXED, ROOT_ROUNDS, state.work[LIMIT] // 2
    )
    return bound


@kernel
def _guess_prices(table: Table, state: State) -> None:
    """Begin with what a unit costs where it is cheapest, with its share of a full parcel."""
    for line in range(table.line.shape[1]):
        least = NEVER
        for a in range(table.ranked[line], table.ranked[line + 1]):
            e = table.entry_of[RANKED, a]
            rate = table.rate[table.entry_of[SOURCE, e]]
            least = min(least, table.entry[COST, e] + rate * table.line[WEIGHT, line])
        state.price[BEST_PRICE, line] = least * 1.05


@kernel
def _settle_root(
    table: Table,
    box: Box,
    items: Items,
    programme: Programme,
    state: State,
    drafts: Drafts,
    least: float,
    grain: float,
    rounds: int,
) -> tuple[float, float, bool]:
    """Bound all plans, find a first one, and drop what a better one cannot use.

    Returns the bound, the least cost known, and whether the bound cannot be lifted by pricing.
    """
    bound = root_prices(table, box, items, programme, state)
    if bound >= NEVER:
        return bound, least, False
    least = _look_for_plan(table, programme, state, drafts, rounds, least, YES)
    cutoff = least - grain + 1e-6
    if bound >= cutoff or state.work[STEPS] >= state.work[LIMIT]:
        return bound, least, False
    _drop_useless(table, box, items, state, bound, cutoff, RELAXED)
    drop_dear(table, programme, cutoff - bound + 1.0)
    sharper, settled = _generate(
        table, box, items, programme, state, cutoff, WHOLE, ROOT_ROUNDS, state.work[LIMIT] * 3 // 4
    )
    return max(bound, sharper), least, settled


@kernel
def search(
    table: Table,
    box: Box,
    items: Items,
    programme: Programme,
    state: State,
    drafts: Drafts,
    nodes: Nodes,
    known: float,
    grain: float,
    rounds: int,
) -> tuple[float, float]:
    """Search until the proof or the limit of work; the plan is in row PLAN of the state.

    `known` is the cost of the plan that is there already, NEVER if none is; plans' costs are
    multiples of `grain`. Returns a bound on every plan's cost and the least cost found.
    """
    bound, least, settled = _settle_root(
        table, box, items, programme, state, drafts, known, grain, rounds
    )
    stuck = NEVER
    here = bound
    while True:
        cutoff = least - grain + 1e-6
        out_of_work = state.work[STEPS] >= state.work[LIMIT] or _crowded(nodes)
        if here < cutoff and out_of_work:
            stuck = min(stuck, here)
        elif here < cutoff and not _branch(table, box, programme, state, nodes, here):
            # Nothing is in parts: the mix may be a plan, its bound may lie below its cost.
            if settled and not is_infeasible(programme):
                least = _take_whole_mix(table, state, drafts, least)
            if here < least - grain + 1e-6 and not _split(table, box, state, nodes, here):
                stuck = min(stuck, here)
        node = _lowest(nodes)
        if out_of_work or node < 0 or nodes.bound[node] >= least - grain + 1e-6:
            break
        nodes.is_open[node] = 0
        here = nodes.bound[node]
        _load(nodes, node, box, state)
        _make_room(table, programme, least - here)
        bound, settled = _generate(
            table,
            box,
            items,
            programme,
            state,
            least - grain + 1e-6,
            WHOLE,
            NODE_ROUNDS,
            state.work[LIMIT],
        )
        state.work[NODES] += 1
        here = max(bound, here)
        if state.work[NODES] % SEARCH_EVERY == 0 and here < least - grain + 1e-6:
            least = _look_for_plan(table, programme, state, drafts, rounds // 4, least, NO)
    proved = min(least, stuck)
    node = _lowest(nodes)
    if node >= 0:
        proved = min(proved, nodes.bound[node])
    return proved, least


@kernel
def _crowded(nodes: Nodes) -> bool:
    """Tell whether there is no place for another two nodes."""
    free = 0
    for node in range(len(nodes.bound)):
        if nodes.is_open[node] == 0:
            free += 1
            if free > 3:
                return False
    return True


@kernel
def _make_room(table: Table, programme: Programme, gap: float) -> None:
    """Forget the dearest bundles when there is little room for new ones."""
    room = programme.column.shape[1]
    limit = gap
    while programme.count[COLUMNS] > room - 2 * table.seller.shape[1] - 50:
        drop_dear(table, programme, limit)
        if limit < 1e-6:
            break
        limit *= 0.5
