"""Offers as their seller (and the operator) may see them, and why they cannot be sold."""

import uuid
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, select, text, true

from app.infra.auth import Caller
from app.infra.db import DbSession
from app.infra.listing import page_by_id
from app.kernel.paging import Page, PageRequest
from app.offers.errors import OfferNotFound
from app.offers.models import Offer
from app.offers.rules import OfferFacts, reasons_against

# Prices and stock lie a layer up; only whether there are any is read of them.
_FACTS = text("""
WITH asked AS (
    SELECT o.id, o.seller_id, o.variant_id, o.status, o.minimum_quantity,
           v.status AS variant_status, v.manufacturer_id, c.path, s.status AS seller_status
    FROM offers_offers o
    JOIN catalog_variants v ON v.id = o.variant_id
    JOIN catalog_categories c ON c.id = v.category_id
    JOIN network_organizations s ON s.id = o.seller_id
    WHERE o.id = ANY (CAST(:offer_ids AS uuid[]))
),
terms AS (
    SELECT asked.id, bool_or(
        NOT EXISTS (SELECT FROM network_agreement_categories ac WHERE ac.terms_id = t.id)
        OR EXISTS (
            SELECT FROM network_agreement_categories ac
            WHERE ac.terms_id = t.id AND ac.category_id = ANY (asked.path)
        )
    ) AS cover_it
    FROM asked
    JOIN network_agreements a
      ON a.grantee_id = asked.seller_id AND a.manufacturer_id = asked.manufacturer_id
     AND a.status = 'active'
    JOIN network_agreement_terms t
      ON t.agreement_id = a.id AND t.valid_from <= :now
     AND (t.valid_to IS NULL OR t.valid_to > :now)
    GROUP BY asked.id
)
SELECT asked.id, asked.status, asked.seller_status, asked.variant_status,
       asked.minimum_quantity, asked.manufacturer_id = asked.seller_id AS makes_it_itself,
       terms.id IS NOT NULL AS has_terms, COALESCE(terms.cover_it, false) AS cover_it,
       EXISTS (
           SELECT FROM pricing_price_lists l JOIN pricing_entries e ON e.price_list_id = l.id
           WHERE l.owner_id = asked.seller_id AND l.purpose IN ('sale', 'transfer')
             AND l.valid_from <= :now AND (l.valid_to IS NULL OR l.valid_to > :now)
             AND e.variant_id = asked.variant_id AND e.from_quantity <= asked.minimum_quantity
             AND e.valid_from <= :now AND (e.valid_to IS NULL OR e.valid_to > :now)
       ) AS has_price,
       COALESCE((
           SELECT sum(i.on_hand - i.reserved - i.safety)
           FROM inventory_stock i JOIN inventory_locations w ON w.id = i.location_id
           WHERE i.variant_id = asked.variant_id AND w.seller_id = asked.seller_id
             AND w.is_active AND i.on_hand - i.reserved > i.safety
       ), 0) AS available
FROM asked LEFT JOIN terms ON terms.id = asked.id
""")


def get_offer(session: DbSession, *, caller: Caller, offer_id: uuid.UUID) -> Offer:
    """An offer.

    Raises:
        OfferNotFound: there is none that the caller may know of.
    """
    found = session.scalars(select(Offer).where(Offer.id == offer_id, _own(caller))).one_or_none()
    if found is None:
        raise OfferNotFound
    return found


def list_offers(
    session: DbSession,
    *,
    caller: Caller,
    page: PageRequest,
    variant_id: uuid.UUID | None = None,
    status: str | None = None,
) -> Page[Offer]:
    """The caller's offers."""
    query = select(Offer).where(_own(caller))
    if variant_id:
        query = query.where(Offer.variant_id == variant_id)
    if status:
        query = query.where(Offer.status == status)
    return page_by_id(session, query, key=Offer.id, page=page)


def explain(
    session: DbSession, *, offer_ids: Sequence[uuid.UUID], now: datetime
) -> dict[uuid.UUID, tuple[str, ...]]:
    """Why each offer cannot be sold at all; an empty answer means that it can.

    Where and to whom it may be sold is another question: that is routing's, for a given order.
    """
    rows = session.execute(_FACTS, {"offer_ids": list(offer_ids), "now": now})
    return {
        row.id: reasons_against(
            OfferFacts(
                offer_status=row.status,
                seller_status=row.seller_status,
                variant_status=row.variant_status,
                makes_it_itself=row.makes_it_itself,
                has_terms=row.has_terms,
                terms_cover_it=row.cover_it,
                has_price=row.has_price,
                available=row.available,
                minimum_quantity=row.minimum_quantity,
            )
        )
        for row in rows
    }


def _own(caller: Caller) -> ColumnElement[bool]:
    return true() if caller.is_operator else Offer.seller_id == caller.organization_id
