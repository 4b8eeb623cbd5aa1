"""Checks a replay's plan against the network's files, with code of its own.

    python -m tests.support.plan_check DIR PLAN

Reads ``PLAN`` and ``PLAN.consignments.csv`` as ``flask network replay --plan`` writes them and
proves for every order: each unit was wanted, comes from a seller whose agreement covers the
buyer's state and the product's category and that no exclusivity shuts out, at that seller's price,
from stock that was there at that moment; each seller's goods reach its minimum; each location
sends one consignment of the right weight at the right freight. Prints every violation and the
totals; exits 1 when there is any. Shares no code with the product.
"""

import csv
import gzip
import math
import sys
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

PARCEL_G = 30_000
EARTH_KM = 6371.0088


def rows_of(folder: Path, name: str) -> Iterator[dict[str, str]]:
    with gzip.open(folder / f"{name}.csv.gz", "rt", encoding="utf-8", newline="") as stream:
        yield from csv.DictReader(stream)


def cents(text: str) -> int:
    exact = Decimal(text) * 100
    if exact != int(exact):
        raise ValueError(f"{text} is not a whole number of cents")
    return int(exact)


@dataclass
class Files:
    """The network as the files tell it."""

    category: dict[str, str]
    weight: dict[str, int]
    price: dict[tuple[str, str], int]
    stock: dict[tuple[str, str], int]
    seller_of: dict[str, str]
    place: dict[str, tuple[float, float]]
    agreements: dict[str, dict[str, str]]
    exclusive: dict[tuple[str, str], set[str]]
    freight: list[tuple[int, int, int]]
    buyers: dict[str, dict[str, str]]
    orders: list[dict[str, str]]
    wanted: dict[str, dict[str, int]]

    @classmethod
    def read(cls, folder: Path) -> "Files":
        exclusive: dict[tuple[str, str], set[str]] = defaultdict(set)
        agreements = {row["seller"]: row for row in rows_of(folder, "agreements")}
        for seller, row in agreements.items():
            if row["exclusive_state"]:
                exclusive[row["exclusive_state"], row["exclusive_category"]].add(seller)
        wanted: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
        for row in rows_of(folder, "order_lines"):
            wanted[row["order"]][row["sku"]] += int(row["quantity"])
        locations = list(rows_of(folder, "locations"))
        products = list(rows_of(folder, "products"))
        offers = list(rows_of(folder, "offers"))
        return cls(
            category={row["sku"]: row["category"] for row in products},
            weight={row["sku"]: int(row["weight_g"]) for row in products},
            price={(row["seller"], row["sku"]): cents(row["unit_price_brl"]) for row in offers},
            stock={
                (row["location"], row["sku"]): int(row["on_hand"])
                for row in rows_of(folder, "stock")
            },
            seller_of={row["location"]: row["seller"] for row in locations},
            place={row["location"]: (float(row["lat"]), float(row["lng"])) for row in locations},
            agreements=agreements,
            exclusive=exclusive,
            freight=sorted(
                (int(row["distance_km_up_to"]), int(row["weight_g_up_to"]), cents(row["price_brl"]))
                for row in rows_of(folder, "freight")
            ),
            buyers={row["buyer"]: row for row in rows_of(folder, "buyers")},
            orders=sorted(rows_of(folder, "orders"), key=lambda row: row["ordered_at"]),
            wanted=wanted,
        )

    def distance_km(self, location: str, buyer: dict[str, str]) -> float:
        """Great circle by the vectors' angle (the product uses the haversine)."""
        a, b = self.place[location], (float(buyer["lat"]), float(buyer["lng"]))
        first, second = unit_vector(a), unit_vector(b)
        cross = math.sqrt(
            sum(
                (first[i - 2] * second[i - 1] - first[i - 1] * second[i - 2]) ** 2 for i in range(3)
            )
        )
        dot = sum(x * y for x, y in zip(first, second, strict=True))
        return EARTH_KM * math.atan2(cross, dot)

    def freight_cents(self, weight_g: int, distance_km: float) -> int | None:
        """Full parcels of 30 kg, the rest by its band; None farther than the table goes."""
        reach = min((km for km, _, _ in self.freight if km >= distance_km), default=None)
        if reach is None:
            return None
        bands = [(grams, price) for km, grams, price in self.freight if km == reach]
        full, rest = weight_g // PARCEL_G, weight_g % PARCEL_G
        cost = full * next(price for grams, price in bands if grams == PARCEL_G)
        return cost + (next(price for grams, price in bands if rest <= grams) if rest else 0)


