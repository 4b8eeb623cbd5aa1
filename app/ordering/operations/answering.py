"""Sellers answer: line by line, in time, or not at all. What they refuse finds other sellers.

A re-routing never touches what the buyer was promised: replacements inherit the buyer's amounts of
the units they replace, and whatever they cost more or less is the storefront's.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select, text

from app.infra import audit
from app.infra.auth import Caller
from app.infra.db import DbSession
from app.infra.unit_of_work import record
from app.inventory import operations as inventory_operations
from app.inventory.errors import StockTaken
from app.ordering import queries
from app.ordering.errors import AnswerDoesNotFit, DeadlinePassed
from app.ordering.events import (
    OrderRerouted,
    SellerOrderAnswered,
    SellerOrderExpired,
    UnitsCancelled,
)
from app.ordering.models import Allocation, Order, SellerOrder
from app.ordering.operations import parts
from app.ordering.rules import ALLOCATION, GOODS_ARE_GONE, Amounts, Answer
from app.routing import operations as routing_operations
from app.routing.rules import Assignment, Decision, RoutingRequest, ShipTo, WantedLine
from app.storefronts import queries as storefront_queries

_ATTEMPTS = 5


def accept_seller_order(
    session: DbSession, *, caller: Caller, seller_order_id: uuid.UUID, now: datetime
) -> None:
    """The seller will fulfil all that was offered."""
    answer_seller_order(
        session, caller=caller, seller_order_id=seller_order_id, answers=(), now=now
    )


def answer_seller_order(
    session: DbSession,
    *,
    caller: Caller,
    seller_order_id: uuid.UUID,
    answers: Sequence[Answer],
    now: datetime,
) -> None:
    """A seller's answer; allocations that it does not mention are accepted as they are.

    What is rejected is re-routed at once. A reason that says that the goods are gone corrects the
    seller's stock.

    Raises:
        SellerOrderNotFound: none, or another seller's.
        DeadlinePassed, TransitionNotAllowed: it is too late, or was answered already.
        AnswerDoesNotFit: an answer names what was not offered.
    """
    order, part = parts.lock_seller_order(session, caller=caller, seller_order_id=seller_order_id)
    if part.status == "offered" and now > part.accept_by:
        raise DeadlinePassed(accept_by=part.accept_by)
    kept, refused = _answer(session, part, answers, now)
    record(
        session,
        SellerOrderAnswered(
            happened_at=now,
            audience=(order.owner_id, part.seller_id),
            order_id=order.id,
            seller_order_id=part.id,
            accepted_units=kept,
            rejected_units=sum(row.quantity for row in refused.rows),
        ),
    )
    audit.note(
        session,
        caller=caller,
        action="seller_order.answered",
        subject_type="seller_order",
        subject_id=part.id,
        now=now,
        details={"accepted_units": kept, "rejected": len(refused.rows)},
    )
    _reroute(session, order=order, refused=refused, trigger="rejected", now=now)
    parts.refresh_status(session, order_id=order.id)


def _answer(
    session: DbSession, part: SellerOrder, answers: Sequence[Answer], now: datetime
) -> "tuple[int, _Refused]":
    """Apply an answer: (units that are kept, what is refused)."""
    if not answers:
        parts.move(part, "accepted")
        part.accepted_at = now
        return _keep(session, part), _Refused()
    offered = _offered(session, part)
    _require_fit(answers, offered)
    refusals = {
        answer.allocation_id: answer
        for answer in answers
        if answer.accepted_quantity < offered[answer.allocation_id].quantity
    }
    kept = [row for row in offered.values() if _accepted_units(row, refusals)]
    parts.move(part, "accepted" if kept else "rejected")
    part.accepted_at = now if kept else None
    refused = _end(session, [offered[key] for key in refusals], "rejected", refusals)
    return _keep(session, part), refused


def _keep(session: DbSession, part: SellerOrder) -> int:
    """Accept what is still offered of a part; how many units."""
    session.flush()
    accepted = session.execute(
        text("""
            UPDATE ordering_allocations SET status = :accepted
            WHERE seller_order_id = :id AND status = 'offered' RETURNING quantity
        """),
        {"id": part.id, "accepted": ALLOCATION.step("offered", "accepted")},
    )
    return sum(row.quantity for row in accepted)


def _accepted_units(row: Allocation, refusals: dict[uuid.UUID, Answer]) -> int:
    return refusals[row.id].accepted_quantity if row.id in refusals else row.quantity


def _offered(session: DbSession, part: SellerOrder) -> dict[uuid.UUID, Allocation]:
    rows = session.scalars(
        select(Allocation)
        .where(Allocation.seller_order_id == part.id, Allocation.status == "offered")
        .order_by(Allocation.id)
        .execution_options(populate_existing=True)
    )
    return {row.id: row for row in rows}


def _require_fit(answers: Sequence[Answer], offered: dict[uuid.UUID, Allocation]) -> None:
    seen = set()
    for position, answer in enumerate(answers):
        row = offered.get(answer.allocation_id)
        fits = row is not None and 0 <= answer.accepted_quantity <= row.quantity
        if not fits or answer.allocation_id in seen:
            raise AnswerDoesNotFit(position=position)
        seen.add(answer.allocation_id)


def _end(
    session: DbSession,
    rows: Sequence[Allocation],
    status: str,
    refusals: dict[uuid.UUID, Answer],
) -> "_Refused":
    """End the refused units of allocations; their stock is given back when they are re-routed."""
    refused = _Refused()
    for row in rows:
        answer = refusals.get(row.id, Answer(row.id, 0))
        units = row.quantity - answer.accepted_quantity
        held = refused.gone if answer.reason in GOODS_ARE_GONE else refused.back
        held[row.id] = units
        refused.rows.append(
            parts.split_off(
                session, row, keep=answer.accepted_quantity, status=status, reason=answer.reason
            )
        )
    session.flush()
    return refused


@dataclass
class _Refused:
    """Refused units, and the reservations that hold them: to give back, or to write off."""

    rows: list[Allocation] = field(default_factory=list)
    back: dict[uuid.UUID, int] = field(default_factory=dict)
    gone: dict[uuid.UUID, int] = field(default_factory=dict)

    @property
    def places(self) -> list[tuple[uuid.UUID, uuid.UUID]]:
        return [(row.location_id, row.variant_id) for row in self.rows]

    def let_go(self, session: DbSession) -> None:
        """Give back what is still there; take what is gone out of stock."""
        if self.back:
            inventory_operations.release(session, quantities=self.back)
        if self.gone:
            inventory_operations.consume(session, quantities=self.gone)


def expire_seller_orders(session: DbSession, *, now: datetime, limit: int = 20) -> int:
    """End offers whose deadline has passed and re-route them; returns how many."""
    expired = 0
    for seller_order_id, order_id in queries.list_overdue(session, now=now, limit=limit):
        order, part = parts.lock_part(session, order_id=order_id, seller_order_id=seller_order_id)
        if part.status != "offered" or part.accept_by > now:
            continue
        offered = list(_offered(session, part).values())
        parts.move(part, "expired")
        ended = _end(session, offered, "expired", {})
        record(
            session,
            SellerOrderExpired(
                happened_at=now,
                audience=(order.owner_id, part.seller_id),
                order_id=order.id,
                seller_order_id=part.id,
            ),
        )
        _reroute(session, order=order, refused=ended, trigger="expired", now=now)
        parts.refresh_status(session, order_id=order.id)
        expired += 1
    return expired


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


def _reroute(
    session: DbSession, *, order: Order, refused: _Refused, trigger: str, now: datetime
) -> None:
    """Find other sellers for refused units at the buyer's unchanged price; cancel the rest."""
    if not refused.rows:
        return
    promises: dict[uuid.UUID, _Promise] = {}
    for row in refused.rows:
        promises.setdefault(row.order_line_id, _Promise([])).rows.append(row)
    request = _request(session, order, promises)
    found = _decide_and_reserve(session, order, request, promises, refused, now)
    refused.let_go(session)
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
    )


def _decide_and_reserve(
    session: DbSession,
    order: Order,
    request: RoutingRequest,
    promises: dict[uuid.UUID, _Promise],
    refused: _Refused,
    now: datetime,
) -> tuple[Decision, list[dict[str, Any]]] | None:
    """Reserve the replacements; the stock that will be let go is locked with them, in one order."""
    line_ids = list(promises)
    for _ in range(_ATTEMPTS):
        decision = routing_operations.decide(session, request=request, now=now)
        if not decision.units_served:
            return None
        for promise in promises.values():
            promise.taken = 0
        rows = [
            _replacement(item, line_ids[item.line_no], promises, decision)
            for item in decision.assignments
        ]
        wanted = [(row["location_id"], row["variant_id"]) for row in rows]
        inventory_operations.lock_stock(session, places=[*refused.places, *wanted])
        try:
            parts.reserve(session, order_id=order.id, rows=rows, now=now)
        except StockTaken:
            continue
        return decision, rows
    for promise in promises.values():
        promise.taken = 0
    return None


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
        accept_by=parts.accept_deadline(accept_within_s=storefront.accept_within_s, now=now),
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
