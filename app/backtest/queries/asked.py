"""One placed order to be decided again, with what it took; and whose some locations are."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from sqlalchemy import text

from app.backtest.queries.orders import request_of
from app.backtest.rules import Key
from app.infra.auth import Caller
from app.infra.db import DbSession, array_of
from app.ordering.errors import OrderNotFound
from app.routing.rules import RoutingRequest

_ORDER = text("""
SELECT o.id, o.number, o.owner_id, o.storefront_id, o.buyer_id, o.unit_id, o.ship_to, o.wishes,
       (SELECT json_agg(json_build_array(l.variant_id, l.quantity) ORDER BY l.position)
        FROM ordering_order_lines l WHERE l.order_id = o.id) AS lines,
       (SELECT json_agg(json_build_array(l.variant_id, l.sku, l.name) ORDER BY l.position)
        FROM ordering_order_lines l WHERE l.order_id = o.id) AS goods,
       (SELECT json_agg(json_build_array(
            a.location_id, a.variant_id, a.quantity - COALESCE(r.promised, 0)))
        FROM ordering_order_lines l
        JOIN ordering_allocations a
          ON a.order_line_id = l.id AND a.status IN ('offered', 'accepted')
        LEFT JOIN inventory_reservations r ON r.allocation_id = a.id
        WHERE l.order_id = o.id) AS taken
FROM ordering_orders o WHERE o.id = :order_id
""")
_LOCATIONS_BY_CODE = text("""
SELECT l.id FROM inventory_locations l JOIN network_organizations o ON o.id = l.seller_id
WHERE l.code = :code AND (CAST(:seller_code AS text) IS NULL OR o.code = :seller_code)
""")
_PLACES = text("""
SELECT l.id, o.name AS seller, l.name
FROM inventory_locations l JOIN network_organizations o ON o.id = l.seller_id
WHERE l.seller_id = ANY (CAST(:sellers AS uuid[])) AND l.is_active
ORDER BY o.name, l.name, l.id
""")
_LOCATIONS = text("""
SELECT id, seller_id, latitude, longitude FROM inventory_locations
WHERE id = ANY (CAST(:ids AS uuid[]))
""")


class Goods(NamedTuple):
    """What a line is called."""

    variant_id: uuid.UUID
    sku: str
    name: str


@dataclass(frozen=True, slots=True)
class Asked:
    """What an order or a cart asks for, and what sellers hold for it by location and variant.

    ``goods`` are its lines by name, in their order. A cart has no number.
    """

    id: uuid.UUID
    number: int | None
    request: RoutingRequest
    taken: Mapping[Key, int]
    goods: Sequence[Goods]


def asked_order(session: DbSession, *, caller: Caller, order_id: uuid.UUID) -> Asked:
    """An order, for its storefront's owner and the operator.

    Raises:
        OrderNotFound: there is none that the caller may ask this of.
    """
    row = session.execute(_ORDER, {"order_id": order_id}).one_or_none()
    if row is None or not (caller.is_operator or row.owner_id == caller.organization_id):
        raise OrderNotFound
    taken: dict[Key, int] = {}
    for location, variant, quantity in row.taken or ():
        key = uuid.UUID(location), uuid.UUID(variant)
        taken[key] = taken.get(key, 0) + quantity
    goods = [Goods(uuid.UUID(variant), sku, name) for variant, sku, name in row.goods]
    request = replace(request_of(row), order_id=row.id)
    return Asked(row.id, row.number, request, taken, goods)


def places_of(
    session: DbSession, *, sellers: Sequence[uuid.UUID]
) -> list[tuple[uuid.UUID, str, str]]:
    """Where sellers may keep stock: id, seller's and location's name."""
    rows = session.execute(_PLACES, {"sellers": array_of(sellers)})
    return [(row.id, row.seller, row.name) for row in rows]


def owners_of_locations(
    session: DbSession, *, ids: Sequence[uuid.UUID]
) -> dict[uuid.UUID, tuple[uuid.UUID, float, float]]:
    """Seller and coordinates of locations, of those that there are."""
    rows = session.execute(_LOCATIONS, {"ids": array_of(ids)})
    return {row[0]: (row[1], row[2], row[3]) for row in rows}


def locations_by_code(session: DbSession, *, code: str, seller_code: str | None) -> list[uuid.UUID]:
    """Locations of a code, which is a seller's own, of one seller or of all."""
    binds = {"code": code, "seller_code": seller_code}
    return list(session.scalars(_LOCATIONS_BY_CODE, binds))
