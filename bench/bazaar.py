"""A network of many sellers around one storefront, made in SQL: what simulations and orders ask.

However many sellers there are, they make as many offers together, and a variant has as many of
them: so an order has as much to consider, and only the tables grow. One variant in ten is popular:
65 sellers offer it, fifteen each of the others. Sellers sit in seven states; a tenth may sell
everywhere, three tenths in the south-east, the others in two postal ranges of their own state. A
quarter hold their agreement of another seller, a fifth of the terms cover some categories only, one
in ten lacks the maker's agreement. Every fifth seller has prices for a group of buyers, too, and a
freight table of its own; every tenth a second place. Twenty supply the storefront's owner, who
resells. Chance is drawn by number, so every run makes the same.
"""

import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from random import Random
from typing import Any, NamedTuple

import psycopg

from app.infra.auth import Caller
from app.infra.db import db
from app.kernel.ids import public_id
from app.network.models import Organization
from app.ordering.operations import Placement, PlacementLine
from bench.market.home import Home
from tests.factories import network as net
from tests.factories.world import World, build_world

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
EACH, POPULAR, RARE = 10, 65, 15
OFFERED_BY = (POPULAR + RARE * (EACH - 1)) // EACH
LEAST_LINES, MOST_LINES, MOST_UNITS = 3, 10, 12
POPULAR_PERCENT = 40
LARGE = ("offers_offers", "pricing_entries", "inventory_stock")
# Where the buyer's addresses are: state, postal code, place.
ADDRESSES = (
    ("SP", "01310-100", -23.561, -46.656),
    ("SP", "13010-000", -22.905, -47.061),
    ("RJ", "20040-002", -22.906, -43.177),
    ("MG", "30130-010", -19.921, -43.938),
    ("PR", "80010-000", -25.429, -49.271),
)

