"""What holds for every line of a request: storefront, buyer's account, policy."""

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import text

from app.infra.db import DbSession, answering, array_of
from app.routing.errors import NoRoutingPolicy
from app.routing.models import NETWORK
from app.routing.rules import Context, Policy, RoutingRequest
from app.routing.rules.later import lets_wait
from app.routing.rules.policies import Scope, settle
from app.routing.rules.reading import policy_of
from app.storefronts.errors import StorefrontNotFound

IN_FORCE = "p.valid_from <= :now AND (p.valid_to IS NULL OR p.valid_to > :now)"
SCOPE = """CASE WHEN p.buyer_id IS NOT NULL THEN 'buyer'
       WHEN p.category_id IS NOT NULL THEN 'category'
       WHEN p.storefront_id IS NOT NULL THEN 'storefront'
       WHEN p.manufacturer_id IS NOT NULL THEN 'manufacturer' ELSE 'network' END"""

CONTEXT = answering(
    f"""
SELECT s.owner_id, s.currency, a.customer_group, a.blocked_seller_ids,
       p.id AS policy_id, p.number, p.scope, p.document,
       -- in its index's order: else the planner, which takes bounds for common, reads all lists
       (SELECT l.owner_id FROM pricing_price_lists l
        WHERE l.purpose = 'floor'
           OR num_nonnulls(l.corridor_below_bps, l.corridor_above_bps) > 0
        ORDER BY l.owner_id LIMIT 1) IS NOT NULL AS prices_bounded,
       EXISTS (
           SELECT FROM routing_policies p
           WHERE (p.manufacturer_id IS NOT NULL OR p.category_id IS NOT NULL) AND {IN_FORCE}
       ) AS of_goods,
       (SELECT CAST(f.rates_id AS text) FROM routing_freight_tables f
        WHERE f.seller_id IS NULL AND f.currency = s.currency) AS general_rates
FROM storefronts_storefronts s
LEFT JOIN network_trading_accounts a ON a.seller_id = s.owner_id AND a.buyer_id = :buyer_id
LEFT JOIN LATERAL (
    SELECT p.id, p.number, p.document, {SCOPE} AS scope FROM routing_policies p
    WHERE p.scope_id IN (:buyer_id, s.id, CAST(:network AS uuid)) AND {IN_FORCE}
    ORDER BY p.buyer_id IS NULL, p.storefront_id IS NULL LIMIT 1
) p ON true
WHERE s.id = :storefront_id
""",  # noqa: S608 - composed of constants only
    *("owner_id", "currency", "customer_group", "blocked_seller_ids"),
    *("policy_id", "number", "scope", "document", "prices_bounded", "of_goods", "general_rates"),
)

# The policies of a line's categories and manufacturer, the most specific first.
OF_GOODS = text(f"""
SELECT w.line_no, p.id, p.number, p.document, {SCOPE} AS scope
FROM unnest(CAST(:line_nos AS integer[]), CAST(:variant_ids AS uuid[])) AS w (line_no, variant_id)
JOIN catalog_variants v ON v.id = w.variant_id
JOIN catalog_categories c ON c.id = v.category_id
JOIN routing_policies p
  ON (p.category_id = ANY (c.path) OR p.manufacturer_id = v.manufacturer_id) AND {IN_FORCE}
ORDER BY w.line_no, p.category_id IS NULL, array_position(c.path, p.category_id) DESC
""")  # noqa: S608 - composed of constants only


def get_context(session: DbSession, *, request: RoutingRequest, now: datetime) -> Context:
    """What holds for every line of a request, but freight: that is read of the sellers found.

    Raises:
        StorefrontNotFound: there is no such storefront.
        NoRoutingPolicy: no policy is in force.
    """
    binds = {
        "storefront_id": request.storefront_id,
        "buyer_id": request.buyer_id,
        "network": NETWORK,
        "now": now,
    }
    row = session.execute(CONTEXT, binds).one_or_none()
    if row is None:
        raise StorefrontNotFound
    if row.policy_id is None:
        raise NoRoutingPolicy
    base = known_policy(row.policy_id, row.number, row.scope, row.document)
    variants = [line.variant_id for line in request.lines]
    of_goods = _of_goods(session, variants, now) if row.of_goods else {}
    policy, line_policies = settle(base, of_goods, lines=len(request.lines))
    return Context(
        owner_id=row.owner_id,
        currency=row.currency,
        customer_group=row.customer_group,
        blocked_sellers=tuple(row.blocked_seller_ids or ()),
        policy=policy,
        freight={},
        prices_bounded=row.prices_bounded,
        line_policies=line_policies,
        general_rates=row.general_rates,
    )


def list_waitable(
    session: DbSession,
    *,
    storefront_id: uuid.UUID,
    buyer_id: uuid.UUID | None,
    variant_ids: Sequence[uuid.UUID],
    now: datetime,
) -> set[uuid.UUID]:
    """The variants of which an order would be promised what is not in stock yet.

    By the policy that would decide an order of each alone; without a buyer, one of a visitor.
    """
    binds = {"storefront_id": storefront_id, "buyer_id": buyer_id, "network": NETWORK, "now": now}
    row = session.execute(CONTEXT, binds).one_or_none()
    if row is None or row.policy_id is None:
        return set()
    base = known_policy(row.policy_id, row.number, row.scope, row.document)
    of_goods = _of_goods(session, variant_ids, now) if row.of_goods else {}
    return {
        variant
        for line_no, variant in enumerate(variant_ids)
        if lets_wait(settle(base, {0: of_goods.get(line_no, ())}, lines=1)[0])
    }


def _of_goods(
    session: DbSession, variants: Sequence[uuid.UUID], now: datetime
) -> dict[int, list[Policy]]:
    """By line the policies of its categories and manufacturer, the most specific first."""
    found: dict[int, list[Policy]] = {}
    binds = {
        "line_nos": array_of(range(len(variants))),
        "variant_ids": array_of(variants),
        "now": now,
    }
    for row in session.execute(OF_GOODS, binds):
        policy = known_policy(row.id, row.number, row.scope, row.document)
        found.setdefault(row.line_no, []).append(policy)
    return found


# What has been activated is never edited, so what was read once may be kept.
_read: dict[uuid.UUID, Policy] = {}
_MOST_READ = 10_000


def known_policy(
    policy_id: uuid.UUID, number: int, scope: Scope, document: dict[str, Any]
) -> Policy:
    """Read an activated policy, or what was read of it before."""
    policy = _read.get(policy_id)
    if policy is None:
        if len(_read) > _MOST_READ:
            _read.clear()
        policy = policy_of(document, policy_id=policy_id, number=number, scope=scope)
        _read[policy_id] = policy
    return policy
