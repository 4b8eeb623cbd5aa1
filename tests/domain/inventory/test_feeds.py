"""A seller's stock system tells of its stock, in whatever order its messages come."""

import contextlib
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from app.infra.models import OutboxEvent
from app.infra.unit_of_work import publish
from app.inventory import operations, queries
from app.inventory.errors import (
    FeedNotFound,
    FeedSequenceReused,
    FeedTooFarAhead,
    NotASeller,
    StockRowsUnknown,
)
from app.inventory.operations import Message
from app.inventory.rules.feeding import MAX_HELD
from app.kernel.ids import public_id
from tests.domain.inventory.shelf import Shelf
from tests.factories.catalog import OfferFactory
from tests.factories.network import OrganizationFactory, caller_of
from tests.support.statements import count_statements

# Quantities and changes of three rows, none of which falls below nothing.
MESSAGES = st.tuples(
    st.sampled_from(["absolute", "delta"]),
    st.dictionaries(st.integers(0, 2), st.integers(1, 50), min_size=1),
)
KEPT_LINES = text("SELECT count(*) FROM inventory_feed_messages WHERE lines IS NOT NULL")


class TestAFeed:
    def test_sets_levels_and_adds_changes(self, shelf: Shelf) -> None:
        assert shelf.feed(1, "absolute", (shelf.tap, 10))["status"] == "applied"
        assert shelf.feed(2, "delta", (shelf.tap, -4), (shelf.tap, 1))["rows"] == 1
        assert shelf.row().on_hand == 7
        assert shelf.movements() == [(10, "feed"), (-3, "feed")]
        assert shelf.broken() == []

    def test_answers_a_message_again_as_before(self, shelf: Shelf) -> None:
        first = shelf.feed(1, "delta", (shelf.tap, 5))
        again = shelf.feed(1, "delta", (shelf.tap, 5))
        assert (first["duplicate"], again["duplicate"]) == (False, True)
        assert {**again, "duplicate": False} == first
        assert shelf.row().on_hand == 5
        with pytest.raises(FeedSequenceReused):
            shelf.feed(1, "delta", (shelf.tap, 6))

    def test_holds_changes_until_those_before_them_came(self, shelf: Shelf) -> None:
        shelf.feed(1, "absolute", (shelf.tap, 10))
        held = shelf.feed(3, "delta", (shelf.tap, -2))
        assert (held["status"], held["waits_for"]) == ("held", [2])
        shelf.feed(4, "delta", (shelf.tap, 5))
        assert shelf.row().on_hand == 10
        filled = shelf.feed(2, "delta", (shelf.tap, -1))
        assert (filled["also_applied"], filled["applied"]) == ([3, 4], 4)
        assert shelf.row().on_hand == 12
        again = shelf.feed(3, "delta", (shelf.tap, -2))
        assert (again["status"], again["duplicate"]) == ("applied", True)

    def test_goes_on_from_quantities_whatever_is_missing(self, shelf: Shelf) -> None:
        shelf.feed(1, "absolute", (shelf.tap, 10))
        shelf.feed(3, "delta", (shelf.tap, -9))
        shelf.feed(6, "delta", (shelf.tap, 2))
        told = shelf.feed(5, "absolute", (shelf.tap, 20))
        assert (told["also_applied"], shelf.row().on_hand) == ([6], 22)
        assert shelf.feed(3, "delta", (shelf.tap, -9))["status"] == "ignored"
        late = shelf.feed(4, "absolute", (shelf.tap, 1))
        assert (late["status"], late["applied"]) == ("ignored", 6)
        assert shelf.row().on_hand == 22

    def test_takes_a_late_message_for_rows_that_no_newer_one_counted(self, shelf: Shelf) -> None:
        drill = shelf.variant()
        shelf.feed(4, "delta", (shelf.tap, -1), (drill, 3))
        newest = shelf.feed(3, "absolute", (shelf.tap, 20))
        assert (newest["also_applied"], shelf.row().on_hand) == ([4], 19)
        assert queries.get_feed(shelf.session, caller=shelf.caller, code="wms").passed == [1, 2]

        late = shelf.feed(2, "absolute", (shelf.tap, 99), (drill, 10))
        assert (late["status"], late["rows"], late["applied"]) == ("applied", 1, 4)
        assert shelf.feed(1, "delta", (shelf.tap, 7), (drill, 7))["status"] == "ignored"
        assert (shelf.row().on_hand, shelf.row(variant=drill).on_hand) == (19, 13)
        assert shelf.session.scalar(KEPT_LINES) == 0
        assert shelf.broken() == []

    @given(order=st.permutations(range(6)), messages=st.lists(MESSAGES, min_size=6, max_size=6))
    @settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
    def test_ends_the_same_in_whatever_order_its_messages_come(
        self, shelf: Shelf, order: list[int], messages: list[tuple[str, dict[int, int]]]
    ) -> None:
        levels: dict[int, int] = {}
        for kind, lines in messages:
            for tap, units in lines.items():
                levels[tap] = units + (levels.get(tap, 0) if kind == "delta" else 0)
        with contextlib.closing(shelf.session.begin_nested()):
            taps = [shelf.tap, shelf.variant(), shelf.variant()]
            for number in order:
                kind, lines = messages[number]
                told = ((taps[tap], units) for tap, units in lines.items())
                shelf.feed(number + 1, kind, *told)

            assert {tap: shelf.row(variant=taps[tap]).on_hand for tap in levels} == levels
            assert shelf.session.scalar(KEPT_LINES) == 0

    def test_keeps_only_so_many_messages_waiting(self, shelf: Shelf) -> None:
        for sequence in range(2, 2 + MAX_HELD):
            shelf.feed(sequence, "delta", (shelf.tap, 1))
        with pytest.raises(FeedTooFarAhead) as refusal:
            shelf.feed(500, "delta", (shelf.tap, 1))
        assert refusal.value.details["missing"] == [1]
        assert shelf.feed(1, "delta", (shelf.tap, 1))["applied"] == 1 + MAX_HELD
        assert shelf.row().on_hand == 1 + MAX_HELD

    def test_tells_once_that_it_waits(self, shelf: Shelf) -> None:
        shelf.feed(3, "delta", (shelf.tap, 1))
        shelf.feed(4, "delta", (shelf.tap, 1))
        publish(shelf.session)
        [event] = shelf.session.query(OutboxEvent).where(OutboxEvent.name == "stock.feed_waits")
        assert event.payload == {"feed": "wms", "sequence": 3, "expected": 1}
        assert event.audience == [shelf.seller.id]

    def test_stops_at_what_orders_hold_and_says_so(self, shelf: Shelf) -> None:
        drill = shelf.variant()
        shelf.feed(1, "absolute", (shelf.tap, 10), (drill, 10))
        shelf.reserve(6)
        told = shelf.feed(2, "absolute", (shelf.tap, 4), (drill, 4))
        assert told["short"] == [
            {
                "location_id": public_id("loc", shelf.here),
                "variant_id": public_id("var", shelf.tap),
                "on_hand": 4,
                "reserved": 6,
            }
        ]
        assert (shelf.row().on_hand, shelf.row(variant=drill).on_hand) == (6, 4)
        assert shelf.broken() == []

    def test_names_rows_by_the_seller_s_own_codes(self, shelf: Shelf) -> None:
        OfferFactory(seller_id=shelf.seller.id, variant_id=shelf.tap, seller_sku="TAP-1")
        shelf.session.flush()
        code = shelf.session.scalar(
            text("SELECT code FROM inventory_locations WHERE id = :id"), {"id": shelf.here}
        )
        line = {"location_code": code, "seller_sku": "TAP-1", "quantity": 5, "safety": 1}
        told = Message(sequence=1, kind="absolute", lines=[line])
        operations.put_feed(
            shelf.session, caller=shelf.caller, code="wms", message=told, now=shelf.now
        )
        assert shelf.row()[:4] == (5, 0, 0, 1)

    def test_points_at_what_it_does_not_know_and_remembers_nothing(self, shelf: Shelf) -> None:
        line = {"location_code": "NOWHERE", "seller_sku": "NOTHING", "quantity": 5}
        known = {"location_id": shelf.here, "variant_id": shelf.tap, "quantity": 5}
        told = Message(sequence=1, kind="absolute", lines=[known, line])
        with pytest.raises(StockRowsUnknown) as refusal:
            operations.put_feed(
                shelf.session, caller=shelf.caller, code="wms", message=told, now=shelf.now
            )
        assert [each["pointer"] for each in refusal.value.details["errors"]] == [
            "/lines/1/seller_sku",
            "/lines/1/location_code",
        ]
        with pytest.raises(StockRowsUnknown, match="twice"):
            shelf.feed(1, "absolute", (shelf.tap, 1), (shelf.tap, 2))
        assert shelf.feed(1, "absolute", (shelf.tap, 3))["status"] == "applied"

    def test_is_its_seller_s_alone(self, shelf: Shelf) -> None:
        shelf.feed(1, "absolute", (shelf.tap, 10))
        stranger = caller_of(OrganizationFactory(wholesaler=True))
        with pytest.raises(FeedNotFound):
            queries.get_feed(shelf.session, caller=stranger, code="wms")
        with pytest.raises(NotASeller):
            operations.put_feed(
                shelf.session, caller=caller_of(OrganizationFactory(buyer=True)), code="wms",
                message=Message(sequence=1, kind="delta", lines=[]), now=shelf.now,
            )  # fmt: skip

    def test_of_many_lines_takes_as_many_statements_as_one(self, shelf: Shelf) -> None:
        variants = [shelf.variant() for _ in range(40)]
        counts = []
        for sequence, lines in ((1, variants[:1]), (2, variants)):
            with count_statements() as statements:
                shelf.feed(sequence, "absolute", *((variant, 5) for variant in lines))
            counts.append(len(statements))
        assert counts[1] <= counts[0]

    def test_forgets_old_messages_but_not_where_it_is(self, shelf: Shelf) -> None:
        shelf.feed(1, "absolute", (shelf.tap, 10))
        shelf.feed(3, "delta", (shelf.tap, 1))
        later = shelf.now + timedelta(days=40)
        assert operations.purge_feed_messages(shelf.session, now=later, limit=10) == 1
        assert shelf.feed(1, "absolute", (shelf.tap, 99))["status"] == "ignored"
        assert shelf.feed(2, "delta", (shelf.tap, 1))["also_applied"] == [3]
