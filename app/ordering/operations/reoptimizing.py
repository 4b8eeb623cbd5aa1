"""Parts that nobody has accepted yet are planned again, together, when that saves enough.

Orders of one storefront that want the same variants are neighbours: the first took what another
needs more. They are decided as a batch (`routing/batch.py`) while nobody has to wait; then what
moves is locked, let go, and decided for real, one order after the other, with what is planned for
the later ones kept for them. That stays if it saves more than the storefront's threshold, else
nothing has happened.

Laws: every unit stays served, the buyer's amounts and the promised day of shipment stay; stock
moves from plan to plan inside one transaction that holds its rows, so nobody sees a gap; orders
whose plan stays are not touched; what is not kept leaves no trace.
"""

import uuid
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime

from app.infra.db import DbSession
from app.infra.unit_of_work import record
from app.inventory import operations as inventory_operations
from app.ordering import queries
from app.ordering.events import OrdersReoptimized
from app.ordering.models import Allocation
from app.ordering.operations import moving, parts, telling
from app.ordering.operations.neighbours import (
    OpenOrder,
    last_day,
    lock_open,
    neighbourhoods,
    read_open,
)
from app.ordering.operations.promises import Refused
from app.ordering.operations.rerouting import REOPTIMIZED, Rerouting, rerouting_of
from app.routing import operations as routing_operations
from app.routing import queries as routing_queries
from app.routing.operations import Held, OpenRequest, Together

Plans = Mapping[uuid.UUID, Sequence[Held]]


@dataclass(frozen=True, slots=True)
class Gain:
    """What planning neighbours again saves, in minor units; nought is not applied.

    ``moved_ids``: the orders that get other plans.
    """

    storefront_id: uuid.UUID
    order_ids: tuple[uuid.UUID, ...]
    moved_ids: tuple[uuid.UUID, ...]
    currency: str
    before_minor: int
    after_minor: int
    is_applied: bool = False

    @property
    def saved_minor(self) -> int:
        """The difference."""
        return self.before_minor - self.after_minor


class _NotWorthIt(Exception):
    """Decided for real it does not come to what was planned."""


def reoptimize(session: DbSession, *, now: datetime, limit: int) -> int:
    """Plan what is offered again, for storefronts that want it; nothing is left to do after."""
    for group in neighbourhoods(session, now=now, all_shops=False)[:limit]:
        apply_gain(session, order_ids=group, now=now)
    return 0


def foresee_gain(
    session: DbSession, *, order_ids: Sequence[uuid.UUID], now: datetime
) -> Gain | None:
    """What planning neighbours again would save; writes and locks nothing."""
    opened = read_open(session, order_ids=order_ids, now=now)
    return _plan(session, opened, now)[0] if opened else None


def apply_gain(session: DbSession, *, order_ids: Sequence[uuid.UUID], now: datetime) -> Gain | None:
    """Plan neighbours again and keep that if it saves more than their storefront's threshold."""
    opened = read_open(session, order_ids=order_ids, now=now)
    if not opened:
        return None
    gain, plans, before = _plan(session, opened, now)
    least = queries.reoptimizing_threshold(session, storefront_id=gain.storefront_id)
    if gain.saved_minor <= least:
        return gain
    try:
        with _or_nothing(session):
            saved = before - _carry_out(session, plans, now, most=before - least)
    except _NotWorthIt:
        return replace(gain, after_minor=gain.before_minor)
    _tell(session, opened[0].order.owner_id, gain, saved, now)
    return replace(gain, after_minor=gain.before_minor - saved, is_applied=True)


def _plan(
    session: DbSession, opened: Sequence[OpenOrder], now: datetime
) -> tuple[Gain, Plans, int]:
    """What may be gained; the plans of the orders that move, and what these cost now."""
    together = routing_operations.decide_together(
        session, requests=[_request(session, each, now) for each in opened], now=now
    )
    moved = _moved(opened, together)
    first = opened[0].order
    gain = Gain(
        first.storefront_id,
        tuple(each.order.id for each in opened),
        tuple(opened[no].order.id for no in moved),
        first.currency,
        sum(together.before_minor),
        sum(together.after_minor),
    )
    plans = {opened[no].order.id: together.held[no] for no in moved}
    return gain, plans, sum(together.before_minor[no] for no in moved)


