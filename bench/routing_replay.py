"""Replay a network's orders through the routing optimizer, in memory, one after the other.

Reads the network's CSV files, decides every order against the stock that the earlier orders left,
and prints how long the decisions took, what was proved and what the orders cost. Only the decision
is timed, in processor time: gathering candidates is the database's work in the product.

    python bench/routing_replay.py PATH [--orders N] [--plan FILE] [--work N] [--baselines] [--json]

With baselines each simple strategy replays the same orders against stock of its own, and its total
cost is printed as a ratio to the optimizer's, over the orders that both serve as far. Orders are
decided one after the other, since each finds what those before it left: one process does it.
"""

import argparse
import csv
import json
import sys
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from app.routing.check import check
from app.routing.problem import (
    COST_SCALE,
    Limits,
    Plan,
    Strategy,
)
from app.routing.strategies import OptimalStrategy, find_strategy
from bench.network import (
    Case,
    Network,
    Order,
    build_case,
    goods_of,
    load_network,
    load_orders,
    reserve,
)

BUCKETS = ((1, 10), (11, 20), (21, 40), (41, 10_000))
BASELINES = {
    "cheapest_single": "cheapest single seller first",
    "fewest_sellers": "fewest sellers first",
    "greedy": "priority first",
}
WITHIN = {"0.1%": 0.001, "0.5%": 0.005, "1%": 0.01}


@dataclass
class Tally:
    """What the replay measured."""

    seconds: dict[tuple[int, int], list[float]] = field(
        default_factory=lambda: {bucket: [] for bucket in BUCKETS}
    )
    gaps: list[float] = field(default_factory=list)
    methods: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    optimal: int = 0
    orders: int = 0
    goods: int = 0
    cost: int = 0
    units: int = 0
    wanted: int = 0

    def add(self, case: Case, plan: Plan, seconds: float) -> None:
        """Count one decided order."""
        lines = len(case.problem.lines)
        next(spent for (_, most), spent in self.seconds.items() if lines <= most).append(seconds)
        self.methods[plan.method].append(seconds)
        self.gaps.append((plan.cost - plan.bound) / max(1, plan.cost))
        self.optimal += plan.proof == "optimal"
        self.orders += 1
        self.goods += goods_of(case, plan)
        self.cost += plan.cost
        self.units += plan.units
        self.wanted += sum(line.quantity for line in case.problem.lines)

    def figures(self) -> dict[str, Any]:
        """All that was measured: shares of orders, milliseconds, money in the minor unit."""
        every = [second for spent in self.seconds.values() for second in spent]
        count = max(1, self.orders)
        return {
            "orders": self.orders,
            "orders_per_s": round(len(every) / max(1e-9, sum(every)), 1),
            "proved": self.optimal / count,
            "within": {
                name: sum(gap <= limit for gap in self.gaps) / count
                for name, limit in WITHIN.items()
            },
            "worst_gap": max(self.gaps, default=0.0),
            "lines": {bucket_name(bucket): spread(spent) for bucket, spent in self.seconds.items()},
            "all": spread(every),
            "methods": {name: spread(spent) for name, spent in sorted(self.methods.items())},
            "goods": self.goods // COST_SCALE,
            "freight": (self.cost - self.goods) // COST_SCALE,
            "cost": self.cost // COST_SCALE,
            "units": self.units,
            "units_wanted": self.wanted,
        }


def bucket_name(bucket: tuple[int, int]) -> str:
    """Name orders of so many lines."""
    least, most = bucket
    return f"{least}-{most}" if most < BUCKETS[-1][1] else f"{least}+"


