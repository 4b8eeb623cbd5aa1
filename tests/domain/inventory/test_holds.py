"""A cart keeps units from others for a while; its order takes them over without a gap."""

import threading
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from random import Random

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.infra.db import db
from app.inventory import operations, queries
from app.inventory.errors import StockTaken
from app.kernel.ids import new_id
from tests.domain.inventory.shelf import Shelf


def hold(shelf: Shelf, cart: uuid.UUID, units: int, *, minutes: int = 15) -> None:
    until = shelf.now + timedelta(minutes=minutes)
    wanted = [(shelf.here, shelf.tap, units)]
    operations.hold(shelf.session, cart_id=cart, wanted=wanted, expires_at=until)


class TestAHold:
    def test_keeps_units_from_others(self, shelf: Shelf) -> None:
        shelf.count(10, safety=1)
        cart = new_id()
        hold(shelf, cart, 7)
        assert shelf.row()[:2] == (10, 7)
        with pytest.raises(StockTaken):
            shelf.reserve(3)
        shelf.reserve(2)
        [kept] = queries.list_holds(shelf.session, cart_id=cart)
        assert kept.quantity == 7
        assert shelf.broken() == []

    def test_is_all_or_nothing_and_leaves_what_was_kept_before(self, shelf: Shelf) -> None:
        shelf.count(10)
        cart = new_id()
        hold(shelf, cart, 7)
        with pytest.raises(StockTaken) as refusal:
            hold(shelf, cart, 11)
        assert refusal.value.details["taken"][0]["available"] == 10
        assert shelf.row().reserved == 7
        assert shelf.broken() == []

    def test_is_replaced_by_the_cart_s_next_one(self, shelf: Shelf) -> None:
        shelf.count(10)
        cart, drill = new_id(), shelf.variant()
        shelf.count(5, variant=drill)
        hold(shelf, cart, 7)
        hold(shelf, cart, 9)
        assert shelf.row().reserved == 9
        until = shelf.now + timedelta(minutes=5)
        operations.hold(
            shelf.session, cart_id=cart, wanted=[(shelf.here, drill, 2)], expires_at=until
        )
        assert (shelf.row().reserved, shelf.row(variant=drill).reserved) == (0, 2)
        assert shelf.broken() == []

    def test_is_seen_as_available_by_its_cart_alone(self, shelf: Shelf) -> None:
        shelf.count(10)
        cart = new_id()
        hold(shelf, cart, 7)
        seen = [
            queries.list_available(shelf.session, variant_ids=[shelf.tap], cart_id=who)[0][5]
            for who in (None, new_id(), cart)
        ]
        assert seen == [3, 3, 10]

    def test_goes_when_it_is_due(self, shelf: Shelf) -> None:
        shelf.count(10)
        early, late = new_id(), new_id()
        hold(shelf, early, 4, minutes=5)
        hold(shelf, late, 3, minutes=60)
        then = shelf.now + timedelta(minutes=10)
        assert operations.expire_holds(shelf.session, now=then, limit=10) == 1
        assert shelf.row().reserved == 3
        assert operations.expire_holds(shelf.session, now=then, limit=10) == 0
        assert operations.let_go(shelf.session, cart_id=early) == 0
        assert operations.let_go(shelf.session, cart_id=late) == 3
        assert shelf.broken() == []

    def test_becomes_an_order_s(self, shelf: Shelf) -> None:
        shelf.count(10)
        cart = new_id()
        hold(shelf, cart, 7)
        wanted = shelf.wants(9)
        operations.take_over(
            shelf.session, cart_id=cart, order_id=new_id(), wanted=[wanted], now=shelf.now
        )
        assert shelf.row().reserved == 9
        assert queries.list_holds(shelf.session, cart_id=cart) == []
        assert shelf.broken() == []


class TestManyCartsAtOnce:
    """Threads on a database of their own, with real commits."""

    def test_oversell_nothing_and_lose_nothing(
        self, sessions: Callable[[], Session], now: datetime
    ) -> None:
        shelf = Shelf(db.session(), now)
        shelf.count(30)
        db.session.commit()
        here, tap, makers = shelf.here, shelf.tap, threading.local()

        def shop(seed: int) -> int:
            dice, bought = Random(seed), 0
            makers.order = new_id()
            for _ in range(8):
                cart, units = new_id(), dice.randint(1, 3)
                try:
                    with sessions() as session, session.begin():
                        operations.hold(
                            session, cart_id=cart, wanted=[(here, tap, units)],
                            expires_at=now + timedelta(minutes=dice.choice([-1, 5])),
                        )  # fmt: skip
                except StockTaken:
                    continue
                if dice.random() < 0.4:
                    wanted = operations.Wanted(
                        allocation_id=new_id(), location_id=here, variant_id=tap, quantity=units
                    )
                    try:
                        with sessions() as session, session.begin():
                            operations.take_over(
                                session, cart_id=cart, order_id=makers.order, wanted=[wanted],
                                now=now,
                            )  # fmt: skip
                        bought += units
                    except StockTaken:  # it was due, and somebody else was faster
                        continue
                with sessions() as session, session.begin():
                    operations.expire_holds(session, now=now, limit=50)
            return bought

        with ThreadPoolExecutor(16) as threads:
            bought = sum(threads.map(shop, range(16)))
        assert shelf.broken() == []
        assert 0 < bought <= 30
        sold = db.session.execute(text("SELECT sum(quantity) FROM inventory_reservations")).scalar()
        assert sold == bought
