"""Who is in the network: organizations, territories, agreements, accounts, storefronts."""

from bench.market.plan import KEEPER, MARKET, id_of
from bench.market.stages import SINCE, Stage

_ORGANIZATION = """
INSERT INTO network_organizations (id, name, code, kinds, country, created_at)
SELECT {id}, '{name} ' || n, '{code}-' || n, '{{{kind}}}', 'DE', {since}
FROM generate_series(CAST({first} AS bigint), {last}) AS n
"""


def _organizations(kind: str, name: str, role: str, many: str) -> str:
    return _ORGANIZATION.format(
        id=id_of(kind, "n"), name=name, code=kind, kind=role, since=SINCE, first=0,
        last=f"{many} - 1",
    )  # fmt: skip


ORGANIZATIONS = Stage(
    "organizations",
    once=(
        _organizations("maker", "Maker", "manufacturer", "$makers"),
        _organizations("seller", "Seller", "distributor", "$sellers"),
        _organizations("owner", "Shop", "reseller", "$shops"),
        _organizations("buyer", "Buyer", "buyer", "$buyers"),
        _ORGANIZATION.format(
            id=id_of("owner", "n"), name="Market", code="market", kind="reseller", since=SINCE,
            first=MARKET, last=KEEPER,
        ),
    ),
)  # fmt: skip

TERRITORIES = Stage(
    "territories",
    once=(
        f"""
        INSERT INTO network_territories (id, owner_id, name)
        SELECT {id_of("territory", "n")}, {id_of("maker", "0")}, 'Territory ' || n
        FROM generate_series(0, 15) AS n
        """,
        f"""
        INSERT INTO network_territory_areas (id, territory_id, country, subdivision)
        SELECT {id_of("area", "n")}, {id_of("territory", "n")}, 'DE', 'DE-' || chr(65 + n)
        FROM generate_series(0, 15) AS n
        """,
        f"""
        INSERT INTO network_addresses
            (id, organization_id, label, recipient, city, subdivision, postal_code, country,
             latitude, longitude)
        SELECT {id_of("address", "n")}, {id_of("buyer", "n")}, 'store', 'Buyer ' || n, 'Town',
               'DE-' || chr(CAST(65 + n % 16 AS integer)), '34117', 'DE',
               48 + n % 7, 8 + n % 5
        FROM generate_series(0, $buyers - 1) AS n
        """,
    ),
)

# Every seller sells its manufacturer's goods on commission; odd storefronts resell what their pool
# has, at their own prices.
AGREEMENTS = Stage(
    "agreements",
    once=(
        f"""
        INSERT INTO network_agreements
            (id, manufacturer_id, grantor_id, grantee_id, status, created_at)
        SELECT {id_of("agreement", "q")}, {id_of("maker", "q / 50")}, {id_of("maker", "q / 50")},
               {id_of("seller", "q")}, 'active', {SINCE}
        FROM generate_series(CAST(0 AS bigint), $sellers - 1) AS q
        """,
        f"""
        INSERT INTO network_agreement_terms
            (id, agreement_id, number, valid_from, currency, selling_model, priority,
             commission_bps, created_at)
        SELECT {id_of("terms", "q")}, {id_of("agreement", "q")}, 1, {SINCE}, 'EUR', 'agency',
               q % 3, 500, {SINCE}
        FROM generate_series(CAST(0 AS bigint), $sellers - 1) AS q
        """,
        f"""
        INSERT INTO network_agreement_categories (terms_id, category_id)
        SELECT {id_of("terms", "q")}, {id_of("category", "q / 50 * 155 + c")}
        FROM generate_series(CAST(9 AS bigint), $sellers - 1, 10) AS q, generate_series(0, 3) AS c
        """,
        f"""
        INSERT INTO network_agreements
            (id, manufacturer_id, grantor_id, grantee_id, parent_id, status, created_at)
        SELECT {id_of("agreement", "$sellers + q")}, {id_of("maker", "q / 50")},
               {id_of("seller", "q")}, {id_of("owner", "q / 20")}, {id_of("agreement", "q")},
               'active', {SINCE}
        FROM generate_series(CAST(0 AS bigint), $shops * 20 - 1) AS q WHERE q / 20 % 2 = 1
        """,
        f"""
        INSERT INTO network_agreement_terms
            (id, agreement_id, number, valid_from, currency, selling_model,
             transfer_price_list_id, created_at)
        SELECT {id_of("terms", "$sellers + q")}, {id_of("agreement", "$sellers + q")}, 1, {SINCE},
               'EUR', 'resale', {id_of("list", "$transfers + q")}, {SINCE}
        FROM generate_series(CAST(0 AS bigint), $shops * 20 - 1) AS q WHERE q / 20 % 2 = 1
        """,
    ),
)

