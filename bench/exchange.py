"""What a file costs: rows a second into the indexed tables, against a bare COPY of the same file.

``python -m bench exchange`` starts servers of its own, generates files of products, offers, stock
and prices, and imports each twice as a job would: all of it new, then all of it known already. Told
are rows a second by the clock and by the processor (this process and the whole database), the
ratio to a bare COPY of the same bytes into a table without an index, and this process's memory.
"""

import csv
import itertools
import os
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import text

from app.exchange import operations, tasks
from app.identity.rules import permissions_for
from app.infra.auth import Caller
from app.infra.db import db
from app.infra.unit_of_work import transaction
from bench.market.clocks import load
from bench.market.home import Home, at_home

NOW = datetime(2026, 6, 1, tzinfo=UTC)
_SINCE = "'2026-01-01T00:00:00Z'"
_TICKS = os.sysconf("SC_CLK_TCK")
MAKERS = 3
CATEGORIES = 200
PRODUCT_SIZE = 4
BREAKS = (1, 10, 50, 200, 1000)

_NETWORK = f"""
INSERT INTO network_organizations (id, name, code, kinds, country, created_at)
SELECT uuidv7(), k.code, k.code, ARRAY[k.kind], 'DE', {_SINCE}
FROM (SELECT 'M' || n AS code, 'manufacturer' AS kind FROM generate_series(1, {MAKERS}) n
      UNION ALL VALUES ('D', 'distributor')) k;
INSERT INTO catalog_categories (id, manufacturer_id, code, name, path)
SELECT c.id, c.maker, 'c' || c.n, 'Category ' || c.n, ARRAY[c.id]
FROM (SELECT uuidv7() AS id, m.id AS maker, n FROM network_organizations m,
      generate_series(0, {CATEGORIES - 1}) n WHERE m.code <> 'D') c;
INSERT INTO network_agreements (id, manufacturer_id, grantor_id, grantee_id, status, created_at)
SELECT uuidv7(), m.id, m.id, d.id, 'active', {_SINCE}
FROM network_organizations m, network_organizations d WHERE m.code <> 'D' AND d.code = 'D';
INSERT INTO network_agreement_terms (id, agreement_id, number, valid_from, currency, selling_model,
                                     commission_bps, created_at)
SELECT uuidv7(), id, 1, {_SINCE}, 'EUR', 'agency', 500, {_SINCE} FROM network_agreements;
INSERT INTO inventory_locations (id, seller_id, code, name, city, subdivision, postal_code, country,
                                 latitude, longitude)
SELECT uuidv7(), id, 'W', 'W', 'Kassel', 'DE-HE', '34117', 'DE', 51.3, 9.5
FROM network_organizations WHERE code = 'D';
INSERT INTO pricing_price_lists (id, owner_id, name, purpose, currency, valid_from, created_at)
SELECT uuidv7(), id, 'Bench', 'sale', 'EUR', {_SINCE}, {_SINCE}
FROM network_organizations WHERE code = 'D';
"""
# What was imported goes live at once, without versions and events: that is not what is measured.
_GO_LIVE = """
ALTER TABLE catalog_products DISABLE TRIGGER USER;
ALTER TABLE catalog_variants DISABLE TRIGGER USER;
UPDATE catalog_products SET status = 'active', draft = NULL;
UPDATE catalog_variants SET status = 'active', draft = NULL;
ALTER TABLE catalog_products ENABLE TRIGGER USER;
ALTER TABLE catalog_variants ENABLE TRIGGER USER;
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """A generated file, who sends it, and into what."""

    path: Path
    resource: str
    code: str
    rows: int
    price_list_id: uuid.UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What some work cost."""

    wall: float
    cpu: float
    peak_mib: float


def run(*, variants: int, prices: int) -> int:
    """Measure all four resources; the table is printed as it grows."""
    with (
        tempfile.TemporaryDirectory(prefix="bench-exchange-") as folder,
        at_home(Path(folder) / "var", kept=False) as home,
        home.app.app_context(),
    ):
        meter = Meter(home)
        db.session.execute(text(_NETWORK))
        db.session.commit()
        print(f"load {load()}; {variants:,} variants, {prices:,} prices")
        print(_row("", "rows", "s", "rows/s", "rows/CPU s", "of COPY", "CPU of COPY", "MiB"))
        for file in files(Path(folder), variants, prices):
            _measure(home, meter, file)
    return 0


def files(folder: Path, variants: int, prices: int) -> Iterator[File]:
    """The files one after the other; what was imported before them is live."""
    small = File(path=folder / "s.csv", resource="products", code="M2", rows=variants // 10)
    _write(small, _products(small.rows, "S"))
    yield small
    products = File(path=folder / "m.csv", resource="products", code="M1", rows=variants)
    _write(products, _products(variants, "P"))
    yield products
    with db.engine.begin() as connection:
        connection.execute(text(_GO_LIVE))
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE"))
    for resource, rows in (("offers", _offers(variants)), ("stock", _stock(variants))):
        file = File(path=folder / f"{resource}.csv", resource=resource, code="D", rows=variants)
        _write(file, rows)
        yield file
    list_id = db.session.scalar(text("SELECT id FROM pricing_price_lists"))
    db.session.rollback()
    file = File(
        path=folder / "p.csv", resource="prices", code="D", rows=prices, price_list_id=list_id
    )
    _write(file, itertools.islice(_prices(variants), prices + 1))
    yield file


def _write(file: File, rows: Iterator[tuple[Any, ...]]) -> None:
    with file.path.open("w", encoding="utf-8", newline="") as target:
        csv.writer(target).writerows(rows)


def _products(count: int, letter: str) -> Iterator[tuple[Any, ...]]:
    yield (
        "sku", "gtin", "part_number", "name", "product_code", "product_name", "brand",
        "category_code", "weight_g",
    )  # fmt: skip
    base = 4_000_000_000_00 if letter == "P" else 5_000_000_000_00
    for n in range(count):
        product = n // PRODUCT_SIZE
        yield (
            f"{letter}-{n:07}", _gtin(base + n), f"PN-{n}/{n % 7}", f"Basin mixer {n}",
            f"{letter}{product}", f"Mixer {product}", f"Brand {product % 50}",
            f"c{product % CATEGORIES}", 100 + n % 900,
        )  # fmt: skip


def _gtin(body: int) -> str:
    digits = f"{body:012}"
    total = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(digits))
    return f"{digits}{-total % 10}"


