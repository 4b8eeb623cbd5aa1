"""What only some policies ask: each kind of fact one statement, and none when nobody asks."""

import uuid
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import text

from app.infra.db import DbSession, array_of
from app.inventory import queries as inventory_queries
from app.ledger import queries as ledger_queries
from app.ledger.rules import AccountRef, Code
from app.routing.rules import NOTHING, Context, Extras, Offer, Policy, RoutingRequest
from app.routing.rules.days import day_of
from app.routing.rules.extras import Ability, Closed, Goods, Load

# What sellers were given and have not refused, since an instant. The block-range index finds the
# period.
_TAKEN = text("""
SELECT p.seller_id, count(DISTINCT p.order_id) AS orders, sum(a.quantity) AS units
FROM ordering_allocations a JOIN ordering_seller_orders p ON p.id = a.seller_order_id
WHERE a.status IN ('offered', 'accepted') AND a.offered_at >= :since AND a.offered_at <= :now
  AND p.seller_id = ANY (CAST(:sellers AS uuid[]))
GROUP BY p.seller_id
""")
# The same of each seller's own day.
_TAKEN_ON = """
SELECT p.seller_id, count(DISTINCT p.order_id) AS orders, sum(a.quantity) AS units
FROM ordering_allocations a
JOIN ordering_seller_orders p ON p.id = a.seller_order_id
JOIN unnest(
    CAST(:sellers AS uuid[]), CAST(:begins AS timestamptz[]), CAST(:ends AS timestamptz[])
) AS w (seller_id, begins, ends) ON w.seller_id = p.seller_id
WHERE a.status IN ('offered', 'accepted') AND a.offered_at >= :first AND a.offered_at < :last
  AND a.offered_at >= w.begins AND a.offered_at < w.ends {condition}
GROUP BY p.seller_id
"""
_TAKEN_TODAY = text(_TAKEN_ON.format(condition="AND p.order_id <> :but_order_id"))
_CAPACITIES = text(f"""
SELECT c.seller_id, c.orders_a_day, c.units_a_day, COALESCE(t.orders, 0), COALESCE(t.units, 0)
FROM routing_seller_capacities c
LEFT JOIN ({_TAKEN_ON.format(condition="AND a.offered_at <= :now")}) t USING (seller_id)
WHERE c.seller_id = ANY (CAST(:sellers AS uuid[]))
""")  # noqa: S608 - composed of constants only
_CLOSED = text("""
SELECT DISTINCT ON (c.seller_id) c.seller_id, w.today, c.from_on, c.to_on
FROM unnest(CAST(:sellers AS uuid[]), CAST(:days AS date[])) AS w (seller_id, today)
JOIN routing_seller_closures c
  ON c.seller_id = w.seller_id AND w.today BETWEEN c.from_on AND c.to_on
ORDER BY c.seller_id, c.to_on DESC
""")
_ABILITIES = text("""
SELECT location_id, hazardous, oversize FROM routing_location_abilities
WHERE location_id = ANY (CAST(:places AS uuid[]))
""")
# A variant's own word goes before its product's.
_GOODS = text("""
SELECT v.id, GREATEST(v.length_mm, v.width_mm, v.height_mm, 0),
       ARRAY(
           SELECT key FROM jsonb_each(p.attributes || v.attributes) WHERE value = 'true'
       )
FROM catalog_variants v JOIN catalog_products p ON p.id = v.product_id
WHERE v.id = ANY (CAST(:variants AS uuid[]))
""")
_ACCOUNTS = text("""
SELECT seller_id, credit_limit_minor FROM network_trading_accounts
WHERE buyer_id = :buyer_id AND status = 'active' AND currency = :currency
  AND 'on_account' = ANY (payment_methods) AND seller_id = ANY (CAST(:sellers AS uuid[]))
""")
_RATINGS = text("""
SELECT id, rating_hundredths FROM network_organizations
WHERE id = ANY (CAST(:sellers AS uuid[])) AND rating_hundredths IS NOT NULL
""")


def list_extras(
    session: DbSession,
    *,
    offers: Sequence[Offer],
    request: RoutingRequest,
    context: Context,
    now: datetime,
) -> Extras:
    """All that the policies of a request ask about its offers' sellers, places and goods."""
    asked = [name for name, is_asked in _ASKED.items() if any(map(is_asked, context.policies))]
    if not asked:
        return NOTHING
    balance = context.policy.terms.load_balance
    binds = {
        **_days_of(session, sorted({offer.seller_id for offer in offers}), asked, now),
        "places": array_of({place.location_id for offer in offers for place, _ in offer.lying}),
        "variants": array_of({offer.variant_id for offer in offers}),
        "buyer_id": request.buyer_id,
        "currency": context.currency,
        "now": now,
        "since": now - timedelta(days=balance.days) if balance else now,
        "counted": balance.counted if balance else "units",
    }
    return Extras(**{name: _READERS[name](session, binds) for name in asked})


