"""Refused units find other sellers at the buyer's unchanged price, or are given up.

Replacements inherit the buyer's amounts of the units that they replace; whatever they cost more or
less is the storefront's. The stock that is let go and the stock that is taken are locked together.
"""

import uuid
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import select, text

from app.infra.db import DbSession
from app.infra.unit_of_work import record
from app.inventory import operations as inventory_operations
from app.inventory.errors import StockTaken
from app.kernel.ids import public_id
from app.ordering import queries
from app.ordering.events import (
    OrderRerouted,
    UnitsCancelled,
)
from app.ordering.models import Allocation, Order, SellerOrder
from app.ordering.operations import parts
from app.ordering.rules import Amounts
from app.ordering.wishes import Wishes
from app.routing import operations as routing_operations
from app.routing.rules import Assignment, Decision, RoutingRequest, ShipTo, WantedLine
from app.storefronts import queries as storefront_queries

_ATTEMPTS = 5


@dataclass
class Refused:
    """Refused units, and the reservations that hold them: to give back, or to write off."""

    rows: list[Allocation] = field(default_factory=list)
    back: dict[uuid.UUID, int] = field(default_factory=dict)
    gone: dict[uuid.UUID, int] = field(default_factory=dict)

    @property
    def places(self) -> list[tuple[uuid.UUID, uuid.UUID]]:
        return [(row.location_id, row.variant_id) for row in self.rows]

    def let_go(self, session: DbSession, *, order_id: uuid.UUID, now: datetime) -> None:
        """Give back what is still there; take what is gone out of stock."""
        if self.back:
            inventory_operations.release(session, quantities=self.back)
        if self.gone:
            cause = inventory_operations.Cause(
                reason="loss", code="lost", reference=public_id("order", order_id), at=now
            )
            inventory_operations.write_off(session, quantities=self.gone, cause=cause)


@dataclass
class _Promise:
    """What the buyer was promised for refused units of a line, handed out unit by unit."""

    rows: list[Allocation]
    taken: int = 0

    @property
    def quantity(self) -> int:
        return sum(row.quantity for row in self.rows)

    def take(self, units: int) -> Amounts:
        """The buyer's amounts of the next units."""
        whole = self.quantity
        total = Amounts(
            sum(row.buyer_goods_minor for row in self.rows),
            sum(row.buyer_freight_minor for row in self.rows),
            0,
            0,
        )
        part = total.part(whole=whole, before=self.taken, after=self.taken + units)
        self.taken += units
        return part


def reroute(
    session: DbSession, *, order: Order, refused: Refused, trigger: str, now: datetime
) -> None:
    """Find other sellers for refused units at the buyer's unchanged price; cancel the rest."""
    if not refused.rows:
        return
    promises: dict[uuid.UUID, _Promise] = {}
    for row in refused.rows:
        promises.setdefault(row.order_line_id, _Promise([])).rows.append(row)
    request = _request(session, order, promises)
    found = _decide_and_reserve(session, order, request, promises, refused, now)
    refused.let_go(session, order_id=order.id, now=now)
    if found:
        _write_replacements(session, order, *found, trigger, now)
    _cancel_rest(session, order, promises, trigger, now)


def _request(
    session: DbSession, order: Order, promises: dict[uuid.UUID, _Promise]
) -> RoutingRequest:
    history = session.execute(
        select(SellerOrder.seller_id, Allocation.variant_id, Allocation.status)
        .join(Allocation, Allocation.seller_order_id == SellerOrder.id)
        .where(SellerOrder.order_id == order.id)
    ).all()
    place = order.ship_to
    return RoutingRequest(
        storefront_id=order.storefront_id,
        buyer_id=order.buyer_id,
        ship_to=ShipTo(
            place["country"],
            place["subdivision"],
            place["postal_code"],
            place["latitude"],
            place["longitude"],
        ),
        lines=tuple(
            WantedLine(promise.rows[0].variant_id, promise.quantity)
            for promise in promises.values()
        ),
        refused=frozenset(
            (seller, variant) for seller, variant, status in history if status not in queries.LIVE
        ),
        minimum_met=frozenset(seller for seller, _, status in history if status in queries.LIVE),
        unit_id=order.unit_id,
        **(_wishes(order, promises)),
    )


def _wishes(order: Order, promises: dict[uuid.UUID, _Promise]) -> dict[str, Any]:
    """What is still wished of the rest: late is better than never, so not that it is complete."""
    wishes = replace(Wishes.read(order.wishes), ship_complete=False)
    return wishes.of_lines([promise.rows[0].variant_id for promise in promises.values()])