_DRAW = """
CREATE OR REPLACE FUNCTION pg_temp.draw(n bigint, seed integer, below integer) RETURNS integer
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CAST((hashint8extended(n, seed) & 2147483647) % below AS integer)
"""
_PEOPLE = """
CREATE TEMP TABLE maker AS
SELECT n, uuidv7() AS id FROM generate_series(0, 7) n;
INSERT INTO network_organizations (id, name, code, kinds, country, created_at)
SELECT id, 'Maker ' || n, 'maker-' || n, '{{manufacturer}}', 'BR', {since} FROM maker;
CREATE TEMP TABLE grouped AS
SELECT m.n AS maker_no, m.id AS maker, g AS n, uuidv7() AS id
FROM maker m, generate_series(0, 4) g;
INSERT INTO catalog_categories (id, manufacturer_id, code, name, path)
SELECT id, maker, 'group-' || n, 'Group ' || n, ARRAY[id] FROM grouped;
CREATE TEMP TABLE grown AS
SELECT n, uuidv7() AS id, uuidv7() AS place, uuidv7() AS second, uuidv7() AS list,
       uuidv7() AS group_list, uuidv7() AS transfer_list, uuidv7() AS territory,
       uuidv7() AS freight, s.state, s.postal, s.latitude, s.longitude,
       pg_temp.draw(n, 2, 10) AS reach
FROM generate_series(0, {sellers} - 1) n
JOIN (VALUES
    (0, 'SP', '01', -23.5, -46.6), (1, 'SP', '11', -22.9, -47.0), (2, 'SP', '13', -21.2, -47.8),
    (3, 'RJ', '20', -22.9, -43.2), (4, 'RJ', '24', -22.5, -43.9), (5, 'MG', '30', -19.9, -43.9),
    (6, 'MG', '36', -18.9, -48.2), (7, 'PR', '80', -25.4, -49.2), (8, 'RS', '90', -30.0, -51.2),
    (9, 'BA', '40', -12.9, -38.5), (10, 'PE', '50', -8.0, -34.9), (11, 'SP', '08', -23.9, -46.3)
) AS s (no, state, postal, latitude, longitude) ON s.no = pg_temp.draw(n, 1, 12);
CREATE UNIQUE INDEX ON grown (n);
INSERT INTO network_organizations (id, name, code, kinds, country, created_at)
SELECT id, 'Seller ' || n, 'seller-' || n, '{{wholesaler}}', 'BR', {since} FROM grown;
INSERT INTO storefronts_pool_sellers (storefront_id, seller_id)
SELECT '{shop}', id FROM grown WHERE n % 50 <> 7;
INSERT INTO inventory_locations (id, seller_id, code, name, city, subdivision, postal_code, country,
                                 latitude, longitude)
SELECT p.id, g.id, p.code, p.code, 'Town', 'BR-' || g.state, g.postal || '000-000', 'BR',
       g.latitude + (n % 100) * 0.005 + p.further, g.longitude + (n % 77) * 0.007 + p.further
FROM grown g
CROSS JOIN LATERAL (VALUES (g.place, 'A', 0.0), (g.second, 'B', 0.9)) p (id, code, further)
WHERE p.code = 'A' OR n % 10 = 4;
INSERT INTO routing_freight_tables (id, seller_id, currency, name)
SELECT freight, id, 'BRL', 'Own' FROM grown WHERE n % 5 = 2;
INSERT INTO routing_freight_rates (table_id, distance_km_up_to, weight_g_up_to, price_minor)
SELECT freight, km, grams, 400 + km / 5 + grams / 40 + n % 90 FROM grown,
       unnest(ARRAY[150, 700, 3500]) km, unnest(ARRAY[1000, 6000, 40000]) grams WHERE n % 5 = 2;
"""
_RIGHTS = """
INSERT INTO network_territories (id, owner_id, name)
SELECT territory, '{maker}', 'Of seller ' || n FROM grown WHERE reach >= 4;
INSERT INTO network_territory_areas (id, territory_id, country, subdivision, postal_from, postal_to)
SELECT uuidv7(), territory, 'BR', 'BR-' || state, first || '000-000', last || '999-999'
FROM grown CROSS JOIN LATERAL (VALUES
    (postal, lpad(CAST(CAST(postal AS integer) + 2 AS text), 2, '0')),
    ('0' || n % 10, '1' || n % 10)
) p (first, last)
WHERE reach >= 4;
CREATE TEMP TABLE region AS SELECT uuidv7() AS id;
INSERT INTO network_territories (id, owner_id, name) SELECT id, '{maker}', 'South-east' FROM region;
INSERT INTO network_territory_areas (id, territory_id, country, subdivision)
SELECT uuidv7(), id, 'BR', 'BR-' || state FROM region, unnest(ARRAY['SP', 'RJ', 'MG']) state;
CREATE TEMP TABLE agreed AS
SELECT g.n, g.id AS seller, m.n AS maker_no, m.id AS maker, uuidv7() AS id, uuidv7() AS terms,
       CASE WHEN g.reach = 0 THEN NULL WHEN g.reach < 4 THEN (SELECT id FROM region)
            ELSE g.territory END AS territory
FROM grown g CROSS JOIN maker m WHERE pg_temp.draw(g.n * 8 + m.n, 3, 10) > 0;
INSERT INTO network_agreements (id, manufacturer_id, grantor_id, grantee_id, parent_id, status,
                                created_at)
SELECT a.id, a.maker, COALESCE(b.seller, a.maker), a.seller, b.id, 'active', {since}
FROM agreed a LEFT JOIN agreed b ON b.maker_no = a.maker_no AND b.n = a.n - 1 AND a.n % 4 = 3;
INSERT INTO network_agreement_terms (id, agreement_id, number, valid_from, currency, selling_model,
                                     territory_id, priority, minimum_order_minor, commission_bps,
                                     royalty_bps, platform_fee_bps, created_at)
SELECT terms, id, 1, {since}, 'BRL', 'agency', territory, n % 3,
       CASE WHEN n % 6 = 1 THEN 5000 ELSE 0 END, 500, 200, 100, {since} FROM agreed;
INSERT INTO network_agreement_categories (terms_id, category_id)
SELECT a.terms, g.id FROM agreed a JOIN grouped g ON g.maker = a.maker AND g.n <> a.n % 5
WHERE pg_temp.draw(a.n * 8 + a.maker_no, 4, 5) = 0;
INSERT INTO network_exclusivities (id, terms_id, territory_id, category_id)
SELECT uuidv7(), a.terms, (SELECT id FROM region), g.id
FROM agreed a JOIN grouped g ON g.maker = a.maker AND g.n = 4 WHERE a.n = 30 AND a.maker_no = 5;
CREATE TEMP TABLE resold AS
SELECT a.*, g.transfer_list, uuidv7() AS onward, uuidv7() AS onward_terms
FROM agreed a JOIN grown g USING (n) WHERE a.n < 20 AND a.maker_no = a.n % 8;
INSERT INTO pricing_price_lists (id, owner_id, name, currency, purpose, valid_from, created_at)
SELECT transfer_list, seller, 'Transfer', 'BRL', 'transfer', {since}, {since} FROM resold;
INSERT INTO network_agreements (id, manufacturer_id, grantor_id, grantee_id, parent_id, status,
                                created_at)
SELECT onward, maker, seller, '{owner}', id, 'active', {since} FROM resold;
INSERT INTO network_agreement_terms (id, agreement_id, number, valid_from, currency, selling_model,
                                     transfer_price_list_id, created_at)
SELECT onward_terms, onward, 1, {since}, 'BRL', 'resale', transfer_list, {since} FROM resold;
"""
_LISTS = """
INSERT INTO pricing_price_lists (id, owner_id, name, currency, purpose, valid_from, created_at)
SELECT list, id, 'Prices', 'BRL', 'sale', {since}, {since} FROM grown
UNION ALL
SELECT group_list, id, 'Gold', 'BRL', 'sale', {since}, {since} FROM grown WHERE n % 5 = 0;
INSERT INTO pricing_assignments (id, owner_id, price_list_id, customer_group)
SELECT uuidv7(), id, list, NULL FROM grown
UNION ALL
SELECT uuidv7(), id, group_list, 'gold' FROM grown WHERE n % 5 = 0;
UPDATE network_trading_accounts SET customer_group = 'gold', credit_limit_minor = 1000000000000;
"""
_GOODS = """
CREATE TEMP TABLE made AS
SELECT v.n, uuidv7() AS product, uuidv7() AS id, g.maker, g.id AS category,
       CASE WHEN v.n % {each} = 0 THEN {popular} ELSE {rare} END AS sellers
FROM generate_series(0, {variants} - 1) v (n)
JOIN grouped g ON g.maker_no = v.n / {each} % 8 AND g.n = v.n / ({each} * 8) % 5;
INSERT INTO catalog_products (id, manufacturer_id, category_id, code, name, brand, created_at)
SELECT product, maker, category, 'G' || n, 'Thing ' || n, 'Brand', {since} FROM made;
INSERT INTO catalog_variants (id, product_id, manufacturer_id, category_id, sku, name, weight_g,
                              created_at)
SELECT id, product, maker, category, 'G-' || n, 'Thing ' || n, 100 + n % 40 * 50, {since}
FROM made;
CREATE TEMP TABLE offered AS
SELECT m.n, m.id AS variant, g.n AS seller_no
FROM made m CROSS JOIN LATERAL generate_series(0, m.sellers - 1) k
JOIN grown g ON g.n = (m.n * CAST(7919 AS bigint) + k * ({sellers} / m.sellers)) % {sellers};
INSERT INTO offers_offers (id, seller_id, variant_id, minimum_quantity, quantity_step,
                           lead_time_days, created_at)
SELECT uuidv7(), g.id, o.variant, 1, CASE WHEN o.n % 17 = 3 THEN 2 ELSE 1 END,
       (o.n + seller_no) % 4, {since}
FROM offered o JOIN grown g ON g.n = o.seller_no;
INSERT INTO pricing_entries (price_list_id, variant_id, from_quantity, amount_minor, valid_from)
SELECT e.list, o.variant, e.since, (900 + o.n * 37 % 9000) * e.percent / 100
       + pg_temp.draw(o.n * 10007 + seller_no, 5, 300), {since}
FROM offered o JOIN grown g ON g.n = o.seller_no
CROSS JOIN LATERAL (VALUES
    (g.list, 1, 100), (g.list, 6, 95), (g.group_list, 1, 97), (g.transfer_list, 1, 80)
) e (list, since, percent)
WHERE e.percent = 100 OR e.percent = 95 AND g.n % 4 = 1
   OR e.percent = 97 AND g.n % 5 = 0 AND o.n % 3 = 0 OR e.percent = 80 AND g.n < 20
UNION ALL
SELECT '{owners_list}', id, 1, (900 + n * 37 % 9000) * 105 / 100, {since} FROM made;
INSERT INTO inventory_stock (location_id, variant_id, on_hand, updated_at)
SELECT p.id, o.variant,
       CASE WHEN pg_temp.draw(o.n * 10007 + seller_no, 6, 10) > 0 THEN {stock} ELSE 0 END, {since}
FROM offered o JOIN grown g ON g.n = o.seller_no
CROSS JOIN LATERAL (VALUES (g.place, true), (g.second, g.n % 10 = 4)) p (id, is_there)
WHERE p.is_there;
"""


