"""What becomes of units that wait: the buyer waits on, cancels or takes a substitute; time ends it.

The order is locked first, then its choice; an answer to a choice that has ended is refused, so a
late answer and a sweep never both win.
"""

import uuid
from datetime import datetime, timedelta

from sqlalchemy import select, text

from app.infra import audit
from app.infra.auth import Caller
from app.infra.db import DbSession
from app.infra.unit_of_work import record
from app.ordering import queries
from app.ordering.errors import ChoiceNotFound, NothingInstead, WaitIsOver
from app.ordering.events import UnitsCancelled
from app.ordering.models import Allocation, Choice, Order
from app.ordering.operations import aftercare, moving, telling
from app.ordering.operations.giving_up import give_up
from app.ordering.operations.promises import Refused
from app.ordering.operations.rerouting import rerouting_of
from app.ordering.rules import ALLOCATION, CHOICE
from app.storefronts import queries as storefront_queries

TRY_EVERY = timedelta(days=1)

# Goods may have come for what waits: its owner set stock since it was tried, or a day has passed.
_TO_TRY = text("""
SELECT c.id FROM ordering_choices c
JOIN ordering_allocations a ON a.id = c.allocation_id
WHERE c.ended_at IS NULL AND c.status = 'waiting' AND c.expires_at > :now
  AND (c.tried_at <= :tried_before OR EXISTS (
      SELECT FROM inventory_stock s
      WHERE s.variant_id = a.variant_id AND s.updated_at > c.tried_at
        AND s.on_hand - s.reserved - s.safety > 0))
ORDER BY c.tried_at, c.id LIMIT :limit
""")


def answer_choice(
    session: DbSession,
    *,
    caller: Caller,
    choice_id: uuid.UUID,
    answer: str,
    now: datetime,
    until: datetime | None = None,
    variant_id: uuid.UUID | None = None,
) -> Choice:
    """The buyer's answer: wait, cancel, or substitute with a variant.

    Raises:
        ChoiceNotFound, TransitionNotAllowed, WaitIsOver, NothingInstead, UnknownVariant: see each.
    """
    if answer == "wait":
        return wait(session, caller=caller, choice_id=choice_id, until=until, now=now)
    if answer == "cancel" or variant_id is None:
        return cancel(session, caller=caller, choice_id=choice_id, now=now)
    return substitute(session, caller=caller, choice_id=choice_id, variant_id=variant_id, now=now)


def wait(
    session: DbSession,
    *,
    caller: Caller,
    choice_id: uuid.UUID,
    until: datetime | None,
    now: datetime,
) -> Choice:
    """The buyer waits: the units are tried again when stock arrives, daily at the least.

    Raises:
        ChoiceNotFound, TransitionNotAllowed: none, or it has ended.
        WaitIsOver: the instant has passed.
    """
    order, choice = _lock(session, caller, choice_id)
    choice.status = CHOICE.step(choice.status, "wait")
    if until is not None and until <= now:
        raise WaitIsOver
    storefront = storefront_queries.get_storefront(session, storefront_id=order.storefront_id)
    choice.expires_at = aftercare.waiting_ends(storefront, now=now, until=until)
    choice.version += 1
    telling.tell_choice_waits(session, order=order, choice=choice, now=now)
    _note(session, caller, choice, "waits", now)
    return choice


def cancel(session: DbSession, *, caller: Caller, choice_id: uuid.UUID, now: datetime) -> Choice:
    """The buyer does not want the units any more, and no longer owes them.

    Raises:
        ChoiceNotFound, TransitionNotAllowed: none, or it has ended.
    """
    order, choice = _lock(session, caller, choice_id)
    _give_up(session, order, choice, "cancel", now)
    _note(session, caller, choice, "cancelled", now)
    return choice


def substitute(
    session: DbSession,
    *,
    caller: Caller,
    choice_id: uuid.UUID,
    variant_id: uuid.UUID,
    now: datetime,
) -> Choice:
    """The buyer takes another variant, at the promised price or its own if that is lower.

    Raises:
        ChoiceNotFound, TransitionNotAllowed: none, or it has ended.
        NothingInstead: nobody can deliver any of it; nothing has changed.
        UnknownVariant: there is no such variant.
    """
    order, choice = _lock(session, caller, choice_id)
    CHOICE.step(choice.status, "substitute")
    queries.require_variants(session, variant_ids=[variant_id])
    if not _serve(session, order, choice, "substituted", now, variant_id):
        raise NothingInstead
    _note(session, caller, choice, "substituted", now)
    return choice


def retry_waiting(session: DbSession, *, now: datetime, limit: int) -> int:
    """Try again to find sellers for units that wait; how many choices were looked at."""
    binds = {"now": now, "tried_before": now - TRY_EVERY, "limit": limit}
    due = session.scalars(_TO_TRY, binds).all()
    for choice_id in due:
        order, choice = _locked(session, choice_id)
        if choice.status == "waiting":
            _serve(session, order, choice, "waited", now, None)
    return len(due)


