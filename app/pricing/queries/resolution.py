"""What does each owner ask for each variant and quantity, at this instant: one statement.

``PRICE_CTES`` is SQL text that other statements compose into theirs: it expects
``wanted_price (line_no, owner_id, purpose, variant_id, quantity, price_list_id)`` and gives
``resolved_price``; the statement begins ``WITH RECURSIVE``. It decides as
:func:`app.pricing.rules.choose` does; a test compares the two on random data.
"""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import text

from app.infra.db import DbSession
from app.kernel.money import UnitPrice
from app.pricing.queries.places import PLACE_CTES
from app.pricing.rules import Request

PRICE_CTES = f"""
price_source AS MATERIALIZED (
    SELECT DISTINCT owner_id, purpose, price_list_id FROM wanted_price
),
{PLACE_CTES},
price_rung AS (
    -- each place with what it derives from, level by level
    SELECT owner_id, purpose, named_id, strategy, position, price_list_id AS root_id, 0 AS depth,
           price_list_id, base_list_id, breaks
    FROM price_place
    UNION ALL
    SELECT r.owner_id, r.purpose, r.named_id, r.strategy, r.position, r.root_id, r.depth + 1,
           l.id, l.base_list_id, l.breaks
    FROM price_rung r JOIN pricing_price_lists l ON l.id = r.base_list_id
    WHERE r.depth < 3 AND l.valid_from <= CAST(:now AS timestamptz)
      AND (l.valid_to IS NULL OR l.valid_to > CAST(:now AS timestamptz))
),
price_ladder AS MATERIALIZED (
    -- as arrays side by side: joined row by row, every entry would be compared with every list,
    -- for the planner cannot know how many of either there are
    SELECT owner_id, purpose, named_id, strategy,
           array_agg(price_list_id ORDER BY position, depth) AS list_ids,
           array_agg(root_id ORDER BY position, depth) AS root_ids,
           array_agg(position ORDER BY position, depth) AS positions,
           array_agg(depth ORDER BY position, depth) AS depths,
           array_agg(breaks = 'graduated' ORDER BY position, depth) AS graduated
    FROM price_rung
    GROUP BY owner_id, purpose, named_id, strategy
),
price_tier AS (
    -- every break that is reached, on every list that may have a say
    SELECT w.line_no, w.owner_id, w.purpose, w.variant_id, w.quantity, l.positions[n] AS position,
           l.strategy, l.root_ids[n] AS root_id, l.depths[n] AS depth,
           e.price_list_id AS source_list_id, l.graduated[n] AS graduated,
           e.from_quantity, e.valid_from, e.amount_minor, e.per_quantity,
           min(l.depths[n]) OVER place AS nearest, max(e.from_quantity) OVER list AS reached
    FROM wanted_price w
    JOIN price_ladder l
      ON l.owner_id = w.owner_id AND l.purpose = w.purpose
     AND COALESCE(l.named_id, w.owner_id) = COALESCE(w.price_list_id, w.owner_id)
    JOIN pricing_entries e
      ON e.variant_id = w.variant_id AND e.price_list_id = ANY (l.list_ids)
     AND e.from_quantity <= w.quantity AND e.valid_from <= CAST(:now AS timestamptz)
     AND (e.valid_to IS NULL OR e.valid_to > CAST(:now AS timestamptz))
    CROSS JOIN LATERAL unnest(array_positions(l.list_ids, e.price_list_id)) AS n
    WINDOW place AS (PARTITION BY w.line_no, w.owner_id, w.purpose, l.positions[n]),
           list AS (PARTITION BY w.line_no, w.owner_id, w.purpose, l.positions[n], l.depths[n])
),
price_step AS (
    -- from the list where the entry stands up to the list that applies, formula by formula
    SELECT t.line_no, t.owner_id, t.purpose, t.variant_id, t.quantity, t.position, t.strategy,
           t.root_id, t.source_list_id, t.graduated, t.from_quantity, t.valid_from,
           t.depth, t.amount_minor, t.per_quantity
    FROM price_tier t
    WHERE t.depth = t.nearest AND (t.graduated OR t.from_quantity = t.reached)
    UNION ALL
    SELECT s.line_no, s.owner_id, s.purpose, s.variant_id, s.quantity, s.position, s.strategy,
           s.root_id, s.source_list_id, s.graduated, s.from_quantity, s.valid_from, s.depth - 1,
           pricing_derive(
               s.amount_minor, s.per_quantity, f.factor_bps, f.add_minor, f.round_to_minor,
               f.round_ending_minor, f.rounding, k.amount_minor, k.per_quantity,
               f.minimum_margin_bps
           ), s.per_quantity
    FROM price_step s
    JOIN price_chain c ON c.root_id = s.root_id AND c.depth = s.depth - 1
    CROSS JOIN LATERAL (
        SELECT f.* FROM pricing_formulas f
        WHERE f.price_list_id = c.price_list_id AND (
            (f.category_id IS NULL AND f.brand IS NULL AND f.attribute IS NULL)
            OR EXISTS (
                SELECT FROM catalog_variants v
                JOIN catalog_products m ON m.id = v.product_id
                JOIN catalog_categories g ON g.id = v.category_id
                WHERE v.id = s.variant_id
                  AND (f.category_id IS NULL OR f.category_id = ANY (g.path))
                  AND (f.brand IS NULL OR f.brand = m.brand)
                  AND (f.attribute IS NULL OR v.attributes ->> f.attribute = f.attribute_value)
            ))
        ORDER BY f.position LIMIT 1
    ) f
    LEFT JOIN LATERAL (
        SELECT e.amount_minor, e.per_quantity
        FROM pricing_entries e JOIN pricing_price_lists l ON l.id = e.price_list_id
        WHERE e.variant_id = s.variant_id AND e.price_list_id = f.margin_list_id
          AND l.valid_from <= CAST(:now AS timestamptz)
          AND (l.valid_to IS NULL OR l.valid_to > CAST(:now AS timestamptz))
          AND e.from_quantity <= s.quantity AND e.valid_from <= CAST(:now AS timestamptz)
          AND (e.valid_to IS NULL OR e.valid_to > CAST(:now AS timestamptz))
        ORDER BY e.from_quantity DESC LIMIT 1
    ) k ON true
    WHERE s.depth > 0 AND (f.margin_list_id IS NULL OR k.amount_minor IS NOT NULL)
),
price_span AS (
    -- how many units fall into each break; those below the first belong to it
    SELECT *, count(*) OVER breaks_of AS tiers,
           COALESCE(lead(from_quantity) OVER by_break - 1, quantity)
           - CASE WHEN lag(from_quantity) OVER by_break IS NULL THEN 0 ELSE from_quantity - 1 END
               AS units
    FROM price_step WHERE depth = 0
    WINDOW breaks_of AS (PARTITION BY line_no, owner_id, purpose, position),
           by_break AS (breaks_of ORDER BY from_quantity)
),
price_asked AS (
    SELECT line_no, owner_id, purpose, position, strategy, root_id AS price_list_id,
           source_list_id, max(from_quantity) AS from_quantity,
           (array_agg(valid_from ORDER BY from_quantity DESC))[1] AS valid_from,
           CASE WHEN tiers = 1 THEN max(amount_minor)
                ELSE CAST(div(
                    2 * sum(CAST(amount_minor AS numeric) * units) + max(per_quantity),
                    2 * max(per_quantity)) AS bigint)
           END AS amount_minor,
           CASE WHEN tiers = 1 THEN max(per_quantity) ELSE max(quantity) END AS per_quantity
    FROM price_span
    GROUP BY line_no, owner_id, purpose, position, strategy, root_id, source_list_id, tiers
),
resolved_price AS (
    SELECT DISTINCT ON (line_no, owner_id, purpose)
           line_no, owner_id, purpose, price_list_id, source_list_id, from_quantity, valid_from,
           amount_minor, per_quantity
    FROM price_asked
    ORDER BY line_no, owner_id, purpose,
             CASE WHEN strategy = 'lowest' THEN CAST(amount_minor AS numeric) / per_quantity END,
             position
)
"""  # noqa: S608 - composed of constants only

