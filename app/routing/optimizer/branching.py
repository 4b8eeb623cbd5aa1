"""Branch and price: close in on the cheapest plan from both sides, to the proof or the limit.

A *node* is a box. The root is bounded (`generation`), a first plan is looked for (`reinsert`), and
sellers and levels that no plan below it can use are dropped. Then the node of lowest bound is cut
in two (`cutting`) and its halves are bounded, until no open bound lies below the best plan.

Laws: the bound holds for every plan; the same table gives the same plan, whatever the machine.
"""

from app.routing.optimizer.box import Box
from app.routing.optimizer.compiled import kernel, written_out
from app.routing.optimizer.cutting import (
    Nodes,
    branch,
    crowded,
    is_in_parts,
    load,
    lowest,
    split,
)
from app.routing.optimizer.drafts import (
    Drafts,
)
from app.routing.optimizer.generation import (
    LIMIT,
    NODE_ROUNDS,
    NODES,
    RELAXED,
    STEPS,
    WHOLE,
    WHOLE_ROUNDS,
    State,
    drop_useless,
    generate,
    root_prices,
)
from app.routing.optimizer.knapsack import NEVER, Items
from app.routing.optimizer.plans import look_nearby, look_widely, take_whole_mix
from app.routing.optimizer.programme import drop_dear
from app.routing.optimizer.reinsert import NO, YES
from app.routing.optimizer.simplex import (
    COLUMNS,
    Programme,
    is_infeasible,
)
from app.routing.optimizer.table import Table

POOL, POOL_GAP = 100, 0.03
SEARCH_EVERY = 20
# Share of the distance to the cutoff that whole bundles leave, from which they are not worth it.
LOOSE_SHARE = 0.9
# What a round of ruin and recreate takes, beside what each entry looked at takes.
STEPS_A_ROUND, STEPS_A_LOOK = 1500, 60


@kernel
def settle_root(
    table: Table,
    box: Box,
    items: Items,
    programme: Programme,
    state: State,
    drafts: Drafts,
    least: float,
    grain: float,
) -> tuple[float, float, bool, int]:
    """Bound all plans, find a first one, and drop what a better one cannot use.

    `least` is the cost of the plan that is there already, NEVER if none is; plans' costs are
    multiples of `grain`. Returns the bound, the least cost known, whether the bound cannot be
    lifted by pricing, and whether whole bundles lift it so little that nodes are better bounded by
    relaxed ones first. A kernel of its own, called before the search: as a part of it, its code
    would be made twice.
    """
    bound = root_prices(table, box, items, programme, state)
    if bound >= NEVER:
        return bound, least, False, NO
    least = look_widely(table, box, programme, state, drafts, least, bound + grain - 1e-6)
    cutoff = least - grain + 1e-6
    if bound >= cutoff or state.work[STEPS] >= state.work[LIMIT]:
        return bound, least, False, NO
    drop_useless(table, box, items, state, bound, cutoff, RELAXED)
    drop_dear(table, programme, cutoff - bound + 1.0)
    sharper, settled = generate(
        table, box, items, programme, state, cutoff, WHOLE, WHOLE_ROUNDS, state.work[LIMIT] * 3 // 4
    )
    loose = YES if cutoff - sharper > LOOSE_SHARE * (cutoff - bound) else NO
    if sharper < cutoff and state.work[STEPS] < state.work[LIMIT]:
        before = least
        least = look_nearby(table, programme, state, drafts, least)
        cutoff = least - grain + 1e-6
        if sharper < cutoff and (least < before or loose == NO):
            drop_useless(table, box, items, state, sharper, cutoff, RELAXED)
    return max(bound, sharper), least, settled, loose


@written_out
def _bound_node(
    table: Table,
    box: Box,
    items: Items,
    programme: Programme,
    state: State,
    cutoff: float,
    loose: int,
) -> tuple[float, bool]:
    """Bound a node: by relaxed bundles while counts or levels are in parts, then by whole ones."""
    limit = state.work[LIMIT]
    bound = -NEVER
    if loose == YES:
        bound, _ = generate(
            table, box, items, programme, state, cutoff, RELAXED, NODE_ROUNDS, limit
        )
        done = bound >= cutoff or state.work[STEPS] >= limit
        if done or is_in_parts(table, box, programme, state):
            return bound, False
    sharper, settled = generate(
        table, box, items, programme, state, cutoff, WHOLE, NODE_ROUNDS, limit
    )
    return max(bound, sharper), settled


@kernel
def search(
    table: Table,
    box: Box,
    items: Items,
    programme: Programme,
    state: State,
    drafts: Drafts,
    nodes: Nodes,
    bound: float,
    least: float,
    settled: bool,  # noqa: FBT001 - kernels are called by position
    loose: int,
    grain: float,
) -> tuple[float, float]:
    """Search from the settled root until the proof or the limit of work.

    The plan is in row PLAN of the state. Returns a bound on every plan's cost and the least cost
    found.
    """
    stuck = NEVER
    here = bound
    while True:
        cutoff = least - grain + 1e-6
        out_of_work = state.work[STEPS] >= state.work[LIMIT] or crowded(nodes)
        if here < cutoff and out_of_work:
            stuck = min(stuck, here)
        elif here < cutoff and not branch(table, box, programme, state, nodes, here):
            # Nothing is in parts: the mix may be a plan, its bound may lie below its cost.
            if settled and not is_infeasible(programme):
                least = take_whole_mix(table, state, drafts, least)
            if here < least - grain + 1e-6 and not split(table, box, state, nodes, here):
                stuck = min(stuck, here)
        node = lowest(nodes)
        if out_of_work or node < 0 or nodes.bound[node] >= least - grain + 1e-6:
            break
        nodes.is_open[node] = 0
        here = nodes.bound[node]
        load(nodes, node, box, state)
        _make_room(table, programme, least - here)
        bound, settled = _bound_node(
            table, box, items, programme, state, least - grain + 1e-6, loose
        )
        state.work[NODES] += 1
        here = max(bound, here)
        if here < least - grain + 1e-6:
            least = look_nearby(table, programme, state, drafts, least)
    proved = min(least, stuck)
    node = lowest(nodes)
    if node >= 0:
        proved = min(proved, nodes.bound[node])
    return proved, least


@kernel
def _make_room(table: Table, programme: Programme, gap: float) -> None:
    """Forget the dearest bundles when there is little room for new ones."""
    room = programme.column.shape[1]
    limit = gap
    while programme.count[COLUMNS] > room - 2 * table.rate.shape[0] - 50:
        drop_dear(table, programme, limit)
        if limit < 1e-6:
            break
        limit *= 0.5
