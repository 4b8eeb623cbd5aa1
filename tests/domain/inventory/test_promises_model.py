"""Whatever is announced, promised, received and given back: no promise exceeds what comes."""

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

from app.inventory import operations, queries
from app.inventory.errors import NothingToPromise, StockTaken
from app.kernel.ids import new_id
from tests.domain.inventory.shelf import Shelf
from tests.factories.catalog import OfferFactory

DAYS = [date(2026, 3, day) for day in (4, 9, 20)]
units = st.integers(1, 8)


class Warehouse(RuleBasedStateMachine):
    """Deliveries by day, and orders that were promised some of them."""

    session: Session
    start: datetime

    def __init__(self) -> None:
        super().__init__()
        self.shelf = Shelf(self.session, self.start)
        OfferFactory(
            seller_id=self.shelf.seller.id, variant_id=self.shelf.tap, backorder="incoming"
        )
        self.shelf.count(0)
        self.comes: dict[date, int] = {}
        self.promised: dict[uuid.UUID, tuple[date, int]] = {}
        self.carts: dict[uuid.UUID, tuple[date, int]] = {}
        self.references: dict[date, str] = {}
        self.used: set[str] = set()

    def by(self, day: date) -> int:
        """What comes until a day."""
        return sum(quantity for due, quantity in self.comes.items() if due <= day)

    def rest(self) -> int:
        return sum(n for all_ in (self.promised, self.carts) for _, n in all_.values())

    def wanted(self, day: date, quantity: int) -> operations.Wanted:
        return operations.Wanted(
            allocation_id=new_id(), location_id=self.shelf.here, variant_id=self.shelf.tap,
            quantity=quantity, due_on=day,
        )  # fmt: skip

    @rule(day=st.sampled_from(DAYS), quantity=units)
    def announce(self, day: date, quantity: int) -> None:
        """More comes; never less than was announced, so that no promise is broken by that."""
        self.comes[day] = self.comes.get(day, 0) + quantity
        reference = self.references.setdefault(day, f"PO-{len(self.used)}-{day}")
        self.used.add(reference)
        self.shelf.announce(reference, day, self.comes[day])

    @rule(day=st.sampled_from(DAYS), quantity=units)
    def promise(self, day: date, quantity: int) -> None:
        wanted = self.wanted(day, quantity)
        self.shelf.now += timedelta(seconds=1)
        fits = self.rest() + quantity <= self.by(day)
        nested = self.session.begin_nested()
        try:
            operations.promise(self.session, order_id=new_id(), wanted=[wanted], now=self.shelf.now)
        except NothingToPromise as refused:
            nested.rollback()
            assert not fits
            [row] = refused.details["taken"]
            assert row["available"] == max(self.by(day) - self.rest(), 0)
        else:
            nested.commit()
            assert fits
            self.promised[wanted.allocation_id] = day, quantity

    @precondition(lambda self: self.promised)
    @rule(data=st.data())
    def give_back(self, data: st.DataObject) -> None:
        key = data.draw(st.sampled_from(list(self.promised)))
        _, quantity = self.promised.pop(key)
        operations.release(self.session, quantities={key: quantity})

    @rule(day=st.sampled_from(DAYS), quantity=units)
    def keep(self, day: date, quantity: int) -> None:
        """A cart keeps what is still to come, under the same law."""
        cart, until = new_id(), self.shelf.now + timedelta(minutes=15)
        fits = self.rest() + quantity <= self.by(day)
        try:
            operations.keep(
                self.session, cart_id=cart, wanted=(), coming=[self.wanted(day, quantity)],
                expires_at=until, now=self.shelf.now,
            )  # fmt: skip
        except StockTaken:
            assert not fits
        else:
            assert fits
            self.carts[cart] = day, quantity

    @precondition(lambda self: self.carts)
    @rule(data=st.data(), less=st.integers(0, 2))
    def order(self, data: st.DataObject, less: int) -> None:
        """What a cart kept is its order's, whatever others were promised since."""
        cart = data.draw(st.sampled_from(list(self.carts)))
        day, quantity = self.carts.pop(cart)
        wanted = self.wanted(day, max(1, quantity - less))
        operations.take_over_all(
            self.session, cart_id=cart, order_id=new_id(), wanted=(), coming=[wanted],
            now=self.shelf.now,
        )  # fmt: skip
        self.promised[wanted.allocation_id] = day, wanted.quantity

    @precondition(lambda self: self.carts)
    @rule()
    def let_go(self) -> None:
        cart, (_, quantity) = self.carts.popitem()
        assert operations.let_go(self.session, cart_id=cart) == quantity

    @precondition(lambda self: self.comes and not self.carts)
    @rule()
    def receive(self) -> None:
        """The first delivery comes: those who were promised the earliest days get it."""
        day = min(self.comes)
        left = self.comes.pop(day)
        self.shelf.receive((left, None, None), reference=self.references.pop(day))
        # What nobody waits for is sold at once, so that only what comes counts.
        waiting = sorted(self.promised.items(), key=lambda item: item[1][0])
        for key, (due, quantity) in waiting:
            taken = min(left, quantity)
            left -= taken
            self.promised[key] = due, quantity - taken
            if taken:
                operations.consume(self.session, quantities={key: taken})
            if taken == quantity:
                del self.promised[key]
        if left:
            self.shelf.adjust(-left)

    @invariant()
    def promises_what_comes_and_no_more(self) -> None:
        assert self.shelf.row().promised == self.rest()
        offered = queries.list_backorderable(
            self.session, variant_ids=[self.shelf.tap], now=self.shelf.now
        )
        assert sum(row[5] for row in offered) == sum(self.comes.values()) - self.rest()

    def teardown(self) -> None:
        """No promise is broken, and every law of stock holds."""
        found = queries.list_broken_promises(self.session, now=self.shelf.now, limit=9)
        assert found == []
        assert self.shelf.broken() == []


def test_no_promise_exceeds_what_comes(session: Session, now: datetime) -> None:
    machine = type("Warehouse", (Warehouse,), {"session": session, "start": now})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=12,
            stateful_step_count=15,
            deadline=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )
