"""Which offers are meant: one set of conditions for lists, counts and bulk edits."""

import uuid
from collections.abc import Iterable
from dataclasses import replace
from functools import cache
from typing import Any

from sqlalchemy import TextClause, text

from app.assortments import queries as assortments_queries
from app.infra.auth import Caller
from app.infra.db import DbSession, array_of
from app.offers.errors import SellerNeeded
from app.offers.rules import OfferFilter

# What is asked of an offer "o", by the name of what is asked.
CONDITIONS = {
    "seller_id": "o.seller_id = CAST(:seller_id AS uuid)",
    "variant_id": "o.variant_id = CAST(:variant_id AS uuid)",
    "status": "o.status = CAST(:status AS text)",
    "condition": "o.condition = CAST(:condition AS text)",
    "offer_ids": "o.id = ANY (CAST(:offer_ids AS uuid[]))",
    "category_id": """EXISTS (
        SELECT FROM catalog_variants cv JOIN catalog_categories cc ON cc.id = cv.category_id
        WHERE cv.id = o.variant_id AND cc.path @> ARRAY[CAST(:category_id AS uuid)]
    )""",
    "assortment_id": """EXISTS (
        SELECT FROM catalog_variants av JOIN catalog_products ap ON ap.id = av.product_id
        JOIN catalog_categories ac ON ac.id = av.category_id
        CROSS JOIN LATERAL assortments_holds(
            CAST(:assortment_id AS uuid), av.id, av.manufacturer_id, ac.path, ap.brand,
            av.attributes, av.status
        )
        WHERE av.id = o.variant_id
    )""",
    "q": """EXISTS (
        SELECT FROM catalog_variants qv WHERE qv.id = o.variant_id
        AND (
            qv.sku ILIKE CAST(:q AS text) || '%' OR qv.gtin = CAST(:q AS text)
            OR o.seller_sku ILIKE CAST(:q AS text) || '%'
            OR qv.part_number ILIKE CAST(:q AS text) || '%'
            OR qv.name ILIKE '%' || CAST(:q AS text) || '%'
        )
    )""",
    "after": "o.id > CAST(:after AS uuid)",
}

_LOCKS = {"": "", "locked": "FOR UPDATE"}


def prepared(session: DbSession, *, caller: Caller, wanted: OfferFilter) -> OfferFilter:
    """The filter as this caller may use it: of its own offers; the operator names a seller.

    Raises:
        SellerNeeded: the operator named none.
        AssortmentNotFound: the caller has no such assortment.
    """
    if wanted.assortment_id is not None:
        assortments_queries.get_assortment(
            session, caller=caller, assortment_id=wanted.assortment_id
        )
    if not caller.is_operator:
        return replace(wanted, seller_id=caller.organization_id)
    if wanted.seller_id is None:
        raise SellerNeeded
    return wanted


def where(names: Iterable[str]) -> str:
    """The conditions of these names; none means every offer."""
    return " AND ".join(CONDITIONS[name] for name in sorted(names)) or "true"


def binds(wanted: OfferFilter) -> dict[str, Any]:
    """The filter's values as its conditions name them."""
    found = wanted.given()
    if "offer_ids" in found:
        found["offer_ids"] = array_of(found["offer_ids"])
    if "q" in found:
        found["q"] = _literal(found["q"])
    return found


def offer_ids(
    session: DbSession, *, wanted: OfferFilter, limit: int, lock: str = ""
) -> list[uuid.UUID]:
    """The ids of the offers meant, in their order; ``lock`` is empty or ``locked``."""
    given = binds(wanted)
    return list(session.scalars(_ids(frozenset(given), lock), {**given, "limit": limit}))


@cache
def _ids(names: frozenset[str], lock: str) -> TextClause:
    return text(
        f"SELECT o.id FROM offers_offers o WHERE {where(names)}"  # noqa: S608 - of constants only
        f" ORDER BY o.id LIMIT CAST(:limit AS integer) {_LOCKS[lock]}"
    )


def _literal(part: str) -> str:
    """A text whose letters stand for themselves in a pattern."""
    return part.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
