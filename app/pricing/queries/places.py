"""Which lists may price what an owner asks, best first: a part of larger statements.

``PLACE_CTES`` expects ``price_source (owner_id, purpose, price_list_id)``, each once, and the binds
``storefront_id, buyer_id, customer_group, currency, now``; it defines ``price_place``: the lists of
each source that apply in this context, with what decides between them.

The owners are handed to the assignments as one array: joined one by one they would be looked up
one by one, and the planner cannot know how many they are.
"""

_SALE_OWNERS = """
    ARRAY(SELECT owner_id FROM price_source WHERE purpose = 'sale' AND price_list_id IS NULL)
"""
_IN_FORCE = """
    l.currency = CAST(:currency AS char(3)) AND l.valid_from <= CAST(:now AS timestamptz)
    AND (l.valid_to IS NULL OR l.valid_to > CAST(:now AS timestamptz))
"""

PLACE_CTES = f"""
price_assigned AS (
    -- each scope asks the scope index for all owners at once
    SELECT a.owner_id, a.price_list_id, a.stops, a.priority, 1 AS scope
    FROM pricing_assignments a
    WHERE a.owner_id = ANY ({_SALE_OWNERS}) AND a.buyer_id = CAST(:buyer_id AS uuid)
    UNION ALL
    SELECT a.owner_id, a.price_list_id, a.stops, a.priority, 2
    FROM pricing_assignments a
    WHERE a.owner_id = ANY ({_SALE_OWNERS})
      AND a.buyer_id IS NULL AND a.customer_group = CAST(:customer_group AS text)
    UNION ALL
    SELECT a.owner_id, a.price_list_id, a.stops, a.priority, 3
    FROM pricing_assignments a
    WHERE a.owner_id = ANY ({_SALE_OWNERS})
      AND a.buyer_id IS NULL AND a.customer_group IS NULL
      AND a.storefront_id = CAST(:storefront_id AS uuid)
    UNION ALL
    SELECT a.owner_id, a.price_list_id, a.stops, a.priority, 4
    FROM pricing_assignments a
    WHERE a.owner_id = ANY ({_SALE_OWNERS})
      AND a.buyer_id IS NULL AND a.customer_group IS NULL AND a.storefront_id IS NULL
),
price_place AS MATERIALIZED (
    SELECT a.owner_id, l.purpose, CAST(NULL AS uuid) AS named_id, l.id AS price_list_id, a.stops,
           a.scope, a.priority, l.created_at
    FROM price_assigned a JOIN pricing_price_lists l ON l.id = a.price_list_id
    WHERE l.purpose = 'sale' AND {_IN_FORCE}
    UNION ALL
    -- lists whose purpose says enough
    SELECT s.owner_id, s.purpose, s.price_list_id, l.id, false, 0, 0, l.created_at
    FROM price_source s
    JOIN pricing_price_lists l ON l.owner_id = s.owner_id AND l.purpose = s.purpose
    WHERE s.purpose <> 'sale' AND s.price_list_id IS NULL AND {_IN_FORCE}
    UNION ALL
    -- the one list that was named
    SELECT s.owner_id, s.purpose, s.price_list_id, l.id, false, 0, 0, l.created_at
    FROM price_source s
    JOIN pricing_price_lists l
      ON l.id = s.price_list_id AND l.owner_id = s.owner_id AND l.purpose = s.purpose
    WHERE {_IN_FORCE}
)
"""  # noqa: S608 - composed of constants only
