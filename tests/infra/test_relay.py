"""The relay of the outbox: oldest first, each event once, a poisoned one alone waits."""

import threading
from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar

import pytest
from sqlalchemy import func, select, text

from app.infra import outbox, sweeps
from app.infra.models import OutboxEvent
from app.infra.unit_of_work import record, transaction
from app.kernel.clock import FixedClock
from app.kernel.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted(Event):
    name: ClassVar[str] = "counted"
    number: int


def count(session, numbers, now):
    with transaction(session):
        for number in numbers:
            record(session, Counted(happened_at=now, number=number))


class TestTwoRelays:
    def test_tell_every_event_once_between_them(self, sessions, now):
        with sessions() as session:
            count(session, range(300), now)
        told, both_tell = Counter(), threading.Barrier(2, timeout=30)

        def hear(session, event):
            if event.payload["number"] in {0, 50}:
                both_tell.wait()  # neither goes on before both have claimed a batch
            session.execute(
                text("INSERT INTO infra_inbox VALUES ('told', :id, now(), '{}')"),
                {"id": str(event.id)},
            )
            told[event.payload["number"]] += 1

        def work(session, *, now, limit):
            return outbox.relay(session, handlers={"counted": [hear]}, now=now, limit=limit)

        def relay():
            with sessions() as session:
                sweeps.sweep(session, work=work, limit=50, clock=FixedClock(now))

        threads = [threading.Thread(target=relay) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(timeout=60)
        assert told == Counter(dict.fromkeys(range(300), 1))
        with sessions() as session:
            waiting = select(func.count()).where(OutboxEvent.told_at.is_(None))
            assert session.scalar(waiting) == 0
            assert session.scalar(text("SELECT count(*) FROM infra_inbox")) == 300


class TestAPoisonedEvent:
    def test_waits_longer_each_time_while_others_are_told(self, session, now):
        count(session, range(3), now)
        heard = []

        def hear(session, event):
            session.execute(
                text("INSERT INTO infra_inbox VALUES ('heard', :id, now(), '{}')"),
                {"id": str(event.id)},
            )
            if event.payload["number"] == 1:
                raise LookupError("no such thing")
            heard.append(event.payload["number"])

        pauses = []
        at = now
        for _ in range(3):
            outbox.relay(session, handlers={"counted": [hear]}, now=at, limit=10)
            poisoned = session.scalars(
                select(OutboxEvent).where(OutboxEvent.told_at.is_(None))
            ).one()
            pauses.append((poisoned.due_at - at).total_seconds())
            at = poisoned.due_at
        assert heard == [0, 2]
        assert pauses == [5, 30, 120]
        assert poisoned.last_error == "LookupError: no such thing"
        assert session.scalar(text("SELECT count(*) FROM infra_inbox")) == 2

    def test_keeps_nothing_from_those_who_hear_everything(self, session, now):
        count(session, range(3), now)
        heard = []

        def hear_all(_session, batch):
            heard.append([event.payload["number"] for event in batch])

        def fail(_session, event):
            if event.payload["number"] == 1:
                raise LookupError

        outbox.relay(session, handlers={"counted": [fail]}, of_all=[hear_all], now=now, limit=10)
        later = now + timedelta(seconds=5)
        outbox.relay(session, handlers={}, of_all=[hear_all], now=later, limit=10)
        assert heard == [[0, 1, 2], [1]]

    def test_that_spoils_a_batch_is_found(self, session, now):
        count(session, range(3), now)
        heard = []

        def hear_all(_session, batch):
            if any(event.payload["number"] == 1 for event in batch):
                raise LookupError
            heard.extend(event.payload["number"] for event in batch)

        outbox.relay(session, handlers={}, of_all=[hear_all], now=now, limit=10)
        waiting = session.scalars(select(OutboxEvent).where(OutboxEvent.told_at.is_(None))).all()
        assert heard == [0, 2]
        assert [event.payload["number"] for event in waiting] == [1]

    def test_is_told_when_its_handler_is_mended(self, session, now):
        count(session, [1], now)

        def fail(_session, _event):
            raise LookupError

        outbox.relay(session, handlers={"counted": [fail]}, now=now, limit=10)
        later = now + timedelta(seconds=5)
        assert outbox.relay(session, handlers={}, now=later, limit=10) == 1
        event = session.scalars(select(OutboxEvent)).one()
        assert (event.told_at, event.attempts, event.last_error) == (later, 2, None)


class TestASweep:
    @pytest.mark.parametrize(("batches", "done"), [([5, 5, 2], 12), ([0], 0)])
    def test_goes_on_while_batches_are_full(self, session, now, batches, done):
        left = list(batches)

        def work(_session, *, now, limit):
            return left.pop(0)

        assert sweeps.sweep(session, work=work, limit=5, clock=FixedClock(now)) == done

    def test_stops_when_its_budget_is_spent(self, session, now):
        ticks = iter([0.0, 1.0, 6.0])

        def work(_session, *, now, limit):
            return limit

        done = sweeps.sweep(
            session, work=work, limit=5, clock=FixedClock(now), watch=lambda: next(ticks)
        )
        assert done == 10
