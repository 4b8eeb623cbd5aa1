"""Files into indexed tables: the product's import, as a ratio to a bare COPY of the same file.

The bare COPY reads the same bytes into a table of texts without index, key or rule. The import is
``flask catalog import`` as a person runs it: upload, guess, stage, check every row, merge, report;
its process starts cold and is counted whole.
"""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg

from bench.market import clocks
from bench.market.home import Home
from bench.market.plan import KEEPER, id_of
from bench.market.stages import SINCE

PROJECT = Path(__file__).resolve().parents[2]
MAKER = 1_000_001
_KEEPER = f"market-{KEEPER}"

_READY = (
    f"""
    INSERT INTO network_organizations (id, name, code, kinds, country, created_at)
    VALUES ({id_of("maker", str(MAKER))}, 'Newcomer', 'newcomer', '{{manufacturer}}', 'DE', {SINCE})
    ON CONFLICT DO NOTHING
    """,
    f"""
    INSERT INTO catalog_categories (id, manufacturer_id, code, name, path)
    SELECT {id_of("category", "1000000 + n")}, {id_of("maker", str(MAKER))}, 'C' || n,
           'Category ' || n, ARRAY[{id_of("category", "1000000 + n")}]
    FROM generate_series(CAST(0 AS bigint), 99) AS n ON CONFLICT DO NOTHING
    """,
    f"""
    INSERT INTO pricing_price_lists (id, owner_id, name, currency, purpose, valid_from, created_at)
    SELECT gen_random_uuid(), {id_of("owner", str(KEEPER))}, $name, 'EUR', 'sale', {SINCE}, {SINCE}
    """,
)  # fmt: skip


def measure(home: Home, folder: Path, *, prices: int, variants: int) -> dict[str, object]:
    """Rows a second of both imports, each with its ratio to COPY and its peak of memory."""
    name = f"Imported {time.time_ns()}"
    with home.connect() as connection:
        for statement in _READY:
            connection.execute(statement.replace("$name", f"'{name}'"))
    run = time.time_ns() // 10**9 % 10**6
    return {
        "prices": _measure(
            home, folder, _price_lines(prices), "prices", _KEEPER, "--price-list", name
        ),
        "prices again, all changed": _measure(
            home, folder, _price_lines(prices, more=7), "prices", _KEEPER,
            "--price-list", name,
        ),
        "variants": _measure(home, folder, _variant_lines(variants, run), "products", "newcomer"),
        "load": clocks.load(),
    }  # fmt: skip


def _price_lines(many: int, more: int = 0) -> Iterator[str]:
    yield "SKU;Manufacturer;From quantity;Price\n"
    for n in range(many):
        amount = 500 + n * 7919 % 100_000 + more
        yield f"SKU-{n};maker-{n // 25_000};1;{amount // 100},{amount % 100:02}\n"


def _variant_lines(many: int, run: int) -> Iterator[str]:
    yield "SKU,GTIN,Name,Product code,Product name,Brand,Category,Weight g,attribute:colour\n"
    for n in range(many):
        body = 5_000_00_000000 + run * 1_000_000 % 10**8 * 100 + n
        digits = f"{body:012}"[-12:]
        total = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(digits))
        gtin = f"{digits}{-total % 10}"
        yield (
            f"{run}-{n},{gtin},Basin mixer {n},{run}-P{n // 4},Basin mixer,Rill,C{n // 4 % 100},"
            f"{100 + n % 900},chrome\n"
        )


def _measure(
    home: Home, folder: Path, lines: Iterator[str], resource: str, code: str, *more: str
) -> dict[str, object]:
    path = folder / f"{resource}.csv"
    with path.open("w", encoding="utf-8") as file:
        file.writelines(lines)
    rows = sum(1 for _ in path.open("rb")) - 1
    with home.connect() as connection:
        bare = _copy(connection, path)
    took, peak_mb, said = _import(home, path, resource, code, *more)
    path.unlink()
    return {
        "rows": rows,
        "rows_a_second": round(rows / took),
        "seconds": round(took, 1),
        "copy_rows_a_second": round(rows / bare),
        "times_copy": round(took / bare, 1),
        "peak_mb": peak_mb,
        "said": said,
    }


def _copy(connection: psycopg.Connection, path: Path) -> float:
    """Seconds that a bare COPY takes: the client does no more than send the file as it is."""
    header = path.open(encoding="utf-8").readline().strip()
    separator = ";" if ";" in header else ","
    columns = ", ".join(f"c{n} text" for n, _ in enumerate(header.split(separator)))
    connection.execute("DROP TABLE IF EXISTS bench_bare")
    connection.execute(f"CREATE TABLE bench_bare ({columns})")
    began = time.perf_counter()
    statement = f"COPY bench_bare FROM STDIN (FORMAT csv, HEADER, DELIMITER '{separator}')"
    with connection.cursor() as cursor, cursor.copy(statement) as copy, path.open("rb") as file:
        while block := file.read(1 << 20):
            copy.write(block)
    took = time.perf_counter() - began
    connection.execute("DROP TABLE bench_bare")
    return took


def _import(home: Home, path: Path, resource: str, code: str, *more: str) -> tuple[float, int, str]:
    """Seconds, the process's peak of memory in MB, and the last line that it said."""
    command = (
        sys.executable, "-m", "flask", "--app", "wsgi:app", "catalog", "import", str(path),
        "--as", code, "--resource", resource, *more,
    )  # fmt: skip
    log = path.with_suffix(".log")
    began = time.perf_counter()
    with log.open("wb") as out:
        process = subprocess.Popen(command, cwd=PROJECT, env=home.environ, stdout=out, stderr=out)
        _, status, used = os.wait4(process.pid, 0)
    took = time.perf_counter() - began
    text = log.read_text(encoding="utf-8")
    log.unlink()
    if status:
        raise SystemExit(f"the import ended with {status}:\n{text}")
    report = [line.strip() for line in text.splitlines() if "a second" in line or "refused" in line]
    return took, used.ru_maxrss // 1024, "; ".join(report)
