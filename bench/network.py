"""A network's files in memory: its orders as routing problems, against what stock is left."""

import csv
import gzip
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import groupby
from operator import itemgetter
from pathlib import Path

from app.kernel.geometry import great_circle_km
from app.routing.freight import Tariff, TariffTable
from app.routing.problem import COST_SCALE, Line, Plan, Problem, Seller, Source

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
