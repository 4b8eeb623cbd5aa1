"""What routing reads: the context of a request, its candidates, and decisions of the past."""

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select, text

from app.infra.auth import Caller
from app.infra.db import DbSession
from app.kernel.paging import Page, PageRequest, page_of
from app.offers.eligibility import ELIGIBILITY_CTES
from app.pricing.queries import PRICE_CTES
from app.routing.errors import DecisionNotFound, NoRoutingPolicy, UnknownVariant
from app.routing.freight import TariffTable
from app.routing.models import RoutingDecision, RoutingPolicy
from app.routing.problem import COST_SCALE
from app.routing.rules import Candidate, Context, Policy, RoutingRequest
from app.storefronts.errors import StorefrontNotFound
from app.storefronts.models import Storefront

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

# One row per line, offer and location; an offer without stock has one row without a location.
CANDIDATES = text(f"""
WITH RECURSIVE {ELIGIBILITY_CTES},
judged AS (
    SELECT o.*, au.terms_id AS authority_id, au.intact, au.covers_place, au.covers_category,
           au.priority, au.minimum_order_minor,
           au.terms_id IS NOT NULL OR o.seller_id = o.manufacturer_id AS authorised,
           CASE
               WHEN o.seller_id = :owner_id THEN 'own'
               WHEN su.seller_id IS NOT NULL THEN 'resale'
               WHEN au.selling_model = 'agency' THEN 'agency'
           END AS model,
           su.parties, su.terms_ids, su.price_list_ids,
           ex.holders IS NULL OR o.seller_id = ANY (ex.holders) AS exclusive_ok
    FROM offered o
    LEFT JOIN authority au ON au.seller_id = o.seller_id
         AND au.manufacturer_id = o.manufacturer_id AND au.category_id = o.category_id
    LEFT JOIN exclusive ex
           ON ex.manufacturer_id = o.manufacturer_id AND ex.category_id = o.category_id
    LEFT JOIN supply su ON su.seller_id = o.seller_id
         AND su.manufacturer_id = o.manufacturer_id AND su.category_id = o.category_id
),
wanted_price AS (
    SELECT line_no, seller_id AS owner_id, 'sale' AS purpose, variant_id, quantity,
           CAST(NULL AS uuid) AS price_list_id
    FROM judged WHERE model = 'agency'
    UNION ALL
    SELECT DISTINCT line_no, CAST(:owner_id AS uuid), 'sale', variant_id, quantity,
           CAST(NULL AS uuid)
    FROM judged WHERE model IN ('own', 'resale')
    UNION ALL
    SELECT line_no, seller_id, 'transfer', variant_id, quantity, price_list_ids[1]
    FROM judged WHERE model = 'resale'
),
{PRICE_CTES}
SELECT j.line_no, j.offer_id, j.seller_id, j.variant_id, l.weight_g,
       l.variant_status = 'active',
       EXISTS (SELECT FROM storefronts_pool_sellers ps
               WHERE ps.storefront_id = :storefront_id AND ps.seller_id = j.seller_id),
       s.status = 'active', j.status = 'active',
       j.minimum_quantity, j.maximum_quantity, j.quantity_step, j.lead_time_days,
       j.authorised, COALESCE(j.intact, true), COALESCE(j.covers_place, true),
       COALESCE(j.covers_category, true), j.exclusive_ok, j.model,
       CASE WHEN j.model = 'resale' THEN j.terms_ids[cardinality(j.terms_ids)]
            ELSE j.authority_id END,
       COALESCE(j.priority, 0), COALESCE(j.minimum_order_minor, 0),
       sp.amount_minor, sp.per_quantity, bp.amount_minor, bp.per_quantity,
       j.parties, j.terms_ids, j.price_list_ids,
       st.location_id, st.latitude, st.longitude, COALESCE(st.available, 0)
FROM judged j
JOIN line l ON l.line_no = j.line_no
JOIN network_organizations s ON s.id = j.seller_id
LEFT JOIN resolved_price sp ON sp.line_no = j.line_no AND sp.owner_id = j.seller_id
     AND sp.purpose = CASE WHEN j.model = 'resale' THEN 'transfer' ELSE 'sale' END
LEFT JOIN resolved_price bp ON bp.line_no = j.line_no AND bp.purpose = 'sale'
     AND bp.owner_id = CASE WHEN j.model = 'agency' THEN j.seller_id ELSE :owner_id END
LEFT JOIN LATERAL (
    SELECT i.location_id, w.latitude, w.longitude,
           i.on_hand - i.reserved - i.safety AS available
    FROM inventory_stock i JOIN inventory_locations w ON w.id = i.location_id
    WHERE i.variant_id = j.variant_id AND w.seller_id = j.seller_id AND w.is_active
) st ON true
ORDER BY j.line_no, j.seller_id, st.location_id
""")  # noqa: S608 - composed of constants only

HOP_PRICES = text(f"""
WITH wanted_price AS (
    SELECT * FROM unnest(
        CAST(:line_nos AS integer[]), CAST(:owner_ids AS uuid[]), CAST(:purposes AS text[]),
        CAST(:variant_ids AS uuid[]), CAST(:quantities AS integer[]),
        CAST(:price_list_ids AS uuid[])
    ) AS w (line_no, owner_id, purpose, variant_id, quantity, price_list_id)
),
{PRICE_CTES}
SELECT line_no, owner_id, amount_minor, per_quantity FROM resolved_price
""")  # noqa: S608 - composed of constants only


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