def count_taken(
    session: DbSession,
    *,
    sellers: Sequence[uuid.UUID],
    but_order_id: uuid.UUID,
    now: datetime,
) -> Mapping[uuid.UUID, tuple[int, int]]:
    """(orders, units) that sellers took on their own day, units of an order not counted."""
    binds = {**_days_of(session, sellers, ["loads"], now), "but_order_id": but_order_id}
    rows = session.execute(_TAKEN_TODAY, binds)
    return {row.seller_id: (row.orders, int(row.units)) for row in rows}


def _days_of(
    session: DbSession, sellers: Sequence[uuid.UUID], asked: Sequence[str], now: datetime
) -> dict[str, Any]:
    """Each seller's own day, where anything is counted by the day."""
    zones = {}
    if not _BY_DAY.isdisjoint(asked):
        zones = inventory_queries.zones_of(session, seller_ids=sellers)
    days = {seller: day_of(now, zones.get(seller, "UTC")) for seller in sellers}
    return {
        "sellers": array_of(days),
        "days": array_of(day.date.isoformat() for day in days.values()),
        "begins": array_of(day.begins.isoformat() for day in days.values()),
        "ends": array_of(day.ends.isoformat() for day in days.values()),
        "first": min((day.begins for day in days.values()), default=now),
        "last": max((day.ends for day in days.values()), default=now),
    }


def _loads(session: DbSession, binds: dict[str, Any]) -> dict[uuid.UUID, Load]:
    return {row[0]: Load(*row[1:]) for row in session.execute(_CAPACITIES, binds)}


def _closed(session: DbSession, binds: dict[str, Any]) -> dict[uuid.UUID, Closed]:
    return {row[0]: Closed(*row[1:]) for row in session.execute(_CLOSED, binds)}


def _abilities(session: DbSession, binds: dict[str, Any]) -> dict[uuid.UUID, Ability]:
    return {row[0]: Ability(*row[1:]) for row in session.execute(_ABILITIES, binds)}


def _goods(session: DbSession, binds: dict[str, Any]) -> dict[uuid.UUID, Goods]:
    return {
        variant_id: Goods(frozenset(marks), longest_mm)
        for variant_id, longest_mm, marks in session.execute(_GOODS, binds)
    }


def _credit_left(session: DbSession, binds: dict[str, Any]) -> dict[uuid.UUID, int]:
    """Limits of accounts less what fills them: ordered and not invoiced, invoiced and not paid."""
    limits = {row[0]: row[1] for row in session.execute(_ACCOUNTS, binds)}
    filled = {
        (seller, code): AccountRef(code, binds["currency"], binds["buyer_id"], seller)
        for seller in limits
        for code in (Code.CREDIT_EXPOSURE, Code.BUYER_RECEIVABLE)
    }
    if not filled:
        return {}
    held = ledger_queries.amounts_of(session, accounts=list(filled.values()))
    used = dict.fromkeys(limits, 0)
    for (seller, _), account in filled.items():
        used[seller] += held[account]
    return {seller: max(0, limit - used[seller]) for seller, limit in limits.items()}


def _ratings(session: DbSession, binds: dict[str, Any]) -> dict[uuid.UUID, int]:
    return {row[0]: row[1] for row in session.execute(_RATINGS, binds)}


def _taken(session: DbSession, binds: dict[str, Any]) -> dict[uuid.UUID, int]:
    rows = session.execute(_TAKEN, binds)
    return {row.seller_id: int(getattr(row, binds["counted"])) for row in rows}


def _handles(policy: Policy) -> bool:
    return policy.rules.hazardous_unfit is not None or policy.rules.oversize_unfit is not None


_BY_DAY = frozenset({"loads", "closed"})
_ASKED: dict[str, Callable[[Policy], bool]] = {
    "loads": lambda policy: policy.rules.over_capacity,
    "closed": lambda policy: policy.rules.seller_closed,
    "abilities": _handles,
    "goods": _handles,
    "credit_left": lambda policy: policy.rules.beyond_credit,
    "ratings": lambda policy: bool(policy.terms.rating_minor_per_star) or "rating" in policy.aims,
    "taken": lambda policy: policy.terms.load_balance is not None,
}
_READERS: dict[str, Callable[[DbSession, dict[str, Any]], Any]] = {
    "loads": _loads,
    "closed": _closed,
    "abilities": _abilities,
    "goods": _goods,
    "credit_left": _credit_left,
    "ratings": _ratings,
    "taken": _taken,
}
