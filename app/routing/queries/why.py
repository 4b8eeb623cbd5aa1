"""The facts behind a verdict, as of the instant of the decision: what was asked and what was held.

What changes by versions (terms, territories, exclusivities) is read as of then; what has no
versions (places, freight tables) as it is.
"""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from math import ceil
from typing import Any, Literal

from sqlalchemy import text

from app.infra.auth import Caller
from app.infra.db import DbSession
from app.kernel.geometry import great_circle_km
from app.network.queries import TERRITORIES_HERE
from app.pricing import queries as pricing_queries
from app.routing.errors import DecisionNotFound
from app.routing.models import RoutingDecision
from app.routing.rules import WantedLine
from app.routing.rules.measuring import price_fact

Sight = Literal["all", "seller", "buyer"]
SellerAndVariant = tuple[uuid.UUID, uuid.UUID]


@dataclass(frozen=True, slots=True)
class OrderLine:
    """A line of an order, as it is called there."""

    position: int
    variant_id: uuid.UUID
    sku: str
    name: str


@dataclass(frozen=True, slots=True)
class OrderFacts:
    """What a story says of its order, and how much of it the reader may see."""

    id: uuid.UUID
    number: int
    currency: str
    ship_to: Mapping[str, Any]
    sight: Sight
    lines: Sequence[OrderLine]


@dataclass(frozen=True, slots=True)
class HeldFacts:
    """What sellers held: territories, refusals, exclusivities, distances, reach of freight."""

    territories: Mapping[SellerAndVariant, str]
    refusals: Mapping[SellerAndVariant, str]
    holders: Mapping[uuid.UUID, str]
    distances_km: Mapping[uuid.UUID, int]
    reaches_km: Mapping[uuid.UUID | None, int]
    allowed_prices: Mapping[uuid.UUID, Mapping[str, Any]] = field(default_factory=dict)


_ORDER = text("""
SELECT o.id, o.number, o.currency, o.ship_to, o.owner_id, o.buyer_id
FROM ordering_orders o WHERE o.id = :order_id
""")
_LINES = text("""
SELECT position, variant_id, sku, name FROM ordering_order_lines
WHERE order_id = :order_id ORDER BY position
""")
_TERRITORIES = text("""
SELECT a.grantee_id, v.id,
       string_agg(DISTINCT COALESCE(r.subdivision, CAST(r.country AS text))
                  || COALESCE(' ' || CASE WHEN r.postal_from = r.postal_to
                         THEN r.postal_from || '…' ELSE r.postal_from || '-' || r.postal_to END, '')
                  || COALESCE(
                         ' ' || r.radius_km || ' km @ ' || r.latitude || ' ' || r.longitude, ''
                     ), ', ')
FROM catalog_variants v
JOIN network_agreements a
  ON a.manufacturer_id = v.manufacturer_id AND a.grantee_id = ANY(:seller_ids)
JOIN network_agreement_terms t ON t.agreement_id = a.id
 AND t.valid_from <= :at AND (t.valid_to IS NULL OR t.valid_to > :at)
JOIN network_territory_areas r ON r.territory_id = t.territory_id
WHERE v.id = ANY(:variant_ids)
GROUP BY a.grantee_id, v.id
""")
_REFUSALS = text("""
SELECT DISTINCT ON (s.seller_id, a.variant_id) s.seller_id, a.variant_id,
       COALESCE(a.reason, a.status)
FROM ordering_seller_orders s JOIN ordering_allocations a ON a.seller_order_id = s.id
WHERE s.order_id = :order_id AND a.status NOT IN ('offered', 'accepted')
ORDER BY s.seller_id, a.variant_id, a.id DESC
""")
_HOLDERS = text(f"""
SELECT v.id, string_agg(DISTINCT o.name, ', ')
FROM catalog_variants v
JOIN catalog_categories c ON c.id = v.category_id
JOIN network_agreements a ON a.manufacturer_id = v.manufacturer_id
JOIN network_agreement_terms t ON t.agreement_id = a.id
 AND t.valid_from <= :at AND (t.valid_to IS NULL OR t.valid_to > :at)
JOIN network_exclusivities e ON e.terms_id = t.id
 AND (e.category_id IS NULL OR e.category_id = ANY (c.path))
 AND (e.territory_id IS NULL OR e.territory_id IN ({TERRITORIES_HERE}))
JOIN network_organizations o ON o.id = a.grantee_id
WHERE v.id = ANY(:variant_ids) GROUP BY v.id
""")  # noqa: S608 - composed of constants only
_PLACE = ("country", "subdivision", "postal_code", "latitude", "longitude")
_PLACES = text("SELECT id, latitude, longitude FROM inventory_locations WHERE id = ANY(:ids)")
_REACHES = text("""
SELECT t.seller_id, max(r.distance_km_up_to)
FROM routing_freight_tables t JOIN routing_freight_rates r ON r.table_id = t.id
WHERE t.currency = :currency AND (t.seller_id IS NULL OR t.seller_id = ANY(:seller_ids))
GROUP BY t.seller_id
""")


