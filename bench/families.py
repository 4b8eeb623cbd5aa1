"""``python -m bench families``: location instances made up after the published families.

Drawn so that sizes, ratios of capacity to demand and optima are like the published ones.
*OR-Library's large ones* (100 x 1000, split): points in a square of a thousand, demands up to a
hundred, costs of distance by demand, one capacity for all. *Holmberg and others* (single source):
points in a square, costs of distance alone, demands of 10 to 50, capacities and fixed costs drawn
or all alike. Written as files of the families' layouts, read and solved. Times are the processor's.
"""

import math
import random
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from app.routing import instances
from app.routing.problem import Limits
from app.routing.strategies import OptimalStrategy

Range = tuple[int, int]


class Drawn(NamedTuple):
    """An instance: costs are of whole demands, site by site."""

    capacity: list[int]
    fixed: list[int]
    demand: list[int]
    cost: list[list[float]]


class Family(NamedTuple):
    """How an instance is drawn, by its seed, and written."""

    name: str
    draw: Callable[[int], Drawn]
    write: Callable[[Drawn], str]


def single_source(
    seed: int, sites: int, lines: int, capacity: Range, fixed: Range, factor: int
) -> Drawn:
    """After Holmberg, Ronnqvist and Yuan."""
    dice = random.Random(seed)
    places, customers = _points(dice, sites, (10, 200)), _points(dice, lines, (10, 200))
    demand = [dice.randint(10, 50) for _ in range(lines)]
    return Drawn(
        [dice.randint(*capacity) for _ in range(sites)],
        [dice.randint(*fixed) for _ in range(sites)],
        demand,
        [[round(factor * math.dist(place, each)) for each in customers] for place in places],
    )


def large(seed: int, capacity: int, fixed: int) -> Drawn:
    """After OR-Library's capa, capb and capc."""
    dice = random.Random(seed)
    places, customers = _points(dice, 100, (0, 1000)), _points(dice, 1000, (0, 1000))
    demand = [dice.randint(1, 100) for _ in customers]
    return Drawn(
        [capacity] * len(places),
        [round(fixed * dice.uniform(0.75, 1.25)) for _ in places],
        demand,
        [
            [round(math.dist(place, each) * wanted, 5)
             for each, wanted in zip(customers, demand, strict=True)]
            for place in places
        ],
    )  # fmt: skip


def _points(dice: random.Random, count: int, within: Range) -> list[tuple[float, float]]:
    return [(dice.uniform(*within), dice.uniform(*within)) for _ in range(count)]


def by_customer(drawn: Drawn) -> str:
    """Demands alone on their lines, costs seven to a line."""
    rows = [f" {len(drawn.fixed)} {len(drawn.demand)} "]
    rows += [f" {c} {f}. " for c, f in zip(drawn.capacity, drawn.fixed, strict=True)]
    for line, wanted in enumerate(drawn.demand):
        rows += [f" {wanted} ", *_broken([f"{own[line]:.5f}" for own in drawn.cost], 7)]
    return "\n".join(rows)


def by_facility(drawn: Drawn) -> str:
    """All demands, then costs site by site, ten to a line."""
    rows = [f"{len(drawn.fixed)} {len(drawn.demand)}"]
    rows += [f"{c} {f}" for c, f in zip(drawn.capacity, drawn.fixed, strict=True)]
    rows += _broken([f"{wanted:5d}." for wanted in drawn.demand], 10)
    return "\n".join([*rows, *_broken([f"{c:5.0f}." for own in drawn.cost for c in own], 10)])


def _broken(words: Sequence[str], width: int) -> list[str]:
    return [" ".join(words[at : at + width]) for at in range(0, len(words), width)]


def _single(sites: int, lines: int, capacity: Range, fixed: Range, factor: int) -> Family:
    name = f"{sites}x{lines} {capacity[0]}-{capacity[1]} {fixed[0]}-{fixed[1]}"
    return Family(
        name, lambda s: single_source(s, sites, lines, capacity, fixed, factor), by_facility
    )


def _large(name: str, capacity: int, fixed: int) -> Family:
    return Family(f"{name} {capacity}", lambda seed: large(seed, capacity, fixed), by_customer)


FAMILIES = (
    *(_single(20, 50, room, (300, 600), 4) for room in ((100, 400), (200, 200))),
    *(_single(30, 150, (room, room), (500, 500), 3) for room in (450, 900)),
    _single(30, 150, (300, 800), (300, 700), 3),
    _single(10, 90, (200, 400), (200, 800), 4),
    _single(30, 70, (200, 400), (200, 800), 4),
    *(_single(30, 200, (400, 400), (cost, cost), 4) for cost in (500, 1500)),
    _single(30, 200, (600, 600), (800, 800), 4),
    _single(30, 200, (300, 700), (500, 1500), 4),
    *(_large("capa", room, 1_600_000) for room in (8_000, 14_000)),
    *(_large("capb", room, 700_000) for room in (5_000, 8_000)),
    *(_large("capc", room, 480_000) for room in (5_000, 7_250)),
)


def run(*, seconds: int, seeds: int, only: str) -> int:
    """Solve some of each family; returns how many are not proved, at most 1."""
    print(f"{'family':<28}{'seed':>5}{'objective':>18}{'gap %':>9}{'proof':>10}{'open':>6}"
          f"{'CPU s':>9}")  # fmt: skip
    unproved = 0
    for family in FAMILIES:
        for seed in range(seeds) if family.name.startswith(only) else ():
            unproved += not _solve(family, seed, seconds)
    print("all proved" if not unproved else f"{unproved} not proved")
    return min(1, unproved)


def _solve(family: Family, seed: int, seconds: int) -> bool:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "made.txt"
        path.write_text(family.write(family.draw(seed)), encoding="ascii")
        read = instances.read(path)
    posed = instances.pose(read, read.usual_kind)
    started = time.process_time()
    plan = OptimalStrategy().plan(posed.problem, Limits(seconds * 1_000_000))
    took = time.process_time() - started
    told = instances.answer(read, posed, plan)
    opened = len({row.source for row in plan.allocations})
    print(f"{family.name:<28}{seed:>5}{float(told.objective):>18.3f}{100 * told.gap:>9.4f}"
          f"{plan.proof:>10}{opened:>6}{took:>9.2f}")  # fmt: skip
    sys.stdout.flush()
    return plan.proof == "optimal"
