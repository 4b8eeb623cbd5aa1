"""Its seller is told once when stock is scarce, and once when it no longer is."""

import uuid

import pytest
from sqlalchemy.orm import Session

from app.infra.models import OutboxEvent
from app.infra.unit_of_work import publish
from app.inventory import operations
from app.inventory.operations import Threshold
from tests.domain.inventory.shelf import Shelf
from tests.support.statements import count_statements


def told(shelf: Shelf) -> list[tuple[str, int]]:
    """Sweep, then what was told since the last time: name and available units."""
    operations.tell_scarcity(shelf.session, now=shelf.now, limit=50)
    publish(shelf.session)
    events = shelf.session.query(OutboxEvent).where(OutboxEvent.name.like("stock.%")).all()
    found = [(event.name, event.payload["available"]) for event in events]
    for event in events:
        shelf.session.delete(event)
    shelf.session.flush()
    return found


def watch(shelf: Shelf, low_at: int | None, variant: uuid.UUID | None = None) -> None:
    row = Threshold(shelf.here, variant or shelf.tap, low_at)
    operations.set_thresholds(shelf.session, caller=shelf.caller, rows=[row], now=shelf.now)


def set_usual(shelf: Shelf, low_at: int | None, version: int) -> None:
    operations.update_location(
        shelf.session, caller=shelf.caller, location_id=shelf.here, expected_version=version,
        changes={"low_at": low_at},
    )  # fmt: skip


class TestAnAlarm:
    def test_is_one_however_many_orders_there_are(self, shelf: Shelf) -> None:
        shelf.count(10)
        watch(shelf, 6)
        held = [shelf.reserve(2) for _ in range(4)]
        assert told(shelf) == [("stock.low", 2)]
        shelf.reserve(1)
        assert told(shelf) == []
        operations.release(shelf.session, quantities=dict.fromkeys(held, 2))
        assert told(shelf) == [("stock.recovered", 9)]

    def test_is_not_raised_for_what_recovers_meanwhile(self, shelf: Shelf) -> None:
        shelf.count(10)
        watch(shelf, 6)
        held = shelf.reserve(8)
        operations.release(shelf.session, quantities={held: 8})
        assert told(shelf) == []

    def test_counts_what_is_safe_as_not_available(self, shelf: Shelf) -> None:
        watch(shelf, 6)
        assert told(shelf) == [("stock.low", 0)]
        shelf.count(10, safety=5)
        assert told(shelf) == []
        shelf.count(10, safety=4)
        assert told(shelf) == [("stock.recovered", 6)]

    def test_is_called_off_with_its_threshold(self, shelf: Shelf) -> None:
        watch(shelf, 6)
        assert told(shelf) == [("stock.low", 0)]
        watch(shelf, None)
        assert told(shelf) == [("stock.recovered", 0)]

    def test_is_raised_by_what_a_location_usually_wants(self, shelf: Shelf) -> None:
        shelf.count(10)
        own = shelf.variant()
        shelf.count(10, variant=own)
        watch(shelf, 1, own)
        set_usual(shelf, 20, version=1)
        assert told(shelf) == [("stock.low", 10)]
        new = shelf.variant()
        shelf.count(3, variant=new)
        assert told(shelf) == [("stock.low", 3)]
        watch(shelf, None, own)
        assert told(shelf) == [("stock.low", 10)]
        set_usual(shelf, None, version=2)
        assert sorted(told(shelf)) == [
            ("stock.recovered", 3),
            ("stock.recovered", 10),
            ("stock.recovered", 10),
        ]


class TestTheCost:
    @pytest.mark.parametrize("low_at", [None, 5])
    def test_of_a_reservation_is_one_statement_with_or_without(
        self, shelf: Shelf, session: Session, low_at: int | None
    ) -> None:
        shelf.count(10)
        watch(shelf, low_at)
        with count_statements() as statements:
            shelf.reserve(7)
        assert len(statements) == 1
