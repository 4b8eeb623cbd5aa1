"""The cheapest way to serve an order from sites that are open already.

Shares without capacities go where they are cheapest. With them it is a transport problem, which
HiGHS solves as a linear programme; whole lines make it an assignment of integers.
"""

import highspy
import numpy as np

from app.routing.exact.model import Model, as_highs, make_solver, minimize
from app.routing.exact.sites import Flags, Floats, Sites

NEVER = float("inf")


def serve(sites: Sites, opened: Flags, nodes: int) -> tuple[float, Floats | None]:
    """What serving from the open sites costs, theirs included, and the shares by site and line.

    Infinite when they cannot hold the order.
    """
    rows = np.flatnonzero(opened)
    part = sites.with_only(opened)
    if not len(rows) or part.capacity.sum() < sites.load.sum() - 1e-6:
        return NEVER, None
    fixed = float(sites.fixed[opened].sum())
    shares = _nearest(part)
    if not _holds(part, shares):
        found = _assigned(part, nodes) if sites.is_whole else _transported(part)
        if found is None:
            return NEVER, None
        shares = found
    whole = np.zeros_like(sites.cost)
    whole[rows] = shares
    return fixed + float((part.cost * shares).sum()), whole


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
    served = np.abs(shares.sum(axis=0) - 1.0) < 1e-9
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


def _assigned(sites: Sites, nodes: int) -> Floats | None:
    """Whole lines."""
    solved = minimize(_rows(sites, is_continuous=False), sites.cost.ravel(), nodes)
    return None if solved.values is None else np.rint(solved.values).reshape(sites.cost.shape)


def _transported(sites: Sites) -> Floats | None:
    """Shares: a linear programme, whose corners are whole units."""
    scale = 1e4 / max(1.0, float(sites.cost.max()))
    solver = make_solver(0)
    solver.passModel(as_highs(_rows(sites, is_continuous=True), sites.cost.ravel() * scale))
    solver.run()
    if solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
        return None
    return np.array(solver.getSolution().col_value).reshape(sites.cost.shape)
