"""Sellers answer: line by line, in time, or not at all. What they refuse finds other sellers.

A re-routing never touches what the buyer was promised: replacements inherit the buyer's amounts of
the units they replace, and whatever they cost more or less is the storefront's.
"""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
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
from app.ordering.models import Allocation, Order
from app.ordering.operations import joining, moving, parts
from app.ordering.operations.moving import Act, Part
from app.ordering.operations.promises import Refused
from app.ordering.operations.rerouting import reroute
from app.ordering.rules import ALLOCATION, GOODS_ARE_GONE, Answer

_KEEP = text("""
WITH kept AS (
    UPDATE ordering_allocations SET status = :accepted
    WHERE seller_order_id = ANY(:ids) AND status = 'offered'
    RETURNING seller_order_id, quantity
)
SELECT seller_order_id, sum(quantity)::bigint FROM kept GROUP BY 1
""")


@dataclass(frozen=True, slots=True)
class _Answered:
    """What a seller said: the units that it keeps, the rows that it refused."""

    act: Act
    part: Part
    kept: int
    refused: Refused = field(default_factory=Refused)


def accept_seller_order(
    session: DbSession, *, caller: Caller, seller_order_id: uuid.UUID, now: datetime
) -> None:
    """The seller will fulfil all that was offered.

    Raises:
        SellerOrderNotFound, DeadlinePassed, TransitionNotAllowed: as :func:`answer_seller_order`.
    """
    accept_seller_orders(session, acts=[Act(caller, seller_order_id, now)])


def accept_seller_orders(session: DbSession, *, acts: Sequence[Act]) -> None:
    """Sellers will fulfil all that was offered in several seller orders, each at its time.

    Raises:
        SellerOrderNotFound, DeadlinePassed, TransitionNotAllowed: one cannot; none is accepted.
    """
    locked = _lock_in_time(session, acts)
    moving.move(session, [(part, "accepted") for part in locked])
    kept = _keep(session, locked)
    joining.join_accepted(session, parts=locked)
    _tell(session, [_Answered(*pair, kept[pair[1].id]) for pair in zip(acts, locked, strict=True)])
    moving.refresh_status(session, order_ids=[part.order_id for part in locked])


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
    act = Act(caller, seller_order_id, now)
    if not answers:
        accept_seller_orders(session, acts=[act])
        return
    [part] = _lock_in_time(session, [act])
    answered = _answer(session, act, part, answers)
    joining.join_accepted(session, parts=[part])
    _tell(session, [answered])
    order = _order_of(session, part)
    reroute(session, order=order, refused=answered.refused, trigger="rejected", now=now)
    moving.refresh_status(session, order_ids=[part.order_id])


def _lock_in_time(session: DbSession, acts: Sequence[Act]) -> list[Part]:
    locked = moving.lock_parts(session, acts=acts)
    for part in locked:
        if part.status == "offered" and part.now > part.accept_by:
            raise DeadlinePassed(accept_by=part.accept_by)
    return locked


def _order_of(session: DbSession, part: Part) -> Order:
    return session.get_one(Order, part.order_id, populate_existing=True)


def _tell(session: DbSession, answered: Sequence[_Answered]) -> None:
    """Note answers for everybody, and who gave them."""
    for each in answered:
        record(
            session,
            SellerOrderAnswered(
                happened_at=each.act.now,
                audience=(each.part.owner_id, each.part.seller_id),
                order_id=each.part.order_id,
                seller_order_id=each.part.id,
                accepted_units=each.kept,
                rejected_units=sum(row.quantity for row in each.refused.rows),
            ),
        )
    audit.note_all(session, notes=[_note(each) for each in answered])


def _note(answered: _Answered) -> audit.Note:
    return audit.Note(
        caller=answered.act.caller,
        action="seller_order.answered",
        subject_type="seller_order",
        subject_id=answered.part.id,
        now=answered.act.now,
        details={"accepted_units": answered.kept, "rejected": len(answered.refused.rows)},
    )


def _answer(session: DbSession, act: Act, part: Part, answers: Sequence[Answer]) -> _Answered:
    """Apply an answer that names allocations."""
    offered = _offered(session, part)
    _require_fit(answers, offered)
    refusals = {
        answer.allocation_id: answer
        for answer in answers
        if answer.accepted_quantity < offered[answer.allocation_id].quantity
    }
    keeps = any(_accepted_units(row, refusals) for row in offered.values())
    moving.move(session, [(part, "accepted" if keeps else "rejected")])
    refused = _end(session, [offered[key] for key in refusals], "rejected", refusals)
    return _Answered(act, part, _keep(session, [part])[part.id], refused)


def _keep(session: DbSession, locked: Sequence[Part]) -> Mapping[uuid.UUID, int]:
    """Accept what is still offered of parts; how many units of each."""
    session.flush()
    ids = [part.id for part in locked]
    accepted = ALLOCATION.step("offered", "accepted")
    kept = session.execute(_KEEP, {"ids": ids, "accepted": accepted})
    return dict.fromkeys(ids, 0) | {row[0]: row[1] for row in kept}


def _accepted_units(row: Allocation, refusals: dict[uuid.UUID, Answer]) -> int:
    return refusals[row.id].accepted_quantity if row.id in refusals else row.quantity


def _offered(session: DbSession, part: Part) -> dict[uuid.UUID, Allocation]:
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
    for seller_order_id, _ in queries.list_overdue(session, now=now, limit=limit):
        [part] = moving.lock_known(session, seller_order_ids=[seller_order_id], now=now)
        if part.status != "offered" or part.accept_by > now:
            continue
        _expire(session, part)
        expired += 1
    return expired


def _expire(session: DbSession, part: Part) -> None:
    offered = list(_offered(session, part).values())
    moving.move(session, [(part, "expired")])
    ended = _end(session, offered, "expired", {})
    record(
        session,
        SellerOrderExpired(
            happened_at=part.now,
            audience=(part.owner_id, part.seller_id),
            order_id=part.order_id,
            seller_order_id=part.id,
        ),
    )
    order = _order_of(session, part)
    reroute(session, order=order, refused=ended, trigger="expired", now=part.now)
    moving.refresh_status(session, order_ids=[part.order_id])
