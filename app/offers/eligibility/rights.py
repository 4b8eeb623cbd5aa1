"""What agreements allow each seller in each scope: terms, chains above, exclusivity, resale."""

from app.offers.eligibility.facts import MANY
from app.offers.eligibility.scopes import IN_FORCE, IS_HERE, MAY_BE_HERE

# What terms cover, of a scope `s`: its category is among theirs or below one, and its variants are
# in their assortment. None of either means everything.
COVERS = """
    ({0}.categories = '{{}}' OR {0}.categories && s.category_path)
    AND ({0}.assortment_id IS NULL OR {0}.assortment_id = ANY (s.assortment_ids))
"""
CATEGORIES = """ARRAY(
               SELECT category_id FROM network_agreement_categories ac WHERE ac.terms_id = t.id
           )"""

RIGHTS = f"""
granted AS MATERIALIZED (
    SELECT s.seller_id, s.manufacturer_id, a.id AS agreement_id, a.parent_id,
           t.id AS terms_id, t.priority, t.minimum_order_minor, t.currency, t.selling_model,
           {MAY_BE_HERE} AS covers_place,
           {CATEGORIES} AS categories, t.assortment_id
    FROM (SELECT DISTINCT seller_id, manufacturer_id FROM SOLD) s
    JOIN network_agreements a
      ON a.grantee_id = s.seller_id AND a.manufacturer_id = s.manufacturer_id
     AND a.status = 'active'
    JOIN network_agreement_terms t ON t.agreement_id = a.id AND {IN_FORCE}
),
chain AS (
    SELECT agreement_id AS leaf_id, parent_id AS ancestor_id FROM granted
    WHERE parent_id IS NOT NULL
    UNION
    SELECT c.leaf_id, a.parent_id
    FROM chain c JOIN network_agreements a ON a.id = c.ancestor_id
    WHERE a.parent_id IS NOT NULL
),
above AS MATERIALIZED (
    SELECT c.leaf_id, c.ancestor_id, a.manufacturer_id, {CATEGORIES} AS categories,
           t.assortment_id
    FROM chain c
    JOIN network_agreements a ON a.id = c.ancestor_id AND a.status = 'active'
    JOIN network_agreement_terms t ON t.agreement_id = a.id AND {IN_FORCE}
    WHERE {MAY_BE_HERE}
),
upheld AS MATERIALIZED (
    -- nobody grants more than it has: how many of the agreements above cover the scope, too
    SELECT b.leaf_id, s.scope_no, count(DISTINCT b.ancestor_id) AS links
    FROM above b JOIN scope s ON s.manufacturer_id = b.manufacturer_id
    WHERE {COVERS.format("b")}
    GROUP BY b.leaf_id, s.scope_no
),
authority AS MATERIALIZED (
    -- per seller and scope the best terms in force, and what they cover
    SELECT DISTINCT ON (seller_id, scope_no) *
    FROM (
        SELECT g.seller_id, s.scope_no, g.terms_id, g.priority, g.minimum_order_minor,
               g.currency, g.selling_model, g.covers_place,
               {COVERS.format("g")} AS covers_assortment,
               COALESCE(l.links, 0) = COALESCE(u.links, 0) AS intact
        FROM scope s
        JOIN granted g ON g.manufacturer_id = s.manufacturer_id
        LEFT JOIN (SELECT leaf_id, count(*) AS links FROM chain GROUP BY leaf_id) l
          ON l.leaf_id = g.agreement_id
        LEFT JOIN (SELECT u.* FROM upheld u {MANY}) u
          ON u.leaf_id = g.agreement_id AND u.scope_no = s.scope_no
    ) AS terms
    ORDER BY seller_id, scope_no,
             (covers_place AND covers_assortment AND intact) DESC, selling_model, priority DESC,
             terms_id
),
exclusive AS MATERIALIZED (
    -- per scope who alone may sell here: holders, and whoever is granted it by way of them
    SELECT s.scope_no, array_agg(DISTINCT a.grantee_id)
           || array_remove(array_agg(DISTINCT b.seller_id), NULL) AS holders
    FROM network_exclusivities e
    JOIN network_agreement_terms t ON t.id = e.terms_id AND {IN_FORCE}
    JOIN network_agreements a ON a.id = t.agreement_id AND a.status = 'active'
    JOIN scope s ON s.manufacturer_id = a.manufacturer_id
     AND (e.category_id IS NULL OR e.category_id = ANY (s.category_path))
    LEFT JOIN (
        SELECT c.ancestor_id, g.seller_id FROM chain c JOIN granted g ON g.agreement_id = c.leaf_id
    ) b ON b.ancestor_id = a.id
    WHERE {IS_HERE}
    GROUP BY s.scope_no
),
path AS (
    -- from the storefront's owner up, whatever is sold: few, while scopes may be many
    SELECT a.manufacturer_id, a.grantor_id AS seller_id, 1 AS hops, ARRAY[t.id] AS terms_ids,
           ARRAY[t.transfer_price_list_id] AS price_list_ids,
           ARRAY[a.grantor_id, a.grantee_id] AS parties
    FROM network_agreements a
    JOIN network_agreement_terms t
      ON t.agreement_id = a.id AND t.selling_model = 'resale' AND {IN_FORCE}
     AND {MAY_BE_HERE}
    WHERE a.grantee_id = (SELECT owner_id FROM shop) AND a.status = 'active'
      AND a.manufacturer_id IN (SELECT manufacturer_id FROM scope)
    UNION ALL
    SELECT p.manufacturer_id, a.grantor_id, p.hops + 1, t.id || p.terms_ids,
           t.transfer_price_list_id || p.price_list_ids, a.grantor_id || p.parties
    FROM path p
    JOIN network_agreements a
      ON a.grantee_id = p.seller_id AND a.manufacturer_id = p.manufacturer_id
     AND a.status = 'active'
    JOIN network_agreement_terms t
      ON t.agreement_id = a.id AND t.selling_model = 'resale' AND {IN_FORCE}
     AND {MAY_BE_HERE}
    WHERE p.hops < 4 AND a.grantor_id <> ALL (p.parties)
),
resale AS MATERIALIZED (
    SELECT t.id AS terms_id, t.assortment_id, {CATEGORIES} AS categories
    FROM network_agreement_terms t
    WHERE t.id = ANY (ARRAY(SELECT unnest(terms_ids) FROM path))
),
supply AS MATERIALIZED (
    SELECT DISTINCT ON (p.seller_id, s.scope_no)
           s.scope_no, p.seller_id, p.terms_ids, p.price_list_ids, p.parties
    FROM path p
    JOIN scope s ON s.manufacturer_id = p.manufacturer_id
    WHERE NOT EXISTS (
        SELECT FROM resale r WHERE r.terms_id = ANY (p.terms_ids) AND NOT ({COVERS.format("r")})
    )
    ORDER BY p.seller_id, s.scope_no, p.hops, p.terms_ids
)
"""  # noqa: S608 - composed of constants only
