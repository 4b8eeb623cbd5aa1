"""Bring every kernel into memory: from the disk when it lies there, else by compiling it.

Kernels are reached through the few that ordinary code calls; their machine code holds that of all
others. A kernel is compiled once for each kind and layout of its arguments, so the orders here are
laid out in all the ways that orders are: several sources; one source with one band of freight; an
order that can only be served in part, because two sellers' minimums compete for one line.
"""

from typing import Any, cast

from numba.core.dispatcher import Dispatcher

from app.routing.freight import FREE_FREIGHT, Tariff
from app.routing.optimizer import branching, simplex, table
from app.routing.optimizer.branch_and_price import branch_and_price
from app.routing.problem import Limits, Line, Problem, Seller, Source, Supply

# What ordinary code calls.
ENTRANCES = tuple(
    cast("Dispatcher[Any]", kernel)
    for kernel in (
        table._pack,  # noqa: SLF001 - called by build_table
        simplex.begin,
        branching.settle_root,
        branching.search,
    )
)
_PARCEL = Tariff(((1_000, 5_000), (10_000, 20_000)))


def warm() -> None:
    """Decide three small orders."""
    for problem in (_several_sources(), _one_source(), _competing_minimums()):
        branch_and_price(problem, Limits(work=1_000))


def _several_sources() -> Problem:
    return Problem(
        lines=(Line(3, 700), Line(2, 4_000)),
        sellers=(Seller(), Seller(20_000)),
        sources=(Source(0, _PARCEL), Source(0, _PARCEL), Source(1, _PARCEL)),
        supplies=(
            Supply(0, 0, 2, 9_000, 9_000),
            Supply(0, 1, 2, 9_500, 9_500),
            Supply(0, 2, 3, 9_900, 9_900),
            Supply(1, 2, 2, 12_000, 12_000),
        ),
    )


def _one_source() -> Problem:
    return Problem(
        lines=(Line(2, 700),),
        sellers=(Seller(),),
        sources=(Source(0, FREE_FREIGHT),),
        supplies=(Supply(0, 0, 2, 9_000, 9_000),),
    )


def _competing_minimums() -> Problem:
    """Each seller needs two of the three units of the first line to reach its minimum."""
    return Problem(
        lines=(Line(3, 700), Line(1, 900), Line(1, 800)),
        sellers=(Seller(30_000), Seller(30_000)),
        sources=(Source(0, _PARCEL), Source(1, _PARCEL)),
        supplies=(
            Supply(0, 0, 3, 10_000, 10_000),
            Supply(0, 1, 3, 11_000, 11_000),
            Supply(1, 0, 1, 10_000, 10_000),
            Supply(2, 1, 1, 10_000, 10_000),
        ),
    )
