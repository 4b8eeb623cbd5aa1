"""Search in a generated network: how long answers take, by how much is found.

Makes a network of ``--variants`` variants once in its own folder (``--var``), with 20 sellers, five
offers a variant, prices, stock and one closed storefront, and prints the time of each question as
its buyer would ask it, without HTTP: median and worst of ``--runs``.

    python bench/discovery.py [--variants N] [--var FOLDER] [--runs N]
"""

import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
from flask_migrate import upgrade
from sqlalchemy import text

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from app.config import settings_from
from app.discovery import documents, operations, queries
from app.discovery.rules import Filters, question_of
from app.infra import embedded
from app.infra.auth import Caller
from app.infra.db import db
from app.wiring import create_app

WARM = 6  # the driver prepares a statement when it has seen it five times
NOW = datetime(2026, 6, 1, tzinfo=UTC)
SINCE = "'2026-01-01T00:00:00Z'"

GENERATE = f"""
INSERT INTO network_organizations (id, name, code, kinds, country, created_at)
SELECT gen_random_uuid(), kind || ' ' || n, kind || '-' || n, ARRAY[kind], 'DE', {SINCE}
FROM (VALUES ('manufacturer', 10), ('distributor', 20), ('reseller', 1), ('buyer', 1))
     AS k (kind, many), generate_series(1, k.many) n;

INSERT INTO catalog_categories (id, manufacturer_id, code, name, path)
SELECT c.id, c.maker, 'c' || c.n, 'Category ' || c.n, ARRAY[c.id]
FROM (SELECT gen_random_uuid() AS id, m.id AS maker, n FROM network_organizations m,
      generate_series(1, 20) n WHERE 'manufacturer' = ANY (m.kinds)) c;

CREATE TEMP TABLE made AS
SELECT uuidv7() AS product_id, uuidv7() AS variant_id, n, c.manufacturer_id, c.id AS category_id,
       (ARRAY['Basin mixer', 'Kitchen tap', 'Shower hose', 'Angle valve', 'Copper pipe',
              'Cable tie', 'Wall plug', 'Wood screw', 'Drill bit', 'Work light'])[1 + n % 10]
           AS thing,
       (ARRAY['chrome', 'brass', 'steel', 'white', 'black'])[1 + (n / 10) % 5] AS colour,
       CASE WHEN n % 10 = 0 THEN 'everyday' ELSE 'special' END AS grade
FROM generate_series(1, {{variants}}) n
JOIN (SELECT *, row_number() OVER (ORDER BY id) - 1 AS place FROM catalog_categories) c
  ON c.place = n % 200;

INSERT INTO catalog_products (id, manufacturer_id, category_id, code, name, brand, created_at)
SELECT product_id, manufacturer_id, category_id, 'P' || n, thing || ' ' || grade,
       'Brand ' || n % 50, {SINCE} FROM made;

INSERT INTO catalog_variants (id, product_id, manufacturer_id, category_id, sku, part_number,
                              name, attributes, weight_g, created_at)
SELECT variant_id, product_id, manufacturer_id, category_id, 'SKU-' || n,
       'PN-' || n || '/' || n % 7,
       thing || ' ' || colour || ' ' || grade || ' ' || n,
       jsonb_build_object('colour', colour, 'length', n % 30), 500,
       {SINCE}::timestamptz + n * interval '1 second'
FROM made;

CREATE TEMP TABLE seller AS
SELECT id, row_number() OVER (ORDER BY code) - 1 AS place FROM network_organizations
WHERE 'distributor' = ANY (kinds);

INSERT INTO offers_offers (id, seller_id, variant_id, created_at)
SELECT uuidv7(), s.id, m.variant_id, {SINCE}
FROM made m CROSS JOIN generate_series(0, 4) k
JOIN seller s ON s.place = (m.n * 7 + k * 4) % 20;

INSERT INTO pricing_price_lists (id, owner_id, name, currency, purpose, valid_from, created_at)
SELECT gen_random_uuid(), o.id, 'Prices', 'EUR', 'sale', {SINCE}, {SINCE}
FROM network_organizations o WHERE o.kinds && '{{distributor,reseller}}';
INSERT INTO pricing_assignments (id, owner_id, price_list_id)
SELECT gen_random_uuid(), owner_id, id FROM pricing_price_lists;
INSERT INTO pricing_entries (price_list_id, variant_id, amount_minor, valid_from)
SELECT l.id, o.variant_id, 500 + abs(hashtext(o.id::text)) % 100000, {SINCE}
FROM offers_offers o JOIN pricing_price_lists l ON l.owner_id = o.seller_id;
INSERT INTO pricing_entries (price_list_id, variant_id, amount_minor, valid_from)
SELECT l.id, m.variant_id, 400 + abs(hashtext(m.variant_id::text)) % 100000, {SINCE}
FROM made m, pricing_price_lists l JOIN network_organizations r ON r.id = l.owner_id
WHERE 'reseller' = ANY (r.kinds);

INSERT INTO inventory_locations (id, seller_id, code, name, city, subdivision, postal_code, country,
                                 latitude, longitude)
SELECT gen_random_uuid(), id, 'A', 'A', 'Kassel', 'DE-HE', '34117', 'DE', 51.3, 9.5 FROM seller;
INSERT INTO inventory_stock (location_id, variant_id, on_hand, updated_at)
SELECT w.id, o.variant_id, abs(hashtext(o.id::text)) % 50, {SINCE}
FROM offers_offers o JOIN inventory_locations w ON w.seller_id = o.seller_id;

INSERT INTO network_agreements (id, manufacturer_id, grantor_id, grantee_id, status, created_at)
SELECT gen_random_uuid(), m.id, m.id, s.id, 'active', {SINCE}
FROM network_organizations m, seller s WHERE 'manufacturer' = ANY (m.kinds);
INSERT INTO network_agreement_terms (id, agreement_id, number, valid_from, currency, selling_model,
                                     commission_bps, created_at)
SELECT gen_random_uuid(), id, 1, {SINCE}, 'EUR', 'agency', 500, {SINCE} FROM network_agreements;

INSERT INTO storefronts_storefronts (id, owner_id, slug, name, country, currency, access,
                                     created_at)
SELECT gen_random_uuid(), id, 'bench', 'Bench', 'DE', 'EUR', 'open', {SINCE}
FROM network_organizations WHERE 'reseller' = ANY (kinds);
INSERT INTO storefronts_pool_sellers (storefront_id, seller_id)
SELECT s.id, seller.id FROM storefronts_storefronts s, seller;
INSERT INTO network_trading_accounts (id, seller_id, buyer_id, status, currency,
                                      credit_limit_minor, created_at)
SELECT gen_random_uuid(), s.owner_id, b.id, 'active', 'EUR', 0, {SINCE}
FROM storefronts_storefronts s, network_organizations b WHERE 'buyer' = ANY (b.kinds);
"""


