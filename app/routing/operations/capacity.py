"""What sellers take in a day is kept, by whoever commits: their rows are locked, then counted.

Laws: rows of capacity are locked by their sellers' ids, after stock rows and never before them;
what is counted is what live allocations of the day come to, counted while the row is locked, so two
plans of one moment never exceed it together, and what is refused or cancelled is there again at
once. Whose policy does not ask, or whose sellers set no capacity, pays nothing for it.
"""

import uuid
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime

from sqlalchemy import text

from app.infra.db import DbSession, array_of
from app.routing import queries
from app.routing.errors import CapacityTaken
from app.routing.rules import Decision
from app.routing.rules.extras import Load

_LOCK = text("""
SELECT seller_id, orders_a_day, units_a_day FROM routing_seller_capacities
WHERE seller_id = ANY (CAST(:sellers AS uuid[]))
ORDER BY seller_id FOR NO KEY UPDATE
""")
_LOCK_AT = text("""
SELECT 1 FROM routing_seller_capacities
WHERE seller_id IN (
    SELECT seller_id FROM inventory_locations WHERE id = ANY (CAST(:places AS uuid[])))
ORDER BY seller_id FOR NO KEY UPDATE
""")


def is_limited(decision: Decision) -> bool:
    """Whether a plan gives something to a seller that takes only so much a day."""
    return not decision.limited_sellers.isdisjoint(
        item.candidate.seller_id for item in decision.assignments
    )


@contextmanager
def within_capacity(
    session: DbSession, *, decision: Decision, order_id: uuid.UUID, now: datetime
) -> Iterator[None]:
    """Keep what the block reserves only if the plan's sellers still take it today.

    Raises:
        CapacityTaken: others were faster; what the block did is undone, and its locks are free.
    """
    if not is_limited(decision):
        yield
        return
    with session.begin_nested():
        yield
        _claim(session, decision, order_id, now)


def lock_capacities(session: DbSession, *, location_ids: Iterable[uuid.UUID]) -> None:
    """Lock the capacities of the sellers of places, in order, before plans change them in steps."""
    session.execute(_LOCK_AT, {"places": array_of(location_ids)})


def _claim(session: DbSession, decision: Decision, order_id: uuid.UUID, now: datetime) -> None:
    wanted: Counter[uuid.UUID] = Counter()
    for item in decision.assignments:
        if item.candidate.seller_id in decision.limited_sellers:
            wanted[item.candidate.seller_id] += item.quantity
    limits = session.execute(_LOCK, {"sellers": array_of(sorted(wanted))}).all()
    taken = queries.count_taken(session, sellers=list(wanted), but_order_id=order_id, now=now)
    loads = {
        row.seller_id: Load(row.orders_a_day, row.units_a_day, *taken.get(row.seller_id, (0, 0)))
        for row in limits
    }
    if not all(load.admits(wanted[seller]) for seller, load in loads.items()):
        raise CapacityTaken(loads)
