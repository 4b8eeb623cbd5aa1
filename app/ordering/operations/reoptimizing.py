"""Parts that nobody has accepted yet are planned again, together, when that saves enough.

Orders of one storefront that want the same variants are neighbours: the first took what another
needs more. Neighbours are decided anew in several sequences; the best is kept if it saves more than
the storefront's threshold, else nothing has happened.

Laws: every unit stays served, the buyer's amounts and the promised day of shipment stay; stock
moves from plan to plan inside one transaction that holds its rows, so nobody sees a gap; orders are
locked before their parts and all stock rows in one order; a sequence that is not kept leaves no
trace.
"""

import uuid
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, text

from app.infra.db import DbSession
from app.infra.unit_of_work import record
from app.inventory import operations as inventory_operations
from app.ordering import queries
from app.ordering.events import OrdersReoptimized
from app.ordering.models import Allocation, Order
from app.ordering.operations import moving, parts, telling
from app.ordering.operations.promises import Refused
from app.ordering.operations.rerouting import REOPTIMIZED, rerouting_of
from app.routing import operations as routing_operations
from app.routing import queries as routing_queries
from app.routing.models import RoutingDecision

MOST_ORDERS = 500
MOST_NEIGHBOURS = 8

# Orders of which every part is still offered, and that were decided once: nothing was promised to
# a seller yet. The policy that decided an order says whether it may be planned again, else its
# storefront does. A hash of the moment turns them round, so that all get their turn.
_OPEN = text("""
SELECT o.id, o.storefront_id, array_agg(DISTINCT l.variant_id) AS variant_ids
FROM ordering_orders o
JOIN storefronts_storefronts f ON f.id = o.storefront_id
JOIN ordering_order_lines l ON l.order_id = o.id
LEFT JOIN routing_decisions d ON d.order_id = o.id AND d.attempt = 1
LEFT JOIN routing_policies p ON p.id = d.policy_id
WHERE o.status = 'placed' AND f.is_active AND (
      COALESCE(CAST(p.document ->> 'reoptimize' AS boolean), f.reoptimizes)
      OR CAST(:all_shops AS boolean))
  AND NOT EXISTS (
      SELECT FROM ordering_seller_orders s
      WHERE s.order_id = o.id AND (s.status <> 'offered' OR s.accept_by <= :now))
GROUP BY o.id ORDER BY md5(CAST(o.id AS text) || CAST(:now AS text)) LIMIT :limit
""")
_LOCK = text("""
SELECT id FROM ordering_orders WHERE id = ANY(:ids) AND status = 'placed'
ORDER BY id FOR UPDATE SKIP LOCKED
""")
_SHELVES = text("""
SELECT location_id, variant_id FROM inventory_stock WHERE variant_id = ANY(:variant_ids)
""")


@dataclass(frozen=True, slots=True)
class Gain:
    """What planning neighbours again saves, in minor units; nought or less is not applied."""

    storefront_id: uuid.UUID
    order_ids: tuple[uuid.UUID, ...]
    currency: str
    before_minor: int
    after_minor: int
    is_applied: bool

    @property
    def saved_minor(self) -> int:
        """The difference."""
        return self.before_minor - self.after_minor


@dataclass(frozen=True, slots=True)
class _Open:
    """An order with its plan, all of it still offered."""

    order: Order
    decision: RoutingDecision
    rows: Sequence[Allocation]


def reoptimize(session: DbSession, *, now: datetime, limit: int) -> int:
    """Plan what is offered again, for storefronts that want it; nothing is left to do after."""
    for group in neighbourhoods(session, now=now, all_shops=False)[:limit]:
        apply_gain(session, order_ids=group, now=now)
    return 0


def neighbourhoods(
    session: DbSession, *, now: datetime, all_shops: bool
) -> list[tuple[uuid.UUID, ...]]:
    """Open orders in groups that want the same variants, each of one storefront."""
    binds = {"now": now, "limit": MOST_ORDERS, "all_shops": all_shops}
    found: list[tuple[set[tuple[uuid.UUID, uuid.UUID]], list[uuid.UUID]]] = []
    for order_id, shop, variants in session.execute(_OPEN, binds):
        wanted = {(shop, variant) for variant in variants}
        near = [each for each in found if each[0] & wanted and len(each[1]) < MOST_NEIGHBOURS]
        if near:
            near[0][0].update(wanted)
            near[0][1].append(order_id)
        else:
            found.append((wanted, [order_id]))
    return [tuple(orders) for _, orders in found]


def foresee_gain(
    session: DbSession, *, order_ids: Sequence[uuid.UUID], now: datetime
) -> Gain | None:
    """What planning neighbours again would save; leaves no trace."""
    opened = _opened(session, order_ids, now)
    if not opened:
        return None
    best, _ = _best(session, opened, now)
    return _gain(opened, best, is_applied=False)


def apply_gain(session: DbSession, *, order_ids: Sequence[uuid.UUID], now: datetime) -> Gain | None:
    """Plan neighbours again and keep that if it saves more than their storefront's threshold."""
    opened = _opened(session, order_ids, now)
    if not opened:
        return None
    best, sequence = _best(session, opened, now)
    gain = _gain(opened, best, is_applied=False)
    if gain.saved_minor <= _threshold(session, opened) or sequence is None:
        return gain
    after = _decide_all(session, sequence, now)
    assert after == best, "the same orders in the same sequence come to the same plans"
    record(
        session,
        OrdersReoptimized(
            happened_at=now,
            audience=(opened[0].order.owner_id,),
            storefront_id=gain.storefront_id,
            order_ids=gain.order_ids,
            saved_minor=gain.saved_minor,
        ),
    )
    return _gain(opened, best, is_applied=True)