def settings(layout: embedded.Layout, database: str) -> dict[str, str]:
    """The environment of an application on this database."""
    return {
        "DATABASE_URL": layout.database_url(database),
        "REDIS_URL": layout.endpoints.redis_url,
        "SECRET_KEY": "only-for-benchmarks-" * 2,
        "DISTRIBUTARY_MODE": "test",
        "DISTRIBUTARY_VAR": str(layout.var),
        "LOG_LEVEL": "ERROR",
    }


def prepare(layout: embedded.Layout, variants: int) -> str:
    """The generated database; made when it is not there."""
    name = f"discovery_{variants}"
    address = f"host={layout.sockets} user=postgres dbname=postgres"
    with psycopg.connect(address, autocommit=True) as admin:
        found = admin.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone()
        if found:
            return name
        admin.execute(f"CREATE DATABASE {name}")
    app = create_app(settings_from(settings(layout, name)))
    with app.app_context():
        upgrade()
        began = time.perf_counter()
        raw = db.session.connection().connection.driver_connection
        raw.execute(GENERATE.replace("{variants}", str(variants)))
        db.session.commit()
        print(f"generated in {time.perf_counter() - began:.1f} s")
        _work_off("indexed", lambda: operations.index_waiting(db.session, limit=operations.BATCH))
        _work_off(
            "shelved",
            lambda: operations.shelve_waiting(db.session, limit=operations.BATCH, now=NOW),
        )
        db.engine.dispose()
    address = f"host={layout.sockets} user=postgres dbname={name}"
    with psycopg.connect(address, autocommit=True) as admin:
        admin.execute("VACUUM ANALYZE")
    return name


def _work_off(name: str, work: Callable[[], int]) -> None:
    """Work off a queue as a sweep does, and print how quickly."""
    began, done = time.perf_counter(), 0
    while found := work():
        db.session.commit()
        done += found
    took = time.perf_counter() - began
    print(f"{name} {done} variants in {took:.1f} s: {done / took:.0f} a second")


