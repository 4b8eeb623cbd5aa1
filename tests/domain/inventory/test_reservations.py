"""Stock is held, given back and shipped; never oversold, whoever comes at the same time."""

import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime
from random import Random

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.infra.db import db
from app.inventory import operations
from app.inventory.errors import ReservationTooSmall, StockTaken
from app.inventory.models import Reservation, Stock
from app.inventory.operations import Wanted
from app.kernel.ids import new_id, public_id
from tests.factories.catalog import LocationFactory, StockFactory, VariantFactory
from tests.factories.network import OrganizationFactory

Place = tuple[uuid.UUID, uuid.UUID]


def some_stock(*, rows: int = 1, on_hand: int = 10, safety: int = 0) -> list[Place]:
    """Rows of one variant at several locations."""
    seller = OrganizationFactory(wholesaler=True)
    variant = VariantFactory(manufacturer_id=OrganizationFactory(manufacturer=True).id)
    places = [(LocationFactory(seller_id=seller.id).id, variant.id) for _ in range(rows)]
    for location_id, variant_id in places:
        StockFactory(location_id=location_id, variant_id=variant_id, on_hand=on_hand, safety=safety)
    return places


def wants(place: Place, quantity: int) -> Wanted:
    return Wanted(
        allocation_id=new_id(), location_id=place[0], variant_id=place[1], quantity=quantity
    )


def quantities(session: Session, place: Place) -> tuple[int, int]:
    """On hand and reserved."""
    row = session.execute(
        select(Stock.on_hand, Stock.reserved).where(
            Stock.location_id == place[0], Stock.variant_id == place[1]
        )
    ).one()
    return row.on_hand, row.reserved


def reserve(session: Session, now: datetime, *wanted: Wanted) -> None:
    operations.reserve(session, order_id=new_id(), wanted=wanted, now=now)


class TestReserving:
    def test_holds_units_for_each_allocation(self, session: Session, now: datetime) -> None:
        [place] = some_stock(on_hand=10)
        first, second = wants(place, 3), wants(place, 4)
        reserve(session, now, first, second)
        assert quantities(session, place) == (10, 7)
        held = session.scalars(select(Reservation).order_by(Reservation.quantity)).all()
        assert [(row.allocation_id, row.quantity) for row in held] == [
            (first.allocation_id, 3),
            (second.allocation_id, 4),
        ]

    def test_leaves_the_safety_stock_alone(self, session: Session, now: datetime) -> None:
        [place] = some_stock(on_hand=10, safety=4)
        reserve(session, now, wants(place, 6))
        with pytest.raises(StockTaken):
            reserve(session, now, wants(place, 1))

    def test_writes_nothing_when_one_row_is_short_and_names_it(
        self, session: Session, now: datetime
    ) -> None:
        plenty, little = some_stock(rows=2, on_hand=10)
        reserve(session, now, wants(little, 8))
        with pytest.raises(StockTaken) as refusal:
            reserve(session, now, wants(plenty, 5), wants(little, 3))
        assert refusal.value.details["taken"] == [
            {
                "location_id": public_id("loc", little[0]),
                "variant_id": public_id("var", little[1]),
                "wanted": 3,
                "available": 2,
            }
        ]
        assert quantities(session, plenty) == (10, 0)
        assert quantities(session, little) == (10, 8)
        assert len(session.scalars(select(Reservation)).all()) == 1

    def test_adds_up_what_is_wanted_of_one_row(self, session: Session, now: datetime) -> None:
        [place] = some_stock(on_hand=10)
        with pytest.raises(StockTaken) as refusal:
            reserve(session, now, wants(place, 6), wants(place, 5))
        assert refusal.value.details["taken"][0]["wanted"] == 11

    def test_knows_no_stock_where_there_is_none(self, session: Session, now: datetime) -> None:
        [(location_id, _)] = some_stock()
        with pytest.raises(StockTaken) as refusal:
            reserve(session, now, wants((location_id, new_id()), 1))
        assert refusal.value.details["taken"][0]["available"] == 0


class TestReleasing:
    def test_gives_back_in_parts(self, session: Session, now: datetime) -> None:
        [place] = some_stock(on_hand=10)
        wanted = wants(place, 6)
        reserve(session, now, wanted)
        operations.release(session, quantities={wanted.allocation_id: 2})
        operations.release(session, quantities={wanted.allocation_id: 4})
        assert quantities(session, place) == (10, 0)

    def test_refuses_more_than_is_held_and_changes_nothing(
        self, session: Session, now: datetime
    ) -> None:
        here, there = some_stock(rows=2)
        one, other = wants(here, 6), wants(there, 2)
        reserve(session, now, one, other)
        with pytest.raises(ReservationTooSmall) as refusal:
            operations.release(session, quantities={one.allocation_id: 6, other.allocation_id: 3})
        assert refusal.value.details["allocations"] == [
            {"allocation_id": public_id("alloc", other.allocation_id), "wanted": 3, "held": 2}
        ]
        assert [quantities(session, place)[1] for place in (here, there)] == [6, 2]

    def test_refuses_an_allocation_that_holds_nothing(self, session: Session) -> None:
        with pytest.raises(ReservationTooSmall):
            operations.release(session, quantities={new_id(): 1})


