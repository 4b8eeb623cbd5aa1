"""Placing an order: route, reserve, freeze, in the one transaction of the request."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import partial
from typing import Any

import orjson
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from app.infra.auth import Caller
from app.infra.db import DbSession, insert_rows
from app.infra.unit_of_work import record
from app.inventory.errors import StockTaken
from app.kernel.ids import new_id
from app.kernel.quantity import MAX_QUANTITY
from app.network import queries as network_queries
from app.network.models import TradingAccount
from app.ordering import queries
from app.ordering.errors import (
    EmptyOrder,
    NotFullyAvailable,
    NoTradingAccount,
    OrderAlreadyPlaced,
    PaymentMethodNotAllowed,
    StockContended,
    TotalChanged,
)
from app.ordering.events import OrderPlaced
from app.ordering.models import Order
from app.ordering.operations import aftercare, parts, reserving
from app.ordering.rules import Amounts
from app.ordering.wishes import NO_WISHES, Wishes
from app.routing import operations as routing_operations
from app.routing.errors import CapacityTaken, NothingCanBeServed
from app.routing.rules import Decision, RoutingRequest, ShipTo, WantedLine
from app.routing.rules.extras import Load
from app.storefronts import queries as storefront_queries
from app.storefronts.models import Storefront

MAX_LINES = 500
_ATTEMPTS = 5


@dataclass(frozen=True, slots=True)
class PlacementLine:
    """A wanted quantity of a variant."""

    variant_id: uuid.UUID
    quantity: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Placement:
    """An order to be placed.

    ``accept_shortfall``: order what can be delivered instead of refusing. ``expected_total_minor``:
    refuse when the total is another than the buyer saw. ``keeping_cart_id``: the cart that keeps
    stock for the order.
    """

    storefront_id: uuid.UUID
    buyer_id: uuid.UUID
    address_id: uuid.UUID
    lines: Sequence[PlacementLine]
    reference: str | None = None
    payment_method: str = "on_account"
    accept_shortfall: bool = False
    expected_total_minor: int | None = None
    cart_id: uuid.UUID | None = None
    unit_id: uuid.UUID | None = None
    keeping_cart_id: uuid.UUID | None = None
    wishes: Wishes = NO_WISHES


def place_order(
    session: DbSession, *, caller: Caller, placement: Placement, now: datetime
) -> uuid.UUID:
    """Place an order: routed, reserved, its prices frozen, its sellers asked.

    Raises:
        NoTradingAccount, PaymentMethodNotAllowed, OrderAlreadyPlaced: it may not be placed.
        NothingCanBeServed, NotFullyAvailable, TotalChanged, StockContended: not like this, now.
    """
    storefront = storefront_queries.get_storefront(session, storefront_id=placement.storefront_id)
    caller.require_one_of(placement.buyer_id, storefront.owner_id)
    account = network_queries.lock_trading_account(
        session, seller_id=storefront.owner_id, buyer_id=placement.buyer_id
    )
    if account.status != "active":
        raise NoTradingAccount
    if placement.payment_method not in account.payment_methods:
        raise PaymentMethodNotAllowed(allowed=account.payment_methods)
    _require_new(session, placement)
    request = _request(session, placement)
    order_id = new_id()
    decision, allocations, line_ids = _route_and_reserve(
        session, placement=placement, request=request, order_id=order_id, now=now
    )
    order = _write_order(
        session, order_id, placement, storefront, account, decision, allocations, now
    )
    _write_lines(session, order, decision, allocations, line_ids)
    decision_id = routing_operations.record_decision(
        session, decision=decision, order_id=order.id, attempt=1, trigger="placed"
    )
    parts.create_parts(
        session,
        order=order,
        decision=decision,
        decision_id=decision_id,
        attempt=1,
        accept_by=aftercare.answer_ends(storefront, decision.context.policy, now=now),
        allocations=allocations,
        now=now,
    )
    audience = (order.buyer_id, order.owner_id)
    record(session, OrderPlaced(happened_at=now, audience=audience, order_id=order.id))
    return order.id


def _require_new(session: DbSession, placement: Placement) -> None:
    if placement.reference is None:
        return
    number = queries.find_number_by_reference(
        session,
        storefront_id=placement.storefront_id,
        buyer_id=placement.buyer_id,
        reference=placement.reference,
    )
    if number is not None:
        raise OrderAlreadyPlaced(
            f"The reference {placement.reference} belongs to order {number}",
            order_number=number,
        )


def _request(session: DbSession, placement: Placement) -> RoutingRequest:
    wanted = wanted_of(placement)
    address = network_queries.get_address_of(
        session, organization_id=placement.buyer_id, address_id=placement.address_id
    )
    if placement.unit_id is not None:
        network_queries.get_unit_of(
            session, organization_id=placement.buyer_id, unit_id=placement.unit_id
        )
    ship_to = ShipTo(
        address.country,
        address.subdivision,
        address.postal_code,
        address.latitude,
        address.longitude,
    )
    return request_of(placement, wanted, ship_to)


def wanted_of(placement: Placement) -> dict[uuid.UUID, int]:
    """What is wanted of each variant; lines of one variant are merged.

    Raises:
        EmptyOrder: that is nothing, or too much.
    """
    wanted: dict[uuid.UUID, int] = {}
    for line in placement.lines:
        wanted[line.variant_id] = wanted.get(line.variant_id, 0) + line.quantity
    if not wanted or len(wanted) > MAX_LINES or max(wanted.values()) > MAX_QUANTITY:
        raise EmptyOrder(f"An order has 1 to {MAX_LINES} lines of at most {MAX_QUANTITY} units")
    return wanted


def request_of(
    placement: Placement, wanted: Mapping[uuid.UUID, int], ship_to: ShipTo
) -> RoutingRequest:
    """What a placement asks of routing."""
    return RoutingRequest(
        storefront_id=placement.storefront_id,
        buyer_id=placement.buyer_id,
        ship_to=ship_to,
        lines=tuple(WantedLine(variant, quantity) for variant, quantity in wanted.items()),
        unit_id=placement.unit_id,
        cart_id=placement.keeping_cart_id,
        **placement.wishes.of_lines(list(wanted)),
    )


def _route_and_reserve(
    session: DbSession,
    *,
    placement: Placement,
    request: RoutingRequest,
    order_id: uuid.UUID,
    now: datetime,
) -> tuple[Decision, list[dict[str, Any]], list[uuid.UUID]]:
    """Decide and reserve; when others were faster, decide again on what is left."""
    holds_locks, loads = False, dict[uuid.UUID, Load]()
    for _ in range(_ATTEMPTS):
        decision = routing_operations.decide(session, request=request, now=now, loads=loads)
        _require_acceptable(decision, placement)
        line_ids = [new_id() for _ in request.lines]
        allocations = [
            parts.allocation_row(
                order_line_id=line_ids[item.line_no],
                item=item,
                amounts=Amounts(
                    item.buyer_goods_minor,
                    item.freight_minor,
                    item.seller_goods_minor,
                    item.freight_minor,
                ),
                hops=decision.hops_of(item),
                now=now,
            )
            for item in decision.assignments
        ]
        # Who holds locks of an attempt before does not wait for others; a cart kept till then.
        reserve = (
            reserving.reserve_again
            if holds_locks
            else partial(reserving.reserve, cart_id=placement.keeping_cart_id)
        )
        try:
            with routing_operations.within_capacity(
                session, decision=decision, order_id=order_id, now=now
            ):
                reserve(session, order_id=order_id, rows=allocations, now=now)
        except StockTaken:
            # What was undone has let its locks go.
            holds_locks = holds_locks or not routing_operations.is_limited(decision)
        except CapacityTaken as taken:
            loads.update(taken.loads)
        else:
            return decision, allocations, line_ids
    raise StockContended


def _require_acceptable(decision: Decision, placement: Placement) -> None:
    if not decision.units_served:
        raise NothingCanBeServed(lines=why_unserved(decision))
    if decision.units_served < decision.units_requested and not placement.accept_shortfall:
        raise NotFullyAvailable(lines=why_unserved(decision))
    total = decision.buyer_goods_minor + decision.freight_minor
    if placement.expected_total_minor not in (None, total):
        raise TotalChanged(expected_minor=placement.expected_total_minor, total_minor=total)


def why_unserved(decision: Decision) -> list[dict[str, Any]]:
    """The lines that are not fully served, and which rules excluded how many candidates."""
    unserved = []
    for no, line in enumerate(decision.request.lines):
        served = decision.served_of(no)
        if served == line.quantity:
            continue
        reasons: dict[str, int] = {}
        for item in decision.judged:
            for _, _, broken in item.verdicts if item.offer.line_no == no else ():
                for code in broken:
                    reasons[code] = reasons.get(code, 0) + 1
        row = {"position": no, "quantity": line.quantity, "available": served, "reasons": reasons}
        # What could be had is not had for another line's sake.
        wish = {"wish": "ship_complete"} if decision.request.ship_complete else {}
        unserved.append(row | wish)
    return unserved


def _write_order(
    session: DbSession,
    order_id: uuid.UUID,
    placement: Placement,
    storefront: Storefront,
    account: TradingAccount,
    decision: Decision,
    allocations: Sequence[dict[str, Any]],
    now: datetime,
) -> Order:
    goods = sum(row["buyer_goods_minor"] for row in allocations)
    freight = decision.freight_minor
    row = {
        "id": order_id,
        "storefront_id": storefront.id,
        "owner_id": storefront.owner_id,
        "buyer_id": placement.buyer_id,
        "unit_id": placement.unit_id,
        "cart_id": placement.cart_id,
        "reference": placement.reference,
        "currency": storefront.currency,
        "ship_to": asdict(decision.request.ship_to) | {"address_id": str(placement.address_id)},
        "wishes": placement.wishes.document(),
        "payment_method": placement.payment_method,
        "payment_terms_days": account.payment_terms_days,
        "hold_days": storefront.hold_days,
        "status": "placed",
        "goods_minor": goods,
        "freight_minor": freight,
        "total_minor": goods + freight,
        "placed_at": now,
    }
    try:
        insert_rows(session, Order, [row])
    except IntegrityError as error:
        raise OrderAlreadyPlaced from error
    # Of no session: what follows needs these facts alone, and reads nothing back.
    return Order(**row)


_INSERT_LINES = text("""
INSERT INTO ordering_order_lines
    (id, order_id, position, variant_id, sku, name, quantity, served_quantity, goods_minor)
