"""What a transaction's events cause before it commits."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import pytest

from app.infra import unit_of_work
from app.infra.unit_of_work import publish, record
from app.kernel.events import Event
from app.wiring import TOGETHER


@dataclass(frozen=True, slots=True, kw_only=True)
class Sown(Event):
    name: ClassVar[str] = "seed.sown"
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Grown(Event):
    name: ClassVar[str] = "seed.grown"
    number: int


@pytest.fixture
def run_together(app) -> Iterator:
    yield unit_of_work.run_together
    unit_of_work.run_together(TOGETHER)


class TestAHandler:
    def test_hears_all_events_of_its_type_at_once_and_what_they_cause_after(
        self, session, now, run_together
    ):
        heard = []

        def grow(session, events):
            heard.append(("sown", [event.number for event in events]))
            for event in events:
                record(session, Grown(happened_at=now, audience=(), number=event.number))

        def harvest(_session, events):
            heard.append(("grown", [event.number for event in events]))

        run_together({Sown: [grow], Grown: [harvest]})
        record(session, Sown(happened_at=now, audience=(), number=1))
        record(session, Grown(happened_at=now, audience=(), number=0))
        record(session, Sown(happened_at=now, audience=(), number=2))
        publish(session)
        assert heard == [("sown", [1, 2]), ("grown", [0]), ("grown", [1, 2])]

    def test_that_causes_its_own_event_without_end_is_found_out(self, session, now, run_together):
        def again(session, events):
            record(session, events[0])

        run_together({Sown: [again]})
        record(session, Sown(happened_at=now, audience=(), number=1))
        with pytest.raises(AssertionError, match="without end"):
            publish(session)