class TestConsuming:
    def test_takes_units_off_the_shelf(self, session: Session, now: datetime) -> None:
        [place] = some_stock(on_hand=10)
        one, other = wants(place, 6), wants(place, 3)
        reserve(session, now, one, other)
        operations.consume(session, quantities={one.allocation_id: 5, other.allocation_id: 3})
        assert quantities(session, place) == (2, 1)

    def test_never_ships_what_was_given_back(self, session: Session, now: datetime) -> None:
        [place] = some_stock()
        wanted = wants(place, 6)
        reserve(session, now, wanted)
        operations.release(session, quantities={wanted.allocation_id: 4})
        with pytest.raises(ReservationTooSmall):
            operations.consume(session, quantities={wanted.allocation_id: 3})


@contextmanager
def committing(sessions: Callable[[], Session]) -> Iterator[Session]:
    with sessions() as session, session.begin():
        yield session


class TestThirtyTwoAtOnce:
    """Threads on a database of their own, with real commits."""

    def test_never_oversell_one_row(self, sessions: Callable[[], Session], now: datetime) -> None:
        [place] = some_stock(on_hand=100, safety=3)
        db.session.commit()

        def buy(seed: int) -> int:
            dice, got = Random(seed), 0
            for _ in range(6):
                quantity = dice.randint(1, 3)
                try:
                    with committing(sessions) as session:
                        reserve(session, now, wants(place, quantity))
                    got += quantity
                except StockTaken:
                    pass
            return got

        with ThreadPoolExecutor(32) as threads:
            total = sum(threads.map(buy, range(32)))
        assert quantities(db.session(), place) == (100, total)
        assert total == 97

    def test_never_wait_in_a_circle_over_several_rows(
        self, sessions: Callable[[], Session], now: datetime
    ) -> None:
        places = some_stock(rows=6, on_hand=60)
        db.session.commit()

        def trade(seed: int) -> int:
            """Reserve a random selection in random order; give back or ship a part of it."""
            dice, balance = Random(seed), 0
            for _ in range(8):
                wanted = [wants(place, dice.randint(1, 3)) for place in dice.sample(places, k=4)]
                try:
                    with committing(sessions) as session:
                        reserve(session, now, *wanted)
                except StockTaken:
                    continue
                balance += sum(each.quantity for each in wanted)
                dice.shuffle(wanted)
                part = {each.allocation_id: dice.randint(0, each.quantity) for each in wanted}
                step = dice.choice([operations.release, operations.consume])
                with committing(sessions) as session:
                    step(session, quantities=part)
                balance -= sum(part.values())
            return balance

        with ThreadPoolExecutor(32) as threads:
            held = sum(threads.map(trade, range(32)))
        rows = db.session.execute(select(Stock.on_hand, Stock.reserved)).all()
        assert sum(row.reserved for row in rows) == held
        assert all(row.on_hand >= row.reserved for row in rows)
        records = db.session.scalars(select(Reservation)).all()
        assert sum(each.quantity - each.consumed - each.released for each in records) == held
        assert sum(row.on_hand for row in rows) == 360 - sum(each.consumed for each in records)

    def test_get_what_was_given_back_while_they_waited(
        self, sessions: Callable[[], Session], now: datetime
    ) -> None:
        [place] = some_stock(on_hand=10)
        first = wants(place, 10)
        reserve(db.session(), now, first)
        db.session.commit()

        def buy() -> None:
            with committing(sessions) as session:
                reserve(session, now, wants(place, 8))

        with sessions() as giver, ThreadPoolExecutor(1) as thread:
            operations.release(giver, quantities={first.allocation_id: 9})
            waiting = thread.submit(buy)
            with pytest.raises(TimeoutError):
                waiting.result(timeout=0.3)
            giver.commit()
            waiting.result(timeout=10)
        assert quantities(db.session(), place) == (10, 9)

    def test_take_what_somebody_works_with_for_gone_when_they_may_not_wait(
        self, sessions: Callable[[], Session], now: datetime
    ) -> None:
        busy, free = some_stock(rows=2, on_hand=10)
        db.session.commit()

        with sessions() as other, committing(sessions) as session:
            reserve(other, now, wants(busy, 1))
            with pytest.raises(StockTaken) as refusal:
                operations.reserve_at_once(
                    session, order_id=new_id(), wanted=[wants(busy, 1), wants(free, 1)], now=now
                )
            assert [each["available"] for each in refusal.value.details["taken"]] == [0]
            operations.reserve_at_once(session, order_id=new_id(), wanted=[wants(free, 1)], now=now)
            other.rollback()
        assert [quantities(db.session(), place)[1] for place in (busy, free)] == [0, 1]

    def test_give_one_reservation_back_only_once(
        self, sessions: Callable[[], Session], now: datetime
    ) -> None:
        [place] = some_stock(on_hand=20)
        wanted = wants(place, 10)
        reserve(db.session(), now, wanted)
        db.session.commit()

        def give_back(_: int) -> int:
            try:
                with committing(sessions) as session:
                    operations.release(session, quantities={wanted.allocation_id: 1})
            except ReservationTooSmall:
                return 0
            return 1

        with ThreadPoolExecutor(32) as threads:
            assert sum(threads.map(give_back, range(32))) == 10
        assert quantities(db.session(), place) == (20, 0)