def list_candidates(
    session: DbSession, *, request: RoutingRequest, context: Context, now: datetime
) -> list[Candidate]:
    """Every location of every offer of the wanted variants, with all facts, in one statement.

    Raises:
        UnknownVariant: a wanted variant is offered by nobody because it does not exist.
    """
    _require_variants(session, request)
    lines = request.lines
    rows = session.execute(
        CANDIDATES,
        {
            "line_nos": list(range(len(lines))),
            "variant_ids": [line.variant_id for line in lines],
            "quantities": [line.quantity for line in lines],
            "storefront_id": request.storefront_id,
            "owner_id": context.owner_id,
            "buyer_id": request.buyer_id,
            "customer_group": context.customer_group,
            "currency": context.currency,
            "country": request.ship_to.country,
            "subdivision": request.ship_to.subdivision,
            "postal_code": request.ship_to.postal_code,
            "now": now,
        },
    )
    return [Candidate._make(row) for row in rows.all()]


def _require_variants(session: DbSession, request: RoutingRequest) -> None:
    wanted = [line.variant_id for line in request.lines]
    known = session.execute(
        text("SELECT id FROM catalog_variants WHERE id = ANY(:ids)"), {"ids": wanted}
    ).scalars()
    missing = set(wanted) - set(known)
    if missing:
        raise UnknownVariant(positions=[n for n, v in enumerate(wanted) if v in missing])


def list_hop_prices(
    session: DbSession,
    *,
    wanted: Sequence[tuple[int, uuid.UUID, uuid.UUID, int, uuid.UUID]],
    context: Context,
    request: RoutingRequest,
    now: datetime,
) -> dict[tuple[int, uuid.UUID], tuple[int, int]]:
    """Transfer prices of the later links of resale chains.

    ``wanted`` rows are (line, selling tier, variant, quantity, price list); the answer maps (line,
    selling tier) to (amount, per quantity).
    """
    columns = list(zip(*wanted, strict=True))
    rows = session.execute(
        HOP_PRICES,
        {
            "line_nos": list(columns[0]),
            "owner_ids": list(columns[1]),
            "purposes": ["transfer"] * len(wanted),
            "variant_ids": list(columns[2]),
            "quantities": list(columns[3]),
            "price_list_ids": list(columns[4]),
            "storefront_id": request.storefront_id,
            "buyer_id": request.buyer_id,
            "customer_group": context.customer_group,
            "currency": context.currency,
            "now": now,
        },
    )
    return {(line_no, owner): (amount, per) for line_no, owner, amount, per in rows}


def list_decisions(session: DbSession, *, order_id: uuid.UUID) -> Sequence[RoutingDecision]:
    """An order's decisions, the first attempt first."""
    return session.scalars(
        select(RoutingDecision)
        .where(RoutingDecision.order_id == order_id)
        .order_by(RoutingDecision.attempt)
    ).all()


def names_of(session: DbSession, ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, str]:
    """Names of organizations and locations, for explanations."""
    rows: Sequence[Any] = session.execute(
        text("""
            SELECT id, name FROM network_organizations WHERE id = ANY(:ids)
            UNION ALL SELECT id, name FROM inventory_locations WHERE id = ANY(:ids)
        """),
        {"ids": list(ids)},
    ).all()
    return {row.id: row.name for row in rows}


def get_decisions(
    session: DbSession, *, caller: Caller, order_id: uuid.UUID
) -> tuple[str, Sequence[RoutingDecision]]:
    """An order's currency and decisions, for its storefront's owner or the operator.

    Raises:
        DecisionNotFound: there are none, or they are not the caller's business.
    """
    row = session.execute(
        select(Storefront.owner_id, Storefront.currency)
        .join(RoutingDecision, RoutingDecision.storefront_id == Storefront.id)
        .where(RoutingDecision.order_id == order_id)
        .limit(1)
    ).one_or_none()
    if row is None or not (caller.is_operator or row.owner_id == caller.organization_id):
        raise DecisionNotFound
    return row.currency, list_decisions(session, order_id=order_id)


def list_policies(session: DbSession, *, caller: Caller, page: PageRequest) -> Page[RoutingPolicy]:
    """The network's default and the caller's storefronts' policies, in all versions."""
    query = select(RoutingPolicy).order_by(RoutingPolicy.id).limit(page.limit + 1)
    if not caller.is_operator:
        own = select(Storefront.id).where(Storefront.owner_id == caller.organization_id)
        query = query.where(
            RoutingPolicy.storefront_id.is_(None) | RoutingPolicy.storefront_id.in_(own)
        )
    if page.after:
        query = query.where(RoutingPolicy.id > page.after)
    return page_of(session.scalars(query).all(), limit=page.limit, key=lambda row: row.id)


def require_policy_owner(
    session: DbSession, *, caller: Caller, storefront_id: uuid.UUID | None
) -> None:
    """Refuse to set another's policy; the network's default is the operator's.

    Raises:
        StorefrontNotFound, Forbidden.
    """
    if storefront_id is None:
        caller.require_one_of()
        return
    storefront = session.get(Storefront, storefront_id)
    if storefront is None or not (
        caller.is_operator or storefront.owner_id == caller.organization_id
    ):
        raise StorefrontNotFound
