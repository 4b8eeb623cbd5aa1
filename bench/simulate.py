"""``python -m bench simulate``: what one simulation over HTTP costs as the network grows.

Makes a network in SQL for each number of ``--sellers``: each variant is offered by as many sellers
whatever their number, so that a simulation has as much to consider and only the tables grow. The
server has two worker processes; one client asks for orders of five lines of variants drawn by a
fixed seed. Told are milliseconds (half, 99 of 100), the processor's of server and database, and
both against the smallest network.
"""

import http.client
import json
import statistics
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from random import Random

from app.infra import embedded
from app.infra.db import db
from app.kernel.ids import public_id
from bench.market.home import Home, at_home
from bench.market.serving import Served, database_seconds, served
from tests.factories import network as net
from tests.factories.world import World, build_world

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
OFFERED_BY, LINES, WARM = 20, 5, 60

# Sellers like Wanda: agents of Mira's with a price list, a location and a place in Rosa's pool.
GENERATE = """
CREATE TEMP TABLE grown AS
SELECT n, uuidv7() AS id, uuidv7() AS place, uuidv7() AS list, uuidv7() AS agreement
FROM generate_series(0, {sellers} - 1) n;
INSERT INTO network_organizations (id, name, code, kinds, country, created_at)
SELECT id, 'Seller ' || n, 'seller-' || n, '{{wholesaler}}', 'BR', '{since}' FROM grown;
INSERT INTO network_agreements (id, manufacturer_id, grantor_id, grantee_id, status, created_at)
SELECT agreement, '{maker}', '{maker}', id, 'active', '{since}' FROM grown;
INSERT INTO network_agreement_terms (id, agreement_id, number, valid_from, currency, selling_model,
                                     commission_bps, created_at)
SELECT uuidv7(), agreement, 1, '{since}', 'BRL', 'agency', 500, '{since}' FROM grown;
INSERT INTO storefronts_pool_sellers (storefront_id, seller_id) SELECT '{shop}', id FROM grown;
INSERT INTO inventory_locations (id, seller_id, code, name, city, subdivision, postal_code, country,
                                 latitude, longitude)
SELECT place, id, 'A', 'A', 'Campinas', 'BR-SP', '13000', 'BR',
       -23.5 + (n % 100) * 0.02, -47 + (n % 77) * 0.02 FROM grown;
INSERT INTO pricing_price_lists (id, owner_id, name, currency, purpose, valid_from, created_at)
SELECT list, id, 'Prices', 'BRL', 'sale', '{since}', '{since}' FROM grown;
INSERT INTO pricing_assignments (id, owner_id, price_list_id) SELECT uuidv7(), id, list FROM grown;
CREATE TEMP TABLE made AS
SELECT n, uuidv7() AS product, uuidv7() AS id FROM generate_series(0, {variants} - 1) n;
INSERT INTO catalog_products (id, manufacturer_id, category_id, code, name, brand, created_at)
SELECT product, '{maker}', '{category}', 'G' || n, 'Thing ' || n, 'Brand', '{since}' FROM made;
INSERT INTO catalog_variants (id, product_id, manufacturer_id, category_id, sku, name, weight_g,
                              created_at)
SELECT id, product, '{maker}', '{category}', 'G-' || n, 'Thing ' || n, 500, '{since}' FROM made;
CREATE TEMP TABLE offered AS
SELECT m.id AS variant, g.* FROM made m CROSS JOIN generate_series(0, {offered_by} - 1) k
JOIN grown g ON g.n = (m.n * 7 + k * ({sellers} / {offered_by})) % {sellers};
INSERT INTO offers_offers (id, seller_id, variant_id, created_at)
SELECT uuidv7(), id, variant, '{since}' FROM offered;
INSERT INTO pricing_entries (price_list_id, variant_id, amount_minor, valid_from)
SELECT list, variant, 800 + abs(hashtext(variant::text || n)) % 400, '{since}' FROM offered;
INSERT INTO inventory_stock (location_id, variant_id, on_hand, updated_at)
SELECT place, variant, 1000, '{since}' FROM offered;
"""


