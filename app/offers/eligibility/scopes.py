"""Where one looks, what is wanted, and in which scopes it falls that laws are made for."""

from app.network.queries import WITHIN_CIRCLE, WITHIN_POSTAL

IN_FORCE = "t.valid_from <= :now AND (t.valid_to IS NULL OR t.valid_to > :now)"

# The parts of an assortment's or terms' scope: what decides for all variants of a category alike is
# decided once a category. Only where assortments are in play is a variant looked at by itself.
_SHOP = """
shop AS MATERIALIZED (
    SELECT s.id, s.owner_id, s.assortment_id, a.assortment_id AS account_assortment_id,
           COALESCE(a.blocked_seller_ids, '{{}}') AS blocked_seller_ids,
           s.is_active AND (s.access = 'open' OR a.id IS NOT NULL) AS may_look
    FROM storefronts_storefronts s
    LEFT JOIN network_trading_accounts a
      ON a.seller_id = s.owner_id AND a.buyer_id = CAST(:buyer_id AS uuid)
     AND a.status = 'active'
    WHERE s.id = CAST(:storefront_id AS uuid)
),
item AS MATERIALIZED (
    {item}
),
"""
# Of the areas `z` of a territory: whether the place may lie there, and whether it lies there for
# certain (nothing that the area asks for is unknown). Territories are looked up one by one: a
# network has thousands, the terms at hand name a few.
_MAY_HOLD = f"""
    (CAST(:country AS text) IS NULL OR z.country = CAST(:country AS text))
    AND (z.subdivision IS NULL OR CAST(:subdivision AS text) IS NULL
         OR z.subdivision = CAST(:subdivision AS text))
    AND (z.postal_from IS NULL OR CAST(:postal_code AS text) IS NULL
         OR {WITHIN_POSTAL})
    AND (z.radius_km IS NULL OR CAST(:latitude AS float8) IS NULL OR {WITHIN_CIRCLE})
"""
_HOLDS = f"""
    z.country = CAST(:country AS text)
    AND (z.subdivision IS NULL OR z.subdivision = CAST(:subdivision AS text))
    AND (z.postal_from IS NULL OR {WITHIN_POSTAL})
    AND (z.radius_km IS NULL OR {WITHIN_CIRCLE})
"""


def _here(territory: str, condition: str) -> str:
    return f"""({territory} IS NULL OR EXISTS (
        SELECT FROM network_territory_areas z
        WHERE z.territory_id = {territory} AND {condition}
    ))"""


MAY_BE_HERE = _here("t.territory_id", _MAY_HOLD)
"""Whether terms `t` may hold where one looks."""
IS_HERE = _here("e.territory_id", _HOLDS)
"""Whether an exclusivity `e` holds there for certain."""

_IN_PLAY = f"""
in_play AS MATERIALIZED (
    SELECT assortment_id FROM shop WHERE assortment_id IS NOT NULL
    UNION
    SELECT account_assortment_id FROM shop WHERE account_assortment_id IS NOT NULL
    UNION
    SELECT t.assortment_id FROM network_agreement_terms t
    JOIN network_agreements a ON a.id = t.agreement_id AND a.status = 'active'
    WHERE t.assortment_id IS NOT NULL AND {IN_FORCE}
      AND a.manufacturer_id IN (SELECT manufacturer_id FROM item)
),
"""  # noqa: S608 - composed of constants only
_HELD = """ARRAY(
        SELECT p.assortment_id
        FROM in_play p
        JOIN catalog_variants v ON v.id = i.variant_id
        JOIN catalog_products m ON m.id = v.product_id
        CROSS JOIN LATERAL assortments_holds(
            p.assortment_id, v.id, v.manufacturer_id, i.category_path, m.brand, v.attributes,
            v.status
        )
        ORDER BY p.assortment_id
    )"""
_LINES = f"""
line AS MATERIALIZED (
    SELECT i.*, CASE WHEN EXISTS (SELECT FROM in_play) THEN {_HELD} ELSE '{{}}' END
           AS assortment_ids
    FROM item i
),
scope AS MATERIALIZED (
    SELECT *, row_number() OVER () AS scope_no FROM (
        SELECT DISTINCT manufacturer_id, category_id, category_path, assortment_ids FROM line
    ) s
),
"""  # noqa: S608 - composed of constants only

CATALOG_ITEM = """
    SELECT {line}, w.variant_id, v.manufacturer_id, v.category_id, v.weight_g,
           v.status AS variant_status, c.path AS category_path
    FROM wanted w
    JOIN catalog_variants v ON v.id = w.variant_id
    JOIN catalog_categories c ON c.id = v.category_id
"""
SOLD = " WHERE v.status IN ('active', 'phase_out')"
SCOPED = """
scoped AS MATERIALIZED (
    SELECT l.variant_id, s.scope_no FROM line l
    JOIN scope s
      ON s.manufacturer_id = l.manufacturer_id AND s.category_id = l.category_id
     AND s.assortment_ids = l.assortment_ids
),
"""

# Of thousands of variants that are known to be sold, of which manufacturer and category are at
# hand: only where an assortment is in play is any of them looked at by itself.
_KNOWN_ITEM = """
    SELECT w.manufacturer_id, w.category_id, c.path AS category_path
    FROM (SELECT DISTINCT manufacturer_id, category_id FROM wanted) w
    JOIN catalog_categories c ON c.id = w.category_id
"""
_KNOWN_LINES = f"""
line AS MATERIALIZED (
    SELECT i.*, {_HELD} AS assortment_ids
    FROM (
        SELECT w.variant_id, k.* FROM wanted w
        JOIN item k ON k.manufacturer_id = w.manufacturer_id AND k.category_id = w.category_id
        WHERE EXISTS (SELECT FROM in_play)
    ) i
),
scope AS MATERIALIZED (
    SELECT *, row_number() OVER () AS scope_no FROM (
        SELECT DISTINCT manufacturer_id, category_id, category_path, assortment_ids FROM line
        UNION ALL
        SELECT i.*, CAST('{{}}' AS uuid[]) FROM item i WHERE NOT EXISTS (SELECT FROM in_play)
    ) s
),
scoped AS MATERIALIZED (
    SELECT w.variant_id, s.scope_no FROM wanted w
    JOIN scope s ON s.manufacturer_id = w.manufacturer_id AND s.category_id = w.category_id
    WHERE NOT EXISTS (SELECT FROM in_play)
    UNION ALL
    SELECT l.variant_id, s.scope_no FROM line l
    JOIN scope s
      ON s.manufacturer_id = l.manufacturer_id AND s.category_id = l.category_id
     AND s.assortment_ids = l.assortment_ids
),
"""  # noqa: S608 - composed of constants only
KNOWN_SCOPES = _SHOP.format(item=_KNOWN_ITEM.strip()) + _IN_PLAY + _KNOWN_LINES
"""Up to ``scoped``, of ``wanted (variant_id, manufacturer_id, category_id)``."""


def scopes_of(item: str) -> str:
    """The parts up to ``scope``, of items read so."""
    return _SHOP.format(item=item.strip()) + _IN_PLAY + _LINES
