"""What holds for every line of a request: storefront, buyer's account, policy, freight."""

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

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
       p.split_weight_minor, p.time_limit_ms, f.sellers, f.rates_ids,
       EXISTS (
           SELECT FROM pricing_price_lists l
           WHERE l.purpose = 'floor'
              OR num_nonnulls(l.corridor_below_bps, l.corridor_above_bps) > 0
       ) AS prices_bounded
FROM storefronts_storefronts s
LEFT JOIN network_trading_accounts a ON a.seller_id = s.owner_id AND a.buyer_id = :buyer_id
LEFT JOIN LATERAL (
    SELECT * FROM routing_policies p
    WHERE (p.storefront_id = s.id OR p.storefront_id IS NULL) AND p.valid_from <= :now
    ORDER BY p.storefront_id IS NULL, p.valid_from DESC, p.number DESC LIMIT 1
) p ON true
LEFT JOIN LATERAL (
    SELECT array_agg(t.seller_id ORDER BY t.id) AS sellers,
           array_agg(t.rates_id ORDER BY t.id) AS rates_ids
    FROM routing_freight_tables t
    WHERE t.currency = s.currency AND (t.seller_id IS NULL OR t.seller_id IN (
        SELECT seller_id FROM storefronts_pool_sellers WHERE storefront_id = s.id))
) f ON true
WHERE s.id = :storefront_id
""")

FREIGHT = text("""
SELECT t.seller_id, t.rates_id, r.distance_km_up_to, r.weight_g_up_to, r.price_minor
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
        freight=_freight(session, row, storefront_id),
        prices_bounded=row.prices_bounded,
    )


# Rates are named by an id that changes with them, so what was compiled once may be kept.
_compiled: dict[uuid.UUID, TariffTable] = {}
_MOST_COMPILED = 10_000


def _freight(
    session: DbSession,
    row: Any,  # noqa: ANN401 - a row
    storefront_id: uuid.UUID,
) -> Mapping[uuid.UUID | None, TariffTable]:
    """The freight tables by seller; read only when this process has not compiled them all."""
    rates = dict(zip(row.sellers or (), row.rates_ids or (), strict=True))
    known = {seller_id: _compiled.get(rates_id) for seller_id, rates_id in rates.items()}
    found = {seller_id: table for seller_id, table in known.items() if table is not None}
    if len(found) == len(rates):
        return found
    return _compile(session, storefront_id=storefront_id, currency=row.currency)


def _compile(
    session: DbSession, *, storefront_id: uuid.UUID, currency: str
) -> dict[uuid.UUID | None, TariffTable]:
    cells: dict[uuid.UUID, list[tuple[float, int, int]]] = {}
    seller_of: dict[uuid.UUID, uuid.UUID | None] = {}
    binds = {"storefront_id": storefront_id, "currency": currency}
    for seller_id, rates_id, distance, weight, price in session.execute(FREIGHT, binds):
        seller_of[rates_id] = seller_id
        cells.setdefault(rates_id, []).append((distance, weight, price * COST_SCALE))
    tables = {rates_id: TariffTable.from_rows(rows) for rates_id, rows in cells.items()}
    if len(_compiled) > _MOST_COMPILED:
        _compiled.clear()
    _compiled.update(tables)
    return {seller_of[rates_id]: table for rates_id, table in tables.items()}
