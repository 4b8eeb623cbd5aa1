"""What holds for every line of a request: storefront, buyer's account, policy, freight."""

import uuid
from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import text

from app.infra.db import DbSession
from app.routing.errors import NoRoutingPolicy
from app.routing.freight import TariffTable
from app.routing.problem import COST_SCALE
from app.routing.rules import Context, Policy
from app.storefronts.errors import StorefrontNotFound

CONTEXT = text("""
SELECT s.owner_id, s.currency, a.customer_group, a.blocked_seller_ids,
       p.id AS policy_id, p.number, p.priority_weight_minor, p.lead_time_weight_minor,
       p.split_weight_minor, p.time_limit_ms
FROM storefronts_storefronts s
LEFT JOIN network_trading_accounts a ON a.seller_id = s.owner_id AND a.buyer_id = :buyer_id
LEFT JOIN LATERAL (
    SELECT * FROM routing_policies p
    WHERE (p.storefront_id = s.id OR p.storefront_id IS NULL) AND p.valid_from <= :now
    ORDER BY p.storefront_id IS NULL, p.valid_from DESC, p.number DESC LIMIT 1
) p ON true
WHERE s.id = :storefront_id
""")

FREIGHT = text("""
SELECT t.seller_id, r.distance_km_up_to, r.weight_g_up_to, r.price_minor
FROM routing_freight_tables t JOIN routing_freight_rates r ON r.table_id = t.id
WHERE t.currency = :currency
  AND (t.seller_id IS NULL OR t.seller_id IN (
      SELECT seller_id FROM storefronts_pool_sellers WHERE storefront_id = :storefront_id))
""")


def get_context(
    session: DbSession, *, storefront_id: uuid.UUID, buyer_id: uuid.UUID, now: datetime
) -> Context:
    """What holds for every line of a request.

    Raises:
        StorefrontNotFound: there is no such storefront.
        NoRoutingPolicy: no policy is in force.
    """
    binds = {"storefront_id": storefront_id, "buyer_id": buyer_id, "now": now}
    row = session.execute(CONTEXT, binds).one_or_none()
    if row is None:
        raise StorefrontNotFound
    if row.policy_id is None:
        raise NoRoutingPolicy
    policy = Policy(
        row.policy_id,
        row.number,
        row.priority_weight_minor,
        row.lead_time_weight_minor,
        row.split_weight_minor,
        row.time_limit_ms,
    )
    return Context(
        owner_id=row.owner_id,
        currency=row.currency,
        customer_group=row.customer_group,
        blocked_sellers=tuple(row.blocked_seller_ids or ()),
        policy=policy,
        freight=_freight(session, storefront_id=storefront_id, currency=row.currency),
    )


def _freight(
    session: DbSession, *, storefront_id: uuid.UUID, currency: str
) -> Mapping[uuid.UUID | None, TariffTable]:
    rows: dict[uuid.UUID | None, list[tuple[float, int, int]]] = {}
    binds = {"storefront_id": storefront_id, "currency": currency}
    for seller_id, distance, weight, price in session.execute(FREIGHT, binds):
        rows.setdefault(seller_id, []).append((distance, weight, price * COST_SCALE))
    return {seller_id: TariffTable.from_rows(cells) for seller_id, cells in rows.items()}
