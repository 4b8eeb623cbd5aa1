"""The cheapest way to serve an order from sites that are open already.

Shares without capacities go where they are cheapest. With them it is a transport problem, which
HiGHS solves as a linear programme; whole lines make it an assignment of integers.
"""

from dataclasses import dataclass

import highspy
import numpy as np

from app.routing.exact.sites import TINY, Flags, Floats, Sites
from app.routing.integer import Model, as_highs, make_solver, minimize

NEVER = float("inf")


@dataclass(frozen=True, slots=True)
class Served:
    """What serving from open sites costs, the shares by site and line, and a floor under both.

    The cost is infinite when no way is known, the floor when there is none.
    """

    cost: float
    shares: Floats | None
    floor: float


NO_WAY = Served(NEVER, None, NEVER)


def serve(sites: Sites, opened: Flags, cutoff: float, nodes: int) -> Served:
    """Serve from the open sites, as far as that costs less than the cutoff."""
    part = sites.with_only(opened)
    if not opened.any() or part.capacity.sum() < sites.load.sum() - 1e-6:
        return NO_WAY
    fixed = float(sites.fixed[opened].sum())
    shares: Floats | None = _nearest(part)
    assert shares is not None
    floor = fixed + float((part.cost * shares).sum())
    if floor >= cutoff:
        return Served(NEVER, None, floor)
    if not _holds(part, shares):
        shares, found = _transported(part)
        floor = fixed + found
        if sites.is_whole and shares is not None and floor < cutoff:
            shares, found = _assigned(part, cutoff - fixed, nodes)
            floor = max(floor, fixed + found)
    if shares is None:
        return Served(NEVER, None, floor)
    whole = np.zeros_like(sites.cost)
    whole[np.flatnonzero(opened)] = shares
    return Served(fixed + float((part.cost * shares).sum()), whole, floor)


def _nearest(sites: Sites) -> Floats:
    """Each line from where it is cheapest, whatever the capacities."""
    shares = np.zeros_like(sites.cost)
    left = np.ones(sites.cost.shape[1])
    order = np.argsort(sites.cost, axis=0, kind="stable")
    lines = np.arange(sites.cost.shape[1])
    for rank in range(len(order)):
        rows = order[rank]
        taken = np.minimum(left, sites.most[rows, lines])
        shares[rows, lines] = taken
        left -= taken
        if not left.any():
            break
    return shares


def _holds(sites: Sites, shares: Floats) -> bool:
    """Tell whether every line is served and every capacity kept."""
    served = np.abs(shares.sum(axis=0) - 1.0) < TINY
    return bool(served.all() and (shares @ sites.load <= sites.capacity + 1e-6).all())


def _rows(sites: Sites, *, is_continuous: bool) -> Model:
    """Lines are served once, sites hold what they take."""
    model = Model()
    count, lines = sites.cost.shape
    for site in range(count):
        for line in range(lines):
            model.column(0.0, float(sites.most[site, line]), continuous=is_continuous)
    for line in range(lines):
        model.equal([(site * lines + line, 1.0) for site in range(count)], 1.0)
    for site in range(count):
        model.at_most(
            [(site * lines + line, float(sites.load[line])) for line in range(lines)],
            float(sites.capacity[site]),
        )
    return model


def _assigned(sites: Sites, cutoff: float, nodes: int) -> tuple[Floats | None, float]:
    """Whole lines, cheaper than a cutoff; and a floor."""
    model = _rows(sites, is_continuous=False)
    objective = sites.cost.ravel()
    model.at_most(enumerate(objective.tolist()), cutoff)
    solved = minimize(model, objective, nodes)
    if solved.values is None:
        return None, NEVER if solved.is_impossible else solved.bound
    return np.rint(solved.values).reshape(sites.cost.shape), solved.bound


def _transported(sites: Sites) -> tuple[Floats | None, float]:
    """Shares: a linear programme, whose corners are whole units."""
    scale = 1e4 / max(1.0, float(sites.cost.max()))
    solver = make_solver(0)
    solver.passModel(as_highs(_rows(sites, is_continuous=True), sites.cost.ravel() * scale))
    solver.run()
    if solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
        return None, NEVER
    shares: Floats = np.array(solver.getSolution().col_value).reshape(sites.cost.shape)
    return shares, float((sites.cost * shares).sum())


def open_and_assign(
    sites: Sites, allowed: Flags, must_open: Flags, cutoff: float, nodes: int
) -> Served:
    """Choose open sites for whole lines by an integer programme, over the pairs that are allowed.

    Cheaper than a cutoff, or not at all; the floor is infinite when it is proved that nothing is.
    """
    model = Model()
    opened = [model.column(float(must), 1.0) for must in must_open]
    pairs = np.argwhere(allowed).tolist()
    columns = {(site, line): model.column(0.0, 1.0) for site, line in pairs}
    objective = np.concatenate([sites.fixed, sites.cost[allowed]])
    for line in range(sites.cost.shape[1]):
        rows = np.flatnonzero(allowed[:, line]).tolist()
        model.equal([(columns[site, line], 1.0) for site in rows], 1.0)
    for site in range(len(opened)):
        own = np.flatnonzero(allowed[site]).tolist()
        loads = [(columns[site, line], float(sites.load[line])) for line in own]
        model.at_most([*loads, (opened[site], -float(sites.capacity[site]))])
        for line in own:
            model.at_most([(columns[site, line], 1.0), (opened[site], -1.0)])
    model.at_most(enumerate(objective.tolist()), cutoff)
    solved = minimize(model, objective, nodes)
    if solved.values is None:
        return Served(NEVER, None, NEVER if solved.is_impossible else solved.bound)
    shares = np.zeros_like(sites.cost)
    shares[allowed] = np.rint(solved.values[len(opened) :])
    used = shares.any(axis=1)
    cost = float(sites.fixed[used].sum()) + float((sites.cost * shares).sum())
    return Served(cost, shares, min(solved.bound, cost))
