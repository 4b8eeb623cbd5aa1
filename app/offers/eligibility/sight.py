"""Only what is entitled: offers of which every fact speaks well, and variants that have one."""

from app.offers.eligibility.facts import (
    AUTHORISED,
    EXCLUSIVE_OK,
    IS_SHOWN,
    MODEL,
    OFFER_ACTIVE,
    RIGHTS_OF,
)
from app.offers.eligibility.rights import RIGHTS
from app.offers.eligibility.scopes import CATALOG_ITEM, KNOWN_SCOPES, SCOPED, SOLD, scopes_of

# Of a storefront's own pool, which is known before any offer is read: so thousands of offers need
# not be asked one by one. Offers are many, their sellers and scopes few: what is decided per `pair`
# of these is decided once. Of few variants the pairs are those that offers know; of many, all.
POOLED = """
pool AS MATERIALIZED (
    SELECT p.seller_id FROM storefronts_pool_sellers p
    JOIN network_organizations s ON s.id = p.seller_id AND s.status = 'active'
    JOIN shop ON shop.id = p.storefront_id AND shop.may_look
    WHERE p.seller_id <> ALL (shop.blocked_seller_ids)
),
crowd AS MATERIALIZED (
    SELECT (SELECT count(*) FROM pool) * (SELECT count(*) FROM scope)
           < (SELECT count(*) FROM wanted) AS is_large
),
pair AS MATERIALIZED (
    SELECT p.seller_id, s.* FROM pool p CROSS JOIN scope s WHERE (SELECT is_large FROM crowd)
    UNION ALL
    SELECT p.seller_id, s.* FROM (
        SELECT o.seller_id, l.scope_no
        FROM scoped l JOIN offers_offers o
          ON o.variant_id = l.variant_id AND o.seller_id = ANY (ARRAY(SELECT seller_id FROM pool))
        WHERE NOT (SELECT is_large FROM crowd)
        GROUP BY o.seller_id, l.scope_no
    ) p JOIN scope s ON s.scope_no = p.scope_no
),
"""

# The same facts, of pairs of a seller and a scope: all of them speak well.
_ENTITLED_PAIR = f"""
entitled_pair AS MATERIALIZED (
    SELECT * FROM (
        SELECT o.seller_id, o.scope_no, o.manufacturer_id, {MODEL.format("o")} AS model
        FROM pair o
        CROSS JOIN shop
        {RIGHTS_OF.format("o")}
        WHERE {IS_SHOWN.format("o")} AND {AUTHORISED.format("o")}
          AND COALESCE(au.intact AND au.covers_place AND au.covers_assortment, true)
          AND ({EXCLUSIVE_OK.format("o")})
    ) p
    WHERE model IS NOT NULL
)
"""  # noqa: S608 - composed of constants only

_ENTITLED = f"""
entitled AS MATERIALIZED (
    SELECT o.variant_id, o.seller_id, p.model, o.minimum_quantity, o.order_step {{more}}
    FROM (
        -- by itself: offers are looked up by variant, however many are expected to be entitled
        SELECT l.scope_no, o.id, o.variant_id, o.seller_id, o.minimum_quantity, o.order_step,
               o.lead_time_days, o.backorder
        FROM scoped l JOIN offers_offers o
          ON o.variant_id = l.variant_id AND o.seller_id = ANY (ARRAY(SELECT seller_id FROM pool))
         AND {OFFER_ACTIVE}
        OFFSET 0
    ) o
    JOIN (
        -- once; but the planner, which takes the pairs for one, hears of many, and hashes them
        SELECT p.* FROM entitled_pair p CROSS JOIN generate_series(1, (SELECT 1)) AS many
    ) p ON p.seller_id = o.seller_id AND p.scope_no = o.scope_no
)
"""  # noqa: S608 - composed of constants only

# The first entitled seller is enough.
_SEEN = f"""
seen AS MATERIALIZED (
    SELECT l.variant_id FROM scoped l
    CROSS JOIN LATERAL (
        SELECT FROM offers_offers o
        WHERE o.variant_id = l.variant_id AND {OFFER_ACTIVE}
          AND ((o.seller_id, l.scope_no) IN (
              SELECT seller_id, scope_no FROM entitled_pair
          )) IS TRUE
        LIMIT 1
    ) any_seller
)
"""  # noqa: S608 - composed of constants only


def _pairs(scopes: str) -> str:
    return f"{scopes}{POOLED}{RIGHTS.replace('SOLD', 'pair')},{_ENTITLED_PAIR}"


ENTITLED_CTES = (
    _pairs(scopes_of(CATALOG_ITEM.format(line="0 AS line_no").rstrip() + SOLD) + SCOPED)
    + ","
    + _ENTITLED.format(more=", o.id AS offer_id, o.lead_time_days, o.backorder")
)
KNOWN_PAIRS_CTES = _pairs(KNOWN_SCOPES)
"""As ``ENTITLED_CTES``, for variants that are sold, with manufacturer and category at hand:
``wanted (variant_id, manufacturer_id, category_id)``. Only who is entitled to which scope:
``entitled_pair (seller_id, scope_no, model)`` and ``scoped (variant_id, scope_no)``."""
KNOWN_ENTITLED_CTES = KNOWN_PAIRS_CTES + "," + _ENTITLED.format(more="")
"""The same, and ``entitled``."""
KNOWN_SEEN_CTES = KNOWN_PAIRS_CTES + f",{_SEEN}"
"""The same, and only ``seen (variant_id)``: what anybody entitled offers."""
