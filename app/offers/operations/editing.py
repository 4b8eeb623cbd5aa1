"""A seller says what it is ready to sell, offer by offer."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import select, text

from app.catalog import queries as catalog_queries
from app.infra.auth import Caller
from app.infra.db import DbSession
from app.infra.editing import edit, refusing
from app.kernel.ids import new_id
from app.network.rules import SELLING_KINDS
from app.offers.errors import (
    BackorderIncomplete,
    NotASeller,
    OfferExists,
    OfferNotFound,
    PeriodEmpty,
    QuantitiesDisagree,
)
from app.offers.models import Offer
from app.offers.operations.telling import CREATED, EDITED, tell_changes
from app.offers.rules import PROBLEMS, Words, problem_of

_ENSURE = text("""
INSERT INTO offers_offers (id, seller_id, variant_id, seller_sku, created_at)
SELECT id, seller_id, variant_id, seller_sku, created_at
FROM jsonb_populate_recordset(CAST(NULL AS offers_offers), CAST(:rows AS jsonb))
ORDER BY variant_id
ON CONFLICT (seller_id, variant_id) DO NOTHING RETURNING id
""")
_WORDS = tuple(each.name for each in fields(Words))
_REFUSALS = {
    "uq_offers_offers_seller_id_variant_id": OfferExists(),
    "ck_offers_offers_quantities": QuantitiesDisagree(),
    "ck_offers_offers_period": PeriodEmpty(),
    "ck_offers_offers_backorder": BackorderIncomplete(),
}

_DISAGREEING = {"period_empty": PeriodEmpty, "backorder_incomplete": BackorderIncomplete}


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
        QuantitiesDisagree, PeriodEmpty: what it says does not agree.
    """
    if not SELLING_KINDS & caller.kinds:
        raise NotASeller
    variant = catalog_queries.get_variant(session, caller=caller, variant_id=variant_id)
    _require_sound(facts)
    offer = Offer(
        seller_id=caller.organization_id,
        variant_id=variant.id,
        created_at=now,
        version=1,
        **facts,
    )
    with refusing(session, _REFUSALS):
        session.add(offer)
    tell_changes(session, seller_id=offer.seller_id, offer_ids=[offer.id], change=CREATED, now=now)
    return offer


def ensure_offers(
    session: DbSession,
    *,
    seller_id: uuid.UUID,
    wanted: Sequence[tuple[uuid.UUID, str | None]],
    now: datetime,
) -> list[uuid.UUID]:
    """Offer variants, each under a seller SKU, that the seller does not offer yet.

    For other domains, which know that the seller may.
    """
    rows = [
        {
            "id": new_id(),
            "seller_id": seller_id,
            "variant_id": variant_id,
            "seller_sku": seller_sku,
            "created_at": now,
        }
        for variant_id, seller_sku in dict(wanted).items()
    ]
    made = list(session.scalars(_ENSURE, {"rows": orjson.dumps(rows).decode()}))
    tell_changes(session, seller_id=seller_id, offer_ids=made, change=CREATED, now=now)
    return made


def update_offer(
    session: DbSession,
    *,
    caller: Caller,
    offer_id: uuid.UUID,
    expected_version: int,
    changes: Mapping[str, Any],
    now: datetime,
) -> Offer:
    """Change an offer of the caller's.

    Raises:
        OfferNotFound: the caller has no such offer.
        PreconditionFailed: somebody changed it since the caller read it.
        QuantitiesDisagree, PeriodEmpty: what it would say does not agree.
    """
    query = select(Offer).where(Offer.id == offer_id, Offer.seller_id == caller.organization_id)
    offer = session.scalars(
        query.with_for_update().execution_options(populate_existing=True)
    ).one_or_none()
    if offer is None:
        raise OfferNotFound
    _require_sound({name: getattr(offer, name) for name in _WORDS} | dict(changes))
    with refusing(session, _REFUSALS):
        edit(offer, expected_version=expected_version, changes=changes)
    tell_changes(
        session,
        seller_id=offer.seller_id,
        offer_ids=[offer.id],
        change=EDITED,
        fields=list(changes),
        now=now,
    )
    return offer


def _require_sound(facts: Mapping[str, Any]) -> None:
    problem = problem_of(Words(**{name: facts[name] for name in _WORDS if name in facts}))
    if problem is None:
        return
    pointer, message = PROBLEMS[problem]
    refusal = _DISAGREEING.get(problem, QuantitiesDisagree)
    raise refusal(message, errors=[{"pointer": pointer, "message": message}])
