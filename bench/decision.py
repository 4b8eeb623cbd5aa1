"""``python -m bench decision``: how long one decision takes, how good it is, and what rules cost.

Orders are drawn by a fixed seed: sellers around a buyer, most offer a part of what is wanted, some
of it short. Three kinds: *fixed* (a delivery costs once, by distance), *parcels* (freight by
weight, minimums) and *whole* (lines are not cut, three sellers at most). Times are the processor's
for the whole of `plan`, from the problem to the plan, in this process.
"""

import random
import time
from collections.abc import Sequence
from statistics import mean, quantiles

from app.routing.check import check
from app.routing.exact.stages import settle
from app.routing.exact.walk import walk
from app.routing.freight import FREE_FREIGHT, Tariff
from app.routing.problem import Limits, Line, Plan, Problem, Seller, Source, Supply
from app.routing.strategies import OptimalStrategy, find_strategy
from app.routing.strategies.walking import by_most

SIZES = ((1, 20), (3, 50), (5, 50), (10, 50), (12, 100), (20, 50), (60, 100))
KINDS = ("fixed", "parcels", "whole")
BASELINES = ("cheapest_single", "greedy")
LARGEST_MODEL = 500
MODEL_NODES = 20_000


def draw_order(kind: str, lines: int, sources: int, seed: int) -> Problem:
    """Draw an order: a source is a seller's only one, or one of two where freight is by weight."""
    draw = random.Random(f"{kind} {lines} {sources} {seed}")
    wanted = [
        Line(draw.randint(1, 12), draw.randint(200, 6_000), kind == "whole") for _ in range(lines)
    ]
    base = [draw.randint(500, 20_000) * 1_000 for _ in range(lines)]
    zones = [draw.randint(1, 8) for _ in range(sources)]
    of = [no // 2 if kind == "parcels" else no for no in range(sources)]
    sellers = [
        Seller(draw.choice((0, 0, 20_000_000)) if kind == "parcels" else 0, rank=draw.randint(0, 3))
        for _ in range(max(of) + 1)
    ]
    places = [
        Source(of[no], _tariff(zone), 1_000_000)
        if kind == "parcels"
        else Source(of[no], FREE_FREIGHT, (400 + 200 * zone) * 1_000)
        for no, zone in enumerate(zones)
    ]
    supplies = [
        Supply(
            line,
            source,
            draw.randint(1, wanted[line].quantity) if draw.random() < 0.25 else 99,
            round(base[line] * draw.gauss(1.0, 0.06)),
            base[line],
        )
        for source in range(sources)
        for line in range(lines)
        if draw.random() < 0.35
    ]
    return Problem(wanted, sellers, places, supplies, most_sellers=3 if kind == "whole" else None)


def _tariff(zone: int) -> Tariff:
    bands = ((2_000, 450), (5_000, 600), (10_000, 800), (31_000, 1_200))
    return Tariff(tuple((grams, price * (9 + zone) * 100) for grams, price in bands))


def run(*, orders: int, kinds: Sequence[str] = KINDS) -> int:
    """Print a row for each kind and size."""
    print(f"{'kind':<9}{'lines x sources':>16}{'p50 ms':>9}{'p99 ms':>9}{'proved':>8}"
          f"{'<= 0.5 %':>9}{'worst gap':>10}{'over model':>11}"
          + "".join(f"{name:>17}" for name in BASELINES))  # fmt: skip
    for kind in kinds:
        for lines, sources in SIZES:
            few = max(10, orders // max(1, lines // 10))
            _row(kind, lines, sources, few)
    return 0


def _row(kind: str, lines: int, sources: int, orders: int) -> None:
    strategy, limits = OptimalStrategy(), Limits()
    strategy.plan(draw_order(kind, lines, sources, -1), limits)
    took, plans, problems = [], [], []
    for seed in range(orders):
        problem = draw_order(kind, lines, sources, seed)
        started = time.process_time()
        plan = strategy.plan(problem, limits)
        took.append((time.process_time() - started) * 1000)
        assert not check(problem, plan)
        plans.append(plan)
        problems.append(problem)
    cuts = quantiles(took, n=100)
    gaps = [(plan.cost - plan.bound) / max(1, plan.cost) for plan in plans]
    proved = mean(plan.proof == "optimal" for plan in plans)
    near = mean(gap <= 0.005 for gap in gaps)
    ratios = [_ratio(name, problems, plans) for name in BASELINES]
    print(f"{kind:<9}{f'{lines} x {sources}':>16}{cuts[49]:>9.2f}{cuts[98]:>9.2f}{proved:>8.0%}"
          f"{near:>9.0%}{max(gaps):>10.2%}{_over_model(problems, plans):>11}"
          + "".join(f"{ratio:>17.3f}" for ratio in ratios), flush=True)  # fmt: skip


def _ratio(name: str, problems: Sequence[Problem], plans: Sequence[Plan]) -> float:
    """What a baseline's plans cost, for orders that it serves as far."""
    strategy = find_strategy(name)
    others = [strategy.plan(problem, Limits()) for problem in problems]
    pairs = [(a.cost, b.cost) for a, b in zip(others, plans, strict=True) if a.units == b.units]
    return sum(a for a, _ in pairs) / sum(b for _, b in pairs) if pairs else float("nan")


def _over_model(problems: Sequence[Problem], plans: Sequence[Plan]) -> str:
    """How far above the integer programme's optimum the plans are, where it finds one soon."""
    above = []
    for problem, plan in list(zip(problems, plans, strict=True))[:10]:
        if len(problem.supplies) > LARGEST_MODEL:
            return "-"
        other = settle(problem, tuple(walk(problem, by_most)), MODEL_NODES)
        if other.proof == "optimal" and other.units == plan.units:
            assert plan.bound <= other.cost
            above.append(plan.cost / max(1, other.cost) - 1)
    return f"{mean(above):.3%}" if above else "-"
