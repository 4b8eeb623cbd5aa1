"""Who may sell what to whom, here and now: one definition, as named parts of a larger query.

Filter, choice and reservation must use one definition of feasibility, or the buyer is promised
what nobody may deliver; and what a buyer may see must be the same again, or a search shows what the
order refuses. So there is one text. Whoever needs it composes it into its own statement, which
begins ``WITH RECURSIVE``, and takes from it what it asks: one round trip, however many lines and
sellers.

It expects ``wanted (line_no, variant_id, quantity)`` (for what is entitled ``wanted (variant_id)``
is enough) and the binds ``storefront_id, buyer_id``
(null: an anonymous visitor), ``country, subdivision, postal_code, now``. What is not known of the
place of delivery (null) does not exclude a seller whose territory may hold it, and gives nobody an
exclusive right. ``STANDING_CTES`` defines

- ``shop``: the storefront, and whether the viewer may look into it;
- ``standing``: every offer of a wanted variant, with each fact that decides whether its seller may
  sell it to this buyer; routing judges them, and tells which rule is broken;
- ``supply``: per seller and scope the resale chain from it down to the storefront's owner.

``ENTITLED_CTES`` looks at the storefront's own pool only, and adds ``entitled``: the offers of
which every fact speaks well. That is what a buyer may see, and from whom.
"""

from typing import Any

_IN_FORCE = "t.valid_from <= :now AND (t.valid_to IS NULL OR t.valid_to > :now)"

# The parts of an assortment's or terms' scope: what decides for all variants of a category alike is
# decided once a category. Only where assortments are in play is a variant looked at by itself.
_SCOPES = """
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
here AS MATERIALIZED (
    -- certain: nothing that the territory asks for is unknown
    SELECT territory_id,
           bool_or(country = CAST(:country AS text)
               AND (subdivision IS NULL
                    OR COALESCE(subdivision = CAST(:subdivision AS text), false))
               AND (postal_from IS NULL OR COALESCE(
                   CAST(:postal_code AS text) BETWEEN postal_from AND postal_to, false))
           ) AS certain
    FROM network_territory_areas
    WHERE (CAST(:country AS text) IS NULL OR country = CAST(:country AS text))
      AND (subdivision IS NULL OR CAST(:subdivision AS text) IS NULL
           OR subdivision = CAST(:subdivision AS text))
      AND (postal_from IS NULL OR CAST(:postal_code AS text) IS NULL
           OR CAST(:postal_code AS text) BETWEEN postal_from AND postal_to)
    GROUP BY territory_id
),
item AS MATERIALIZED (
    {item}
),
in_play AS MATERIALIZED (
    SELECT assortment_id FROM shop WHERE assortment_id IS NOT NULL
    UNION
    SELECT account_assortment_id FROM shop WHERE account_assortment_id IS NOT NULL
    UNION
    SELECT t.assortment_id FROM network_agreement_terms t
    JOIN network_agreements a ON a.id = t.agreement_id AND a.status = 'active'
    WHERE t.assortment_id IS NOT NULL AND {in_force}
      AND a.manufacturer_id IN (SELECT manufacturer_id FROM item)
),
line AS MATERIALIZED (
    SELECT i.*, CASE WHEN EXISTS (SELECT FROM in_play) THEN ARRAY(
        SELECT p.assortment_id
        FROM in_play p
        JOIN catalog_variants v ON v.id = i.variant_id
        JOIN catalog_products m ON m.id = v.product_id
        CROSS JOIN LATERAL assortments_holds(
            p.assortment_id, v.id, v.manufacturer_id, i.category_path, m.brand, v.attributes,
            v.status
        )
        ORDER BY p.assortment_id
    ) ELSE '{{}}' END AS assortment_ids
    FROM item i
),
scope AS MATERIALIZED (
    SELECT *, row_number() OVER () AS scope_no FROM (
        SELECT DISTINCT manufacturer_id, category_id, category_path, assortment_ids FROM line
    ) s
),
"""

# What terms cover, of a scope `s`: its category is among theirs or below one, and its variants are
# in their assortment. None of either means everything.
_COVERS = """
    ({0}.categories = '{{}}' OR {0}.categories && s.category_path)
    AND ({0}.assortment_id IS NULL OR {0}.assortment_id = ANY (s.assortment_ids))
"""
_CATEGORIES = """ARRAY(
               SELECT category_id FROM network_agreement_categories ac WHERE ac.terms_id = t.id
           )"""