@dataclass(frozen=True, slots=True)
class Heard:
    """What a size's simulations took."""

    p50_ms: float
    p99_ms: float
    web_ms: float
    database_ms: float


def run(*, sellers: Sequence[int], variants: int, requests: int) -> int:
    """Print a row for each number of sellers."""
    print(f"{'sellers':>8}{'offers':>11}{'p50 ms':>9}{'p99 ms':>9}{'web ms':>9}{'db ms':>9}"
          f"{'against first':>15}", flush=True)  # fmt: skip
    first: Heard | None = None
    for count in sellers:
        heard = _measured(count, variants, requests)
        first = first or heard
        ratio = (heard.web_ms + heard.database_ms) / (first.web_ms + first.database_ms)
        print(f"{count:>8,}{variants * OFFERED_BY:>11,}{heard.p50_ms:>9.1f}{heard.p99_ms:>9.1f}"
              f"{heard.web_ms:>9.2f}{heard.database_ms:>9.2f}{ratio:>14.2f}x")  # fmt: skip
    return 0


def _measured(sellers: int, variants: int, requests: int) -> Heard:
    with (
        tempfile.TemporaryDirectory(prefix="bench-simulate-") as folder,
        at_home(Path(folder) / "var", kept=False) as home,
        home.app.app_context(),
    ):
        world = build_world(db.session(), NOW)
        headers = net.headers_of(world.berta)
        order = {
            "storefront_id": public_id("shop", world.storefront.id),
            "address_id": public_id("addr", world.address.id),
        }
        db.session.commit()
        drawn = _grow(home, world, sellers, variants)
        bodies = list(_bodies(order, drawn, requests + WARM))
        with served("wsgi:app", home.environ, ready="/healthz") as server:
            return _ask(home, server, headers, bodies)


def _grow(home: Home, world: World, sellers: int, variants: int) -> list[str]:
    """Make the network; ids of its variants as the API knows them."""
    text = GENERATE.format(
        sellers=sellers, variants=variants, offered_by=OFFERED_BY, maker=world.mira.id,
        shop=world.storefront.id, category=world.category_id, since="2026-01-01T00:00:00Z",
    )  # fmt: skip
    with home.connect() as connection:
        connection.execute(text)
        connection.execute("TRUNCATE discovery_waiting")
        connection.execute("VACUUM ANALYZE")
        rows = connection.execute("SELECT id FROM catalog_variants ORDER BY sku").fetchall()
    return [public_id("var", row[0]) for row in rows]


def _bodies(order: dict[str, str], variants: Sequence[str], count: int) -> Iterator[bytes]:
    draw = Random(7)
    for _ in range(count):
        lines = [
            {"variant_id": each, "quantity": draw.randint(1, 5)}
            for each in draw.sample(variants, LINES)
        ]
        yield json.dumps(order | {"lines": lines}).encode()


def _ask(home: Home, server: Served, headers: dict[str, str], bodies: Sequence[bytes]) -> Heard:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
    sockets = str(embedded.layout_of(home.var).sockets)
    took: list[float] = []
    used = (0.0, 0.0)
    for at, body in enumerate(bodies):
        if at == WARM:
            used = server.processor_seconds(), database_seconds(sockets)
        began = time.perf_counter()
        connection.request(
            "POST", "/v1/routing/simulate", body, {"Content-Type": "application/json", **headers}
        )
        response = connection.getresponse()
        told = json.loads(response.read())
        took.append((time.perf_counter() - began) * 1000)
        if response.status != 200 or not told["units_served"]:
            raise SystemExit(f"{response.status}: {told}")
    many = len(bodies) - WARM
    web, database = server.processor_seconds() - used[0], database_seconds(sockets) - used[1]
    cuts = statistics.quantiles(took[WARM:], n=100)
    return Heard(cuts[49], cuts[98], web * 1000 / many, database * 1000 / many)
