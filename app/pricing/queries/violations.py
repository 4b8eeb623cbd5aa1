"""Prices of sellers that a manufacturer does not allow, looked for variant by variant.

Four statements a page: the variants, every sale list that may price them (with entries of its own,
or deriving from one that has them) and from which quantities, what these ask, and the bounds.
"""

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text

from app.infra.auth import Caller
from app.infra.db import DbSession
from app.kernel.money import UnitPrice
from app.kernel.paging import Page, PageRequest, encode_cursor
from app.pricing.queries.bounds import bounds_of
from app.pricing.queries.resolution import ResolvedPrice, resolve
from app.pricing.rules import SALE, Ask, Request
from app.pricing.rules.bounds import BELOW_FLOOR, Bounds

VARIANTS_A_PAGE = 100

_VARIANTS = text("""
SELECT v.id FROM catalog_variants v
WHERE v.manufacturer_id = :manufacturer_id
  AND v.id > COALESCE(CAST(:after AS uuid), '00000000-0000-0000-0000-000000000000')
ORDER BY v.id LIMIT :limit
""")

_ASKS = text("""
WITH RECURSIVE asked AS (
    SELECT e.variant_id, e.price_list_id, e.from_quantity, 0 AS depth
    FROM pricing_entries e
    WHERE e.variant_id = ANY (:variant_ids) AND e.valid_from <= :now
      AND (e.valid_to IS NULL OR e.valid_to > :now)
    UNION
    SELECT a.variant_id, l.id, a.from_quantity, a.depth + 1
    FROM asked a JOIN pricing_price_lists l ON l.base_list_id = a.price_list_id
    WHERE a.depth < 3
)
SELECT DISTINCT a.variant_id, a.price_list_id, a.from_quantity, l.owner_id
FROM asked a JOIN pricing_price_lists l ON l.id = a.price_list_id
WHERE l.purpose = 'sale' AND l.currency = :currency AND l.owner_id <> :manufacturer_id
ORDER BY a.variant_id, a.price_list_id, a.from_quantity
""")


@dataclass(frozen=True, slots=True, kw_only=True)
class Violation:
    """A price of a seller's list, how it breaks the bounds, and the bound."""

    seller_id: uuid.UUID
    price_list_id: uuid.UUID
    variant_id: uuid.UUID
    quantity: int
    breach: str
    amount_minor: int
    per_quantity: int
    bound_amount_minor: int
    bound_per_quantity: int


def list_violations(
    session: DbSession, *, caller: Caller, currency: str, page: PageRequest, now: datetime
) -> Page[Violation]:
    """What sellers ask for the next variants of the caller's, as far as it is not allowed."""
    variant_ids = session.scalars(
        _VARIANTS,
        {
            "manufacturer_id": caller.organization_id,
            "after": page.after,
            "limit": VARIANTS_A_PAGE,
        },
    ).all()
    rows = session.execute(
        _ASKS,
        {
            "variant_ids": list(variant_ids),
            "manufacturer_id": caller.organization_id,
            "currency": currency,
            "now": now,
        },
    ).all()
    asks = [
        Ask(
            line_no=number,
            owner_id=row.owner_id,
            purpose=SALE,
            variant_id=row.variant_id,
            quantity=row.from_quantity,
            price_list_id=row.price_list_id,
        )
        for number, row in enumerate(rows)
    ]
    more = len(variant_ids) == VARIANTS_A_PAGE
    items = _judge(session, asks, currency, now) if asks else []
    return Page(items, encode_cursor(variant_ids[-1]) if more else None)


def _judge(session: DbSession, asks: list[Ask], currency: str, now: datetime) -> list[Violation]:
    prices = resolve(session, request=Request(asks=asks, currency=currency), now=now)
    wanted = [(ask.variant_id, ask.quantity) for ask in asks]
    bounds = bounds_of(session, wanted=wanted, currency=currency, now=now)
    found = [
        _violation(ask, price, bounds[ask.variant_id, ask.quantity])
        for ask in asks
        if (price := prices.get(ask.line_no))
    ]
    return [each for each in found if each]


def _violation(ask: Ask, found: ResolvedPrice, bounds: Bounds) -> Violation | None:
    breach = bounds.breach(found.price)
    if breach is None:
        return None
    bound: UnitPrice | None = bounds.floor if breach == BELOW_FLOOR else bounds.recommended
    assert bound is not None
    return Violation(
        seller_id=ask.owner_id,
        price_list_id=found.price_list_id,
        variant_id=ask.variant_id,
        quantity=ask.quantity,
        breach=breach,
        amount_minor=found.price.amount_minor,
        per_quantity=found.price.per_quantity,
        bound_amount_minor=bound.amount_minor,
        bound_per_quantity=bound.per_quantity,
    )