def _opened(session: DbSession, order_ids: Sequence[uuid.UUID], now: datetime) -> list[_Open]:
    """Lock orders that are still open, their parts and every shelf that they may be served from."""
    locked = session.scalars(_LOCK, {"ids": list(order_ids)}).all()
    found = [each for each in (_read(session, order_id, now) for order_id in locked) if each]
    variants = list({row.variant_id for each in found for row in each.rows})
    shelves = session.execute(_SHELVES, {"variant_ids": variants}).all()
    inventory_operations.lock_stock(session, places=[(row[0], row[1]) for row in shelves])
    routing_operations.lock_capacities(session, location_ids={row[0] for row in shelves})
    return found


def _read(session: DbSession, order_id: uuid.UUID, now: datetime) -> _Open | None:
    order = session.get_one(Order, order_id, populate_existing=True)
    decisions = routing_queries.list_decisions(session, order_id=order_id)
    found = queries.list_parts(session, order_id=order_id)
    offered = all(part.status == "offered" and part.accept_by > now for part in found)
    if len(decisions) != 1 or not offered:
        return None
    moving.lock_known(session, seller_order_ids=sorted(part.id for part in found), now=now)
    rows = session.scalars(
        select(Allocation)
        .where(Allocation.seller_order_id.in_([part.id for part in found]))
        .order_by(Allocation.id)
        .execution_options(populate_existing=True)
    ).all()
    return _Open(order, decisions[0], rows)


def _best(
    session: DbSession, opened: Sequence[_Open], now: datetime
) -> tuple[int, list[_Open] | None]:
    """The least that any sequence comes to, and the first that does."""
    before = sum(each.decision.objective_minor for each in opened)
    best: tuple[int, list[_Open] | None] = (before, None)
    for sequence in _sequences(opened):
        with _undone(session):
            after = _decide_all(session, sequence, now)
        if after is not None and after < best[0]:
            best = after, sequence
    return best


def _sequences(opened: Sequence[_Open]) -> Iterator[list[_Open]]:
    """A few ways to queue: as they came, the last first, the dearest first, the cheapest first."""
    came = sorted(opened, key=lambda each: (each.order.placed_at, each.order.id))
    dearest = sorted(came, key=lambda each: -each.decision.objective_minor)
    seen: list[list[_Open]] = []
    for sequence in (came, came[::-1], dearest, dearest[::-1]):
        if sequence not in seen:
            seen.append(sequence)
            yield sequence


@contextmanager
def _undone(session: DbSession) -> Iterator[None]:
    """Whatever the block writes and tells is taken back."""
    session.flush()
    events = session.info.setdefault("events", [])
    told = len(events)
    nested = session.begin_nested()
    try:
        yield
    finally:
        nested.rollback()
        del events[told:]
        session.expire_all()


def _decide_all(session: DbSession, sequence: Sequence[_Open], now: datetime) -> int | None:
    """Let go of everything, then decide one order after the other; what all come to.

    Nothing, where a unit would not be served or would come later than was promised.
    """
    for each in sequence:
        _let_go(session, each, now)
    total = 0
    for each in sequence:
        work = rerouting_of(
            session,
            order=each.order,
            refused=Refused(list(each.rows)),
            trigger="reoptimized",
            now=now,
        )
        work.find()
        if any(promise.rest for promise in work.promises.values()):
            return None
        made = routing_queries.list_decisions(session, order_id=each.order.id)[-1]
        if last_day(made) > last_day(each.decision):
            return None
        total += made.objective_minor
    moving.refresh_status(session, order_ids=[each.order.id for each in sequence])
    return total


def _let_go(session: DbSession, each: _Open, now: datetime) -> None:
    part_ids = sorted({row.seller_order_id for row in each.rows})
    locked = moving.lock_known(session, seller_order_ids=part_ids, now=now)
    held = {row.id: row.quantity for row in each.rows}
    for row in each.rows:
        parts.split_off(session, row, keep=0, status="cancelled", reason="reoptimized")
    session.flush()
    telling.tell_taken_back(session, order=each.order, rows=each.rows, reason=REOPTIMIZED, now=now)
    moving.move(session, [(part, "cancelled") for part in locked])
    inventory_operations.release(session, quantities=held)


def last_day(decision: RoutingDecision) -> str:
    """The last day on which anything leaves that a decision chose."""
    return max((item.get("ships_on", "") for item in decision.plan["assignments"]), default="")


def _threshold(session: DbSession, opened: Iterable[_Open]) -> int:
    first = next(iter(opened)).order
    return queries.reoptimizing_threshold(session, storefront_id=first.storefront_id)


def _gain(opened: Sequence[_Open], after: int, *, is_applied: bool) -> Gain:
    first = opened[0].order
    return Gain(
        first.storefront_id,
        tuple(each.order.id for each in opened),
        first.currency,
        sum(each.decision.objective_minor for each in opened),
        after,
        is_applied,
    )