def unit_vector(place: tuple[float, float]) -> tuple[float, float, float]:
    latitude, longitude = math.radians(place[0]), math.radians(place[1])
    return (
        math.cos(latitude) * math.cos(longitude),
        math.cos(latitude) * math.sin(longitude),
        math.sin(latitude),
    )


@dataclass
class Verdict:
    """What is wrong, and the totals."""

    violations: list[str] = field(default_factory=list)
    orders: int = 0
    units: int = 0
    wanted: int = 0
    goods: int = 0
    freight: int = 0
    short_lines: int = 0

    def refuse(self, order: str, message: str) -> None:
        self.violations.append(f"order {order}: {message}")


@dataclass(frozen=True)
class Taken:
    """A row of the plan."""

    sku: str
    location: str
    quantity: int
    unit_price: str


def check_plan(folder: Path, plan: Path) -> Verdict:
    """Check every order of a plan in the order in which they were placed."""
    files, verdict = Files.read(folder), Verdict()
    taken, sent = read_plan(plan)
    in_plan = list(taken)
    due = [row["order"] for row in files.orders if row["order"] in taken]
    if in_plan != due:
        verdict.violations.append("the plan's orders do not stand in the order of time")
    for order in sorted(set(sent) - set(taken)):
        verdict.refuse(order, "has consignments and no goods")
    buyers = {row["order"]: files.buyers[row["buyer"]] for row in files.orders}
    for order in due:
        check_order(files, verdict, order, buyers[order], taken[order], sent.get(order, []))
    return verdict


def read_plan(plan: Path) -> tuple[dict[str, list[Taken]], dict[str, list[dict[str, str]]]]:
    taken: dict[str, list[Taken]] = defaultdict(list)
    sent: dict[str, list[dict[str, str]]] = defaultdict(list)
    with plan.open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            taken[row["order"]].append(
                Taken(row["sku"], row["location"], int(row["quantity"]), row["unit_price"])
            )
    with plan.with_name(f"{plan.name}.consignments.csv").open(encoding="utf-8") as stream:
        for row in csv.DictReader(stream):
            sent[row["order"]].append(row)
    return taken, sent


def check_order(
    files: Files,
    verdict: Verdict,
    order: str,
    buyer: dict[str, str],
    taken: list[Taken],
    sent: list[dict[str, str]],
) -> None:
    verdict.orders += 1
    check_quantities(files, verdict, order, taken)
    check_sources(files, verdict, order, buyer, taken)
    check_minimums(files, verdict, order, taken)
    check_service(files, verdict, order, buyer, taken)
    for row in taken:
        key = (row.location, row.sku)
        files.stock[key] = files.stock.get(key, 0) - row.quantity
        if files.stock[key] < 0:
            verdict.refuse(order, f"{row.sku} at {row.location} is short by {-files.stock[key]}")
    check_consignments(files, verdict, order, buyer, taken, sent)


def check_quantities(files: Files, verdict: Verdict, order: str, taken: list[Taken]) -> None:
    served: dict[str, int] = defaultdict(int)
    for row in taken:
        served[row.sku] += row.quantity
        if row.quantity < 1:
            verdict.refuse(order, f"{row.quantity} units of {row.sku}")
    if len({(row.sku, row.location) for row in taken}) < len(taken):
        verdict.refuse(order, "a variant stands twice for one location")
    for sku, units in served.items():
        if units > files.wanted[order].get(sku, 0):
            verdict.refuse(order, f"{units} units of {sku} are more than was wanted")
    verdict.units += sum(served.values())
    verdict.wanted += sum(files.wanted[order].values())


def may_sell(files: Files, seller: str, category: str, state: str) -> str | None:
    """Why a seller may not sell a category in a state; None when it may."""
    agreement = files.agreements.get(seller)
    if agreement is None:
        return "has no agreement"
    if state not in agreement["states"].split():
        return f"may not sell in {state}"
    if category not in agreement["categories"].split():
        return f"may not sell {category}"
    holders = files.exclusive.get((state, category))
    return f"is shut out of {category} in {state}" if holders and seller not in holders else None


