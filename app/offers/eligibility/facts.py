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
# Once; but the planner, which takes each of these for a row or two, hears of many, and hashes them.
MANY = "CROSS JOIN generate_series(1, (SELECT 1)) AS many"
RIGHTS_OF = f"""
    LEFT JOIN (SELECT a.* FROM authority a {MANY}) au
           ON au.seller_id = {{0}}.seller_id AND au.scope_no = {{0}}.scope_no
    LEFT JOIN exclusive ex ON ex.scope_no = {{0}}.scope_no
    LEFT JOIN (SELECT s.* FROM supply s {MANY}) su
           ON su.seller_id = {{0}}.seller_id AND su.scope_no = {{0}}.scope_no
"""  # noqa: S608 - composed of constants only
