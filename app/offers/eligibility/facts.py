"""Single facts of a seller in a scope, and of its offer: one text for all who ask."""

OFFER_ACTIVE = """
    o.status = 'active' AND (o.valid_from IS NULL OR o.valid_from <= :now)
    AND (o.valid_to IS NULL OR o.valid_to > :now)
"""
# Facts of a seller `{0}` in a scope, with the rights that it has there.
IS_SHOWN = """
    (shop.assortment_id IS NULL OR shop.assortment_id = ANY ({0}.assortment_ids))
    AND (shop.account_assortment_id IS NULL
         OR shop.account_assortment_id = ANY ({0}.assortment_ids))
"""
MODEL = """
    CASE
        WHEN {0}.seller_id = shop.owner_id THEN 'own'
        WHEN su.seller_id IS NOT NULL THEN 'resale'
        WHEN au.selling_model = 'agency' THEN 'agency'
    END
"""
AUTHORISED = "(au.terms_id IS NOT NULL OR {0}.seller_id = {0}.manufacturer_id)"
EXCLUSIVE_OK = "ex.holders IS NULL OR {0}.seller_id = ANY (ex.holders)"
RIGHTS_OF = """
    LEFT JOIN authority au ON au.seller_id = {0}.seller_id
         AND au.manufacturer_id = {0}.manufacturer_id AND au.category_id = {0}.category_id
         AND au.assortment_ids = {0}.assortment_ids
    LEFT JOIN exclusive ex
           ON ex.manufacturer_id = {0}.manufacturer_id AND ex.category_id = {0}.category_id
          AND ex.assortment_ids = {0}.assortment_ids
    LEFT JOIN supply su ON su.seller_id = {0}.seller_id
         AND su.manufacturer_id = {0}.manufacturer_id AND su.category_id = {0}.category_id
         AND su.assortment_ids = {0}.assortment_ids
"""
