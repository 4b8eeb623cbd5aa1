"""Every fact of every offer of a wanted line: what routing judges."""

from app.offers.eligibility.facts import (
    AUTHORISED,
    EXCLUSIVE_OK,
    IS_SHOWN,
    MODEL,
    OFFER_ACTIVE,
    RIGHTS_OF,
)
from app.offers.eligibility.rights import RIGHTS
from app.offers.eligibility.scopes import CATALOG_ITEM, scopes_of

OFFERED = """
offered AS MATERIALIZED (
    SELECT l.line_no, l.manufacturer_id, l.variant_id, s.scope_no, o.id AS offer_id, o.seller_id,
           o.status, o.valid_from, o.valid_to, o.minimum_quantity, o.maximum_quantity, o.order_step,
           o.lead_time_days, o.backorder <> 'none' AS is_backorderable
    FROM line l
    JOIN scope s
      ON s.manufacturer_id = l.manufacturer_id AND s.category_id = l.category_id
     AND s.assortment_ids = l.assortment_ids
    JOIN offers_offers o ON o.variant_id = l.variant_id
),
"""

# Every fact of every offer, and of lines without one. Sellers are looked up by their keys, all at
# once and in the order of their index: one by one each would be a descent, joined the planner would
# read all sellers for them.
_STANDING = f"""
pooled AS MATERIALIZED (
    SELECT p.seller_id FROM storefronts_pool_sellers p
    WHERE p.storefront_id = CAST(:storefront_id AS uuid)
      AND p.seller_id = ANY (ARRAY(SELECT seller_id FROM offered))
),
at_work AS MATERIALIZED (
    SELECT s.id FROM network_organizations s
    WHERE s.id = ANY (ARRAY(SELECT seller_id FROM offered)) AND s.status = 'active'
),
standing AS (
    SELECT l.line_no, l.variant_id, l.quantity, l.manufacturer_id, l.weight_g,
           l.variant_status IN ('active', 'phase_out') AS is_sold,
           {IS_SHOWN.format("l")} AS is_shown,
           o.offer_id, o.seller_id, {MODEL.format("o")} AS model,
           o.seller_id IS NOT NULL AND o.seller_id IN (SELECT seller_id FROM pooled) AS in_pool,
           o.seller_id = ANY (shop.blocked_seller_ids) AS is_blocked,
           o.seller_id IN (SELECT id FROM at_work) AS seller_active,
           {OFFER_ACTIVE} AS offer_active,
           o.minimum_quantity, o.maximum_quantity, o.order_step, o.lead_time_days,
           {AUTHORISED.format("o")} AS authorised,
           COALESCE(au.intact, true) AS intact,
           COALESCE(au.covers_place, true) AS covers_place,
           COALESCE(au.covers_assortment, true) AS covers_assortment,
           {EXCLUSIVE_OK.format("o")} AS exclusive_ok,
           au.terms_id, COALESCE(au.priority, 0) AS priority,
           COALESCE(au.minimum_order_minor, 0) AS minimum_order_minor,
           su.parties, su.terms_ids AS chain_terms_ids, su.price_list_ids, shop.owner_id,
           shop.may_look, o.is_backorderable
    FROM line l
    LEFT JOIN offered o ON o.line_no = l.line_no AND o.variant_id = l.variant_id
    CROSS JOIN shop
    {RIGHTS_OF.format("o")}
)
"""  # noqa: S608 - composed of constants only

STANDING_CTES = f"""
{scopes_of(CATALOG_ITEM.format(line="w.line_no, w.quantity"))}
{OFFERED}{RIGHTS.replace("SOLD", "offered")},
{_STANDING}
"""
