"""Whatever happens to stock agrees with a model of plain numbers, and every law holds throughout.

One row of one variant: counted, received, adjusted, reserved, promised, held for carts, told of by
a feed whose messages come twice and in any order, shipped, given back, and left until holds expire.
"""

import uuid
from datetime import date, datetime, timedelta

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy.orm import Session

from app.inventory import operations
from app.inventory.errors import (
    NothingToPromise,
    ReservationTooSmall,
    StockBelowReserved,
    StockTaken,
)
from app.kernel.ids import new_id
from tests.domain.inventory.shelf import Shelf
from tests.factories.catalog import OfferFactory

SAFETY, LIMIT = 2, 9
units = st.integers(1, 8)


class Stockroom(RuleBasedStateMachine):
    """The same numbers kept twice: by the database, and here."""

    session: Session
    start: datetime

    def __init__(self) -> None:
        super().__init__()
        self.now = self.start
        self.shelf = Shelf(self.session, self.now)
        OfferFactory(
            seller_id=self.shelf.seller.id, variant_id=self.shelf.tap, backorder="always",
            backorder_limit=LIMIT, backorder_days=3,
        )  # fmt: skip
        self.shelf.count(20, safety=SAFETY)
        self.on_hand = 20
        self.orders: dict[uuid.UUID, list[int]] = {}  # allocation: held, promised; oldest first
        self.carts: dict[uuid.UUID, tuple[int, datetime]] = {}
        self.sequence = 0  # the last message of the feed that took effect
        self.early: dict[int, int] = {}  # messages that were sent too early
        self.told: dict[int, int] = {}  # all that was ever told, by number

    @property
    def reserved(self) -> int:
        held = sum(order[0] for order in self.orders.values())
        return held + sum(kept for kept, _ in self.carts.values())

    @property
    def free(self) -> int:
        return self.on_hand - self.reserved - SAFETY

    def come(self, more: int) -> None:
        """Units come: what they make free goes to whoever waits, the first first."""
        self.on_hand += more
        if more > 0:
            for order in self.orders.values():
                given = min(order[1], max(self.free, 0))
                order[0], order[1] = order[0] + given, order[1] - given

    @rule(level=st.integers(0, 30))
    def count(self, level: int) -> None:
        try:
            self.shelf.count(level, safety=SAFETY)
        except StockBelowReserved:
            assert level < self.reserved
            return
        assert level >= self.reserved
        self.come(level - self.on_hand)

    @rule(more=units, lot=st.sampled_from([None, "may", "june"]))
    def receive(self, more: int, lot: str | None) -> None:
        expires = None if lot is None else date(2026, 5 if lot == "may" else 6, 28)
        self.shelf.receive((more, lot, expires))
        self.come(more)

    @rule(change=st.integers(-6, 6).filter(bool))
    def adjust(self, change: int) -> None:
        try:
            self.shelf.adjust(change)
        except StockBelowReserved:
            assert self.on_hand + change < self.reserved
            return
        assert self.on_hand + change >= self.reserved
        self.come(change)

    @rule(wanted=units)
    def reserve(self, wanted: int) -> None:
        try:
            self.orders[self.shelf.reserve(wanted)] = [wanted, 0]
        except StockTaken:
            assert self.free < wanted
        else:
            assert self.free >= 0

    @rule(wanted=units)
    def promise(self, wanted: int) -> None:
        promised = sum(order[1] for order in self.orders.values())
        try:
            self.orders[self.shelf.promise(wanted)] = [0, wanted]
        except NothingToPromise:
            assert promised + wanted > LIMIT
        else:
            assert promised + wanted <= LIMIT

    @precondition(lambda self: self.orders)
    @rule(data=st.data(), wanted=units)
    def ship(self, data: st.DataObject, wanted: int) -> None:
        key = data.draw(st.sampled_from(sorted(self.orders)))
        try:
            operations.consume(self.session, quantities={key: wanted})
        except ReservationTooSmall:
            assert self.orders[key][0] < wanted
            return
        self.orders[key][0] -= wanted
        self.on_hand -= wanted

    @precondition(lambda self: self.orders)
    @rule(data=st.data(), wanted=units)
    def give_back(self, data: st.DataObject, wanted: int) -> None:
        key = data.draw(st.sampled_from(sorted(self.orders)))
        held, promised = self.orders[key]
        try:
            operations.release(self.session, quantities={key: wanted})
        except ReservationTooSmall:
            assert held + promised < wanted
            return
        ahead = min(promised, wanted)
        self.orders[key] = [held - wanted + ahead, promised - ahead]

    @rule()
    def fill(self) -> None:
        operations.fill_promises(self.session, now=self.now, limit=10)
        for order in self.orders.values():
            given = min(order[1], max(self.free, 0))
            order[0], order[1] = order[0] + given, order[1] - given

    @rule(data=st.data(), wanted=units, minutes=st.integers(1, 9))
    def hold(self, data: st.DataObject, wanted: int, minutes: int) -> None:
        cart = data.draw(st.sampled_from([*sorted(self.carts), new_id()]))
        until = self.now + timedelta(minutes=minutes)
        own = self.carts.get(cart, (0, until))[0]
        place = (self.shelf.here, self.shelf.tap, wanted)
        try:
            operations.hold(self.session, cart_id=cart, wanted=[place], expires_at=until)
        except StockTaken:
            assert self.free + own < wanted
            return
        assert self.free + own >= wanted
        self.carts[cart] = (wanted, until)

    @precondition(lambda self: self.carts)
    @rule(data=st.data(), wanted=units)
    def order_a_cart(self, data: st.DataObject, wanted: int) -> None:
        cart = data.draw(st.sampled_from(sorted(self.carts)))
        want = self.shelf.wants(wanted)
        fits = self.free + self.carts[cart][0] >= wanted
        try:
            with self.session.begin_nested():
                operations.take_over(
                    self.session, cart_id=cart, order_id=new_id(), wanted=[want], now=self.now
                )
        except StockTaken:
            assert not fits
            return
        assert fits
        del self.carts[cart]
        self.orders[want.allocation_id] = [wanted, 0]

    @rule(minutes=st.integers(0, 5))
    def wait(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)
        due = [cart for cart, (_, until) in self.carts.items() if until <= self.now]
        # Those of earlier examples are due, too.
        assert operations.expire_holds(self.session, now=self.now, limit=9999) >= len(due)
        for cart in due:
            del self.carts[cart]

    @rule(ahead=st.integers(1, 4), change=st.integers(-5, 5))
    def tell_a_change(self, ahead: int, change: int) -> None:
        sequence = self.sequence + ahead
        change = self.told.setdefault(sequence, change)
        answer = self.shelf.feed(sequence, "delta", (self.shelf.tap, change))
        self.early.setdefault(sequence, change)
        ran = []
        while self.sequence + 1 in self.early:
            self.sequence += 1
            ran.append(self.sequence)
            self.move_by(self.early.pop(self.sequence))
        assert answer["status"] == ("applied" if sequence in ran else "held")
        assert answer["also_applied"] == ran[1:]

    def move_by(self, change: int) -> None:
        """A feed's change stops at what orders and carts hold."""
        self.come(max(self.on_hand + change, self.reserved) - self.on_hand)

    @precondition(lambda self: self.told)
    @rule(data=st.data())
    def tell_again(self, data: st.DataObject) -> None:
        sequence = data.draw(st.sampled_from(sorted(self.told)))
        answer = self.shelf.feed(sequence, "delta", (self.shelf.tap, self.told[sequence]))
        assert answer["duplicate"]
        assert answer["status"] == ("held" if sequence in self.early else "applied")

    @invariant()
    def agrees_with_the_database(self) -> None:
        row = self.shelf.row()
        promised = sum(order[1] for order in self.orders.values())
        assert tuple(row)[:3] == (self.on_hand, self.reserved, promised)

    @invariant()
    def keeps_every_law(self) -> None:
        assert self.shelf.broken() == []


def test_any_sequence_agrees_with_the_model(session: Session, now: datetime) -> None:
    machine = type("Stockroom", (Stockroom,), {"session": session, "start": now})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=20,
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
