"""Price lists of every purpose, to whom they apply, formulas, and entries by the million.

Every variant stands on 6 entries of each of its five sellers, on 20 of its storefront owner's 50
lists, and on its manufacturer's list: some 50 entries a variant. All 50 lists of an owner, and all
seven of each seller of the pool, apply to the storefront's first buyer: what decides is found by
comparing, not by there being nothing else.
"""

from bench.market.plan import KEEPER, LONG_LIST, id_of
from bench.market.stages import NUMBERED, SINCE, Stage

_LIST = f"""
INSERT INTO pricing_price_lists
    (id, owner_id, name, currency, purpose, valid_from, base_list_id, created_at)
SELECT {{id}}, {{owner}}, '{{name}} ' || {{number}}, 'EUR', '{{purpose}}', {SINCE}, {{base}},
       {SINCE} + {{number}} * interval '1 minute'
FROM {{numbers}}
"""
_SELLERS = "generate_series(CAST(0 AS bigint), $sellers - 1) AS q, generate_series(0, 6) AS k"
_OWNERS = "generate_series(CAST(0 AS bigint), $shops - 1) AS s, generate_series(0, 49) AS k"
_MAKERS = "generate_series(CAST(0 AS bigint), $makers - 1) AS m"
_RESOLD = """
    generate_series(CAST(0 AS bigint), $shops * 20 - 1) AS q WHERE q / 20 % 2 = 1
"""
# Owners of odd storefronts derive every fifth list from their first.
_IS_DERIVED = "(s % 2 = 1 AND k % 5 = 4)"

LISTS = Stage(
    "price lists",
    once=(
        _LIST.format(
            id=id_of("list", "q * 7 + k"), owner=id_of("seller", "q"), name="Seller", number="k",
            purpose="sale", base="NULL", numbers=f"{_SELLERS} WHERE k < 5",
        ),
        _LIST.format(
            id=id_of("list", "q * 7 + k"), owner=id_of("seller", "q"), name="Derived", number="k",
            purpose="sale", base=id_of("list", "q * 7"), numbers=f"{_SELLERS} WHERE k >= 5",
        ),
        _LIST.format(
            id=id_of("list", "$owners + s * 50 + k"), owner=id_of("owner", "s"), name="Shop",
            number="k", purpose="sale", base="NULL", numbers=f"{_OWNERS} WHERE NOT {_IS_DERIVED}",
        ),
        _LIST.format(
            id=id_of("list", "$owners + s * 50 + k"), owner=id_of("owner", "s"), name="Derived",
            number="k", purpose="sale", base=id_of("list", "$owners + s * 50"),
            numbers=f"{_OWNERS} WHERE {_IS_DERIVED}",
        ),
        _LIST.format(
            id=id_of("list", "$transfers + q"), owner=id_of("seller", "q"), name="Transfer",
            number="q", purpose="transfer", base=id_of("list", "q * 7"), numbers=_RESOLD,
        ),
        _LIST.format(
            id=id_of("list", "$recommended + m"), owner=id_of("maker", "m"), name="Recommended",
            number="m", purpose="list", base="NULL", numbers=_MAKERS,
        ),
        _LIST.format(
            id=id_of("list", "$recommended + $makers + m"), owner=id_of("maker", "m"), name="Floor",
            number="m", purpose="floor", base=id_of("list", "$recommended + m"), numbers=_MAKERS,
        ),
        _LIST.format(
            id=id_of("list", str(LONG_LIST)), owner=id_of("owner", str(KEEPER)), name="Everything",
            number="1", purpose="sale", base="NULL", numbers="generate_series(1, 1)",
        ),
        _LIST.format(
            id=id_of("list", str(LONG_LIST + 1)), owner=id_of("owner", str(KEEPER)),
            name="Everything for less", number="2", purpose="sale",
            base=id_of("list", str(LONG_LIST)), numbers="generate_series(1, 1)",
        ),
    ),
)  # fmt: skip

# Two formulas a list: one for a brand, which few goods have, then one for all.


def _formulas(number: str, factor: int, numbers: str) -> str:
    return f"""
    INSERT INTO pricing_formulas
        (id, price_list_id, position, brand, factor_bps, round_to_minor, round_ending_minor)
    SELECT {id_of("formula", f"({number}) * 2 + f")}, {id_of("list", number)}, f + 1,
           CASE f WHEN 0 THEN 'Brand 1-1' END, {factor} - f * 100, 5, 0
    FROM generate_series(0, 1) AS f, {numbers}
    """


FORMULAS = Stage(
    "formulas",
    once=(
        _formulas("q * 7 + k", 9_600, f"{_SELLERS} WHERE k >= 5"),
        _formulas("$owners + s * 50 + k", 9_700, f"{_OWNERS} WHERE {_IS_DERIVED}"),
        _formulas("$transfers + q", 8_000, _RESOLD),
        _formulas("$recommended + $makers + m", 5_000, _MAKERS),
        _formulas(str(LONG_LIST + 1), 9_500, "generate_series(1, 1) AS one"),
    ),
)

