"""Seller orders and allocations: made from a decision, reserved, split."""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from app.infra.db import DbSession, insert_rows
from app.infra.unit_of_work import record
from app.kernel.ids import new_id
from app.ordering.events import SellerOrderOffered
from app.ordering.models import Allocation, Consignment, Order, SellerOrder
from app.ordering.operations import joining
from app.ordering.operations.joining import Opening
from app.ordering.rules import ALLOCATION, Amounts, Due, hops_part
from app.routing.rules import Assignment, Decision, Hop

_NOT_KEPT = frozenset({"seller_id", "due_on"})


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
    """Write the seller orders, consignments and allocations of a decision.

    A seller with an opening under the same terms gets no second part: what is offered there grows,
    what was accepted there is joined once the new units are accepted, too.
    """
    seller_orders = _seller_orders(order, decision, decision_id, attempt, accept_by, now)
    again = attempt > 1
    openings = joining.openings_of(session, order_id=order.id) if again else {}
    grown = _join(seller_orders, openings)
    consignments = [
        {
            "seller_order_id": seller_orders[item.seller_id]["id"],
            "location_id": item.location_id,
            "weight_g": item.weight_g,
            "distance_km": item.distance_km,
            "freight_minor": item.freight_minor,
            "later_on": item.later_on,
        }
        for item in decision.consignments
    ]
    new = [row for seller, row in seller_orders.items() if seller not in grown]
    grown_ids = {seller_orders[seller]["id"] for seller in grown}
    insert_rows(session, SellerOrder, new)
    insert_rows(
        session,
        Consignment,
        [row for row in consignments if row["seller_order_id"] not in grown_ids],
    )
    joining.extend(
        session,
        parts=[seller_orders[seller] for seller in grown],
        consignments=[row for row in consignments if row["seller_order_id"] in grown_ids],
    )
    insert_rows(
        session,
        Allocation,
        [
            {
                **{key: value for key, value in row.items() if key not in _NOT_KEPT},
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


def _join(
    seller_orders: Mapping[uuid.UUID, dict[str, Any]], openings: Mapping[uuid.UUID, Opening]
) -> list[uuid.UUID]:
    """Let new parts join open ones; the sellers whose offered part grows."""
    grown = []
    for seller_id, row in seller_orders.items():
        opening = openings.get(seller_id)
        if opening is None or not opening.fits(row):
            continue
        if opening.status == "offered":
            row["id"] = opening.id
            grown.append(seller_id)
        else:
            row["joins_id"] = opening.id
    return grown


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
                "joins_id": None,
                "terms_id": candidate.offer.terms_id,
                "selling_model": candidate.offer.selling_model,
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
    now: datetime,
    replaces_id: uuid.UUID | None = None,
    dues: Iterable[Due] = (),
) -> dict[str, Any]:
    """An allocation of an assignment; ``seller_id`` is replaced by its seller order later.

    ``due_on`` is for the promise of what is still to come.
    """
    candidate = item.candidate
    return {
        "id": new_id(),
        "seller_id": candidate.seller_id,
        "order_line_id": order_line_id,
        "location_id": candidate.location_id,
        "variant_id": candidate.variant_id,
        "quantity": item.quantity,
        "ships_on": candidate.ships_on,
        "is_later": candidate.is_later,
        "due_on": candidate.due_on,
        "status": "offered",
        "offered_at": now,
        "replaces_id": replaces_id,
        "seller_unit_minor": candidate.offer.seller_price_minor,
        "seller_per_quantity": candidate.offer.seller_price_per or 1,
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
        "dues": [{"payer_id": str(due.payer_id), "amount_minor": due.amount_minor} for due in dues],
    }


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
        ships_on=allocation.ships_on,
        is_later=allocation.is_later,
        status=status,
        reason=reason,
        offered_at=allocation.offered_at,
        seller_unit_minor=allocation.seller_unit_minor,
        seller_per_quantity=allocation.seller_per_quantity,
        hops=hops_part(allocation.hops, whole=whole, before=keep, after=whole),
        dues=hops_part(allocation.dues, whole=whole, before=keep, after=whole),
        quantity=whole - keep,
    )
    _set_amounts(ended, amounts_of(allocation).part(whole=whole, before=keep, after=whole))
    allocation.hops = hops_part(allocation.hops, whole=whole, before=0, after=keep)
    allocation.dues = hops_part(allocation.dues, whole=whole, before=0, after=keep)
    _set_amounts(allocation, amounts_of(allocation).part(whole=whole, before=0, after=keep))
    allocation.quantity = keep
    session.add(ended)
    return ended


def _set_amounts(allocation: Allocation, amounts: Amounts) -> None:
    allocation.buyer_goods_minor = amounts.buyer_goods
    allocation.buyer_freight_minor = amounts.buyer_freight
    allocation.seller_goods_minor = amounts.seller_goods
    allocation.seller_freight_minor = amounts.seller_freight