def get_order_facts(
    session: DbSession,
    *,
    caller: Caller | None,
    order_id: uuid.UUID,
    decisions: Sequence[RoutingDecision],
) -> OrderFacts:
    """An order for the story of its routing, and what of it the caller may see.

    The operator and the storefront's owner see all; a seller that was considered only itself; the
    buyer only who was chosen.

    Raises:
        DecisionNotFound: there is none, or it is not the caller's business.
    """
    row = session.execute(_ORDER, {"order_id": order_id}).one_or_none()
    if row is None or not decisions:
        raise DecisionNotFound
    lines = [OrderLine(*line) for line in session.execute(_LINES, {"order_id": order_id})]
    sight = _sight(caller, row, decisions)
    return OrderFacts(row.id, row.number, row.currency, row.ship_to, sight, lines)


def _sight(
    caller: Caller | None,
    order: Any,  # noqa: ANN401 - a row
    decisions: Sequence[RoutingDecision],
) -> Sight:
    if caller is None:
        return "all"
    mine = caller.organization_id
    if caller.is_operator or mine == order.owner_id:
        return "all"
    if mine == order.buyer_id:
        return "buyer"
    if any(str(mine) in decision.candidates["sellers"] for decision in decisions):
        return "seller"
    raise DecisionNotFound


def get_held_facts(
    session: DbSession,
    *,
    order: OrderFacts,
    seller_ids: Sequence[uuid.UUID],
    location_ids: Sequence[uuid.UUID],
    at: datetime,
    priced: Sequence[WantedLine] = (),
) -> HeldFacts:
    """What sellers held at an instant, for the rules that they broke.

    ``priced`` are lines of which somebody asked what a manufacturer does not allow.
    """
    variants = [line.variant_id for line in order.lines]
    binds = {
        "order_id": order.id,
        "currency": order.currency,
        "seller_ids": list(seller_ids),
        "variant_ids": variants,
        "at": at,
        **{name: order.ship_to[name] for name in _PLACE},
    }
    there = (order.ship_to["latitude"], order.ship_to["longitude"])
    return HeldFacts(
        {(row[0], row[1]): row[2] for row in session.execute(_TERRITORIES, binds)},
        {(row[0], row[1]): row[2] for row in session.execute(_REFUSALS, binds)},
        {row[0]: row[1] for row in session.execute(_HOLDERS, binds)},
        {
            row[0]: ceil(great_circle_km((row[1], row[2]), there))
            for row in session.execute(_PLACES, {"ids": list(location_ids)})
        },
        {row[0]: row[1] for row in session.execute(_REACHES, binds)},
        _allowed_prices(session, priced, order.currency, at) if priced else {},
    )


def _allowed_prices(
    session: DbSession, lines: Sequence[WantedLine], currency: str, at: datetime
) -> dict[uuid.UUID, dict[str, Any]]:
    found = pricing_queries.bounds_of(session, wanted=lines, currency=currency, now=at)
    return {
        variant_id: {
            name: price_fact(price)
            for name, price in (("lowest", bounds.lowest), ("highest", bounds.highest))
            if price is not None
        }
        for (variant_id, _), bounds in found.items()
    }