SELECT r.id, CAST(:order_id AS uuid), r.position, v.id, v.sku, v.name, r.quantity,
       r.served_quantity, r.goods_minor
FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r (
    id uuid, position integer, variant_id uuid, quantity integer, served_quantity integer,
    goods_minor bigint
)
JOIN LATERAL (SELECT * FROM catalog_variants WHERE id = r.variant_id LIMIT 1) v ON true
""")


def _write_lines(
    session: DbSession,
    order: Order,
    decision: Decision,
    allocations: Sequence[dict[str, Any]],
    line_ids: Sequence[uuid.UUID],
) -> None:
    """Write the lines; what they are called is copied from the catalog on the way."""
    goods: dict[uuid.UUID, int] = {}
    for row in allocations:
        line_id = row["order_line_id"]
        goods[line_id] = goods.get(line_id, 0) + row["buyer_goods_minor"]
    rows = [
        {
            "id": line_ids[no],
            "position": no + 1,
            "variant_id": line.variant_id,
            "quantity": line.quantity,
            "served_quantity": decision.served_of(no),
            "goods_minor": goods.get(line_ids[no], 0),
        }
        for no, line in enumerate(decision.request.lines)
    ]
    binds = {"order_id": order.id, "rows": orjson.dumps(rows).decode()}
    session.execute(_INSERT_LINES, binds)
