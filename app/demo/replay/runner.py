"""Runs a replay: one at a time, in order, until it is done or asked to stop."""

import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection, Engine, text
from sqlalchemy.orm import Session

from app.demo.ports import DemandContent
from app.demo.replay import calendar, steps
from app.demo.replay.atlas import Atlas, find_atlas
from app.infra.unit_of_work import transaction
from app.kernel.errors import Conflict
from app.routing.errors import NothingCanBeServed
from app.settlement import operations as settlement_operations
from app.settlement import queries as settlement_queries

_LOCK = "distributary.replay"
_BATCH = 500

# Orders whose steps are not all taken yet.
_UNFINISHED = text("""
SELECT o.reference, o.id FROM ordering_orders o
WHERE o.storefront_id = :storefront_id AND o.reference IS NOT NULL AND (
    o.status IN ('placed', 'accepted', 'partly_shipped', 'shipped')
    OR EXISTS (SELECT FROM payments_invoices i WHERE i.order_id = o.id AND i.paid_at IS NULL))
""")
_PLACED = text("""
SELECT reference, id FROM ordering_orders
WHERE storefront_id = :storefront_id AND reference IS NOT NULL
""")
_LAST_DUE = text("SELECT max(due_at) FROM settlement_releases WHERE released_at IS NULL")
_FIRST_JOURNAL = text("SELECT min(occurred_at) FROM ledger_journals")


class AlreadyReplaying(Conflict):
    """Two replays at once would take each other's stock out of order."""

    code = "demo.already_replaying"
    title = "A replay is running on this database already"


class Stopped(Exception):
    """Asked to stop, between two transactions."""


@dataclass
class Tally:
    """What this run did; what earlier runs did is in the database."""

    placed: int = 0
    lines: int = 0
    finished: int = 0
    unserved: int = 0
    released: int = 0
    statements: int = 0
    placement_s: list[float] = field(default_factory=list)
    seconds: float = 0.0
    stopped: bool = False


@dataclass
class Replay:
    """One run. ``stop`` may be set from a signal handler; the current transaction is finished.

    ``follows``: whether anything is done after an order's placement.
    """

    engine: Engine
    demand: DemandContent
    follows: bool
    told: Callable[[str, int, int], None]
    stop: bool = False
    tally: Tally = field(default_factory=Tally)

    def run(self, *, orders: int) -> Tally:
        """Place the first orders that are not placed yet, and take the steps that are left.

        Raises:
            AlreadyReplaying: another replay holds the lock.
            NotImported: there is no network.
        """
        began = time.perf_counter()
        with _alone(self.engine) as session:
            try:
                self._run(session, orders)
            except Stopped:
                self.tally.stopped = True
        self.tally.seconds = time.perf_counter() - began
        return self.tally

    def _run(self, session: Session, count: int) -> None:
        atlas = find_atlas(session)
        known = {"storefront_id": atlas.storefront_id}
        placed: dict[str, uuid.UUID] = dict(tuple(row) for row in session.execute(_PLACED, known))
        unfinished = {ref for ref, _ in session.execute(_UNFINISHED, known)}
        today = None
        count = min(count, len(self.demand.orders))
        for number in range(count):
            order = self.demand.orders[number]
            if order.number not in placed or order.number in unfinished:
                if self.follows and order.ordered_at.date() != today:
                    today = order.ordered_at.date()
                    self._settle(session, order.ordered_at)
                self._replay(session, atlas, number, placed.get(order.number))
            self.told("orders", number + 1, count)
        if self.follows:
            self._settle(session, self._horizon(session, count))

    def _replay(
        self, session: Session, atlas: Atlas, number: int, order_id: uuid.UUID | None
    ) -> None:
        order_id = order_id or self._place(session, atlas, number)
        if self.follows and order_id:
            steps.finish(session, order_id, self._check_in)
            self.tally.finished += 1
        # Nothing of an order is needed after it: memory stays flat.
        session.expunge_all()

    def _place(self, session: Session, atlas: Atlas, number: int) -> uuid.UUID | None:
        self._check_in()
        order, lines = self.demand.orders[number], self.demand.lines[number]
        began = time.perf_counter()
        try:
            order_id = steps.place(session, atlas, order, lines)
        except NothingCanBeServed:
            self.tally.unserved += 1
            return None
        self.tally.placement_s.append(time.perf_counter() - began)
        self.tally.placed += 1
        self.tally.lines += len(lines)
        return order_id

    def _check_in(self) -> None:
        if self.stop:
            raise Stopped

    def _horizon(self, session: Session, count: int) -> datetime:
        """The instant up to which nothing can happen any more but what has happened."""
        if count < len(self.demand.orders):
            return self.demand.orders[count].ordered_at
        last: datetime | None = session.execute(_LAST_DUE).scalar()
        return calendar.next_month(last or self.demand.orders[-1].ordered_at)

    def _settle(self, session: Session, now: datetime) -> None:
        """Release what is due by now, then close the months that are over."""
        while True:
            self._check_in()
            with transaction(session):
                released = settlement_operations.release_due(session, now=now, limit=_BATCH)
            self.tally.released += released
            if released < _BATCH:
                break
        self._close_months(session, now)

    def _close_months(self, session: Session, now: datetime) -> None:
        last = settlement_queries.find_last_period(session)
        first: datetime | None = session.execute(_FIRST_JOURNAL).scalar()
        if last is None and first is None:
            return
        since = last.period_to if last else calendar.month_of(first or now)
        for start, end in calendar.months(since, now):
            self._check_in()
            with transaction(session):
                self.tally.statements += settlement_operations.close_period(
                    session, period_from=start, period_to=end, now=now
                )


@contextmanager
def _alone(engine: Engine) -> Iterator[Session]:
    """A session on a connection that holds the replay's lock; it is gone with the connection."""
    with engine.connect() as connection:
        _take_lock(connection)
        try:
            with Session(connection, expire_on_commit=False) as session:
                yield session
        finally:
            connection.invalidate()


def _take_lock(connection: Connection) -> None:
    taken = connection.execute(
        text("SELECT pg_try_advisory_lock(hashtext(:name))"), {"name": _LOCK}
    ).scalar()
    # Losing the last steps in a crash of the server is harmless: they are taken again.
    connection.execute(text("SET synchronous_commit TO off"))
    connection.commit()
    if not taken:
        raise AlreadyReplaying
