"""Stock is the sum of its movements, whoever writes it; movements are never changed."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError, IntegrityError
from sqlalchemy.orm import Session

from app.inventory import operations
from app.inventory.errors import SameLocation, StockBelowReserved, StockRowsUnknown
from app.inventory.operations import Cause, Transferred
from app.kernel.ids import new_id
from tests.domain.inventory.shelf import Shelf
from tests.factories.catalog import LocationFactory, StockFactory
from tests.factories.network import OrganizationFactory
from tests.support.statements import count_statements


class TestTheLog:
    def test_says_why_each_unit_came_and_left(self, shelf: Shelf) -> None:
        shelf.count(10)
        shelf.receive((5, None, None))
        shelf.adjust(-2)
        shelf.adjust(1, code="found")
        held = shelf.reserve(4)
        operations.consume(shelf.session, quantities={held: 3})
        operations.write_off(shelf.session, quantities={held: 1}, cause=Cause(reason="loss"))
        shelf.count(9)
        assert shelf.movements() == [
            (10, "count"), (5, "receipt"), (-2, "loss"), (1, "adjustment"), (-3, "shipment"),
            (-1, "loss"), (-1, "count"),
        ]  # fmt: skip
        assert shelf.row()[:2] == (9, 0)
        assert shelf.broken() == []

    def test_is_silent_when_units_are_only_held(self, shelf: Shelf) -> None:
        shelf.count(10)
        held = shelf.reserve(4)
        operations.release(shelf.session, quantities={held: 4})
        shelf.count(10, safety=2)
        assert shelf.movements() == [(10, "count")]

    def test_names_what_a_shipment_was(self, shelf: Shelf) -> None:
        shelf.count(10)
        one, other, third = shelf.reserve(1), shelf.reserve(2), shelf.reserve(3)
        left = {one: Cause(reason="shipment", reference="ship_a")}
        left |= dict.fromkeys((other, third), Cause(reason="shipment", reference="ship_b"))
        operations.consume(shelf.session, quantities={one: 1, other: 2, third: 3}, causes=left)
        rows = shelf.session.execute(
            text("SELECT reference, quantity FROM inventory_movements WHERE reason = 'shipment'")
        )
        assert {tuple(row) for row in rows} == {("ship_a", -1), ("ship_b", -5)}

    def test_writes_down_who_writes_stock_past_it(self, shelf: Shelf) -> None:
        StockFactory(location_id=shelf.here, variant_id=shelf.tap, on_hand=8)
        shelf.session.flush()
        shelf.session.execute(text("UPDATE inventory_stock SET on_hand = on_hand - 3"))
        assert shelf.movements() == [(8, "opening"), (-3, "correction")]
        assert shelf.broken() == []

    @pytest.mark.parametrize(
        "change",
        [
            "UPDATE inventory_movements SET quantity = 1",
            "DELETE FROM inventory_movements",
            "DELETE FROM inventory_stock",
        ],
    )
    def test_cannot_be_changed(self, shelf: Shelf, change: str) -> None:
        shelf.count(10)
        with pytest.raises(DatabaseError, match="append-only"):
            shelf.session.execute(text(change))

    def test_moves_no_stock_that_there_is_not(self, shelf: Shelf) -> None:
        with pytest.raises(DatabaseError, match="stock that there is not"):
            shelf.session.execute(
                text(
                    "INSERT INTO inventory_movements (location_id, variant_id, quantity, reason)"
                    " VALUES (:here, :tap, 1, 'receipt')"
                ),
                {"here": shelf.here, "tap": shelf.tap},
            )

    def test_never_takes_what_is_held(self, shelf: Shelf) -> None:
        shelf.count(5)
        shelf.reserve(4)
        with pytest.raises(IntegrityError, match="never_oversold"):
            shelf.session.execute(
                text(
                    "INSERT INTO inventory_movements (location_id, variant_id, quantity, reason)"
                    " VALUES (:here, :tap, -2, 'loss')"
                ),
                {"here": shelf.here, "tap": shelf.tap},
            )


class TestTheProof:
    def test_finds_stock_that_did_not_move_there(self, shelf: Shelf) -> None:
        shelf.count(5)
        assert shelf.broken() == []
        shelf.session.execute(text("SET LOCAL session_replication_role = replica"))
        shelf.session.execute(text("UPDATE inventory_stock SET on_hand = on_hand + 1"))
        shelf.session.execute(text("SET LOCAL session_replication_role = origin"))
        assert shelf.broken() == ["what is on hand is the sum of its movements"]


class TestAnAdjustment:
    def test_leaves_what_orders_hold_and_says_where_it_would_not(self, shelf: Shelf) -> None:
        shelf.count(5)
        shelf.reserve(4)
        with pytest.raises(StockBelowReserved) as refusal:
            shelf.adjust(-2)
        assert refusal.value.details["errors"] == [
            {
                "in": "json",
                "pointer": "/rows/0/quantity",
                "message": "5 are there, 4 of them reserved",
            }
        ]
        assert shelf.row().on_hand == 5


class TestATransfer:
    def test_moves_units_from_here_to_there(self, shelf: Shelf) -> None:
        shelf.count(5)
        goods = [Transferred(variant_id=shelf.tap, quantity=3)]
        operations.transfer(
            shelf.session, caller=shelf.caller, from_id=shelf.here, to_id=shelf.there,
            goods=goods, reference="T-1", now=shelf.now,
        )  # fmt: skip
        assert (shelf.row().on_hand, shelf.row(shelf.there).on_hand) == (2, 3)
        assert shelf.movements(shelf.there) == [(3, "transfer")]
        assert shelf.broken() == []

    def test_is_between_two_locations_of_the_seller_s(self, shelf: Shelf) -> None:
        shelf.count(5)
        strange = LocationFactory(seller_id=OrganizationFactory(wholesaler=True).id).id
        goods = [Transferred(variant_id=shelf.tap, quantity=3)]
        for target, refusal in ((shelf.here, SameLocation), (strange, StockRowsUnknown)):
            with pytest.raises(refusal):
                operations.transfer(
                    shelf.session, caller=shelf.caller, from_id=shelf.here, to_id=target,
                    goods=goods, reference=None, now=shelf.now,
                )  # fmt: skip


class TestTheCost:
    def test_of_shipping_many_is_one_statement(self, shelf: Shelf, session: Session) -> None:
        shelf.count(50)
        held = [shelf.reserve(1) for _ in range(20)]
        with count_statements() as statements:
            operations.consume(session, quantities=dict.fromkeys(held, 1))
        assert len(statements) == 1

    def test_of_receiving_many_is_that_of_one(self, shelf: Shelf) -> None:
        counts = []
        for size in (1, 30):
            goods = [
                operations.Received(variant_id=shelf.variant(), quantity=2, lot=f"L{new_id()}")
                for _ in range(size)
            ]
            with count_statements() as statements:
                operations.receive(
                    shelf.session, caller=shelf.caller, location_id=shelf.here,
                    reference="D", goods=goods, now=shelf.now,
                )  # fmt: skip
            counts.append(len(statements))
        assert counts[0] == counts[1]
