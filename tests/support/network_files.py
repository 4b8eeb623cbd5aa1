"""Writes a small network in the file format of the import, drawn with a seed.

``tables`` gives the rows as lists of text, so that a test can spoil one cell; ``write`` makes the
files. Five sellers (the first a distributor), two products' categories, a few dozen orders.
"""

import csv
import gzip
import io
import random
from pathlib import Path

HEADERS = {
    "sellers": "seller,kind,city,state,zip_prefix,rating,ratings",
    "products": "sku,gtin,description,category,list_price_brl,weight_g,length_cm,height_cm,"
    "width_cm",
    "locations": "location,seller,city,state,zip_prefix,lat,lng",
    "agreements": "seller,states,categories,priority,exclusive_state,exclusive_category,"
    "minimum_order_brl",
    "freight": "distance_km_up_to,weight_g_up_to,price_brl",
    "buyers": "buyer,city,state,zip_prefix,lat,lng",
    "offers": "seller,sku,unit_price_brl,lead_time_days",
    "stock": "location,sku,on_hand",
    "orders": "order,buyer,ordered_at",
    "order_lines": "order,sku,quantity",
}
CITIES = (
    ("sao paulo", "SP", "05849", "-23.65244", "-46.75549"),
    ("rio de janeiro", "RJ", "22410", "-22.98412", "-43.20837"),
    ("curitiba", "PR", "80010", "-25.42890", "-49.26710"),
    ("belo horizonte", "MG", "30110", "-19.91670", "-43.93450"),
)
KINDS = ("distributor", "wholesaler", "wholesaler", "reseller", "reseller")
CATEGORIES = ("kitchen", "garden", "toys")

Tables = dict[str, list[list[str]]]


def gtin(number: int) -> str:
    body = f"20{number:010}"
    weighted = sum(int(d) * (1 if n % 2 else 3) for n, d in enumerate(reversed(body)))
    return f"{body}{-weighted % 10}"


def tables(*, products: int = 12, orders: int = 25, seed: int = 7) -> Tables:
    """Rows of a small network; the same for the same seed."""
    dice = random.Random(seed)
    made: Tables = {name: [] for name in HEADERS}
    prices = {f"P{number:03}": dice.randint(80, 4000) for number in range(products)}
    for number, (sku, price) in enumerate(prices.items()):
        made["products"].append(
            [sku, gtin(number), f"THING {number}", CATEGORIES[number % 3], money(price),
             str(dice.randint(50, 9000)), "20", "10", "15"]
        )  # fmt: skip
    for number in range(len(KINDS)):
        add_seller(made, number, prices, dice)
    made["freight"] = [
        [str(km), str(grams), money(base + extra)]
        for km, base in ((50, 700), (500, 1100), (3000, 1900))
        for grams, extra in ((1000, 0), (5000, 400), (30000, 1500))
    ]
    made["buyers"] = [[str(100 + number), *city] for number, city in enumerate(CITIES)]
    for number in range(orders):
        add_order(made, number, list(prices), dice)
    made["orders"].sort(key=lambda row: row[2])
    return made


def add_seller(made: Tables, number: int, prices: dict[str, int], dice: random.Random) -> None:
    seller, city = f"S{number + 1}", CITIES[number % len(CITIES)]
    made["sellers"].append([seller, KINDS[number], *city[:3], "4.25" if number else "", "8"])
    made["agreements"].append(agreement_of(number, seller))
    offered = [sku for sku in prices if dice.random() < 0.8]
    for sku in offered:
        price = prices[sku] * dice.randint(90, 125) // 100
        made["offers"].append([seller, sku, money(price), str(dice.randint(0, 5))])
    for place in range(2 if number == 0 else 1):
        location = f"{seller}-{place + 1}"
        made["locations"].append([location, seller, *CITIES[(number + place) % len(CITIES)]])
        made["stock"] += [
            [location, sku, str(dice.randint(5, 60))] for sku in offered if dice.random() < 0.9
        ]


def add_order(made: Tables, number: int, skus: list[str], dice: random.Random) -> None:
    buyer = dice.choice(made["buyers"])[0]
    at = f"2010-12-{1 + number // 20:02} {8 + number % 10:02}:{dice.randint(0, 59):02}"
    made["orders"].append([f"O{number:04}", buyer, at])
    for sku in dice.sample(skus, dice.randint(1, 6)):
        made["order_lines"].append([f"O{number:04}", sku, str(dice.randint(1, 24))])


def agreement_of(number: int, seller: str) -> list[str]:
    exclusive = ["PR", "toys"] if number == 2 else ["", ""]
    states = "MG PR RJ SP" if number != 3 else "RJ SP"
    categories = "garden kitchen toys" if number != 4 else "kitchen toys"
    return [seller, states, categories, str(20 - number), *exclusive, "30" if number else "0"]


def money(minor: int) -> str:
    return f"{minor // 100}.{minor % 100:02}"


def write(folder: Path, made: Tables) -> Path:
    """The files; returns the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, rows in made.items():
        write_table(folder, name, rows)
    return folder


def write_table(
    folder: Path, name: str, rows: list[list[str]], *, header: str | None = None, mark: str = ""
) -> None:
    text = io.StringIO(newline="")
    text.write(f"{mark}{header or HEADERS[name]}\n")
    csv.writer(text, lineterminator="\n").writerows(rows)
    (folder / f"{name}.csv.gz").write_bytes(gzip.compress(text.getvalue().encode(), mtime=0))
