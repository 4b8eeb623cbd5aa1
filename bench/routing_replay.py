"""Replay a network's orders through the routing optimizer, in memory, one after the other.

Reads the network's CSV files, decides every order against the stock that the earlier orders left,
and prints how long the decisions took, what was proved and what the orders cost. Only the decision
is timed: gathering candidates is the database's work in the product.

    python bench/routing_replay.py PATH [--orders N] [--plan FILE] [--work N]
"""

import argparse
import csv
import gzip
import sys
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import groupby
from operator import itemgetter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from app.kernel.geometry import great_circle_km
from app.routing.check import check
from app.routing.freight import Tariff, TariffTable
from app.routing.problem import COST_SCALE, Limits, Line, Plan, Problem, Seller, Source
from app.routing.strategies import OptimalStrategy

BUCKETS = ((1, 10), (11, 20), (21, 40), (41, 10_000))
Place = tuple[float, float]


def read_rows(folder: Path, name: str) -> Iterator[dict[str, str]]:
    """Read a table of the network row by row."""
    with gzip.open(folder / f"{name}.csv.gz", "rt", encoding="utf-8") as stream:
        yield from csv.DictReader(stream)


def cost_units(amount: str) -> int:
    """Convert a decimal amount to cost units."""
    return round(float(amount) * 100) * COST_SCALE


def place_of(row: dict[str, str]) -> Place:
    """Read a row's coordinates."""
    return float(row["lat"]), float(row["lng"])


@dataclass
class Network:
    """The network in memory: what is fixed, and the stock that the replay consumes."""

    sellers: list[Seller]
    location_names: list[tuple[str, str]]
    location_sellers: list[int]
    places: list[Place]
    agreements: list[tuple[frozenset[str], frozenset[str]]]
    exclusive: dict[tuple[str, str], set[int]]
    tariffs: TariffTable
    products: dict[str, tuple[str, int]]
    buyers: dict[str, tuple[str, Place]]
    offers: dict[str, list[tuple[int, int, int]]]
    stock: dict[tuple[str, int], int]
    freight_cache: dict[str, list[Tariff | None]] = field(default_factory=dict)

    def may_sell(self, seller: int, category: str, state: str) -> bool:
        """Tell whether territory, assortment and exclusivity allow a sale."""
        states, categories = self.agreements[seller]
        holders = self.exclusive.get((state, category))
        return state in states and category in categories and (not holders or seller in holders)

    def tariffs_to(self, buyer: str) -> list[Tariff | None]:
        """Return the tariff from every location to a buyer."""
        if buyer not in self.freight_cache:
            place = self.buyers[buyer][1]
            distances = (great_circle_km(origin, place) for origin in self.places)
            self.freight_cache[buyer] = [self.tariffs.find_tariff(d) for d in distances]
        return self.freight_cache[buyer]


def load_network(folder: Path) -> Network:
    """Read the whole network but its orders."""
    agreement_rows = list(read_rows(folder, "agreements"))
    seller_ids = {row["seller"]: i for i, row in enumerate(agreement_rows)}
    locations = list(read_rows(folder, "locations"))
    location_ids = {row["location"]: i for i, row in enumerate(locations)}
    exclusive = defaultdict(set)
    for row in agreement_rows:
        if row["exclusive_state"]:
            exclusive[row["exclusive_state"], row["exclusive_category"]].add(
                seller_ids[row["seller"]]
            )
    return Network(
        sellers=[Seller(cost_units(row["minimum_order_brl"])) for row in agreement_rows],
        location_names=[(row["seller"], row["location"]) for row in locations],
        location_sellers=[seller_ids[row["seller"]] for row in locations],
        places=[place_of(row) for row in locations],
        agreements=[
            (frozenset(row["states"].split()), frozenset(row["categories"].split()))
            for row in agreement_rows
        ],
        exclusive=dict(exclusive),
        tariffs=TariffTable.from_rows(
            (float(r["distance_km_up_to"]), int(r["weight_g_up_to"]), cost_units(r["price_brl"]))
            for r in read_rows(folder, "freight")
        ),
        products={
            row["sku"]: (row["category"], int(row["weight_g"]))
            for row in read_rows(folder, "products")
        },
        buyers={row["buyer"]: (row["state"], place_of(row)) for row in read_rows(folder, "buyers")},
        offers=load_offers(folder, seller_ids, locations),
        stock={
            (row["sku"], location_ids[row["location"]]): int(row["on_hand"])
            for row in read_rows(folder, "stock")
        },
    )


def load_offers(
    folder: Path,
    seller_ids: dict[str, int],
    locations: list[dict[str, str]],
) -> dict[str, list[tuple[int, int, int]]]:
    """Return per variant (seller, location, unit price) in order of location."""
    locations_of = defaultdict(list)
    for position, row in enumerate(locations):
        locations_of[seller_ids[row["seller"]]].append(position)
    offers = defaultdict(list)
    for row in read_rows(folder, "offers"):
        seller, price = seller_ids[row["seller"]], cost_units(row["unit_price_brl"])
        offers[row["sku"]] += [(seller, location, price) for location in locations_of[seller]]
    return {sku: sorted(rows, key=itemgetter(1)) for sku, rows in offers.items()}


@dataclass(frozen=True)
class Order:
    """An order of the replay: who wants what."""

    name: str
    buyer: str
    lines: list[tuple[str, int]]


def load_orders(folder: Path) -> list[Order]:
    """Read the orders in time order; a variant ordered twice is one line."""
    wanted = {
        name: merge_lines(rows)
        for name, rows in groupby(read_rows(folder, "order_lines"), key=itemgetter("order"))
    }
    rows = sorted(read_rows(folder, "orders"), key=itemgetter("ordered_at"))
    return [Order(row["order"], row["buyer"], wanted[row["order"]]) for row in rows]