def spread(seconds: list[float]) -> dict[str, float]:
    """Describe durations, in milliseconds."""
    if not seconds:
        return {"n": 0}
    ranked = sorted(second * 1e3 for second in seconds)
    return {
        "n": len(ranked),
        "mean": round(sum(ranked) / len(ranked), 2),
        "p50": round(ranked[len(ranked) // 2], 2),
        "p99": round(ranked[min(len(ranked) - 1, len(ranked) * 99 // 100)], 2),
        "max": round(ranked[-1], 2),
    }


def table(found: dict[str, Any]) -> Iterator[str]:
    """Tell the figures line by line."""
    yield f"{'milliseconds':<24}{'n':>8}{'mean':>10}{'p50':>10}{'p99':>10}{'max':>10}"
    rows = {f"lines {name}": row for name, row in found["lines"].items()} | {"all": found["all"]}
    rows |= {f"by {name}": row for name, row in found["methods"].items()}
    for name, row in rows.items():
        cells = "".join(f"{row.get(key, '-'):>10}" for key in ("mean", "p50", "p99", "max"))
        yield f"{name:<24}{row['n']:>8}{cells}"
    yield f"orders/s                {found['orders_per_s']} (decisions alone, one core)"
    yield f"proved optimal          {found['proved']:.2%}"
    yield from (f"bound within {name:<11}{share:.2%}" for name, share in found["within"].items())
    yield f"worst gap               {found['worst_gap']:.3%}"
    yield f"units                   {found['units']:,} of {found['units_wanted']:,}"
    yield (
        f"goods + freight         {found['goods'] / 100:,.2f} + {found['freight'] / 100:,.2f}"
        f" = {found['cost'] / 100:,.2f}"
    )
    for other in found["baselines"]:
        yield (
            f"{BASELINES[other['strategy']]:<30}{other['cost_ratio']:.4f} x the cost of the "
            f"{other['like_orders']:,} orders that both serve as far; {other['units']:,} units for "
            f"{other['cost'] / 100:,.2f}; p99 {other['ms']['p99']:.2f} ms"
        )


def decide(
    network: Network, order: Order, strategy: Strategy, limits: Limits
) -> tuple[Case, Plan, float]:
    """Decide an order and reserve what its plan takes."""
    case = build_case(network, order)
    began = time.process_time()
    plan = strategy.plan(case.problem, limits)
    seconds = time.process_time() - began
    violations = check(case.problem, plan)
    if violations:
        raise SystemExit(f"order {order.name}: {violations}")
    reserve(network, case, plan)
    return case, plan, seconds


def replay(
    network: Network, orders: list[Order], limits: Limits
) -> Iterator[tuple[Case, Plan, float]]:
    """Decide and reserve the orders one after the other."""
    strategy = OptimalStrategy()
    for order in orders:
        yield decide(network, order, strategy, limits)


@dataclass
class Beside:
    """A baseline that replays the same orders, with stock of its own."""

    name: str
    network: Network
    cost: int = 0
    units: int = 0
    like_orders: int = 0
    like_cost: int = 0
    like_best: int = 0
    seconds: list[float] = field(default_factory=list)

    def step(self, order: Order, best: Plan, limits: Limits) -> None:
        """Decide another order, and set it beside the optimizer's plan."""
        _, plan, seconds = decide(self.network, order, find_strategy(self.name), limits)
        self.seconds.append(seconds)
        self.cost += plan.cost
        self.units += plan.units
        if plan.units == best.units:
            self.like_orders += 1
            self.like_cost += plan.cost
            self.like_best += best.cost

    def figures(self) -> dict[str, Any]:
        """Its cost as a ratio, over how many orders; and what it serves in all."""
        return {
            "strategy": self.name,
            "cost_ratio": round(self.like_cost / max(1, self.like_best), 4),
            "like_orders": self.like_orders,
            "units": self.units,
            "cost": self.cost // COST_SCALE,
            "ms": spread(self.seconds),
        }


def beside(network: Network) -> list[Beside]:
    """Every baseline at the beginning."""
    return [Beside(name, replace(network, stock=dict(network.stock))) for name in BASELINES]


def plan_rows(network: Network, case: Case, plan: Plan) -> Iterator[tuple[str, str, str, str, int]]:
    """Name a plan's allocations as rows of order, seller, location, sku, quantity."""
    for line, source, quantity in plan.allocations:
        seller, location = network.location_names[case.locations[source]]
        yield case.order.name, seller, location, case.order.lines[line][0], quantity


def parse_arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path, help="folder of the network's CSV files")
    parser.add_argument("--orders", type=int, default=None, help="replay only the first orders")
    parser.add_argument("--plan", type=Path, default=None, help="write the plans to a CSV file")
    parser.add_argument("--work", type=int, default=Limits().work, help="work limit per order")
    parser.add_argument("--baselines", action="store_true", help="replay simple ones beside it")
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    return parser.parse_args()


def main() -> None:
    """Replay, show progress, report."""
    arguments = parse_arguments()
    network, orders = load_network(arguments.folder), load_orders(arguments.folder)
    tally, rows = Tally(), [("order", "seller", "location", "sku", "quantity")]
    limits = Limits(work=arguments.work)
    others = beside(network) if arguments.baselines else []
    for case, plan, seconds in replay(network, orders[: arguments.orders], limits):
        tally.add(case, plan, seconds)
        for other in others:
            other.step(case.order, plan, limits)
        if arguments.plan:
            rows += plan_rows(network, case, plan)
        if tally.orders % 100 == 0:
            print(f"\r{tally.orders} orders, {tally.optimal} optimal", end="", file=sys.stderr)
    print(file=sys.stderr)
    found = tally.figures() | {"baselines": [other.figures() for other in others]}
    print(json.dumps(found, indent=1) if arguments.json else "\n".join(table(found)))
    if arguments.plan:
        with arguments.plan.open("w", newline="", encoding="utf-8") as stream:
            csv.writer(stream).writerows(rows)


if __name__ == "__main__":
    main()
