"""Why an offer cannot be sold: one definition, as part of any statement about offers.

``REASONED`` follows a FROM item ``o`` of offers and gives ``r.codes``, every reason that holds, in
the order of :data:`app.offers.rules.REASONS`. Each part is worked out once a row (``OFFSET 0``).
Where and to whom an offer may be sold is another question: that is routing's, for a given order.

Prices, stock, agreements lie in other domains; only whether there are any is read of them.
"""

_IN_FORCE = "{0}.valid_from <= :now AND ({0}.valid_to IS NULL OR {0}.valid_to > :now)"

_PRICE_AT_LEAST = f"""
    SELECT e.amount_minor, e.per_quantity FROM pricing_entries e
    WHERE e.price_list_id = {{0}}.id AND e.variant_id = o.variant_id AND e.from_quantity <= q.least
      AND {_IN_FORCE.format("e")}
    ORDER BY e.from_quantity DESC LIMIT 1
"""  # noqa: S608 - composed of constants only

# Whether the seller names a price for the least quantity that can be ordered: on a list of its own,
# or on one from which that derives, which are as many levels as prices are derived over.
HAS_PRICE = f"""EXISTS (
    SELECT FROM pricing_price_lists l
    LEFT JOIN pricing_price_lists b1 ON b1.id = l.base_list_id AND {_IN_FORCE.format("b1")}
    LEFT JOIN pricing_price_lists b2 ON b2.id = b1.base_list_id AND {_IN_FORCE.format("b2")}
    LEFT JOIN pricing_price_lists b3 ON b3.id = b2.base_list_id AND {_IN_FORCE.format("b3")}
    JOIN pricing_entries e
      ON e.variant_id = o.variant_id AND e.price_list_id = ANY (ARRAY[l.id, b1.id, b2.id, b3.id])
     AND e.from_quantity <= q.least AND {_IN_FORCE.format("e")}
    WHERE l.owner_id = o.seller_id AND l.purpose IN ('sale', 'transfer')
      AND {_IN_FORCE.format("l")}
)"""

# Whether a sale price that the seller wrote for that quantity is below a floor that its maker
# wrote, in its currency. Not of prices that either derives: what a formula asks needs the whole
# resolution (bases, conditions, margins, breaks), for each list of each offer that a filter or a
# summary looks through, which are all of them. The report of violations (app.pricing) has these,
# variant by variant, and routing, which resolves the price, does not sell at any of them.
BELOW_FLOOR = f"""o.seller_id <> v.manufacturer_id AND EXISTS (
    SELECT FROM pricing_price_lists f CROSS JOIN LATERAL ({_PRICE_AT_LEAST.format("f")}) floor
    JOIN pricing_price_lists l
      ON l.owner_id = o.seller_id AND l.purpose = 'sale' AND l.currency = f.currency
     AND {_IN_FORCE.format("l")}
    CROSS JOIN LATERAL ({_PRICE_AT_LEAST.format("l")}) asked
    WHERE f.owner_id = v.manufacturer_id AND f.purpose = 'floor' AND {_IN_FORCE.format("f")}
      AND CAST(asked.amount_minor AS numeric) * floor.per_quantity
          < CAST(floor.amount_minor AS numeric) * asked.per_quantity
)"""

AVAILABLE = """COALESCE((
    SELECT sum(i.on_hand - i.reserved - i.safety)
    FROM inventory_stock i JOIN inventory_locations w ON w.id = i.location_id
    WHERE i.variant_id = o.variant_id AND w.seller_id = o.seller_id
      AND w.is_active AND i.on_hand - i.reserved > i.safety
), 0)"""

_JOINED = """
JOIN catalog_variants v ON v.id = o.variant_id
JOIN catalog_products p ON p.id = v.product_id
JOIN catalog_categories c ON c.id = v.category_id
JOIN network_organizations s ON s.id = o.seller_id
CROSS JOIN LATERAL (
    SELECT (o.minimum_quantity + o.order_step - 1) / o.order_step * o.order_step AS least
) q
"""

# What agreements in force say of the offer; a maker needs none for its own goods.
_MAY = f"""
LEFT JOIN LATERAL (
    SELECT count(*) AS terms, COALESCE(bool_or(
        (
            NOT EXISTS (SELECT FROM network_agreement_categories ac WHERE ac.terms_id = t.id)
            OR EXISTS (
                SELECT FROM network_agreement_categories ac
                WHERE ac.terms_id = t.id AND ac.category_id = ANY (c.path)
            )
        ) AND EXISTS (
            SELECT FROM assortments_holds(
                t.assortment_id, v.id, v.manufacturer_id, c.path, p.brand, v.attributes, v.status
            )
        )
    ), false) AS cover_it
    FROM network_agreements a
    JOIN network_agreement_terms t ON t.agreement_id = a.id AND {_IN_FORCE.format("t")}
    WHERE a.grantee_id = o.seller_id AND a.manufacturer_id = v.manufacturer_id
      AND a.status = 'active'
) may ON o.seller_id <> v.manufacturer_id
"""  # noqa: S608 - composed of constants only

_HOLDS = {
    "offer_paused": "o.status = 'paused'",
    "offer_withdrawn": "o.status = 'withdrawn'",
    "not_yet_valid": "o.valid_from > :now",
    "expired": "o.valid_to <= :now",
    "seller_suspended": "s.status <> 'active'",
    "variant_not_active": "v.status NOT IN ('active', 'phase_out')",
    "agreement_inactive": "may.terms = 0",
    "outside_assortment": "may.terms > 0 AND NOT may.cover_it",
    "no_price": f"NOT {HAS_PRICE}",
    "below_floor_price": BELOW_FLOOR,
    "no_stock": f"{AVAILABLE} < q.least",
}
_OF_AGREEMENTS = {"agreement_inactive", "outside_assortment"}
_CODES = ",\n".join(f"CASE WHEN {holds} THEN '{code}' END" for code, holds in _HOLDS.items())

REASONED = f"""
{_JOINED} {_MAY}
CROSS JOIN LATERAL (SELECT array_remove(ARRAY[{_CODES}], NULL) AS codes OFFSET 0) r
"""


def held_by(code: str) -> tuple[str, str]:
    """What joins an offer ``o`` for one reason, and its condition; no other is worked out."""
    return _JOINED + (_MAY if code in _OF_AGREEMENTS else ""), _HOLDS[code]
