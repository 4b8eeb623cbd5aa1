"""Places orders, one at a time, in order, until it is done or asked to stop.

What follows a placement is left to a follower in a process of its own, so that deciding and
booking share two processors; which of them is faster changes nothing in what is decided.
"""

import gc
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field

from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from app.demo.ports import DemandContent
from app.demo.replay import steps
from app.demo.replay.atlas import Atlas, find_atlas
from app.demo.replay.follower import Beside, Followed, Stopped, beside
from app.demo.replay.locks import placing_alone
from app.demo.replay.memory import Memory
from app.routing.errors import NothingCanBeServed

_PLACED = text("""
SELECT reference FROM ordering_orders
WHERE storefront_id = :storefront_id AND reference IS NOT NULL
""")


@dataclass
class Tally:
    """What this run did; what earlier runs did is in the database."""

    placed: int = 0
    lines: int = 0
    unserved: int = 0
    placement_s: list[float] = field(default_factory=list)
    placing_s: float = 0.0
    seconds: float = 0.0
    followed: Followed = field(default_factory=Followed)
    stopped: bool = False
    memory: Memory | None = None


@dataclass
class Replay:
    """One run over the first ``count`` orders."""

    engine: Engine
    demand: DemandContent
    count: int
    told: Callable[[str, int, int], None]
    tally: Tally = field(default_factory=Tally)
    _stop: bool = False
    _beside: Beside | None = None

    def ask_to_stop(self) -> None:
        """Stop after the current transactions; safe in a signal handler."""
        self._stop = True
        if self._beside:
            self._beside.stop.set()

    def place_only(self) -> Tally:
        """Place the orders that are not placed yet, and nothing else.

        Raises:
            AlreadyReplaying: another replay holds the lock.
            NotImported: there is no network.
        """
        began = time.perf_counter()
        with placing_alone(self.engine) as session:
            try:
                self._place_all(session, find_atlas(session))
            except Stopped:
                self.tally.stopped = True
        self.tally.seconds = time.perf_counter() - began
        return self.tally

    def run(self) -> Tally:
        """Place the orders that are not placed yet, and take every step that is left.

        Raises:
            AlreadyReplaying: another replay holds the lock.
            NotImported: there is no network.
            FollowerFailed: a step after a placement failed.
        """
        began = time.perf_counter()
        with placing_alone(self.engine) as session:
            atlas = find_atlas(session)
            session.rollback()
            try:
                with beside(
                    self.engine, storefront_id=atlas.storefront_id, told=self._tell_finished
                ) as self._beside:
                    self._place_all(session, atlas)
            except Stopped:
                self.tally.stopped = True
        if self._beside:
            self.tally.followed = self._beside.followed
        self.tally.stopped = self._stop
        self.tally.seconds = time.perf_counter() - began
        return self.tally

    def _place_all(self, session: Session, atlas: Atlas) -> None:
        known = {"storefront_id": atlas.storefront_id}
        placed = set(session.scalars(_PLACED, known))
        session.rollback()
        # The demand is large and never changes: the collector need not look at it again.
        gc.freeze()
        self.tally.memory = Memory()
        began = time.perf_counter()
        count = min(self.count, len(self.demand.orders))
        for number in range(count):
            if self.demand.orders[number].number not in placed:
                self._place(session, atlas, number)
                # Nothing of an order is needed after it: memory stays flat.
                session.expunge_all()
            self.told("orders placed", number + 1, count)
            if self._beside:
                self._tell_finished(self._beside.counter.value)
                if not self._beside.is_alive():
                    break  # it tells why when the block ends
        self.tally.memory.look()
        self.tally.placing_s = time.perf_counter() - began

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

    def _tell_finished(self, finished: int) -> None:
        self.told("orders finished", finished, self.tally.placed)

    def _check_in(self) -> None:
        if self._stop:
            raise Stopped