_OFFER_ACTIVE = """
    o.status = 'active' AND (o.valid_from IS NULL OR o.valid_from <= :now)
    AND (o.valid_to IS NULL OR o.valid_to > :now)
"""
# Facts of a seller `{0}` in a scope, with the rights that it has there.
_IS_SHOWN = """
    (shop.assortment_id IS NULL OR shop.assortment_id = ANY ({0}.assortment_ids))
    AND (shop.account_assortment_id IS NULL
         OR shop.account_assortment_id = ANY ({0}.assortment_ids))
"""
_MODEL = """
    CASE
        WHEN {0}.seller_id = shop.owner_id THEN 'own'
        WHEN su.seller_id IS NOT NULL THEN 'resale'
        WHEN au.selling_model = 'agency' THEN 'agency'
    END
"""
_AUTHORISED = "(au.terms_id IS NOT NULL OR {0}.seller_id = {0}.manufacturer_id)"
_EXCLUSIVE_OK = "ex.holders IS NULL OR {0}.seller_id = ANY (ex.holders)"
_RIGHTS_OF = """
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

_OFFERED = """
offered AS MATERIALIZED (
    SELECT l.line_no, l.quantity, l.weight_g, l.variant_status, l.manufacturer_id, l.category_id,
           l.assortment_ids, l.variant_id, o.id AS offer_id, o.seller_id, o.status, o.valid_from,
           o.valid_to, o.minimum_quantity, o.maximum_quantity, o.order_step, o.lead_time_days
    FROM line l JOIN offers_offers o ON o.variant_id = l.variant_id
),
"""
# Of a storefront's own pool, which is known before any offer is read: so thousands of offers need
# not be asked one by one. Offers are many, their sellers and scopes few: what is decided per `pair`
# of these is decided once. Of few variants the pairs are those that offers know; of many, all.
_POOLED = """
pool AS MATERIALIZED (
    SELECT p.seller_id FROM storefronts_pool_sellers p
    JOIN network_organizations s ON s.id = p.seller_id AND s.status = 'active'
    JOIN shop ON shop.id = p.storefront_id AND shop.may_look
    WHERE p.seller_id <> ALL (shop.blocked_seller_ids)
),
scoped AS MATERIALIZED (
    SELECT l.variant_id, s.scope_no FROM line l
    JOIN scope s
      ON s.manufacturer_id = l.manufacturer_id AND s.category_id = l.category_id
     AND s.assortment_ids = l.assortment_ids
),
crowd AS MATERIALIZED (
    SELECT (SELECT count(*) FROM pool) * (SELECT count(*) FROM scope)
           < (SELECT count(*) FROM scoped) AS is_large
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

_RIGHTS = f"""
granted AS MATERIALIZED (
    SELECT s.seller_id, s.manufacturer_id, a.id AS agreement_id, a.parent_id,
           t.id AS terms_id, t.priority, t.minimum_order_minor, t.currency, t.selling_model,
           t.territory_id IS NULL OR t.territory_id IN (SELECT territory_id FROM here)
               AS covers_place,
           {_CATEGORIES} AS categories, t.assortment_id
    FROM (SELECT DISTINCT seller_id, manufacturer_id FROM SOLD) s
    JOIN network_agreements a
      ON a.grantee_id = s.seller_id AND a.manufacturer_id = s.manufacturer_id
     AND a.status = 'active'
    JOIN network_agreement_terms t ON t.agreement_id = a.id AND {_IN_FORCE}
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
    SELECT c.leaf_id, c.ancestor_id, a.manufacturer_id, {_CATEGORIES} AS categories,
           t.assortment_id
    FROM chain c
    JOIN network_agreements a ON a.id = c.ancestor_id AND a.status = 'active'
    JOIN network_agreement_terms t ON t.agreement_id = a.id AND {_IN_FORCE}
    WHERE t.territory_id IS NULL OR t.territory_id IN (SELECT territory_id FROM here)
),
upheld AS MATERIALIZED (
    -- nobody grants more than it has: how many of the agreements above cover the scope, too
    SELECT b.leaf_id, s.category_id, s.assortment_ids, count(DISTINCT b.ancestor_id) AS links
    FROM above b JOIN scope s ON s.manufacturer_id = b.manufacturer_id
    WHERE {_COVERS.format("b")}
    GROUP BY b.leaf_id, s.category_id, s.assortment_ids
),
authority AS MATERIALIZED (
    -- per seller and scope the best terms in force, and what they cover
    SELECT DISTINCT ON (seller_id, manufacturer_id, category_id, assortment_ids) *
    FROM (
        SELECT g.seller_id, s.manufacturer_id, s.category_id, s.assortment_ids, g.terms_id,
               g.priority, g.minimum_order_minor, g.currency, g.selling_model, g.covers_place,
               {_COVERS.format("g")} AS covers_assortment,
               COALESCE(l.links, 0) = COALESCE(u.links, 0) AS intact
        FROM scope s
        JOIN granted g ON g.manufacturer_id = s.manufacturer_id
        LEFT JOIN (SELECT leaf_id, count(*) AS links FROM chain GROUP BY leaf_id) l
          ON l.leaf_id = g.agreement_id
        LEFT JOIN upheld u ON u.leaf_id = g.agreement_id AND u.category_id = s.category_id
         AND u.assortment_ids = s.assortment_ids
    ) AS terms
    ORDER BY seller_id, manufacturer_id, category_id, assortment_ids,
             (covers_place AND covers_assortment AND intact) DESC, selling_model, priority DESC,
             terms_id
),
exclusive AS MATERIALIZED (
    -- per scope who alone may sell here
    SELECT s.manufacturer_id, s.category_id, s.assortment_ids,
           array_agg(DISTINCT a.grantee_id) AS holders
    FROM network_exclusivities e
    JOIN network_agreement_terms t ON t.id = e.terms_id AND {_IN_FORCE}
    JOIN network_agreements a ON a.id = t.agreement_id AND a.status = 'active'
    JOIN scope s ON s.manufacturer_id = a.manufacturer_id
     AND (e.category_id IS NULL OR e.category_id = ANY (s.category_path))
    WHERE e.territory_id IS NULL OR e.territory_id IN (SELECT territory_id FROM here WHERE certain)
    GROUP BY s.manufacturer_id, s.category_id, s.assortment_ids
),
path AS (
    -- from the storefront's owner up, whatever is sold: few, while scopes may be many
    SELECT a.manufacturer_id, a.grantor_id AS seller_id, 1 AS hops, ARRAY[t.id] AS terms_ids,
           ARRAY[t.transfer_price_list_id] AS price_list_ids,
           ARRAY[a.grantor_id, a.grantee_id] AS parties
    FROM network_agreements a
    JOIN network_agreement_terms t
      ON t.agreement_id = a.id AND t.selling_model = 'resale' AND {_IN_FORCE}
     AND (t.territory_id IS NULL OR t.territory_id IN (SELECT territory_id FROM here))
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
      ON t.agreement_id = a.id AND t.selling_model = 'resale' AND {_IN_FORCE}
     AND (t.territory_id IS NULL OR t.territory_id IN (SELECT territory_id FROM here))
    WHERE p.hops < 4 AND a.grantor_id <> ALL (p.parties)
),
resale AS MATERIALIZED (
    SELECT t.id AS terms_id, t.assortment_id, {_CATEGORIES} AS categories
    FROM network_agreement_terms t
    WHERE t.id IN (SELECT unnest(terms_ids) FROM path)
),
supply AS MATERIALIZED (
    SELECT DISTINCT ON (p.seller_id, s.manufacturer_id, s.category_id, s.assortment_ids)
           s.manufacturer_id, s.category_id, s.assortment_ids, p.seller_id, p.terms_ids,
           p.price_list_ids, p.parties
    FROM path p
    JOIN scope s ON s.manufacturer_id = p.manufacturer_id
    WHERE NOT EXISTS (
        SELECT FROM resale r WHERE r.terms_id = ANY (p.terms_ids) AND NOT ({_COVERS.format("r")})
    )
    ORDER BY p.seller_id, s.manufacturer_id, s.category_id, s.assortment_ids, p.hops, p.terms_ids
)
"""  # noqa: S608 - composed of constants only


# Every fact of every offer, and of lines without one.
_STANDING = f"""
standing AS (
    SELECT l.line_no, l.variant_id, l.quantity, l.manufacturer_id, l.weight_g,
           l.variant_status IN ('active', 'phase_out') AS is_sold,
           {_IS_SHOWN.format("l")} AS is_shown,
           o.offer_id, o.seller_id, {_MODEL.format("o")} AS model,
           o.seller_id IN (
               SELECT seller_id FROM storefronts_pool_sellers WHERE storefront_id = shop.id
           ) AS in_pool,
           o.seller_id = ANY (shop.blocked_seller_ids) AS is_blocked,
           s.status = 'active' AS seller_active,
           {_OFFER_ACTIVE} AS offer_active,
           o.minimum_quantity, o.maximum_quantity, o.order_step, o.lead_time_days,
           {_AUTHORISED.format("o")} AS authorised,
           COALESCE(au.intact, true) AS intact,
           COALESCE(au.covers_place, true) AS covers_place,
           COALESCE(au.covers_assortment, true) AS covers_assortment,
           {_EXCLUSIVE_OK.format("o")} AS exclusive_ok,
           au.terms_id, COALESCE(au.priority, 0) AS priority,
           COALESCE(au.minimum_order_minor, 0) AS minimum_order_minor,
           su.parties, su.terms_ids AS chain_terms_ids, su.price_list_ids, shop.owner_id,
           shop.may_look
    FROM line l
    LEFT JOIN offered o ON o.line_no = l.line_no AND o.variant_id = l.variant_id
    LEFT JOIN network_organizations s ON s.id = o.seller_id
    CROSS JOIN shop
    {_RIGHTS_OF.format("o")}
)
"""  # noqa: S608 - composed of constants only

# The same facts, of pairs of a seller and a scope: all of them speak well.
_ENTITLED_PAIR = f"""
entitled_pair AS MATERIALIZED (
    SELECT * FROM (
        SELECT o.seller_id, o.scope_no, o.manufacturer_id, {_MODEL.format("o")} AS model
        FROM pair o
        CROSS JOIN shop
        {_RIGHTS_OF.format("o")}
        WHERE {_IS_SHOWN.format("o")} AND {_AUTHORISED.format("o")}
          AND COALESCE(au.intact AND au.covers_place AND au.covers_assortment, true)
          AND ({_EXCLUSIVE_OK.format("o")})
    ) p
    -- once; but the planner, which takes the pairs for one, hears of many, and hashes them
    CROSS JOIN generate_series(1, (SELECT 1)) AS many
    WHERE model IS NOT NULL
)
"""  # noqa: S608 - composed of constants only

_ENTITLED = f"""
entitled AS MATERIALIZED (
    SELECT o.variant_id, o.seller_id, p.model, o.minimum_quantity, o.order_step {{more}}
    FROM (
        -- by itself: offers are looked up by variant, however many are expected to be entitled
        SELECT l.scope_no, o.id, o.variant_id, o.seller_id, o.minimum_quantity, o.order_step,
               o.lead_time_days
        FROM scoped l JOIN offers_offers o
          ON o.variant_id = l.variant_id AND o.seller_id = ANY (ARRAY(SELECT seller_id FROM pool))
         AND {_OFFER_ACTIVE}
        OFFSET 0
    ) o
    JOIN entitled_pair p ON p.seller_id = o.seller_id AND p.scope_no = o.scope_no
)
"""  # noqa: S608 - composed of constants only

# The first entitled seller is enough.
_SEEN = f"""
seen AS MATERIALIZED (
    SELECT l.variant_id FROM scoped l
    WHERE EXISTS (
        SELECT FROM offers_offers o
        WHERE o.variant_id = l.variant_id AND {_OFFER_ACTIVE}
          AND ((o.seller_id, l.scope_no) IN (
              SELECT seller_id, scope_no FROM entitled_pair
          )) IS TRUE
    )
)
"""  # noqa: S608 - composed of constants only

_CATALOG_ITEM = """
    SELECT {line}, w.variant_id, v.manufacturer_id, v.category_id, v.weight_g,
           v.status AS variant_status, c.path AS category_path
    FROM wanted w
    JOIN catalog_variants v ON v.id = w.variant_id
    JOIN catalog_categories c ON c.id = v.category_id
"""
_SOLD = " WHERE v.status IN ('active', 'phase_out')"
_KNOWN_ITEM = """
    SELECT w.variant_id, w.manufacturer_id, w.category_id, c.path AS category_path
    FROM wanted w JOIN catalog_categories c ON c.id = w.category_id
"""


def _scopes(item: str) -> str:
    return _SCOPES.format(item=item.strip(), in_force=_IN_FORCE)


def _pairs(item: str) -> str:
    return f"{_scopes(item)}{_POOLED}{_RIGHTS.replace('SOLD', 'pair')},{_ENTITLED_PAIR}"


STANDING_CTES = f"""
{_scopes(_CATALOG_ITEM.format(line="w.line_no, w.quantity"))}
{_OFFERED}{_RIGHTS.replace("SOLD", "offered")},
{_STANDING}
"""

ENTITLED_CTES = (
    _pairs(_CATALOG_ITEM.format(line="0 AS line_no").rstrip() + _SOLD)
    + ","
    + _ENTITLED.format(more=", o.id AS offer_id, o.lead_time_days")
)
KNOWN_ENTITLED_CTES = _pairs(_KNOWN_ITEM) + "," + _ENTITLED.format(more="")
"""As ``ENTITLED_CTES``, for variants that are sold, with manufacturer and category at hand:
``wanted (variant_id, manufacturer_id, category_id)``."""
KNOWN_SEEN_CTES = _pairs(_KNOWN_ITEM) + f",{_SEEN}"
"""As ``KNOWN_ENTITLED_CTES``, but only ``seen (variant_id)``: what anybody entitled offers."""

ANYWHERE: dict[str, Any] = {"country": None, "subdivision": None, "postal_code": None}
"""The binds of a place of delivery of which nothing is known."""
