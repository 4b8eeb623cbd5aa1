"""``flask routing solve-instance``: published location instances, ours beside the optimum."""

import sys
import time
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import click

from app.cli.console import console, errors, following
from app.routing import instances, published
from app.routing.problem import Limits, Progress, Strategy
from app.routing.strategies import DEFAULT, NoSuchStrategy, find_strategy

Told = dict[str, Any]


class _NoPlanError(Exception):
    """Nobody knows how to serve every customer."""


@click.command("solve-instance")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--problem", "kind", type=click.Choice(instances.KINDS),
    help="What to solve; by default what files of this layout are published for.",
)  # fmt: skip
@click.option(
    "--capacity", type=click.IntRange(min=1),
    help="Stands for the word in the file; by default all that optima are published for.",
)  # fmt: skip
@click.option(
    "--limit", type=click.IntRange(min=0), default=600, show_default=True,
    help="How hard to try: seconds or so, counted in work that is the same on every machine.",
)  # fmt: skip
@click.option("--strategy", default=DEFAULT, show_default=True, help="Who decides.")
@click.option("--json", "as_json", is_flag=True, help="Told as JSON.")
def solve_instance(
    *,
    file: Path,
    kind: instances.Kind | None,
    capacity: int | None,
    limit: int,
    strategy: str,
    as_json: bool,
) -> None:
    """Solve a published facility location FILE, plain or gzipped, as an order to route.

    Prints objective, bound, gap, proof and time, and the published optimum where an optima.csv lies
    beside the file; how far a long search is goes to standard error.
    """
    answers = []
    try:
        decider = find_strategy(strategy)
        table = _table_beside(file)
        for each in [capacity] if capacity else published.capacities_of(file, table):
            read = instances.read(file, each)
            told = _solve(read, kind or read.usual_kind, decider, limit)
            answers.append(_beside(told, table, file, each))
            if not as_json:
                _print(answers[-1])
    except (NoSuchStrategy, instances.UnreadableInstance) as error:
        errors().print(str(error), soft_wrap=True)
        sys.exit(2)
    except _NoPlanError:
        errors().print("No plan that serves every customer was found.")
        sys.exit(1)
    if as_json:
        console().print_json(data=answers[0] if len(answers) == 1 else answers)


def _table_beside(file: Path) -> list[published.Published]:
    """What is published; a table that cannot be read is told, and done without."""
    try:
        return published.read_table(file.resolve().parent)
    except instances.UnreadableInstance as error:
        errors().print(f"{error}: nothing to compare with", soft_wrap=True)
        return []


def _solve(read: instances.Instance, kind: instances.Kind, decider: Strategy, limit: int) -> Told:
    """Decide an instance, and tell what is known of it."""
    posed = instances.pose(read, kind)
    started = time.perf_counter()
    with following("solving") as tell:
        plan = decider.plan(posed.problem, Limits(limit * 1_000_000, _watch(tell, posed.scale)))
    took = time.perf_counter() - started
    if plan.units < sum(line.quantity for line in posed.problem.lines):
        raise _NoPlanError
    answer = instances.answer(read, posed, plan)
    return {
        "problem": kind,
        "scale": posed.scale,
        "customers": len(read.demand),
        "facilities": len(read.fixed),
        "used": len({row.source for row in plan.allocations}),
        "objective": float(answer.objective),
        "bound": float(answer.bound),
        "gap": answer.gap,
        "proof": plan.proof,
        "method": plan.method,
        "seconds": round(took, 3),
    }


def _watch(tell: Callable[[str], None], scale: int) -> Callable[[Progress], None]:
    """Say how far a search is, in the instance's own numbers."""

    def watch(at: Progress) -> None:
        bound = max(0.0, at.bound)
        best, gap = "no plan yet", ""
        if at.cost < float("inf"):
            best = f"best {at.cost / scale:,.3f}"
            gap = f", gap {100 * (at.cost - bound) / at.cost:.3f} %" if at.cost else ""
        tell(f"{best}, bound {bound / scale:,.3f}{gap}, {100 * at.done:.0f} % of the limit")

    return watch


def _beside(told: Told, table: list[published.Published], file: Path, capacity: int | None) -> Told:
    """Put the published optimum beside ours."""
    row = published.find(table, file, told["problem"], capacity)
    return {
        "instance": row.instance if row else file.name.partition(".")[0],
        "capacity": capacity,
        **told,
        "published": float(row.optimum) if row else None,
        "agrees": row.agrees_with(Decimal(told["objective"])) if row else None,
    }


def _print(told: Told) -> None:
    """Tell it in lines."""
    out = console()
    capacity = f", capacity {told['capacity']}" if told["capacity"] else ""
    out.print(f"instance   {told['instance']}{capacity}")
    out.print(f"problem    {told['problem']}, costs in 1/{told['scale']}")
    out.print(
        "size       {customers} customers, {facilities} facilities, {used} used".format(**told)
    )
    out.print(f"objective  {told['objective']:.4f}")
    out.print(f"bound      {told['bound']:.4f}")
    out.print(f"gap        {100 * told['gap']:.4f} %")
    if told["published"] is not None:
        verdict = "the same" if told["agrees"] else f"ours {_beyond(told):+.4f} %"
        out.print(f"published  {told['published']:.4f} ({verdict})")
    out.print(f"proof      {told['proof']} ({told['method']})")
    out.print(f"time       {told['seconds']:.2f} s")


def _beyond(told: Told) -> float:
    """How far ours lies above what is published, in per cent."""
    optimum = float(told["published"])
    return 100.0 * (float(told["objective"]) - optimum) / optimum if optimum else 0.0
