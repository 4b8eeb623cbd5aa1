"""Any sequence of reserve, release and consume agrees with a model of plain dictionaries."""

from datetime import datetime

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.inventory import operations
from app.inventory.errors import ReservationTooSmall, StockTaken
from app.inventory.models import Reservation, Stock
from app.inventory.operations import Wanted
from app.kernel.ids import new_id
from tests.factories.catalog import LocationFactory, StockFactory, VariantFactory
from tests.factories.network import OrganizationFactory

ON_HAND, SAFETY, ROWS = 20, 2, 3


class Shelves(RuleBasedStateMachine):
    """``on_hand`` and ``reserved`` a row, and what each allocation holds, kept twice."""

    session: Session
    now: datetime

    def __init__(self) -> None:
        super().__init__()
        maker = OrganizationFactory(manufacturer=True)
        self.variant_id = VariantFactory(manufacturer_id=maker.id).id
        self.rows = [LocationFactory(seller_id=maker.id).id for _ in range(ROWS)]
        for location_id in self.rows:
            StockFactory(
                location_id=location_id, variant_id=self.variant_id, on_hand=ON_HAND, safety=SAFETY
            )
        self.on_hand = dict.fromkeys(self.rows, ON_HAND)
        self.reserved = dict.fromkeys(self.rows, 0)
        self.held: dict[object, list[object]] = {}

    @rule(lines=st.lists(st.tuples(st.integers(0, ROWS - 1), st.integers(1, 8)), max_size=5))
    def reserve(self, lines: list[tuple[int, int]]) -> None:
        wanted = [
            Wanted(
                allocation_id=new_id(),
                location_id=self.rows[row],
                variant_id=self.variant_id,
                quantity=quantity,
            )
            for row, quantity in lines
        ]
        need = {row: sum(w.quantity for w in wanted if w.location_id == row) for row in self.rows}
        fits = all(self.on_hand[r] - self.reserved[r] - SAFETY >= need[r] for r in need if need[r])
        try:
            operations.reserve(self.session, order_id=new_id(), wanted=wanted, now=self.now)
        except StockTaken:
            assert not fits
            return
        assert fits
        for each in wanted:
            self.reserved[each.location_id] += each.quantity
            self.held[each.allocation_id] = [each.location_id, each.quantity]

    def _take(self, data: st.DataObject) -> dict[object, int]:
        """Some quantities of some allocations; now and then one more than is held."""
        chosen = data.draw(st.lists(st.sampled_from(sorted(self.held, key=str)), unique=True))
        return {each: data.draw(st.integers(0, self.held[each][1] + 1)) for each in chosen}

    def _apply(self, operation: object, quantities: dict[object, int]) -> bool:
        fits = all(self.held[each][1] >= quantity for each, quantity in quantities.items())
        try:
            operation(self.session, quantities=quantities)
        except ReservationTooSmall:
            assert not fits
            return False
        assert fits
        for each, quantity in quantities.items():
            self.held[each][1] -= quantity
            self.reserved[self.held[each][0]] -= quantity
        return True

    @rule(data=st.data())
    def release(self, data: st.DataObject) -> None:
        if self.held:
            self._apply(operations.release, self._take(data))

    @rule(data=st.data())
    def consume(self, data: st.DataObject) -> None:
        if self.held:
            quantities = self._take(data)
            if self._apply(operations.consume, quantities):
                for each, quantity in quantities.items():
                    self.on_hand[self.held[each][0]] -= quantity

    @invariant()
    def agrees_with_the_database(self) -> None:
        rows = self.session.execute(
            select(Stock.location_id, Stock.on_hand, Stock.reserved).where(
                Stock.variant_id == self.variant_id
            )
        ).all()
        assert {row.location_id: row.on_hand for row in rows} == self.on_hand
        assert {row.location_id: row.reserved for row in rows} == self.reserved
        left = Reservation.quantity - Reservation.consumed - Reservation.released
        records = self.session.execute(
            select(Reservation.allocation_id, left).where(Reservation.variant_id == self.variant_id)
        ).all()
        assert dict(map(tuple, records)) == {each: held[1] for each, held in self.held.items()}


def test_any_sequence_agrees_with_the_model(session: Session, now: datetime) -> None:
    machine = type("Shelves", (Shelves,), {"session": session, "now": now})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=25,
            stateful_step_count=20,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