def expire_choices(session: DbSession, *, now: datetime, limit: int) -> int:
    """Cancel units whose time has run out; how many choices."""
    due = session.scalars(
        select(Choice.id)
        .where(Choice.ended_at.is_(None), Choice.expires_at <= now)
        .order_by(Choice.expires_at, Choice.id)
        .limit(limit)
    ).all()
    for choice_id in due:
        order, choice = _locked(session, choice_id)
        if choice.ended_at is None and choice.expires_at <= now:
            _give_up(session, order, choice, "expire", now)
    return len(due)


def _lock(session: DbSession, caller: Caller, choice_id: uuid.UUID) -> tuple[Order, Choice]:
    found = session.get(Choice, choice_id)
    visible = queries.orders_visible_to(caller)
    if found is None or not session.scalar(visible.where(Order.id == found.order_id)):
        raise ChoiceNotFound
    return _locked(session, choice_id)


def _locked(session: DbSession, choice_id: uuid.UUID) -> tuple[Order, Choice]:
    """The order's row first, then the choice's."""
    order_id = session.get_one(Choice, choice_id).order_id
    order, choice = (
        session.scalars(
            select(kind)
            .where(kind.id == key)
            .with_for_update()
            .execution_options(populate_existing=True)
        ).one()
        for kind, key in ((Order, order_id), (Choice, choice_id))
    )
    return order, choice  # type: ignore[return-value]


def _serve(
    session: DbSession,
    order: Order,
    choice: Choice,
    trigger: str,
    now: datetime,
    variant_id: uuid.UUID | None,
) -> int:
    """Find sellers for what waits; what they take over waits no longer. How many units."""
    row = session.get_one(Allocation, choice.allocation_id, populate_existing=True)
    work = rerouting_of(
        session,
        order=order,
        refused=Refused([row]),
        trigger=trigger,
        now=now,
        substitutes={} if variant_id is None else {row.order_line_id: variant_id},
    )
    rows = work.find()
    promise = work.promises[row.order_line_id]
    served = promise.taken
    choice.tried_at = now
    if not served:
        return 0
    rest = promise.rest
    if rest:
        left = promise.take(rest)
        row.quantity = rest
        row.buyer_goods_minor, row.buyer_freight_minor = left.buyer_goods, left.buyer_freight
        row.seller_goods_minor = left.landed_goods
        row.seller_freight_minor = left.landed_freight
        row.dues = [
            {"payer_id": str(due.payer_id), "amount_minor": due.amount_minor} for due in left.dues
        ]
    else:
        row.status = ALLOCATION.step(row.status, "replaced")
        _end(session, order, choice, "serve" if variant_id is None else "substitute", now)
    if work.lowered:
        _lower(session, order, work.lowered, tuple(each["id"] for each in rows), now)
    session.flush()
    moving.refresh_status(session, order_ids=[order.id])
    return served


def _lower(
    session: DbSession, order: Order, amount: int, ids: tuple[uuid.UUID, ...], now: datetime
) -> None:
    """What a substitute costs the buyer less is not owed."""
    record(
        session,
        UnitsCancelled(
            happened_at=now,
            audience=(order.buyer_id, order.owner_id),
            order_id=order.id,
            allocation_ids=ids,
            units=0,
            amount_minor=amount,
            reason="substituted",
        ),
    )


def _give_up(session: DbSession, order: Order, choice: Choice, action: str, now: datetime) -> None:
    row = session.get_one(Allocation, choice.allocation_id, populate_existing=True)
    _end(session, order, choice, action, now)
    row.status = ALLOCATION.step(row.status, "cancelled")
    row.reason = choice.status
    give_up(
        session,
        order=order,
        units={row.order_line_id: row.quantity},
        amount_minor=row.buyer_goods_minor + row.buyer_freight_minor,
        allocation_ids=(row.id,),
        reason=choice.status,
        now=now,
    )
    telling.tell_given_up(
        session, order=order, rows=[row], units=row.quantity, reason=choice.status, now=now
    )
    moving.refresh_status(session, order_ids=[order.id])


def _end(session: DbSession, order: Order, choice: Choice, action: str, now: datetime) -> None:
    choice.status = CHOICE.step(choice.status, action)
    choice.ended_at = now
    choice.version += 1
    telling.tell_choice_ended(session, order=order, choice=choice, now=now)


def _note(session: DbSession, caller: Caller, choice: Choice, what: str, now: datetime) -> None:
    audit.note(
        session,
        caller=caller,
        action=f"choice.{what}",
        subject_type="choice",
        subject_id=choice.id,
        now=now,
        details={"status": choice.status},
    )
