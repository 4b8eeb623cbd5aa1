"""Seller orders and allocations: made from a decision, split, moved on."""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, TypeVar

from sqlalchemy import Select, select, text

from app.infra.auth import Caller
from app.infra.db import DbSession, insert_rows
from app.infra.unit_of_work import record
from app.inventory import operations as inventory_operations
from app.kernel.ids import new_id
from app.ordering.errors import SellerOrderNotFound
from app.ordering.events import SellerOrderOffered
from app.ordering.models import Allocation, Consignment, Order, SellerOrder
from app.ordering.rules import ALLOCATION, SELLER_ORDER, Amounts, hops_part
from app.routing.rules import Assignment, Decision, Hop

T = TypeVar("T")

REFRESH_STATUS = text("""
WITH unit AS (
    SELECT a.seller_order_id, a.status, a.quantity, a.shipped_quantity, a.delivered_quantity
    FROM ordering_allocations a JOIN ordering_seller_orders s ON s.id = a.seller_order_id
    WHERE s.order_id = :order_id
), total AS (
    SELECT COALESCE(sum(quantity), 0) AS live,
           COALESCE(sum(quantity) FILTER (WHERE status = 'accepted'), 0) AS accepted,
           COALESCE(sum(shipped_quantity), 0) AS shipped,
           COALESCE(sum(delivered_quantity), 0) AS delivered
    FROM unit WHERE status IN ('offered', 'accepted')
)
UPDATE ordering_orders o
SET version = o.version + 1,
    status = CASE WHEN live = 0 THEN 'cancelled' WHEN delivered = live THEN 'delivered'
                  WHEN shipped = live THEN 'shipped' WHEN shipped > 0 THEN 'partly_shipped'
                  WHEN accepted = live THEN 'accepted' ELSE 'placed' END
FROM total WHERE o.id = :order_id
""")


def lock_seller_order(
    session: DbSession, *, caller: Caller, seller_order_id: uuid.UUID
) -> tuple[Order, SellerOrder]:
    """Lock an order and one of its parts, in this order, for the seller that fulfils it.

    Raises:
        SellerOrderNotFound: none, or another seller's.
    """
    wanted = select(SellerOrder.order_id).where(SellerOrder.id == seller_order_id)
    if not caller.is_operator:
        wanted = wanted.where(SellerOrder.seller_id == caller.organization_id)
    order = _locked(session, select(Order).where(Order.id == wanted.scalar_subquery()))
    if order is None:
        raise SellerOrderNotFound
    return order, _lock_part(session, seller_order_id)


def lock_part(
    session: DbSession, *, order_id: uuid.UUID, seller_order_id: uuid.UUID
) -> tuple[Order, SellerOrder]:
    """Lock an order, then one of its parts."""
    order = _locked(session, select(Order).where(Order.id == order_id))
    assert order is not None
    return order, _lock_part(session, seller_order_id)


def _lock_part(session: DbSession, seller_order_id: uuid.UUID) -> SellerOrder:
    part = _locked(session, select(SellerOrder).where(SellerOrder.id == seller_order_id))
    assert part is not None
    return part


def _locked(session: DbSession, query: Select[T]) -> T | None:
    query = query.with_for_update().execution_options(populate_existing=True)
    return session.scalars(query).one_or_none()


def refresh_status(session: DbSession, *, order_id: uuid.UUID) -> None:
    """Derive an order's status from its units."""
    session.flush()
    session.execute(REFRESH_STATUS, {"order_id": order_id})


def create_parts(
    session: DbSession,
    *,
    order: Order,
    decision: Decision,
    decision_id: uuid.UUID,
    attempt: int,
    accept_by: datetime,
    allocations: Sequence[dict[str, Any]],
    now: datetime,
) -> None:
    """Write the seller orders, consignments and allocations of a decision."""
    seller_orders = _seller_orders(order, decision, decision_id, attempt, accept_by, now)
    insert_rows(session, SellerOrder, list(seller_orders.values()))
    insert_rows(
        session,
        Consignment,
        [
            {
                "seller_order_id": seller_orders[item.seller_id]["id"],
                "location_id": item.location_id,
                "weight_g": item.weight_g,
                "distance_km": item.distance_km,
                "freight_minor": item.freight_minor,
            }
            for item in decision.consignments
        ],
    )
    insert_rows(
        session,
        Allocation,
        [
            {
                **{key: value for key, value in row.items() if key != "seller_id"},
                "seller_order_id": seller_orders[row["seller_id"]]["id"],
            }
            for row in allocations
        ],
    )
    for seller_id, row in seller_orders.items():
        record(
            session,
            SellerOrderOffered(
                happened_at=now,
                audience=(seller_id, order.owner_id),
                order_id=order.id,
                seller_order_id=row["id"],
                accept_by=accept_by,
            ),
        )


def _seller_orders(
    order: Order,
    decision: Decision,
    decision_id: uuid.UUID,
    attempt: int,
    accept_by: datetime,
    now: datetime,
) -> dict[uuid.UUID, dict[str, Any]]:
    rows: dict[uuid.UUID, dict[str, Any]] = {}
    for item in decision.assignments:
        candidate = item.candidate
        row = rows.setdefault(
            candidate.seller_id,
            {
                "id": new_id(),
                "order_id": order.id,
                "seller_id": candidate.seller_id,
                "attempt": attempt,
                "decision_id": decision_id,
                "terms_id": candidate.terms_id,
                "selling_model": candidate.selling_model,
                "status": "offered",
                "accept_by": accept_by,
                "currency": order.currency,
                "goods_minor": 0,
                "freight_minor": 0,
                "created_at": now,
            },
        )
        row["goods_minor"] += item.seller_goods_minor
        row["freight_minor"] += item.freight_minor
    return rows