def _moved(opened: Sequence[OpenOrder], together: Together) -> list[int]:
    """The positions of orders that get units from elsewhere."""
    return [
        no
        for no, (each, plan) in enumerate(zip(opened, together.held, strict=True))
        if _shelves(each.rows) != _shelves(plan)
    ]


def _shelves(rows: Iterable[Allocation | Held]) -> Counter[tuple[uuid.UUID, uuid.UUID]]:
    """The units of each variant at a location."""
    held: Counter[tuple[uuid.UUID, uuid.UUID]] = Counter()
    for row in rows:
        held[row.location_id, row.variant_id] += row.quantity
    return held


def _work(session: DbSession, each: OpenOrder, now: datetime) -> Rerouting:
    work = rerouting_of(
        session,
        order=each.order,
        refused=Refused(list(each.rows)),
        trigger=REOPTIMIZED,
        now=now,
    )
    promised = last_day(each.decision)
    work.ship_by = date.fromisoformat(promised) if promised else None
    return work


def _request(session: DbSession, each: OpenOrder, now: datetime) -> OpenRequest:
    work = _work(session, each, now)
    line_no = {line_id: no for no, line_id in enumerate(work.promises)}
    held = [
        Held(line_no[row.order_line_id], row.location_id, row.variant_id, row.quantity)
        for row in each.rows
    ]
    return OpenRequest(work.request(), held)


@contextmanager
def _or_nothing(session: DbSession) -> Iterator[None]:
    """Whatever the block writes and tells holds if it ends well, and is taken back if not."""
    session.flush()
    events = session.info.setdefault("events", [])
    told = len(events)
    nested = session.begin_nested()
    try:
        yield
    except BaseException:
        nested.rollback()
        del events[told:]
        session.expire_all()
        raise
    nested.commit()


def _carry_out(session: DbSession, plans: Plans, now: datetime, *, most: int) -> int:
    """Let go of what moves, then decide one order after the other; what these come to.

    Raises:
        _NotWorthIt: it comes to ``most`` or more, or units would be served late or not at all.
    """
    opened = lock_open(session, order_ids=sorted(plans), now=now)
    if len(opened) < len(plans):
        raise _NotWorthIt
    kept = _shelves(held for plan in plans.values() for held in plan)
    for each in opened:
        _let_go(session, each, now)
    total = 0
    for each in opened:
        kept -= _shelves(plans[each.order.id])
        work = _work(session, each, now)
        work.withheld = dict(kept)
        work.find()
        if any(promise.rest for promise in work.promises.values()):
            raise _NotWorthIt
        made = routing_queries.list_decisions(session, order_id=each.order.id)[-1]
        if last_day(made) > last_day(each.decision):
            raise _NotWorthIt
        total += made.objective_minor
    if total >= most:
        raise _NotWorthIt
    moving.refresh_status(session, order_ids=[each.order.id for each in opened])
    return total


def _let_go(session: DbSession, each: OpenOrder, now: datetime) -> None:
    part_ids = sorted({row.seller_order_id for row in each.rows})
    locked = moving.lock_known(session, seller_order_ids=part_ids, now=now)
    held = {row.id: row.quantity for row in each.rows}
    for row in each.rows:
        parts.split_off(session, row, keep=0, status="cancelled", reason="reoptimized")
    session.flush()
    telling.tell_taken_back(session, order=each.order, rows=each.rows, reason=REOPTIMIZED, now=now)
    moving.move(session, [(part, "cancelled") for part in locked])
    inventory_operations.release(session, quantities=held)


def _tell(
    session: DbSession, owner_id: uuid.UUID, gain: Gain, saved_minor: int, now: datetime
) -> None:
    record(
        session,
        OrdersReoptimized(
            happened_at=now,
            audience=(owner_id,),
            storefront_id=gain.storefront_id,
            order_ids=gain.moved_ids,
            saved_minor=saved_minor,
        ),
    )