_INDEXES = """
SELECT CAST(i.indexrelid AS regclass), pg_get_indexdef(i.indexrelid) FROM pg_index i
WHERE i.indrelid = ANY (CAST(%s AS regclass[])) AND NOT EXISTS (
    SELECT FROM pg_constraint c WHERE c.conindid = i.indexrelid
)
"""


class Buyer(NamedTuple):
    """Who orders, with what key, and to where."""

    caller: Caller
    headers: dict[str, str]
    address_ids: list[uuid.UUID]


@dataclass(frozen=True, slots=True)
class Bazaar:
    """Who asks, where, and what there is; ``seconds`` is what making it took."""

    shop_id: uuid.UUID
    buyers: list[Buyer]
    variant_ids: list[uuid.UUID]
    seconds: float

    def placements(self, *, seed: int, buyer: int = 0) -> Iterator[Placement]:
        """Orders without end: three to ten lines, four in ten of them of popular goods."""
        draw, who = Random(seed), self.buyers[buyer]
        while True:
            numbers = {self._variant(draw) for _ in range(draw.randint(LEAST_LINES, MOST_LINES))}
            yield Placement(
                storefront_id=self.shop_id,
                buyer_id=who.caller.organization_id,
                address_id=draw.choice(who.address_ids),
                lines=[
                    PlacementLine(self.variant_ids[no], 2 * draw.randint(1, MOST_UNITS // 2))
                    for no in sorted(numbers)
                ],
                accept_shortfall=True,
            )

    def _variant(self, draw: Random) -> int:
        if draw.randrange(100) >= POPULAR_PERCENT:
            return draw.randrange(len(self.variant_ids))
        return draw.randrange(len(self.variant_ids) // EACH) * EACH


def body_of(placement: Placement) -> dict[str, Any]:
    """A placement as the API is asked for it."""
    return {
        "storefront_id": public_id("shop", placement.storefront_id),
        "address_id": public_id("addr", placement.address_id),
        "lines": [
            {"variant_id": public_id("var", line.variant_id), "quantity": line.quantity}
            for line in placement.lines
        ],
    }


def open_bazaar(
    home: Home, *, sellers: int, offers: int, stock: int = 1000, buyers: int = 1
) -> Bazaar:
    """Make the network in an empty database; rules of the database are taken on trust."""
    began = time.perf_counter()
    world = build_world(db.session(), NOW)
    shop_id = world.storefront.id
    people = [_buyer(world, world.berta if not no else None) for no in range(buyers)]
    names = {
        "sellers": sellers, "variants": offers // OFFERED_BY, "stock": stock, "each": EACH,
        "popular": POPULAR, "rare": RARE, "shop": shop_id, "owner": world.rosa.id,
        "owners_list": world.lists["rosa"], "maker": world.mira.id,
        "since": "timestamptz '2026-01-01T00:00:00Z'",
    }  # fmt: skip
    db.session.commit()
    with home.connect() as connection:
        for setting in ("session_replication_role = replica", "synchronous_commit = off",
                        "work_mem = '256MB'",
                        "maintenance_work_mem = '512MB'"):  # fmt: skip
            connection.execute(f"SET {setting}")
        connection.execute(_DRAW)
        for part in (_PEOPLE, _RIGHTS, _LISTS):
            connection.execute(part.format(**names))
        _fill(connection, _GOODS.format(**names))
        rows = connection.execute("SELECT id FROM made ORDER BY n").fetchall()
    seconds = time.perf_counter() - began
    return Bazaar(shop_id, people, [row[0] for row in rows], seconds)


def _buyer(world: World, known: Organization | None) -> Buyer:
    """A buyer with an account and addresses in five places."""
    organization = known or net.OrganizationFactory(buyer=True)
    if known is None:
        net.TradingAccountFactory(seller_id=world.rosa.id, buyer_id=organization.id)
    address_ids = [
        net.AddressFactory(
            organization_id=organization.id, subdivision=f"BR-{state}", postal_code=postal,
            latitude=latitude, longitude=longitude,
        ).id
        for state, postal, latitude, longitude in ADDRESSES
    ]  # fmt: skip
    return Buyer(net.caller_of(organization), net.headers_of(organization), address_ids)


def _fill(connection: psycopg.Connection, statements: str) -> None:
    """Fill the large tables; indexes that no constraint needs are made afterwards, in one go."""
    found = connection.execute(_INDEXES, [list(LARGE)]).fetchall()
    for name, _ in found:
        connection.execute(f"DROP INDEX {name}")
    connection.execute(statements)
    for _, definition in found:
        connection.execute(definition)
    connection.execute("VACUUM ANALYZE")
