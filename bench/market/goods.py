"""What is sold: categories, products, variants, and each seller's offers and stock."""

from bench.market.plan import id_of
from bench.market.stages import NUMBERED, SINCE, Stage

THINGS = (
    "basin mixer", "kitchen tap", "shower hose", "angle valve", "copper pipe", "cable tie",
    "wall plug", "wood screw", "drill bit", "work light", "hex nut", "flat washer", "steel anchor",
    "pipe clamp", "ball bearing", "timing belt", "air filter", "hand pump", "gate latch",
    "door hinge",
)  # fmt: skip
COLOURS = ("chrome", "brass", "steel", "white", "black")
MATERIALS = ("metal", "plastic", "wood")

# A GTIN-13 from a number: eleven digits after the 4, and the digit that proves them.
_BODY = "(400000000000 + n)"
_DIGITS = " + ".join(f"{_BODY} / {10**place} % 10 * {1 if place % 2 else 3}" for place in range(12))
GTIN = f"CAST({_BODY} * 10 + (10 - ({_DIGITS}) % 10) % 10 AS text)"


def _among(words: tuple[str, ...], number: str) -> str:
    array = ", ".join(f"'{word}'" for word in words)
    return f"(ARRAY[{array}])[1 + {number} % {len(words)}]"


_MIXED = "({n} * 2654435761 % 4294967296 / 4096)"
_THING = _among(THINGS, _MIXED.format(n="p"))
_COLOUR = _among(COLOURS, _MIXED.format(n="n"))
# One in ten is everyday, one in a hundred rare.
_GRADE = f"""
    CASE WHEN {_MIXED.format(n="p")} / 32 % 1000 < 99 THEN 'everyday'
         WHEN {_MIXED.format(n="p")} / 32 % 1000 < 109 THEN 'rare' ELSE 'standard' END
"""
# A manufacturer has 5 categories, 25 below them, and 125 below these, which have the goods.
_LEAF = id_of("category", f"m * 155 + 30 + {_MIXED.format(n='p')} % 125")

CATEGORIES = Stage(
    "categories",
    once=(
        f"""
        INSERT INTO catalog_categories (id, manufacturer_id, parent_id, code, name, path)
        SELECT {id_of("category", "m * 155 + c")}, {id_of("maker", "m")},
               CASE WHEN c >= 30 THEN {id_of("category", "m * 155 + 5 + (c - 30) / 5")}
                    WHEN c >= 5 THEN {id_of("category", "m * 155 + (c - 5) / 5")} END,
               'c' || c, 'Category ' || c,
               CASE WHEN c >= 30 THEN ARRAY[{id_of("category", "m * 155 + (c - 30) / 25")},
                                            {id_of("category", "m * 155 + 5 + (c - 30) / 5")}]
                    WHEN c >= 5 THEN ARRAY[{id_of("category", "m * 155 + (c - 5) / 5")}]
                    ELSE CAST('{{}}' AS uuid[]) END
               || {id_of("category", "m * 155 + c")}
        FROM generate_series(CAST(0 AS bigint), $makers - 1) AS m, generate_series(0, 154) AS c
        """,
        f"""
        INSERT INTO catalog_attributes (id, manufacturer_id, code, name, kind, is_facet)
        SELECT {id_of("attribute", "m * 3 + a")}, {id_of("maker", "m")},
               (ARRAY['colour', 'length', 'material'])[a + 1],
               (ARRAY['Colour', 'Length', 'Material'])[a + 1],
               (ARRAY['text', 'number', 'text'])[a + 1], true
        FROM generate_series(CAST(0 AS bigint), $makers - 1) AS m, generate_series(0, 2) AS a
        """,
    ),
)

PRODUCTS = Stage(
    "products",
    batch=f"""
    INSERT INTO catalog_products
        (id, manufacturer_id, category_id, code, name, brand, description, created_at)
    SELECT {id_of("product", "p")}, {id_of("maker", "m")}, {_LEAF}, 'P' || p,
           {_THING} || ' ' || {_GRADE}, 'Brand ' || m || '-' || {_MIXED.format(n="p")} % 3,
           'Made for many years of use.', {SINCE}
    FROM {NUMBERED} WHERE n % 4 = 0
    """,
    size=200_000,
)

VARIANTS = Stage(
    "variants",
    batch=f"""
    INSERT INTO catalog_variants
        (id, product_id, manufacturer_id, category_id, sku, gtin, part_number, name, attributes,
         weight_g, created_at)
    SELECT {id_of("variant", "n")}, {id_of("product", "p")}, {id_of("maker", "m")}, {_LEAF},
           'SKU-' || n, {GTIN}, 'PN-' || n || '/' || n % 7,
           {_THING} || ' ' || {_COLOUR} || ' ' || {_GRADE} || ' ' || n,
           jsonb_build_object('colour', {_COLOUR}, 'length', n % 30,
                              'material', {_among(MATERIALS, _MIXED.format(n="n"))}),
           100 + n % 900, {SINCE} + n * interval '1 second'
    FROM {NUMBERED}
    """,
    size=100_000,
)

OFFERS = Stage(
    "offers",
    batch=f"""
    INSERT INTO offers_offers
        (id, seller_id, variant_id, seller_sku, status, minimum_quantity, lead_time_days,
         created_at)
    SELECT {id_of("offer", "n * 5 + j")}, {id_of("seller", "g * 5 + j")}, {id_of("variant", "n")},
           's' || n, CASE WHEN (n + j * 31) % 50 = 0 THEN 'paused' ELSE 'active' END,
           CASE WHEN n % 40 = 0 THEN 10 ELSE 1 END, j, {SINCE}
    FROM {NUMBERED}, generate_series(0, 4) AS j
    """,
    size=50_000,
)

STOCK = Stage(
    "stock",
    once=(
        f"""
        INSERT INTO inventory_locations
            (id, seller_id, code, name, city, subdivision, postal_code, country, latitude,
             longitude)
        SELECT {id_of("location", "q")}, {id_of("seller", "q")}, 'A', 'A', 'Town',
               'DE-' || chr(CAST(65 + q % 16 AS integer)), '34117', 'DE', 48 + q % 7, 8 + q % 5
        FROM generate_series(CAST(0 AS bigint), $sellers - 1) AS q
        """,
    ),
    batch=f"""
    INSERT INTO inventory_stock (location_id, variant_id, on_hand, updated_at)
    SELECT {id_of("location", "g * 5 + j")}, {id_of("variant", "n")},
           GREATEST(0, (n * 31 + j * 17) % 60 - 10), {SINCE}
    FROM {NUMBERED}, generate_series(0, 4) AS j
    """,
    size=50_000,
)
