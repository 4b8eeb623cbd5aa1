"""Who may sell what to whom, here and now: one definition, as named parts of a larger query.

Filter, choice and reservation must use one definition of feasibility, or the buyer is promised
what nobody may deliver. Whoever needs it composes ``ELIGIBILITY_CTES`` into its own statement and
takes from it what it asks: one round trip, however many lines and sellers.

Expects the binds ``line_nos, variant_ids, quantities, owner_id, country, subdivision,
postal_code, now`` and defines

- ``line``: the wanted lines with the variant's manufacturer, category path, weight;
- ``offered``: every offer of a wanted variant;
- ``authority``: per seller and assortment scope the best terms in force and what they cover;
- ``exclusive``: per scope who alone may sell here;
- ``supply``: per seller and scope the resale chain from it down to the storefront's owner.

The statement that uses it starts with ``WITH RECURSIVE``.
"""

_IN_FORCE = "t.valid_from <= :now AND (t.valid_to IS NULL OR t.valid_to > :now)"

ELIGIBILITY_CTES = f"""
wanted AS (
    SELECT * FROM unnest(
        CAST(:line_nos AS integer[]), CAST(:variant_ids AS uuid[]), CAST(:quantities AS integer[])
    ) AS w (line_no, variant_id, quantity)
),
line AS (
    SELECT w.line_no, w.variant_id, w.quantity, v.manufacturer_id, v.category_id, v.weight_g,
           v.status AS variant_status, c.path AS category_path
    FROM wanted w
    JOIN catalog_variants v ON v.id = w.variant_id
    JOIN catalog_categories c ON c.id = v.category_id
),
scope AS (SELECT DISTINCT manufacturer_id, category_id, category_path FROM line),
here AS (
    SELECT DISTINCT territory_id FROM network_territory_areas
    WHERE country = :country
      AND (subdivision IS NULL OR subdivision = :subdivision)
      AND (postal_from IS NULL OR CAST(:postal_code AS text) BETWEEN postal_from AND postal_to)
),
offered AS (
    SELECT l.line_no, l.manufacturer_id, l.category_id, l.variant_id, l.quantity,
           o.id AS offer_id, o.seller_id, o.status, o.minimum_quantity, o.maximum_quantity,
           o.quantity_step, o.lead_time_days
    FROM line l JOIN offers_offers o ON o.variant_id = l.variant_id
),
granted AS (
    SELECT s.seller_id, s.manufacturer_id, a.id AS agreement_id, a.parent_id,
           t.id AS terms_id, t.priority, t.minimum_order_minor, t.currency, t.selling_model,
           t.territory_id IS NULL OR t.territory_id IN (SELECT territory_id FROM here)
               AS covers_place,
           ARRAY(
               SELECT category_id FROM network_agreement_categories ac WHERE ac.terms_id = t.id
           ) AS categories
    FROM (SELECT DISTINCT seller_id, manufacturer_id FROM offered) s
    JOIN network_agreements a
      ON a.grantee_id = s.seller_id AND a.manufacturer_id = s.manufacturer_id
     AND a.status = 'active'
    JOIN network_agreement_terms t ON t.agreement_id = a.id AND {_IN_FORCE}
),
chain AS (
    SELECT agreement_id AS leaf_id, parent_id, true AS intact FROM granted
    WHERE parent_id IS NOT NULL
    UNION
    SELECT c.leaf_id, a.parent_id,
           a.status = 'active' AND EXISTS (
               SELECT FROM network_agreement_terms t WHERE t.agreement_id = a.id AND {_IN_FORCE}
           )
    FROM chain c JOIN network_agreements a ON a.id = c.parent_id
),
broken AS (SELECT leaf_id FROM chain WHERE NOT intact),
authority AS (
    SELECT DISTINCT ON (g.seller_id, s.manufacturer_id, s.category_id)
           g.seller_id, s.manufacturer_id, s.category_id, g.terms_id, g.priority,
           g.minimum_order_minor, g.currency, g.selling_model, g.covers_place,
           g.categories = '{{}}' OR g.categories && s.category_path AS covers_category,
           g.agreement_id NOT IN (SELECT leaf_id FROM broken) AS intact
    FROM scope s JOIN granted g ON g.manufacturer_id = s.manufacturer_id
    ORDER BY g.seller_id, s.manufacturer_id, s.category_id,
             (g.covers_place AND (g.categories = '{{}}' OR g.categories && s.category_path)) DESC,
             g.selling_model, g.priority DESC, g.terms_id
),
exclusive AS (
    SELECT s.manufacturer_id, s.category_id, array_agg(DISTINCT a.grantee_id) AS holders
    FROM scope s
    JOIN network_agreements a ON a.manufacturer_id = s.manufacturer_id AND a.status = 'active'
    JOIN network_agreement_terms t ON t.agreement_id = a.id AND {_IN_FORCE}
    JOIN network_exclusivities e ON e.terms_id = t.id
     AND (e.category_id IS NULL OR e.category_id = ANY (s.category_path))
     AND (e.territory_id IS NULL OR e.territory_id IN (SELECT territory_id FROM here))
    GROUP BY s.manufacturer_id, s.category_id
),
resale AS (
    SELECT s.manufacturer_id, s.category_id, a.grantor_id, a.grantee_id,
           t.id AS terms_id, t.transfer_price_list_id
    FROM scope s
    JOIN network_agreements a ON a.manufacturer_id = s.manufacturer_id AND a.status = 'active'
    JOIN network_agreement_terms t
      ON t.agreement_id = a.id AND t.selling_model = 'resale' AND {_IN_FORCE}
     AND (t.territory_id IS NULL OR t.territory_id IN (SELECT territory_id FROM here))
    WHERE NOT EXISTS (SELECT FROM network_agreement_categories ac WHERE ac.terms_id = t.id)
       OR EXISTS (
           SELECT FROM network_agreement_categories ac
           WHERE ac.terms_id = t.id AND ac.category_id = ANY (s.category_path)
       )
),
path AS (
    SELECT manufacturer_id, category_id, grantor_id AS seller_id, 1 AS hops,
           ARRAY[terms_id] AS terms_ids, ARRAY[transfer_price_list_id] AS price_list_ids,
           ARRAY[grantor_id, grantee_id] AS parties
    FROM resale WHERE grantee_id = :owner_id
    UNION ALL
    SELECT p.manufacturer_id, p.category_id, r.grantor_id, p.hops + 1,
           r.terms_id || p.terms_ids, r.transfer_price_list_id || p.price_list_ids,
           r.grantor_id || p.parties
    FROM path p
    JOIN resale r ON r.grantee_id = p.seller_id AND r.manufacturer_id = p.manufacturer_id
     AND r.category_id = p.category_id
    WHERE p.hops < 4 AND r.grantor_id <> ALL (p.parties)
),
supply AS (
    SELECT DISTINCT ON (seller_id, manufacturer_id, category_id) *
    FROM path ORDER BY seller_id, manufacturer_id, category_id, hops, terms_ids
)
"""  # noqa: S608 - composed of constants only
