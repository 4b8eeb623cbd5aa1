"""Takes the steps that follow a placement, in a process of its own beside the one that places.

The two meet in the database only: the follower asks it, order by order, what is left to do. It
ends when everything placed is done, when it is asked to, and when its parent is gone.
"""

import gc
import multiprocessing
import os
import time
import traceback
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import takewhile
from multiprocessing.connection import Connection as Pipe
from multiprocessing.sharedctypes import Synchronized
from multiprocessing.synchronize import Event
from typing import Any

from sqlalchemy import Engine, TextClause, text
from sqlalchemy.orm import Session

from app.demo.replay import calendar, steps
from app.demo.replay.locks import following_alone
from app.demo.replay.memory import Memory
from app.infra.unit_of_work import transaction
from app.settlement import operations as settlement_operations
from app.settlement import queries as settlement_queries

_BATCH = 500
_PAUSE_S = 0.05
_TOLD_EVERY_S = 1.0
# Statements cost the same for one order or several; stock is held no longer than a blink.
TOGETHER = 10

_UNFINISHED = text("""
SELECT o.id, o.number, o.placed_at FROM ordering_orders o
WHERE o.storefront_id = :storefront_id AND o.reference IS NOT NULL AND o.number > :after AND (
    o.status IN ('placed', 'accepted', 'partly_shipped', 'shipped')
    OR EXISTS (SELECT FROM payments_invoices i WHERE i.order_id = o.id AND i.paid_at IS NULL))
ORDER BY o.number LIMIT :limit
""")
_NEXT_DUE = text("""
SELECT min(r.due_at) FROM settlement_releases r
JOIN payments_invoices i ON i.shipment_id = r.shipment_id
WHERE r.released_at IS NULL AND i.paid_at IS NOT NULL
""")
_FIRST_JOURNAL = text("SELECT min(occurred_at) FROM ledger_journals")
_LAST_UNTOLD = text("""
SELECT max(j.occurred_at) FROM ledger_journals j
WHERE NOT EXISTS (SELECT FROM settlement_period_journals c WHERE c.journal_id = j.id)
""")


class Stopped(Exception):
    """Asked to stop, between two transactions."""


class FollowerFailed(Exception):
    """The other process ended with an error."""


@dataclass
class Followed:
    """What a follower did, and how much memory it held."""

    finished: int = 0
    released: int = 0
    statements: int = 0
    memory: Memory | None = field(default=None, compare=False)


class CheckIn:
    """Asked in every step: may it go on, and will more orders come?"""

    def __call__(self) -> None:
        """Go on; raises Stopped when it may not, and the step at hand is not taken."""

    def is_last(self) -> bool:
        """Whether everything that will be placed is placed."""
        return True

    def tell(self, finished: int) -> None:
        """Hears how many orders are finished."""


