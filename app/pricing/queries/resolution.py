"""What does each owner ask for each variant and quantity, at this instant: one statement.

``PRICE_CTES`` is SQL text that other statements compose into theirs. It decides as
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
price_found AS (
    SELECT DISTINCT ON (w.line_no, w.owner_id, w.purpose)
           w.line_no, w.owner_id, w.purpose, e.id AS entry_id, p.price_list_id,
           e.amount_minor, e.per_quantity
    FROM wanted_price w
    JOIN price_place p
      ON p.owner_id = w.owner_id AND p.purpose = w.purpose
     AND COALESCE(p.named_id, w.owner_id) = COALESCE(w.price_list_id, w.owner_id)
    LEFT JOIN LATERAL (
        SELECT id, amount_minor, per_quantity FROM pricing_entries
        WHERE variant_id = w.variant_id AND price_list_id = p.price_list_id
          AND from_quantity <= w.quantity AND valid_from <= CAST(:now AS timestamptz)
          AND (valid_to IS NULL OR valid_to > CAST(:now AS timestamptz))
        ORDER BY from_quantity DESC
        LIMIT 1
    ) e ON true
    WHERE e.id IS NOT NULL OR p.stops
    ORDER BY w.line_no, w.owner_id, w.purpose, p.scope, p.priority DESC, p.created_at DESC,
             p.price_list_id DESC
),
resolved_price AS (
    SELECT line_no, owner_id, purpose, entry_id, price_list_id, amount_minor, per_quantity
    FROM price_found WHERE entry_id IS NOT NULL
)
"""  # noqa: S608 - composed of constants only

_WANTED = """
WITH wanted_price AS (
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
    """The entry that holds for an ask."""

    entry_id: uuid.UUID
    price_list_id: uuid.UUID
    price: UnitPrice


def resolve(session: DbSession, *, request: Request, now: datetime) -> dict[int, ResolvedPrice]:
    """What holds for each ask, by line number; asks without a price are missing."""
    rows = session.execute(_RESOLVE, binds_of(request, now=now)).all()
    return {
        row.line_no: ResolvedPrice(
            entry_id=row.entry_id,
            price_list_id=row.price_list_id,
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
        "customer_group": request.customer_group,
        "currency": request.currency,
        "now": now,
    }
