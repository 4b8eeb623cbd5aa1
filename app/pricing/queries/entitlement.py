"""Whose prices may the caller ask for?

Its own; as operator, everybody's; transfer prices of lists that its agreements name; and sale
prices in a storefront, of the owner and of the sellers of its pool: the storefront's owner may
ask for itself or a buyer it has an account with, a buyer with an active account for itself.
"""

import uuid
from collections.abc import Sequence
from typing import Any

from sqlalchemy import select, text

from app.infra.auth import Caller
from app.infra.db import DbSession
from app.pricing.errors import PricesNotYours
from app.pricing.models import PriceList
from app.pricing.queries.lists import visible
from app.pricing.rules import SALE, Ask

_STOREFRONT = text("""
SELECT s.owner_id, a.status AS account_status, a.customer_group,
       ARRAY(
           SELECT seller_id FROM storefronts_pool_sellers WHERE storefront_id = s.id
       ) AS seller_ids
FROM storefronts_storefronts s
LEFT JOIN network_trading_accounts a ON a.seller_id = s.owner_id AND a.buyer_id = :buyer_id
WHERE s.id = :storefront_id
""")


def require_entitled(
    session: DbSession,
    *,
    caller: Caller,
    asks: Sequence[Ask],
    storefront_id: uuid.UUID | None,
    buyer_id: uuid.UUID | None,
) -> str | None:
    """Refuse what is not the caller's to ask; the customer group that the buyer belongs to.

    Raises:
        PricesNotYours: ``errors`` points at every such line.
    """
    shop = session.execute(
        _STOREFRONT, {"storefront_id": storefront_id, "buyer_id": buyer_id}
    ).one_or_none()
    owners = {caller.organization_id} | _sellers_open_to(caller, shop, buyer_id)
    named = _lists_open_to(session, caller, asks)
    wrong = [
        ask.line_no
        for ask in asks
        if not caller.is_operator
        and ask.price_list_id not in named
        and ask.owner_id != caller.organization_id
        and (ask.owner_id not in owners or ask.purpose != SALE or ask.price_list_id is not None)
    ]
    if wrong:
        raise PricesNotYours(
            errors=[
                {"in": "json", "pointer": f"/lines/{line_no}", "message": "Not yours to ask"}
                for line_no in wrong
            ]
        )
    return shop.customer_group if shop and shop.account_status == "active" else None


def _sellers_open_to(caller: Caller, shop: Any, buyer_id: uuid.UUID | None) -> set[uuid.UUID]:  # noqa: ANN401 - a row
    if shop is None:
        return set()
    as_owner = shop.owner_id == caller.organization_id and (buyer_id is None or shop.account_status)
    as_buyer = buyer_id == caller.organization_id and shop.account_status == "active"
    return {shop.owner_id, *shop.seller_ids} if as_owner or as_buyer else set()


def _lists_open_to(session: DbSession, caller: Caller, asks: Sequence[Ask]) -> set[uuid.UUID]:
    named = {ask.price_list_id for ask in asks if ask.price_list_id}
    if not named:
        return set()
    return set(
        session.scalars(select(PriceList.id).where(PriceList.id.in_(named), visible(caller)))
    )
