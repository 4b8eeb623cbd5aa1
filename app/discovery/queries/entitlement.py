"""Stand-in of the one entitlement function, until it is there."""

from app.offers.eligibility import ELIGIBILITY_CTES

_LINES = ELIGIBILITY_CTES[ELIGIBILITY_CTES.index("line AS (") :]
_LINES = _LINES.replace(
    "SELECT w.line_no, w.variant_id, w.quantity,",
    "SELECT 0 AS line_no, w.variant_id, 1 AS quantity,",
)
_LINES = _LINES.replace(
    "t.territory_id IN (SELECT territory_id FROM here)",
    "t.territory_id IN (SELECT territory_id FROM here) OR CAST(:country AS text) IS NULL",
).replace(
    ":owner_id",
    "(SELECT owner_id FROM storefronts_storefronts WHERE id = CAST(:storefront_id AS uuid))",
)

ENTITLED_CTES = f"""
{_LINES},
entitled AS (
    SELECT o.variant_id, o.seller_id, o.offer_id, o.manufacturer_id,
       CASE
           WHEN o.seller_id = sf.owner_id THEN 'own'
           WHEN su.seller_id IS NOT NULL THEN 'resale'
           ELSE 'agency'
       END AS model, o.minimum_quantity, o.lead_time_days
    FROM offered o
    JOIN storefronts_storefronts sf ON sf.id = CAST(:storefront_id AS uuid) AND sf.is_active
    LEFT JOIN network_trading_accounts ta ON ta.seller_id = sf.owner_id AND ta.status = 'active'
         AND ta.buyer_id = CAST(:buyer_id AS uuid)
    JOIN catalog_variants v ON v.id = o.variant_id AND v.status IN ('active', 'phase_out')
    JOIN network_organizations s ON s.id = o.seller_id AND s.status = 'active'
    LEFT JOIN authority au ON au.seller_id = o.seller_id
         AND au.manufacturer_id = o.manufacturer_id AND au.category_id = o.category_id
    LEFT JOIN exclusive ex
           ON ex.manufacturer_id = o.manufacturer_id AND ex.category_id = o.category_id
    LEFT JOIN supply su ON su.seller_id = o.seller_id
         AND su.manufacturer_id = o.manufacturer_id AND su.category_id = o.category_id
    WHERE o.status = 'active' AND (sf.access = 'open' OR ta.id IS NOT NULL)
      AND o.seller_id IN (SELECT seller_id FROM storefronts_pool_sellers WHERE storefront_id = sf.id)
      AND (au.terms_id IS NOT NULL OR o.seller_id = o.manufacturer_id)
      AND COALESCE(au.intact, true) AND COALESCE(au.covers_place, true)
      AND COALESCE(au.covers_category, true)
      AND (ex.holders IS NULL OR o.seller_id = ANY (ex.holders))
      AND (o.seller_id = sf.owner_id OR su.seller_id IS NOT NULL OR au.selling_model = 'agency')
      AND (ta.id IS NULL OR o.seller_id <> ALL (ta.blocked_seller_ids))
)
"""  # noqa: S608 - composed of constants only
