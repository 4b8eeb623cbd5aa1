"""What expires first leaves first; a variant without lots knows nothing of it."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import text

from app.inventory import operations
from app.inventory.errors import LotNotFound
from app.inventory.models import Location
from app.inventory.operations import Transferred
from tests.domain.inventory.shelf import Shelf

MAY, JUNE = date(2026, 5, 31), date(2026, 6, 30)


class TestLots:
    def test_are_taken_from_in_the_order_of_their_expiry(self, shelf: Shelf) -> None:
        shelf.receive((5, "june", JUNE), (4, "may", MAY), (3, "never", None))
        one, other = shelf.reserve(3), shelf.reserve(4)
        operations.consume(shelf.session, quantities={one: 3, other: 4})
        assert shelf.lots() == {"may": 0, "june": 2, "never": 3}
        assert shelf.broken() == []

    def test_come_before_units_of_no_lot(self, shelf: Shelf) -> None:
        shelf.count(6)
        shelf.receive((4, "may", MAY))
        shelf.adjust(-5)
        assert shelf.lots() == {"may": 0}
        assert shelf.row().on_hand == 5
        assert shelf.broken() == []

    def test_are_drawn_on_by_whoever_writes_stock(self, shelf: Shelf) -> None:
        shelf.receive((4, "may", MAY), (4, "june", JUNE))
        shelf.count(5)
        shelf.session.execute(text("UPDATE inventory_stock SET on_hand = 3"))
        assert shelf.lots() == {"may": 0, "june": 3}
        assert shelf.broken() == []

    def test_can_be_named_to_be_taken_from(self, shelf: Shelf) -> None:
        shelf.receive((4, "may", MAY), (4, "june", JUNE))
        shelf.adjust(-3, lot="june")
        assert shelf.lots() == {"may": 4, "june": 1}
        with pytest.raises(LotNotFound):
            shelf.adjust(-2, lot="june")
        with pytest.raises(LotNotFound) as refusal:
            shelf.adjust(-1, lot="july")
        assert refusal.value.details["errors"][0]["pointer"] == "/rows/0/lot"
        assert shelf.broken() == []

    def test_keep_their_name_and_day_at_another_location(self, shelf: Shelf) -> None:
        shelf.receive((4, "may", MAY))
        goods = [Transferred(variant_id=shelf.tap, quantity=3, lot="may")]
        operations.transfer(
            shelf.session, caller=shelf.caller, from_id=shelf.here, to_id=shelf.there,
            goods=goods, reference=None, now=shelf.now,
        )  # fmt: skip
        there = shelf.session.execute(
            text("SELECT code, expires_on, on_hand FROM inventory_lots WHERE location_id = :there"),
            {"there": shelf.there},
        ).one()
        assert tuple(there) == ("may", MAY, 3)
        assert shelf.broken() == []

    def test_leave_when_they_have_expired_but_for_what_is_held(self, shelf: Shelf) -> None:
        shelf.receive((4, "may", MAY), (3, "june", JUNE))
        shelf.reserve(5)
        later = shelf.now + timedelta(days=95)  # in June
        assert operations.expire_lots(shelf.session, now=later, limit=10) == 1
        assert shelf.lots() == {"may": 2, "june": 3}
        assert shelf.row().on_hand == 5
        assert operations.expire_lots(shelf.session, now=later, limit=10) == 0
        assert shelf.broken() == []

    def test_leave_on_the_day_after_as_their_location_counts_days(self, shelf: Shelf) -> None:
        zones = {shelf.here: "Pacific/Honolulu", shelf.there: "Pacific/Auckland"}
        for location, zone in zones.items():
            shelf.session.get_one(Location, location).time_zone = zone
        shelf.session.flush()
        here, old = shelf.here, date(2019, 1, 1)
        for shelf.here in zones:
            shelf.receive((4, "may", MAY))
        shelf.here = here
        shelf.receive((2, "old", old))

        def left(now: datetime) -> list[int]:
            operations.expire_lots(shelf.session, now=now, limit=10)
            return [shelf.row(location).on_hand for location in zones]

        may_31 = datetime(2026, 5, 31, tzinfo=UTC)
        assert left(may_31.replace(hour=11)) == [4, 4]
        assert left(may_31.replace(hour=13)) == [4, 0]
        assert left(may_31 + timedelta(hours=33)) == [4, 0]
        assert left(may_31 + timedelta(hours=35)) == [0, 0]

    def test_that_orders_hold_keep_no_others_from_leaving(self, shelf: Shelf) -> None:
        shelf.receive((4, "may", MAY))
        shelf.reserve(4)
        shelf.tap = shelf.variant()
        shelf.receive((3, "june", JUNE))

        assert operations.expire_lots(shelf.session, now=shelf.now + timedelta(200), limit=1) == 1

    def test_are_no_matter_of_a_variant_without_them(self, shelf: Shelf) -> None:
        shelf.count(5)
        operations.consume(shelf.session, quantities={shelf.reserve(2): 2})
        rows = shelf.session.execute(text("SELECT count(*) FROM inventory_lot_movements"))
        assert rows.scalar() == 0
