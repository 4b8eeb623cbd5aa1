"""What a policy says of the time after the plan happens: the version that decided the order.

The storefront settles otherwise in each story, so what is seen is the policy's.
"""

import uuid
from datetime import datetime, timedelta

import pytest
from sqlalchemy import text

from app.infra.unit_of_work import transaction
from app.ordering import operations as ordering
from app.ordering.models import Order, SellerOrder
from app.routing import operations as routing
from tests.support.till import Till

CLAWBACK = 1400


@pytest.fixture
def till(session, now: datetime) -> Till:
    return Till(session, now)


def settle(till: Till, **choices: object) -> None:
    with transaction(till.session):
        for name, value in choices.items():
            setattr(till.world.storefront, name, value)


def hold(till: Till, **document: object) -> None:
    with transaction(till.session):
        routing.create_policy(
            till.session, scope=routing.PolicyScope(), document=document, valid_from=till.now
        )


def status(till: Till, order_id: uuid.UUID) -> str:
    return till.session.get_one(Order, order_id, populate_existing=True).status


def fill(till: Till, name: str, units: int) -> None:
    """A seller has goods that it had not when orders were placed."""
    with transaction(till.session):
        till.session.execute(
            text("UPDATE inventory_stock SET on_hand = :units WHERE location_id = :place"),
            {"units": units, "place": till.world.places[name]},
        )


class TestAttempts:
    @pytest.mark.parametrize(
        ("policys", "shops", "left"),
        [(1, 10, "cancelled"), (2, 1, "placed"), (None, 1, "cancelled")],
    )
    def test_are_as_the_policy_says_else_the_storefront(
        self, till: Till, policys: int | None, shops: int, left: str
    ) -> None:
        settle(till, most_attempts=shops)
        hold(till, limits={"attempts": policys})
        order_id = till.place((till.world.add_variant(), 3))

        till.reject(order_id, "dieter")

        assert status(till, order_id) == left
        till.check()

    def test_are_those_of_the_version_that_decided_the_order(self, till: Till) -> None:
        order_id = till.place((till.world.add_variant(), 3))
        till.after(minutes=1)
        hold(till, limits={"attempts": 1})

        till.reject(order_id, "dieter")

        assert set(till.parts(order_id)) == {"wanda"}

    def test_are_not_used_up_by_planning_again(self, till: Till) -> None:
        settle(till, reoptimize_above_minor=0)
        hold(till, limits={"attempts": 1}, reoptimize=True)
        order_id = till.place((till.world.add_variant(dieter=1100, wanda=800, stock=(9, 0)), 5))
        fill(till, "wanda", 50)

        with transaction(till.session):
            gain = ordering.apply_gain(till.session, order_ids=[order_id], now=till.now)

        assert gain is not None
        assert gain.is_applied
        assert set(till.parts(order_id)) == {"wanda"}
        till.reject(order_id, "wanda")
        assert status(till, order_id) == "cancelled"
        till.check()


class TestHoursToAnswer:
    def test_hold_for_the_first_seller_and_for_who_comes_after(self, till: Till) -> None:
        hold(till, limits={"answer_hours": 3})
        order_id = till.place((till.world.add_variant(), 3))
        till.after(hours=1)
        hold(till, limits={"answer_hours": 50})

        till.reject(order_id, "dieter")

        first, second = sorted(
            till.session.query(SellerOrder).where(SellerOrder.order_id == order_id),
            key=lambda part: part.attempt,
        )
        assert first.accept_by == till.now + timedelta(hours=2)
        assert second.accept_by == till.now + timedelta(hours=3)


class TestTheLastResort:
    @pytest.mark.parametrize(
        ("resort", "left"), [("wait", "waiting"), ("ask_buyer", "waiting"), (None, "cancelled")]
    )
    def test_is_the_policys_even_where_nothing_is_tried_any_more(
        self, till: Till, resort: str | None, left: str
    ) -> None:
        settle(till, last_resort="cancel")
        hold(till, last_resort=resort, limits={"attempts": 1})
        order_id = till.place((till.world.add_variant(wanda=None), 3))
        till.after(minutes=1)
        hold(till, last_resort="cancel")

        till.reject(order_id, "dieter")

        assert status(till, order_id) == left
        till.check()


class TestTheDifference:
    def test_is_paid_by_whom_the_orders_version_names(self, till: Till) -> None:
        settle(till, price_difference="storefront")
        hold(till, price_difference="refusing_seller")
        order_id = till.place((till.world.add_variant(dieter=800, wanda=1400), 10))
        till.after(minutes=1)
        hold(till, price_difference="operator")
        till.reject(order_id, "dieter")
        till.accept(order_id)
        till.ship(order_id, "wanda")

        books = till.check()

        assert {name for code, name in books if code == CLAWBACK} == {"Dieter"}


class TestPlanningAgain:
    @pytest.mark.parametrize(
        ("policys", "shops", "groups"),
        [(True, False, 1), (False, True, 0), (None, True, 1), (None, False, 0)],
    )
    def test_is_wanted_as_the_policy_says_else_the_storefront(
        self, till: Till, *, policys: bool | None, shops: bool, groups: int
    ) -> None:
        settle(till, reoptimizes=shops)
        hold(till, reoptimize=policys)
        till.place((till.world.add_variant(), 1))
        till.after(minutes=1)
        hold(till, reoptimize=None if policys is None else not policys)

        found = ordering.neighbourhoods(till.session, now=till.now, all_shops=False)

        assert len(found) == groups