def _offers(count: int) -> Iterator[tuple[Any, ...]]:
    yield ("sku", "seller_sku", "minimum_quantity", "lead_time_days", "condition")
    for n in range(count):
        yield (f"P-{n:07}", f"D{n}", 1 + n % 5, n % 10, "new")


def _stock(count: int) -> Iterator[tuple[Any, ...]]:
    yield ("sku", "location_code", "on_hand")
    for n in range(count):
        yield (f"P-{n:07}", "W", n % 500)


def _prices(variants: int) -> Iterator[tuple[Any, ...]]:
    yield ("sku", "from_quantity", "price")
    for at, least in enumerate(BREAKS):
        for n in range(variants):
            yield (f"P-{n:07}", least, f"{10 + n % 90}.{50 - at}")


class Meter:
    """Time by the clock and by the processors of this process and of the whole database."""

    def __init__(self, home: Home) -> None:
        self._home = home
        with home.connect() as connection:
            own = Path(f"/proc/{connection.info.backend_pid}/stat").read_text()
        self._postmaster = int(own.rpartition(")")[2].split()[1])

    def cost(self, work: Callable[[], object]) -> Cost:
        """What it costs."""
        Path("/proc/self/clear_refs").write_text("5")
        before, began = self._cpu(), time.perf_counter()
        work()
        wall, cpu = time.perf_counter() - began, self._cpu() - before
        return Cost(wall=wall, cpu=cpu, peak_mib=_peak_mib())

    def _cpu(self) -> float:
        """Of this process, of the database's, and of those of the database's that have ended."""
        children = Path(f"/proc/{self._postmaster}/task/{self._postmaster}/children")
        ticks = sum(map(_ticks, children.read_text().split()))
        ended = Path(f"/proc/{self._postmaster}/stat").read_text().rpartition(")")[2].split()
        return time.process_time() + (ticks + sum(map(int, ended[11:15]))) / _TICKS


def _ticks(process: str) -> int:
    try:
        fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0
    return int(fields[11]) + int(fields[12])


def _peak_mib() -> float:
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


def _measure(home: Home, meter: Meter, file: File) -> None:
    with home.connect() as connection:
        _bare(connection, file)
        floor = meter.cost(lambda: _bare(connection, file))
    _tell(file, "bare COPY", floor, floor)
    for what in ("new", "unchanged"):
        counts: dict[str, int] = {}
        cost = meter.cost(lambda: counts.update(_import(file)))  # noqa: B023 - called at once
        took = counts["inserted" if what == "new" else "unchanged"]
        assert took == file.rows, counts
        _tell(file, what, cost, floor)


def _bare(connection: psycopg.Connection, file: File) -> None:
    with file.path.open("rb") as source:
        columns = ", ".join(f"{name} text" for name in source.readline().decode().split(","))
        connection.execute("DROP TABLE IF EXISTS bench_bare")
        connection.execute(f"CREATE UNLOGGED TABLE bench_bare ({columns})".encode())
        with connection.cursor().copy("COPY bench_bare FROM STDIN (FORMAT csv)") as copy:
            while block := source.read(1 << 16):
                copy.write(block)


def _import(file: File) -> dict[str, int]:
    caller = _caller(file.code)
    with file.path.open("rb") as source:
        received = operations.store(source, folder=tasks.folder(), most=1 << 33)
    with transaction(db.session):
        found = operations.receive(
            db.session,
            caller=caller,
            received=received,
            wish=operations.Wish(
                resource=file.resource, file_name="f.csv", price_list_id=file.price_list_id
            ),
            files=tasks.files(),
            folder=tasks.folder(),
            now=NOW,
        )
        confirmation = operations.Confirmation()
        operations.ready(
            db.session, caller=caller, import_id=found.id, confirmation=confirmation, now=NOW
        )
        import_id = found.id
    with transaction(db.session):
        done = tasks.work(db.session, import_id=import_id, told=_unheard, now=NOW)
        report: dict[str, int] = dict(done.report)
    return report


def _unheard(*, done: int, total: int | None = None) -> None:
    """Nobody watches."""


def _caller(code: str) -> Caller:
    query = text("SELECT id, kinds FROM network_organizations WHERE code = :code")
    row = db.session.execute(query, {"code": code}).one()
    db.session.rollback()
    kinds = frozenset(row.kinds)
    return Caller(row.id, row.id, kinds, permissions_for(kinds))


def _tell(file: File, what: str, cost: Cost, floor: Cost) -> None:
    print(
        _row(
            f"{file.resource}, {what}",
            f"{file.rows:,}",
            f"{cost.wall:.1f}",
            f"{file.rows / cost.wall:,.0f}",
            f"{file.rows / cost.cpu:,.0f}",
            f"{cost.wall / floor.wall:.1f}",
            f"{cost.cpu / floor.cpu:.1f}",
            f"{cost.peak_mib:.0f}",
        ),
        flush=True,
    )


def _row(name: str, *cells: str) -> str:
    return f"{name:20}" + "".join(f"{cell:>13}" for cell in cells)
