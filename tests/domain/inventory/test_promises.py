"""What is to come can be promised, once; orders that wait get it first."""

from datetime import date, timedelta

import pytest

from app.inventory import operations, queries
from app.inventory.errors import NothingToPromise, ReservationTooSmall
from app.inventory.operations import Cause
from tests.domain.inventory.shelf import Shelf
from tests.factories.catalog import OfferFactory

SOON, LATER = date(2026, 3, 9), date(2026, 3, 20)


@pytest.fixture
def waiting(shelf: Shelf) -> Shelf:
    """Nothing there, ten units on their way, and an offer that may be ordered out of them."""
    OfferFactory(seller_id=shelf.seller.id, variant_id=shelf.tap, backorder="incoming")
    shelf.announce("PO-1", SOON, 6)
    shelf.announce("PO-2", LATER, 4)
    return shelf


def promises(shelf: Shelf) -> list[tuple[date, int]]:
    found = queries.list_available_to_promise(
        shelf.session, caller=shelf.caller, location_id=shelf.here, variant_id=shelf.tap,
        now=shelf.now,
    )  # fmt: skip
    return [tuple(each) for each in found]


def orderable(shelf: Shelf) -> list[tuple[int, date | None]]:
    rows = queries.list_backorderable(shelf.session, variant_ids=[shelf.tap], now=shelf.now)
    return [(row[5], row[6]) for row in rows]


class TestAvailableToPromise:
    def test_grows_with_each_delivery(self, waiting: Shelf) -> None:
        waiting.count(3)
        today = waiting.now.date()
        assert promises(waiting) == [(today, 3), (SOON, 9), (LATER, 13)]
        waiting.reserve(2)
        assert promises(waiting)[0] == (today, 1)

    def test_is_without_what_orders_were_promised(self, waiting: Shelf) -> None:
        waiting.promise(7)
        assert promises(waiting) == [(waiting.now.date(), 0), (LATER, 3)]
        assert orderable(waiting) == [(3, LATER)]

    def test_follows_a_delivery_to_another_day_and_quantity(self, waiting: Shelf) -> None:
        waiting.announce("PO-1", LATER + timedelta(days=1), 2)
        waiting.announce("PO-2", LATER, 0)
        assert promises(waiting) == [(waiting.now.date(), 0), (LATER + timedelta(days=1), 2)]


class TestBackOrders:
    def test_are_taken_out_of_what_comes_and_of_no_more(self, waiting: Shelf) -> None:
        assert orderable(waiting) == [(6, SOON), (4, LATER)]
        waiting.promise(6)
        with pytest.raises(NothingToPromise) as refusal:
            waiting.promise(5)
        assert refusal.value.details["taken"][0]["available"] == 4
        assert waiting.row()[:3] == (0, 0, 6)

    @pytest.mark.parametrize(
        ("policy", "units"),
        [
            ({"backorder": "none"}, []),
            ({"backorder": "incoming", "backorder_limit": 8}, [(6, SOON), (2, LATER)]),
            ({"backorder": "incoming", "backorder_limit": 0}, []),
            ({"backorder": "always", "backorder_limit": 5, "backorder_days": 9}, [(5, None)]),
        ],
    )
    def test_follow_the_offer_s_policy(self, shelf: Shelf, policy: dict, units: list) -> None:
        OfferFactory(seller_id=shelf.seller.id, variant_id=shelf.tap, **policy)
        shelf.announce("PO-1", SOON, 6)
        shelf.announce("PO-2", LATER, 4)
        assert orderable(shelf) == units
        most = sum(each for each, _ in units)
        if most:
            shelf.promise(most)
        with pytest.raises(NothingToPromise):
            shelf.promise(1)
        assert shelf.broken() == []

    def test_get_the_goods_first_when_they_come_the_oldest_first(self, waiting: Shelf) -> None:
        first, second = waiting.promise(4), waiting.promise(5)
        with pytest.raises(ReservationTooSmall):
            operations.consume(waiting.session, quantities={first: 1})
        waiting.receive((6, None, None), reference="PO-1")
        assert waiting.row()[:3] == (6, 6, 3)
        operations.consume(waiting.session, quantities={first: 4, second: 2})
        with pytest.raises(ReservationTooSmall):
            operations.consume(waiting.session, quantities={second: 1})
        assert waiting.broken() == []

    def test_take_no_more_than_they_were_promised(self, waiting: Shelf) -> None:
        waiting.promise(2)
        waiting.receive((6, None, None), reference="PO-1")
        assert waiting.row()[:3] == (6, 2, 0)
        assert promises(waiting) == [(waiting.now.date(), 4), (LATER, 8)]

    def test_give_back_what_has_not_come_first(self, waiting: Shelf) -> None:
        held = waiting.promise(6)
        waiting.receive((4, None, None), reference="PO-1")
        assert waiting.row()[:3] == (4, 4, 2)
        operations.release(waiting.session, quantities={held: 3})
        assert waiting.row()[:3] == (4, 3, 0)
        assert waiting.broken() == []

    def test_can_be_written_off_before_they_come(self, waiting: Shelf) -> None:
        held = waiting.promise(6)
        waiting.receive((4, None, None), reference="PO-1")
        operations.write_off(
            waiting.session, quantities={held: 5}, cause=Cause(reason="loss", code="lost")
        )
        assert waiting.row()[:3] == (1, 1, 0)
        assert waiting.broken() == []

    def test_get_what_others_gave_back_from_a_sweep(self, waiting: Shelf) -> None:
        waiting.count(3)
        other = waiting.reserve(3)
        waiting.promise(5)
        operations.release(waiting.session, quantities={other: 2})
        assert operations.fill_promises(waiting.session, now=waiting.now, limit=10) == 1
        assert waiting.row()[:3] == (3, 3, 3)
        assert operations.fill_promises(waiting.session, now=waiting.now, limit=10) == 0
        assert waiting.broken() == []