def allocation_row(
    *,
    order_line_id: uuid.UUID,
    item: Assignment,
    amounts: Amounts,
    hops: Iterable[Hop],
    replaces_id: uuid.UUID | None = None,
) -> dict[str, Any]:
    """An allocation of an assignment; ``seller_id`` is replaced by its seller order later."""
    candidate = item.candidate
    return {
        "id": new_id(),
        "seller_id": candidate.seller_id,
        "order_line_id": order_line_id,
        "location_id": candidate.location_id,
        "variant_id": candidate.variant_id,
        "quantity": item.quantity,
        "status": "offered",
        "replaces_id": replaces_id,
        "seller_unit_minor": candidate.seller_price_minor,
        "seller_per_quantity": candidate.seller_price_per or 1,
        "buyer_goods_minor": amounts.buyer_goods,
        "buyer_freight_minor": amounts.buyer_freight,
        "seller_goods_minor": amounts.seller_goods,
        "seller_freight_minor": amounts.seller_freight,
        "hops": [
            {
                "seller_id": str(hop.seller_id),
                "buyer_id": str(hop.buyer_id),
                "terms_id": str(hop.terms_id),
                "amount_minor": hop.amount_minor,
            }
            for hop in hops
        ],
    }


def reserve(
    session: DbSession, *, order_id: uuid.UUID, rows: Sequence[Mapping[str, Any]], now: datetime
) -> None:
    """Reserve the stock of new allocations.

    Raises:
        StockTaken: somebody else was faster; nothing is reserved.
    """
    wanted = [
        inventory_operations.Wanted(
            allocation_id=row["id"],
            location_id=row["location_id"],
            variant_id=row["variant_id"],
            quantity=row["quantity"],
        )
        for row in rows
    ]
    inventory_operations.reserve(session, order_id=order_id, wanted=wanted, now=now)


def amounts_of(allocation: Allocation) -> Amounts:
    """The four amounts of an allocation."""
    return Amounts(
        allocation.buyer_goods_minor,
        allocation.buyer_freight_minor,
        allocation.seller_goods_minor,
        allocation.seller_freight_minor,
    )


def split_off(
    session: DbSession, allocation: Allocation, *, keep: int, status: str, reason: str | None
) -> Allocation:
    """End the last units of an allocation: all of it (``keep`` 0) or a new one for the rest.

    The amounts are divided exactly; what was shipped always stays.
    """
    assert allocation.shipped_quantity <= keep < allocation.quantity
    ALLOCATION.step(allocation.status, status)
    if not keep:
        allocation.status, allocation.reason = status, reason
        return allocation
    whole = allocation.quantity
    ended = Allocation(
        id=new_id(),
        order_line_id=allocation.order_line_id,
        seller_order_id=allocation.seller_order_id,
        location_id=allocation.location_id,
        variant_id=allocation.variant_id,
        status=status,
        reason=reason,
        seller_unit_minor=allocation.seller_unit_minor,
        seller_per_quantity=allocation.seller_per_quantity,
        hops=hops_part(allocation.hops, whole=whole, before=keep, after=whole),
        quantity=whole - keep,
    )
    _set_amounts(ended, amounts_of(allocation).part(whole=whole, before=keep, after=whole))
    allocation.hops = hops_part(allocation.hops, whole=whole, before=0, after=keep)
    _set_amounts(allocation, amounts_of(allocation).part(whole=whole, before=0, after=keep))
    allocation.quantity = keep
    session.add(ended)
    return ended


def _set_amounts(allocation: Allocation, amounts: Amounts) -> None:
    allocation.buyer_goods_minor = amounts.buyer_goods
    allocation.buyer_freight_minor = amounts.buyer_freight
    allocation.seller_goods_minor = amounts.seller_goods
    allocation.seller_freight_minor = amounts.seller_freight


def ship_units(
    session: DbSession, *, part: SellerOrder, quantities: Mapping[uuid.UUID, int], remaining: int
) -> None:
    """Count shipped units and move the seller order on; ``remaining`` units are still to go."""
    session.execute(
        text("""
            UPDATE ordering_allocations a SET shipped_quantity = a.shipped_quantity + q.quantity
            FROM unnest(CAST(:ids AS uuid[]), CAST(:quantities AS integer[])) AS q (id, quantity)
            WHERE a.id = q.id
        """),
        {"ids": list(quantities), "quantities": list(quantities.values())},
    )
    move(part, "partly shipped" if remaining else "shipped")


def deliver_units(session: DbSession, *, part: SellerOrder) -> None:
    """Move a seller order on when all of it has arrived."""
    waiting = session.scalar(
        text("""
            SELECT COALESCE(sum(quantity - delivered_quantity), 0) FROM ordering_allocations
            WHERE seller_order_id = :id AND status = 'accepted'
        """),
        {"id": part.id},
    )
    if not waiting and part.status == "shipped":
        move(part, "delivered")


def move(part: SellerOrder, action: str) -> None:
    """Take a step of the seller order's state table."""
    part.status = SELLER_ORDER.step(part.status, action)
    part.version += 1


def accept_deadline(*, accept_within_s: int, now: datetime) -> datetime:
    """When an offered part expires."""
    return now + timedelta(seconds=accept_within_s)
