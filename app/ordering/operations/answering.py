"""Sellers answer: line by line, in time, or not at all. What they refuse finds other sellers.

A re-routing never touches what the buyer was promised: replacements inherit the buyer's amounts of
the units they replace, and whatever they cost more or less is the storefront's.
"""

import uuid
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select, text

from app.infra import audit
from app.infra.auth import Caller
from app.infra.db import DbSession
from app.infra.unit_of_work import record
from app.ordering import queries
from app.ordering.errors import AnswerDoesNotFit, DeadlinePassed
from app.ordering.events import (
    SellerOrderAnswered,
    SellerOrderExpired,
)
from app.ordering.models import Allocation, SellerOrder
from app.ordering.operations import parts
from app.ordering.operations.rerouting import Refused, reroute
from app.ordering.rules import ALLOCATION, GOODS_ARE_GONE, Answer

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
    reroute(session, order=order, refused=refused, trigger="rejected", now=now)
    parts.refresh_status(session, order_id=order.id)


def _answer(
    session: DbSession, part: SellerOrder, answers: Sequence[Answer], now: datetime
) -> tuple[int, Refused]:
    """Apply an answer: (units that are kept, what is refused)."""
    if not answers:
        parts.move(part, "accepted")
        part.accepted_at = now
        return _keep(session, part), Refused()
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
) -> Refused:
    """End the refused units of allocations; their stock is given back when they are re-routed."""
    refused = Refused()
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
        reroute(session, order=order, refused=ended, trigger="expired", now=now)
        parts.refresh_status(session, order_id=order.id)
        expired += 1
    return expired