@dataclass
class Follower:
    """Finishes placed orders in the order of their placement, ``together`` so many at once.

    Money is released on the days on which orders were placed. When the last one is finished, the
    clock runs on, day by day, until everything is released and told by the statement of a month.
    Orders of a later run may have been placed before that: the next statements tell of them.
    """

    storefront_id: uuid.UUID
    check_in: CheckIn
    together: int = TOGETHER
    followed: Followed = field(default_factory=Followed)
    _after: int = 0
    _today: date | None = None

    def follow(self, session: Session) -> None:
        """Until there is nothing left to do and nothing more will come.

        Raises:
            Stopped: asked to.
        """
        more = True
        while more:
            more = not self.check_in.is_last()
            while self._finish_some(session, self.together if more else 1):
                pass
            if more:
                time.sleep(_PAUSE_S)
        self._run_out(session)

    def _finish_some(self, session: Session, least: int) -> bool:
        """Finish the next orders of one day, unless fewer than ``least`` are waiting."""
        known = {"storefront_id": self.storefront_id, "after": self._after, "limit": self.together}
        waiting = session.execute(_UNFINISHED, known).all()
        session.rollback()
        if len(waiting) < least:
            return False
        placed_at = waiting[0].placed_at
        if placed_at.date() != self._today:
            self._today = placed_at.date()
            self._settle(session, placed_at)
        # An order that could not be served at its time may be placed behind later ones.
        of_today = takewhile(lambda row: row.placed_at.date() == self._today, waiting)
        self._finish(session, list(of_today))
        return True

    def _finish(self, session: Session, orders: Sequence[Any]) -> None:
        steps.finish(session, [order.id for order in orders], self.check_in)
        self.followed.finished += len(orders)
        self.check_in.tell(self.followed.finished)
        self._after = orders[-1].number
        # Nothing of an order is needed after it: memory stays flat.
        session.expunge_all()

    def _run_out(self, session: Session) -> None:
        """Release day by day what is held, then close the months of all that happened."""
        while due := self._ask(session, _NEXT_DUE):
            self._settle(session, calendar.next_day(due))
        untold = self._ask(session, _LAST_UNTOLD)
        if untold:
            last = settlement_queries.find_last_period(session)
            session.rollback()
            # What was late for its own month is told in the first one that is open.
            open_since = last.period_to if last else untold
            self._settle(session, calendar.next_month(max(untold, open_since)))

    def _ask(self, session: Session, query: TextClause) -> datetime | None:
        found: datetime | None = session.execute(query).scalar()
        session.rollback()
        return found

    def _settle(self, session: Session, now: datetime) -> None:
        """Release what is due by now, then close the months that are over."""
        released = _BATCH
        while released == _BATCH:
            self.check_in()
            with transaction(session):
                released = settlement_operations.release_due(session, now=now, limit=_BATCH)
            self.followed.released += released
        last = settlement_queries.find_last_period(session)
        first = self._ask(session, _FIRST_JOURNAL)
        if last or first:
            since = last.period_to if last else calendar.month_of(first or now)
            self._close(session, since, now)

    def _close(self, session: Session, since: datetime, now: datetime) -> None:
        for start, end in calendar.months(since, now):
            self.check_in()
            with transaction(session):
                self.followed.statements += settlement_operations.close_period(
                    session, period_from=start, period_to=end, now=now
                )


@dataclass
class _BesideParent(CheckIn):
    """The follower's side of the two processes."""

    parent: int
    stop: Event
    placed: Event
    counter: "Synchronized[int]"  # generic for the type checker only

    def __call__(self) -> None:
        if self.stop.is_set() or os.getppid() != self.parent:
            raise Stopped

    def is_last(self) -> bool:
        self()
        return self.placed.is_set()

    def tell(self, finished: int) -> None:
        self.counter.value = finished


@dataclass
class Beside:
    """The parent's side: what the follower did is known when it has ended."""

    stop: Event
    counter: "Synchronized[int]"  # generic for the type checker only
    is_alive: Callable[[], bool] = lambda: True
    followed: Followed = field(default_factory=Followed)


@contextmanager
def beside(
    engine: Engine,
    *,
    storefront_id: uuid.UUID,
    told: Callable[[int], None],
) -> Iterator[Beside]:
    """Run a follower while the block places orders; the block's end waits for it.

    Raises:
        FollowerFailed: it ended with an error.
    """
    fork = multiprocessing.get_context("fork")
    ours, theirs = fork.Pipe(duplex=False)
    side, placed = Beside(fork.Event(), fork.Value("i", 0)), fork.Event()
    check_in = _BesideParent(os.getpid(), side.stop, placed, side.counter)
    follower = Follower(storefront_id, check_in)
    process = fork.Process(target=_run, args=(engine, follower, theirs), daemon=True)
    process.start()
    side.is_alive = process.is_alive
    theirs.close()
    try:
        yield side
    except BaseException:
        side.stop.set()
        raise
    finally:
        placed.set()
        message = _wait_for(ours, side, told)
        process.join()
    if not isinstance(message, Followed):
        raise FollowerFailed(message)
    side.followed = message


def _wait_for(pipe: Pipe, side: Beside, told: Callable[[int], None]) -> object:
    try:
        while not pipe.poll(_TOLD_EVERY_S):
            told(side.counter.value)
        return pipe.recv()
    except EOFError:
        return "The process that finishes orders was killed"


def _run(engine: Engine, follower: Follower, pipe: Pipe) -> None:
    """In the child: nothing of the parent's connections or memory is touched."""
    engine.dispose(close=False)
    gc.freeze()
    did = follower.followed
    did.memory = Memory()
    try:
        with following_alone(engine) as session:
            follower.follow(session)
    except Stopped:
        pass
    except Exception:  # noqa: BLE001 - told to the parent, which raises
        pipe.send(traceback.format_exc())
        return
    did.memory.look()
    pipe.send(did)