def check_sources(
    files: Files, verdict: Verdict, order: str, buyer: dict[str, str], taken: list[Taken]
) -> None:
    for row in taken:
        seller = files.seller_of[row.location]
        reason = may_sell(files, seller, files.category[row.sku], buyer["state"])
        if reason:
            verdict.refuse(order, f"{seller} {reason}")
        price = files.price.get((seller, row.sku))
        if price is None:
            verdict.refuse(order, f"{seller} does not offer {row.sku}")
        elif price != cents(row.unit_price):
            verdict.refuse(order, f"{row.sku} of {seller} costs {price}, not {row.unit_price}")
        else:
            verdict.goods += price * row.quantity


def check_minimums(files: Files, verdict: Verdict, order: str, taken: list[Taken]) -> None:
    goods: dict[str, int] = defaultdict(int)
    for row in taken:
        goods[files.seller_of[row.location]] += cents(row.unit_price) * row.quantity
    for seller, value in goods.items():
        least = cents(files.agreements[seller]["minimum_order_brl"])
        if value < least:
            verdict.refuse(order, f"{seller} sends {value}, its minimum is {least}")


def check_service(
    files: Files, verdict: Verdict, order: str, buyer: dict[str, str], taken: list[Taken]
) -> None:
    """A line may be short only when no eligible seller could simply have sent more of it.

    A seller could, when it reaches its minimum anyway, or with these units alone.
    """
    served: dict[str, int] = defaultdict(int)
    used: dict[tuple[str, str], int] = defaultdict(int)
    goods: dict[str, int] = defaultdict(int)
    for row in taken:
        served[row.sku] += row.quantity
        used[row.location, row.sku] += row.quantity
        goods[files.seller_of[row.location]] += cents(row.unit_price) * row.quantity
    for sku, quantity in files.wanted[order].items():
        missing = quantity - served[sku]
        verdict.short_lines += missing > 0
        for location in files.place if missing else ():
            left = files.stock.get((location, sku), 0) - used[location, sku]
            more = value_of(files, location, sku, buyer, min(missing, left))
            seller = files.seller_of[location]
            if more and goods[seller] + more >= cents(
                files.agreements[seller]["minimum_order_brl"]
            ):
                verdict.refuse(order, f"{sku} is short, but {location} has {left} more")


def value_of(files: Files, location: str, sku: str, buyer: dict[str, str], units: int) -> int:
    """What units of a variant from a location cost; nought when they may not be sent."""
    seller = files.seller_of[location]
    price = files.price.get((seller, sku), 0)
    if units <= 0 or may_sell(files, seller, files.category[sku], buyer["state"]):
        return 0
    reachable = files.distance_km(location, buyer) <= files.freight[-1][0]
    return price * units if reachable else 0


def check_consignments(
    files: Files,
    verdict: Verdict,
    order: str,
    buyer: dict[str, str],
    taken: list[Taken],
    sent: list[dict[str, str]],
) -> None:
    weights: dict[str, int] = defaultdict(int)
    for row in taken:
        weights[row.location] += files.weight[row.sku] * row.quantity
    told = {row["location"]: row for row in sent}
    if len(told) < len(sent) or set(told) != set(weights):
        verdict.refuse(order, "not one consignment for each location")
    for location, weight in weights.items():
        row = told.get(location)
        if row is None:
            continue
        freight = files.freight_cents(weight, files.distance_km(location, buyer))
        if int(row["weight_g"]) != weight:
            verdict.refuse(order, f"{location} sends {weight} g, not {row['weight_g']}")
        if freight is None:
            verdict.refuse(order, f"{location} is farther than the freight table goes")
        elif freight != cents(row["freight"]):
            verdict.refuse(order, f"{location} costs {freight}, not {row['freight']}")
        verdict.freight += cents(row["freight"])


def main(arguments: list[str]) -> int:
    if len(arguments) != 2:
        sys.stderr.write(f"{(__doc__ or '').strip()}\n")
        return 2
    verdict = check_plan(Path(arguments[0]), Path(arguments[1]))
    for violation in verdict.violations[:50]:
        sys.stdout.write(f"{violation}\n")
    sys.stdout.write(
        f"{verdict.orders:,} orders, {verdict.units:,} of {verdict.wanted:,} units, "
        f"{verdict.short_lines:,} lines short, goods {verdict.goods / 100:,.2f}, freight "
        f"{verdict.freight / 100:,.2f}, together {(verdict.goods + verdict.freight) / 100:,.2f}: "
        f"{len(verdict.violations):,} violations\n"
    )
    return 1 if verdict.violations else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
