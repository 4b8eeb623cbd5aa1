"""A node's bound: bundles are generated until prices are found that no bundle beats.

The programme over known bundles gives prices; pricing every seller, at prices between the best so
far and the programme's (in-out separation, Ben-Ameur and Neto 2007), gives a bound and new bundles.
Bundles are relaxed at first, whole later: whole ones only sharpen the bound a little and cost much
more.

Work is counted in steps, about a nanosecond's worth each, the same on every machine; no clock is
read. Law: the bound holds for every plan of the box.
"""

from typing import NamedTuple

from app.routing.optimizer.box import Box, is_forced, is_shut
from app.routing.optimizer.bundles import Bundle, net_levels, price_seller
from app.routing.optimizer.compiled import kernel, typed, written_out
from app.routing.optimizer.instance import Floats, Ints
from app.routing.optimizer.knapsack import NEVER, Items
from app.routing.optimizer.options import NONE
from app.routing.optimizer.programme import add_bundle, cost_of_part, enter_box, read_prices
from app.routing.optimizer.simplex import COLUMNS, PIVOTS, PRICED, Programme, objective, solve
from app.routing.optimizer.table import (
    COST,
    COUNTS,
    DEMAND,
    KINDS,
    LEVELS,
    RANKED,
    SOURCE,
    WEIGHT,
    Table,
    copy_into,
)

RELAXED, WHOLE = typed(0), typed(300)
ROOT_ROUNDS, WHOLE_ROUNDS, NODE_ROUNDS = typed(60), typed(30), typed(12)
MIXING = 0.5
# A node is left when one in so many of its rounds in a row closed less than this share of what it
# lacks to the cutoff.
PATIENCE, PROGRESS = 5, 0.02
CONVERGED = 1e-5
PIVOT_LIMIT = typed(1000)
# Elements of `State.work`: steps done, limit of steps, nodes, rounds of pricing, the state of the
# draws (`chance`), steps that looking for plans near nodes took.
STEPS, LIMIT, NODES, ROUNDS, LOOKING = 0, 1, 2, 3, 5
# Rows of `State.price`: the best prices at the node, those asked at, those of the mix.
BEST_PRICE, ASKED, MIXED = 0, 1, 2
# Rows of `State.seller`: reduced cost of what each seller ships at the best prices and at those
# asked at, and what each source's row pays.
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


@kernel
def _charge_steps(programme: Programme, items: Items, work: Ints) -> None:
    """Add what pivots and pricing since the last call cost."""
    rows = len(programme.basis)
    work[STEPS] += programme.count[PIVOTS] * (rows * rows // 8)
    work[STEPS] += programme.count[PRICED] * programme.count[COLUMNS] * 10
    work[STEPS] += items.count[1] * 50
    programme.count[PIVOTS] = 0
    programme.count[PRICED] = 0
    items.count[1] = 0


@written_out
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
    net_levels(table, at, state.charges)
    added = 0
    for k in range(table.seller.shape[1]):
        reduced[k] = 0.0
        if is_shut(table, box, k):
            continue
        forced = is_forced(table, box, k)
        limit = NEVER if forced else 0.0
        value, proof = price_seller(
            table, box, items, at, state.charges, k, limit, budget, state.bundle
        )
        if proof == NONE:
            if forced:
                return NEVER, added
            continue
        reduced[k] = value
        bound += value
        added += _add_parts(table, programme, state.bundle, k, mix, paid)
    state.work[ROUNDS] += 1
    state.work[STEPS] += table.entry.shape[1] * 40
    return bound, added


@kernel
def _add_parts(
    table: Table, programme: Programme, bundle: Bundle, k: int, prices: Floats, paid: Floats
) -> int:
    """Make the parts that the mix's prices favour known as bundles; return how many."""
    added = 0
    many = table.first_source[k + 1] - table.first_source[k]
    for part in range(1, many + 2):
        proof = NONE
        for position in range(many):
            if bundle.part[position] == part:
                proof = bundle.proof[position]
        if proof == NONE:
            continue
        # A loose bundle's own cost may exceed what its bound says: it must not come cheaper.
        cost = cost_of_part(table, k, bundle, part)
        if cost - _paid_for(table, bundle, k, part, prices, paid) < -1e-7 and add_bundle(
            table, programme, k, bundle, part, cost, proof
        ):
            added += 1
    return added


@kernel
def _paid_for(
    table: Table, bundle: Bundle, k: int, part: int, prices: Floats, paid: Floats
) -> float:
    """What lines, counts and the sources' rows pay for a part."""
    lines = table.line.shape[1]
    pay = 0.0
    first = table.first_source[k]
    for position in range(table.first_source[k + 1] - first):
        level = bundle.level[position]
        if level == 0 or bundle.part[position] != part:
            continue
        pay += paid[first + position]
        for line in range(lines):
            pay += prices[line] * bundle.quantity[position, line]
        row = table.source_of[LEVELS, first + position] + level - 1
        for kind in range(KINDS):
            price = prices[lines + kind] + prices[lines + KINDS + kind]
            pay += price * table.level[COUNTS + kind, row]
    return float(pay)


@kernel
def generate(
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
    marked = -NEVER
    idle = 0
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
        _charge_steps(programme, items, state.work)
        if best >= cutoff or state.work[STEPS] >= until:
            return best, False
        if objective(programme) - best <= CONVERGED:
            return best, True
        idle += 1
        if best - marked > PROGRESS * (cutoff - best):
            marked = best
            idle = 0
        if idle * PATIENCE >= rounds and idle > 3 and cutoff < NEVER:
            return best, False
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
def drop_useless(
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
    net_levels(table, prices, state.charges)
    for k in range(table.seller.shape[1]):
        if is_shut(table, box, k):
            continue
        limit = cutoff - (bound - state.seller[REDUCED_AT_BEST, k])
        first = table.first_source[k]
        last = table.first_source[k + 1]
        if not is_forced(table, box, k):
            _, proof = price_seller(
                table, box, items, prices, state.charges, k, limit, budget, state.bundle
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
def root_prices(table: Table, box: Box, items: Items, programme: Programme, state: State) -> float:
    """Bound all plans without branching; the prices that prove it are in the best prices."""
    _guess_prices(table, state)
    bound, _ = generate(
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
