"""A seller says what it is ready to sell."""

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select

from app.catalog import queries as catalog_queries
from app.infra.auth import Caller
from app.infra.db import DbSession
from app.infra.editing import edit, refusing
from app.offers.errors import NotASeller, OfferExists, OfferNotFound, QuantitiesDisagree
from app.offers.models import Offer

_SELLERS = frozenset({"manufacturer", "distributor", "wholesaler", "reseller"})
_REFUSALS = {
    "uq_offers_offers_seller_id_variant_id": OfferExists(),
    "ck_offers_offers_quantities": QuantitiesDisagree(),
}


def create_offer(
    session: DbSession,
    *,
    caller: Caller,
    variant_id: uuid.UUID,
    facts: Mapping[str, Any],
    now: datetime,
) -> Offer:
    """Offer a variant that the caller may know of.

    Raises:
        NotASeller: the caller sells nothing.
        VariantNotFound: there is none that the caller may know of.
        OfferExists: the caller offers it already.
        QuantitiesDisagree: the greatest quantity is below the least.
    """
    if not _SELLERS & caller.kinds:
        raise NotASeller
    variant = catalog_queries.get_variant(session, caller=caller, variant_id=variant_id)
    offer = Offer(
        seller_id=caller.organization_id,
        variant_id=variant.id,
        created_at=now,
        version=1,
        **facts,
    )
    with refusing(session, _REFUSALS):
        session.add(offer)
    return offer


def update_offer(
    session: DbSession,
    *,
    caller: Caller,
    offer_id: uuid.UUID,
    expected_version: int,
    changes: Mapping[str, Any],
) -> Offer:
    """Change an offer of the caller's.

    Raises:
        OfferNotFound: the caller has no such offer.
        PreconditionFailed: somebody changed it since the caller read it.
        QuantitiesDisagree: the greatest quantity would be below the least.
    """
    query = select(Offer).where(Offer.id == offer_id, Offer.seller_id == caller.organization_id)
    offer = session.scalars(
        query.with_for_update().execution_options(populate_existing=True)
    ).one_or_none()
    if offer is None:
        raise OfferNotFound
    with refusing(session, _REFUSALS):
        edit(offer, expected_version=expected_version, changes=changes)
    return offer
