"""The last orders of a policy's scope as routing requests, with what they took of stock."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import text

from app.infra.db import DbSession
from app.routing.rules import RoutingRequest, ShipTo, WantedLine
from app.routing.rules.policies import PolicyScope
from app.routing.rules.wishes import Wishes

# Orders that sell a maker's goods, or those of a category, are looked for among so many.
LOOKED_AT = 10_000
_OF_GOODS = """o.id IN (
    SELECT r.id FROM (SELECT id FROM ordering_orders ORDER BY id DESC LIMIT {looked_at}) r
    JOIN ordering_order_lines l ON l.order_id = r.id
    JOIN catalog_variants v ON v.id = l.variant_id
    JOIN catalog_categories c ON c.id = v.category_id
    WHERE {goods}
)"""
_CONDITIONS = {
    "network": "true",
    "storefront": "o.storefront_id = :subject_id",
    "buyer": "o.buyer_id = :subject_id",
    "manufacturer": _OF_GOODS.format(looked_at=LOOKED_AT, goods="v.manufacturer_id = :subject_id"),
    "category": _OF_GOODS.format(looked_at=LOOKED_AT, goods=":subject_id = ANY (c.path)"),
}
# Of one currency, the last order's: amounts are added up.
_RECENT = {
    kind: text(f"""
WITH newest AS MATERIALIZED (
    SELECT o.* FROM ordering_orders o WHERE {condition} ORDER BY o.id DESC LIMIT :count
),
recent AS MATERIALIZED (
    SELECT * FROM newest WHERE currency = (SELECT currency FROM newest ORDER BY id DESC LIMIT 1)
)
SELECT o.id, o.number, o.currency, o.storefront_id, o.buyer_id, o.unit_id, o.ship_to, o.wishes,
       (SELECT json_agg(json_build_array(l.variant_id, l.quantity) ORDER BY l.position)
        FROM ordering_order_lines l WHERE l.order_id = o.id) AS lines,
       (SELECT json_agg(json_build_array(a.location_id, a.variant_id, a.quantity))
        FROM ordering_order_lines l
        JOIN ordering_allocations a
          ON a.order_line_id = l.id AND a.status IN ('offered', 'accepted')
        WHERE l.order_id = o.id) AS taken
FROM recent o ORDER BY o.id DESC
""")  # noqa: S608 - composed of constants only
    for kind, condition in _CONDITIONS.items()
}


@dataclass(frozen=True, slots=True)
class RecentOrder:
    """An order that may be decided anew."""

    id: uuid.UUID
    number: int
    currency: str
    request: RoutingRequest
    taken: Mapping[tuple[uuid.UUID, uuid.UUID], int]


def list_recent_orders(session: DbSession, *, scope: PolicyScope, count: int) -> list[RecentOrder]:
    """The last orders to which a policy of a scope would apply, the newest first."""
    binds = {"count": count}
    if scope.subject_id is not None:
        binds["subject_id"] = scope.subject_id  # type: ignore[assignment]
    return [_read(row) for row in session.execute(_RECENT[scope.kind], binds)]


def _read(row: Any) -> RecentOrder:  # noqa: ANN401 - a row
    place = row.ship_to
    taken: dict[tuple[uuid.UUID, uuid.UUID], int] = {}
    for location, variant, quantity in row.taken or ():
        key = uuid.UUID(location), uuid.UUID(variant)
        taken[key] = taken.get(key, 0) + quantity
    lines = tuple(WantedLine(uuid.UUID(variant), quantity) for variant, quantity in row.lines)
    request = RoutingRequest(
        storefront_id=row.storefront_id,
        buyer_id=row.buyer_id,
        ship_to=ShipTo(
            place["country"],
            place["subdivision"],
            place["postal_code"],
            place["latitude"],
            place["longitude"],
        ),
        lines=lines,
        unit_id=row.unit_id,
        **Wishes.read(row.wishes).of_lines([line.variant_id for line in lines]),
    )
    return RecentOrder(row.id, row.number, row.currency, request, taken)