_ASSIGNMENT = """
INSERT INTO pricing_assignments
    (id, owner_id, price_list_id, storefront_id, customer_group, territory_id, buyer_id, priority)
SELECT {id}, {owner}, {list}, {shop}, {group}, {territory}, {buyer}, {priority} FROM {numbers}
"""

_SELLERS_SHOP = "q / 20"
_FIRST_BUYERS_TERRITORY = id_of("territory", "{shop} * 20 % 16")

ASSIGNMENTS = Stage(
    "assignments",
    once=(
        # everybody, storefront, group, territory, buyer; the derived ones group and territory
        _ASSIGNMENT.format(
            id=id_of("assignment", "q * 7 + k"), owner=id_of("seller", "q"),
            list=id_of("list", "q * 7 + k"),
            shop=f"CASE WHEN k IN (1, 5, 6) THEN {id_of('shop', _SELLERS_SHOP)} END",
            group="CASE WHEN k IN (2, 5) THEN 'gold' END",
            territory="CASE WHEN k IN (3, 6) THEN "
            f"{_FIRST_BUYERS_TERRITORY.format(shop=_SELLERS_SHOP)} END",
            buyer=f"CASE WHEN k = 4 THEN {id_of('buyer', 'q / 20 * 20')} END",
            priority="k", numbers=f"{_SELLERS} WHERE q / 20 < $shops",
        ),
        _ASSIGNMENT.format(
            id=id_of("assignment", "$owners + s * 50 + k"), owner=id_of("owner", "s"),
            list=id_of("list", "$owners + s * 50 + k"),
            shop=f"CASE WHEN k / 10 = 1 THEN {id_of('shop', 's')} END",
            group="CASE WHEN k / 10 = 2 THEN 'gold' END",
            territory=f"CASE WHEN k / 10 = 3 THEN {_FIRST_BUYERS_TERRITORY.format(shop='s')} END",
            buyer=f"CASE WHEN k / 10 = 4 THEN {id_of('buyer', 's * 20')} END",
            priority="k", numbers=_OWNERS,
        ),
        _ASSIGNMENT.format(
            id=id_of("assignment", f"{LONG_LIST} + n"), owner=id_of("owner", str(KEEPER)),
            list=id_of("list", f"{LONG_LIST} + n"), shop="NULL",
            group="CASE n WHEN 1 THEN 'gold' END", territory="NULL", buyer="NULL", priority="0",
            numbers="generate_series(CAST(0 AS bigint), 1) AS n",
        ),
        f"""
        INSERT INTO pricing_settings (owner_id, strategy)
        SELECT {id_of("owner", "s")}, 'lowest'
        FROM generate_series(CAST(0 AS bigint), $shops - 1) AS s WHERE s % 4 = 2
        """,
    ),
)  # fmt: skip

_BASE = "(500 + n * 7919 % 100000)"
_COLUMNS = """
INSERT INTO pricing_entries (price_list_id, variant_id, from_quantity, amount_minor, valid_from)
"""

ENTRIES = Stage(
    "price entries",
    batch=f"""
    {_COLUMNS}
    SELECT list_id, variant_id, since, amount, {SINCE} FROM (
        SELECT {id_of("list", "q * 7 + k")} AS list_id, {id_of("variant", "n")} AS variant_id,
               since, {_BASE} * (80 + (q * 31 + k * 7) % 40 - since / 5) / 100 AS amount
        FROM {NUMBERED}
        CROSS JOIN LATERAL generate_series(g * 5, g * 5 + 4) AS q
        CROSS JOIN generate_series(0, 4) AS k
        CROSS JOIN LATERAL unnest(CASE k WHEN 0 THEN ARRAY[1, 10] ELSE ARRAY[1] END) AS since
        UNION ALL
        SELECT {id_of("list", "$owners + s * 50 + k")}, {id_of("variant", "n")}, 1,
               {_BASE} * (90 + (k * 7 + n) % 30) / 100
        FROM (SELECT n, g / 4 AS s FROM {NUMBERED}) AS v, generate_series(0, 49) AS k
        WHERE (k * 7 + n) % 50 < 20 AND s < $shops AND NOT {_IS_DERIVED}
        UNION ALL
        SELECT {id_of("list", "$recommended + m")}, {id_of("variant", "n")}, 1, {_BASE}
        FROM {NUMBERED}
    ) AS made
    ORDER BY variant_id, list_id, since
    """,
    size=20_000,
)

LONG_LIST_ENTRIES = Stage(
    "entries of the long list",
    batch=f"""
    {_COLUMNS}
    SELECT {id_of("list", str(LONG_LIST))}, {id_of("variant", "n")}, 1, {_BASE}, {SINCE}
    FROM {NUMBERED} ORDER BY n
    """,
    size=250_000,
)