_SHOP = """
INSERT INTO storefronts_storefronts
    (id, owner_id, slug, name, country, currency, access, created_at)
SELECT {id}, {owner}, '{slug}-' || n, 'Shop ' || n, 'DE', 'EUR', '{access}', {since}
FROM generate_series(CAST({first} AS bigint), {last}) AS n
"""

_KEEPERS = f"""
INSERT INTO network_agreements (id, manufacturer_id, grantor_id, grantee_id, status, created_at)
SELECT {id_of("agreement", f"{KEEPER} + m")}, {id_of("maker", "m")}, {id_of("maker", "m")},
       {id_of("owner", str(KEEPER))}, 'active', {SINCE}
FROM generate_series(CAST(0 AS bigint), $makers - 1) AS m
"""
_KEEPERS_TERMS = f"""
INSERT INTO network_agreement_terms
    (id, agreement_id, number, valid_from, currency, selling_model, created_at)
SELECT {id_of("terms", f"{KEEPER} + m")}, {id_of("agreement", f"{KEEPER} + m")}, 1, {SINCE}, 'EUR',
       'agency', {SINCE}
FROM generate_series(CAST(0 AS bigint), $makers - 1) AS m
"""

SHOPS = Stage(
    "storefronts",
    once=(
        _KEEPERS,
        _KEEPERS_TERMS,
        _SHOP.format(
            id=id_of("shop", "n"),
            owner=id_of("owner", "n"),
            slug="shop",
            access="closed",
            since=SINCE,
            first=0,
            last="$shops - 1",
        ),
        _SHOP.format(
            id=id_of("shop", "n"),
            owner=id_of("owner", "n"),
            slug="market",
            access="open",
            since=SINCE,
            first=MARKET,
            last=MARKET,
        ),
        f"""
        INSERT INTO storefronts_pool_sellers (storefront_id, seller_id)
        SELECT {id_of("shop", "q / 20")}, {id_of("seller", "q")}
        FROM generate_series(CAST(0 AS bigint), $shops * 20 - 1) AS q
        """,
        f"""
        INSERT INTO storefronts_pool_sellers (storefront_id, seller_id)
        SELECT {id_of("shop", str(MARKET))}, {id_of("seller", "q")}
        FROM generate_series(CAST(0 AS bigint), $market_groups * 5 - 1) AS q
        """,
        f"""
        INSERT INTO network_trading_accounts
            (id, seller_id, buyer_id, status, currency, credit_limit_minor, customer_group,
             created_at)
        SELECT {id_of("account", "b")}, {id_of("owner", "b / 20")}, {id_of("buyer", "b")},
               'active', 'EUR', 10000000, CASE WHEN b % 2 = 0 THEN 'gold' ELSE 'silver' END, {SINCE}
        FROM generate_series(CAST(0 AS bigint), $buyers - 1) AS b
        """,
        f"""
        INSERT INTO network_trading_accounts
            (id, seller_id, buyer_id, status, currency, credit_limit_minor, customer_group,
             created_at)
        SELECT {id_of("account", "$buyers + b")}, {id_of("owner", str(MARKET))},
               {id_of("buyer", "b")}, 'active', 'EUR', 10000000, 'gold', {SINCE}
        FROM generate_series(CAST(0 AS bigint), $buyers - 1) AS b
        """,
        f"""
        INSERT INTO routing_policies (id, storefront_id, number, valid_from)
        VALUES ({id_of("policy", "0")}, NULL, 1, {SINCE})
        """,
        f"""
        INSERT INTO routing_freight_tables (id, seller_id, currency, name)
        VALUES ({id_of("table", "0")}, NULL, 'EUR', 'Parcels')
        """,
        f"""
        INSERT INTO routing_freight_rates (table_id, distance_km_up_to, weight_g_up_to, price_minor)
        SELECT {id_of("table", "0")}, km, grams, 300 + km / 10 + grams / 100
        FROM unnest(ARRAY[100, 500, 5000]) AS km, unnest(ARRAY[1000, 10000, 31500]) AS grams
        """,
    ),
)