def _decide_and_reserve(
    session: DbSession,
    order: Order,
    request: RoutingRequest,
    promises: dict[uuid.UUID, _Promise],
    refused: Refused,
    now: datetime,
) -> tuple[Decision, list[dict[str, Any]]] | None:
    """Reserve the replacements; the stock that will be let go is locked with them, in one order."""
    line_ids = list(promises)
    for attempt in range(_ATTEMPTS):
        decision = routing_operations.decide(session, request=request, now=now)
        if not decision.units_served:
            return None
        for promise in promises.values():
            promise.taken = 0
        rows = [
            _replacement(item, line_ids[item.line_no], promises, decision)
            for item in decision.assignments
        ]
        try:
            _reserve(session, attempt, order, rows, refused, now)
        except StockTaken:
            continue
        return decision, rows
    for promise in promises.values():
        promise.taken = 0
    return None


def _reserve(
    session: DbSession,
    attempt: int,
    order: Order,
    rows: list[dict[str, Any]],
    refused: Refused,
    now: datetime,
) -> None:
    """Lock all stock in one order, then reserve; with locks held already, without waiting."""
    if attempt:
        parts.reserve_again(session, order_id=order.id, rows=rows, now=now)
        return
    wanted = [(row["location_id"], row["variant_id"]) for row in rows]
    inventory_operations.lock_stock(session, places=[*refused.places, *wanted])
    parts.reserve(session, order_id=order.id, rows=rows, now=now)


def _replacement(
    item: Assignment,
    line_id: uuid.UUID,
    promises: dict[uuid.UUID, _Promise],
    decision: Decision,
) -> dict[str, Any]:
    promise = promises[line_id]
    promised = promise.take(item.quantity)
    return parts.allocation_row(
        order_line_id=line_id,
        item=item,
        amounts=Amounts(
            promised.buyer_goods,
            promised.buyer_freight,
            item.seller_goods_minor,
            item.freight_minor,
        ),
        hops=decision.hops_of(item),
        replaces_id=promise.rows[0].id,
    )


def _write_replacements(
    session: DbSession,
    order: Order,
    decision: Decision,
    rows: list[dict[str, Any]],
    trigger: str,
    now: datetime,
) -> None:
    attempt = 1 + max(item.attempt for item in queries.list_parts(session, order_id=order.id))
    storefront = storefront_queries.get_storefront(session, storefront_id=order.storefront_id)
    decision_id = routing_operations.record_decision(
        session, decision=decision, order_id=order.id, attempt=attempt, trigger=trigger
    )
    parts.create_parts(
        session,
        order=order,
        decision=decision,
        decision_id=decision_id,
        attempt=attempt,
        accept_by=parts.accept_deadline(storefront=storefront, decision=decision, now=now),
        allocations=rows,
        now=now,
    )
    record(
        session,
        OrderRerouted(
            happened_at=now,
            audience=(order.buyer_id, order.owner_id),
            order_id=order.id,
            attempt=attempt,
            units=decision.units_served,
        ),
    )


def _cancel_rest(
    session: DbSession,
    order: Order,
    promises: dict[uuid.UUID, _Promise],
    trigger: str,
    now: datetime,
) -> None:
    """Give up the units that nobody else can serve; the buyer no longer owes them."""
    units: dict[uuid.UUID, int] = {}
    amount = 0
    for line_id, promise in promises.items():
        rest = promise.quantity - promise.taken
        if rest:
            units[line_id] = rest
            lost = promise.take(rest)
            amount += lost.buyer_goods + lost.buyer_freight
    if units:
        give_up(
            session,
            order=order,
            units=units,
            amount_minor=amount,
            allocation_ids=tuple(row.id for line in units for row in promises[line].rows),
            reason=trigger,
            now=now,
        )


def give_up(
    session: DbSession,
    *,
    order: Order,
    units: dict[uuid.UUID, int],
    amount_minor: int,
    allocation_ids: tuple[uuid.UUID, ...],
    reason: str,
    now: datetime,
) -> None:
    """Count cancelled units on the order's lines and tell everyone."""
    session.flush()
    session.execute(
        text("""
            UPDATE ordering_order_lines l
            SET cancelled_quantity = l.cancelled_quantity + q.units
            FROM unnest(CAST(:ids AS uuid[]), CAST(:units AS integer[])) AS q (id, units)
            WHERE l.id = q.id
        """),
        {"ids": list(units), "units": list(units.values())},
    )
    record(
        session,
        UnitsCancelled(
            happened_at=now,
            audience=(order.buyer_id, order.owner_id),
            order_id=order.id,
            allocation_ids=allocation_ids,
            units=sum(units.values()),
            amount_minor=amount_minor,
            reason=reason,
        ),
    )