def merge_lines(rows: Iterator[dict[str, str]]) -> list[tuple[str, int]]:
    """Sum the quantities per variant."""
    quantities: dict[str, int] = defaultdict(int)
    for row in rows:
        quantities[row["sku"]] += int(row["quantity"])
    return list(quantities.items())


@dataclass(frozen=True)
class Case:
    """An order as a routing problem, with the way back to the network's locations."""

    order: Order
    problem: Problem
    locations: list[int]


def build_case(network: Network, order: Order) -> Case:
    """Gather the eligible supplies of an order at the stock of this moment."""
    state = network.buyers[order.buyer][0]
    tariffs = network.tariffs_to(order.buyer)
    lines, supplies, positions = [], [], {}
    for position, (sku, quantity) in enumerate(order.lines):
        category, weight_g = network.products[sku]
        lines.append(Line(quantity, weight_g))
        for seller, location, price in network.offers.get(sku, ()):
            available = network.stock.get((sku, location), 0)
            tariff = tariffs[location]
            if available and tariff and network.may_sell(seller, category, state):
                source = positions.setdefault(location, len(positions))
                supplies.append((position, source, available, price, price))
    sources = [
        Source(network.location_sellers[location], tariff)
        for location in positions
        if (tariff := tariffs[location])
    ]
    return Case(order, Problem(lines, network.sellers, sources, supplies), list(positions))


def reserve(network: Network, case: Case, plan: Plan) -> None:
    """Take the plan's quantities out of the stock."""
    for line, source, quantity in plan.allocations:
        network.stock[case.order.lines[line][0], case.locations[source]] -= quantity


def goods_of(case: Case, plan: Plan) -> int:
    """Sum the goods' prices of a plan."""
    prices = {(line, source): price for line, source, _, price, _ in case.problem.supplies}
    return sum(prices[a.line, a.source] * a.quantity for a in plan.allocations)


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

    def report(self) -> Iterator[str]:
        """Tell the figures line by line."""
        for (least, most), spent in self.seconds.items():
            name = f"{least}-{most}" if most < BUCKETS[-1][1] else f"{least}+"
            yield f"lines {name:6} n={len(spent):6} {percentiles(spent)}"
        every = [second for spent in self.seconds.values() for second in spent]
        yield f"all          n={len(every):6} {percentiles(every)}"
        for method, spent in sorted(self.methods.items()):
            yield f"  {method:16} n={len(spent):6} {percentiles(spent)}"
        yield f"orders/s {len(every) / sum(every):.1f} (decisions only, one core)"
        gaps, count = sorted(self.gaps), max(1, self.orders)
        limits = 0.001, 0.005, 0.01
        within = {limit: sum(gap <= limit for gap in gaps) / count for limit in limits}
        yield f"proved optimal {self.optimal / count:.2%}"
        yield "bound within " + ", ".join(f"{k:.1%}: {v:.2%}" for k, v in within.items())
        yield f"worse than 1 %: {1 - within[0.01]:.2%}, worst gap {gaps[-1]:.3%}"
        freight = self.cost - self.goods
        yield (
            f"goods {self.goods / COST_SCALE / 100:,.2f} freight {freight / COST_SCALE / 100:,.2f} "
            f"total {self.cost / COST_SCALE / 100:,.2f}"
        )
        yield f"units {self.units:,} of {self.wanted:,} wanted"


def percentiles(seconds: list[float]) -> str:
    """Describe durations in milliseconds."""
    if not seconds:
        return "-"
    ranked = sorted(seconds)
    middle, high = ranked[len(ranked) // 2], ranked[min(len(ranked) - 1, len(ranked) * 99 // 100)]
    mean = sum(ranked) / len(ranked)
    return (
        f"mean {mean * 1e3:7.2f} ms  p50 {middle * 1e3:7.2f}  p99 {high * 1e3:8.2f}  "
        f"max {ranked[-1] * 1e3:8.2f}"
    )


def replay(
    network: Network, orders: list[Order], limits: Limits
) -> Iterator[tuple[Case, Plan, float]]:
    """Decide and reserve the orders one after the other."""
    strategy = OptimalStrategy()
    for order in orders:
        case = build_case(network, order)
        began = time.perf_counter()
        plan = strategy.plan(case.problem, limits)
        seconds = time.perf_counter() - began
        violations = check(case.problem, plan)
        if violations:
            raise SystemExit(f"order {order.name}: {violations}")
        reserve(network, case, plan)
        yield case, plan, seconds


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
    return parser.parse_args()


def main() -> None:
    """Replay, show progress, report."""
    arguments = parse_arguments()
    network, orders = load_network(arguments.folder), load_orders(arguments.folder)
    tally, rows = Tally(), [("order", "seller", "location", "sku", "quantity")]
    limits = Limits(work=arguments.work)
    for case, plan, seconds in replay(network, orders[: arguments.orders], limits):
        tally.add(case, plan, seconds)
        if arguments.plan:
            rows += plan_rows(network, case, plan)
        if tally.orders % 100 == 0:
            print(f"\r{tally.orders} orders, {tally.optimal} optimal", end="", file=sys.stderr)
    print(file=sys.stderr)
    print("\n".join(tally.report()))
    if arguments.plan:
        with arguments.plan.open("w", newline="", encoding="utf-8") as stream:
            csv.writer(stream).writerows(rows)


if __name__ == "__main__":
    main()