def cpu_ms(backend: int) -> float:
    """Processor time of this process and of its database backend so far."""
    ran = int(Path(f"/proc/{backend}/schedstat").read_text().split()[0])
    return ran / 1e6 + time.process_time() * 1000


def measure(name: str, runs: int, ask: Callable[[], object]) -> None:
    """Print how long a question takes, and how much of that somebody worked for it."""
    backend = db.session.execute(text("SELECT pg_backend_pid()")).scalar_one()
    took, worked = [], []
    said: object = None
    for _ in range(runs + WARM):
        began, before = time.perf_counter(), cpu_ms(backend)
        said = ask()
        took.append((time.perf_counter() - began) * 1000)
        worked.append(cpu_ms(backend) - before)
    wall, cpu = statistics.median(took[WARM:]), statistics.median(worked[WARM:])
    print(f"{name:44} {wall:8.1f} ms {max(took[WARM:]):8.1f} ms {cpu:8.1f} ms   {said}", flush=True)


@dataclass
class Asker:
    """The buyer, asking; what it is told is made ready to be sent, as over HTTP."""

    caller: Caller

    def viewer(self) -> queries.Viewer:
        """What the buyer is in the storefront."""
        return queries.look(db.session, caller=self.caller, storefront="bench")

    def search(self, q: str = "", sort: str = "relevance", **filters: Any) -> Callable[[], object]:  # noqa: ANN401
        """A search, to be asked many times."""
        asked = queries.Search(
            question=question_of(q), locale="en", filters=Filters(**filters), sort=sort
        )

        def ask() -> object:
            viewer = self.viewer()
            found = queries.search(db.session, viewer=viewer, search=asked, now=NOW)
            documents.found_document(found, viewer, "en")
            db.session.commit()
            return f"{found.total}{'' if found.is_exact else '+'}"

        return ask

    def suggest(self, prefix: str) -> Callable[[], object]:
        """A beginning, to be completed many times."""

        def ask() -> object:
            found = queries.suggest(
                db.session, viewer=self.viewer(), prefix=prefix, locale="en", now=NOW
            )
            db.session.commit()
            return len(found)

        return ask


def run(layout: embedded.Layout, database: str, runs: int) -> None:
    """Ask everything."""
    app = create_app(settings_from(settings(layout, database)))
    with app.app_context():
        buyer = db.session.execute(
            text("SELECT buyer_id FROM network_trading_accounts LIMIT 1")
        ).scalar_one()
        asker = Asker(Caller(buyer, buyer, frozenset({"buyer"}), frozenset()))
        print(f"{'question':44} {'median':>11} {'worst':>11} {'processor':>11}   found")
        for name, ask in questions(asker):
            measure(name, runs, ask)
        db.engine.dispose()


def questions(asker: Asker) -> Iterator[tuple[str, Callable[[], object]]]:
    """What is asked, and how it is called."""
    yield "one part number", asker.search("PN-4711/0")
    yield "misspelt: showr hoze 4712", asker.search("showr hoze 4712")
    for words in ("everyday basin chrome", "everyday"):
        for sort in ("relevance", "name", "newest", "price"):
            yield f"{words!r} by {sort}", asker.search(words, sort)
    yield "'everyday', in stock", asker.search("everyday", is_available=True)
    two = {"brand": ["Brand 10"], "a.colour": ["brass", "white"]}
    yield "'everyday', two facets", asker.search("everyday", facets=two)
    yield "'everyday', 10 to 100", asker.search("everyday", price_from=1000, price_to=10000)
    for sort in ("name", "newest", "price"):
        yield f"everything by {sort}", asker.search("", sort)
    for prefix in ("ba", "basin", "basin mix", "SKU-471", "pn471"):
        yield f"suggest {prefix!r}", asker.suggest(prefix)


def main() -> int:
    """Prepare and measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--variants", type=int, default=100_000)
    parser.add_argument("--var", type=Path)
    parser.add_argument("--runs", type=int, default=9)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="distributary-bench-") as folder:
        var = chosen.var or Path(folder)
        with embedded.session(var=var, profile=embedded.TEST):
            layout = embedded.layout_of(var)
            run(layout, prepare(layout, chosen.variants), chosen.runs)
    return 0


if __name__ == "__main__":
    sys.exit(main())