_WANTED = """
WITH RECURSIVE wanted_price AS (
    SELECT * FROM unnest(
        CAST(:line_nos AS integer[]), CAST(:owner_ids AS uuid[]), CAST(:purposes AS text[]),
        CAST(:variant_ids AS uuid[]), CAST(:quantities AS integer[]),
        CAST(:price_list_ids AS uuid[])
    ) AS w(line_no, owner_id, purpose, variant_id, quantity, price_list_id)
),
"""
_RESOLVE = text(f"{_WANTED}{PRICE_CTES} SELECT * FROM resolved_price")  # noqa: S608 - constants only


@dataclass(frozen=True, slots=True, kw_only=True)
class ResolvedPrice:
    """The price that holds for an ask; the entry it comes from stands on ``source_list_id``."""

    price_list_id: uuid.UUID
    source_list_id: uuid.UUID
    from_quantity: int
    valid_from: datetime
    price: UnitPrice


def resolve(session: DbSession, *, request: Request, now: datetime) -> dict[int, ResolvedPrice]:
    """What holds for each ask, by line number; asks without a price are missing."""
    rows = session.execute(_RESOLVE, binds_of(request, now=now)).all()
    return {
        row.line_no: ResolvedPrice(
            price_list_id=row.price_list_id,
            source_list_id=row.source_list_id,
            from_quantity=row.from_quantity,
            valid_from=row.valid_from,
            price=UnitPrice(row.amount_minor, row.per_quantity),
        )
        for row in rows
    }


def binds_of(request: Request, *, now: datetime) -> Mapping[str, Any]:
    """The request as bind parameters: one array a column, and its context."""
    asks = request.asks
    return {
        "line_nos": [ask.line_no for ask in asks],
        "owner_ids": [ask.owner_id for ask in asks],
        "purposes": [ask.purpose for ask in asks],
        "variant_ids": [ask.variant_id for ask in asks],
        "quantities": [ask.quantity for ask in asks],
        "price_list_ids": [ask.price_list_id for ask in asks],
        "storefront_id": request.storefront_id,
        "buyer_id": request.buyer_id,
        "unit_id": request.unit_id,
        "customer_group": request.customer_group,
        "country": request.country,
        "subdivision": request.subdivision,
        "postal_code": request.postal_code,
        "latitude": request.latitude,
        "longitude": request.longitude,
        "currency": request.currency,
        "now": now,
    }
