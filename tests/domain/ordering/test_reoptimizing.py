"""Open orders planned again together: the gain is told, taken when large enough, and safe.

Dieter has five of a scarce tap at 8.00, Wanda many at 9.50 and farther away (a parcel of 18.00, his
is 9.00). Who came first took Dieter's; who came second must have a parcel from him anyway.
"""

import uuid
from datetime import datetime, timedelta

import pytest
from sqlalchemy import text

from app.infra.unit_of_work import transaction
from app.ordering import operations as ordering
from app.ordering.models import Order
from app.routing.operations import PolicyScope
from tests.factories.later import allows_backorders, announces
from tests.factories.policies import hold
from tests.support.till import Till


@pytest.fixture
def till(session, now: datetime) -> Till:
    return Till(session, now)


def settle(till: Till, **choices: object) -> None:
    with transaction(till.session):
        for name, value in choices.items():
            setattr(till.world.storefront, name, value)


@pytest.fixture
def orders(till: Till) -> list[uuid.UUID]:
    """Both want the scarce tap, the second another of Dieter's, too."""
    scarce = till.world.add_variant(dieter=800, wanda=950, stock=(5, 100))
    dieters = till.world.add_variant(dieter=800, wanda=None)
    first = till.place((scarce, 5))
    till.after(minutes=1)
    second = till.place((scarce, 5), (dieters, 5))
    return [first, second]


@pytest.fixture
def wandas_turn(till: Till) -> uuid.UUID:
    """Dieter's taps were all that there was; Wanda has cheaper ones now."""
    # Dieter's parcel costs 9.00, Wanda's 18.00: she is cheaper from the fifth tap on.
    tap = till.world.add_variant(dieter=1100, wanda=800, stock=(100, 0))
    order_id = till.place((tap, 5))
    assert sellers(till, order_id) == {"dieter"}
    with transaction(till.session):
        till.session.execute(
            text("UPDATE inventory_stock SET on_hand = 50 WHERE location_id = :place"),
            {"place": till.world.places["wanda"]},
        )
    return order_id


def sellers(till: Till, order_id: uuid.UUID) -> set[str]:
    return set(till.parts(order_id))


class TestPlanningAgain:
    def test_groups_orders_that_want_the_same(self, till: Till, orders) -> None:
        till.place((till.world.add_variant(), 1))

        found = ordering.neighbourhoods(till.session, now=till.now, all_shops=True)

        assert sorted(map(len, found)) == [1, 2]
        assert set(orders) in [set(group) for group in found]

    def test_is_off_until_the_storefront_wants_it(self, till: Till, orders) -> None:
        assert ordering.neighbourhoods(till.session, now=till.now, all_shops=False) == []

    def test_foreseen_leaves_no_trace(self, till: Till, orders) -> None:
        before = till.check()

        with transaction(till.session):
            gain = ordering.foresee_gain(till.session, order_ids=orders, now=till.now)

        assert gain is not None
        assert not gain.is_applied
        assert till.check() == before
        assert [len(till.parts(each)) for each in orders]

    def test_saves_what_it_tells_and_keeps_what_buyers_pay(
        self, till: Till, wandas_turn: uuid.UUID
    ) -> None:
        settle(till, reoptimizes=True, reoptimize_above_minor=0)
        total = till.session.get_one(Order, wandas_turn).total_minor

        with transaction(till.session):
            gain = ordering.apply_gain(till.session, order_ids=[wandas_turn], now=till.now)

        assert gain is not None
        assert (gain.is_applied, gain.saved_minor) == (True, 600)
        assert sellers(till, wandas_turn) == {"wanda"}
        till.check()
        order = till.session.get_one(Order, wandas_turn, populate_existing=True)
        assert order.total_minor == total

    def test_is_left_alone_below_the_threshold(self, till: Till, wandas_turn: uuid.UUID) -> None:
        settle(till, reoptimizes=True, reoptimize_above_minor=600)

        with transaction(till.session):
            gain = ordering.apply_gain(till.session, order_ids=[wandas_turn], now=till.now)

        assert gain is not None
        assert (gain.is_applied, gain.saved_minor) == (False, 600)
        assert sellers(till, wandas_turn) == {"dieter"}
        till.check()

    def test_promises_no_later_day(self, till: Till, wandas_turn: uuid.UUID) -> None:
        settle(till, reoptimizes=True, reoptimize_above_minor=0)
        till.session.execute(
            text("UPDATE offers_offers SET lead_time_days = 9 WHERE seller_id = :wanda"),
            {"wanda": till.world.wanda.id},
        )

        with transaction(till.session):
            gain = ordering.apply_gain(till.session, order_ids=[wandas_turn], now=till.now)

        assert gain is not None
        assert (gain.is_applied, gain.saved_minor) == (False, 0)
        assert sellers(till, wandas_turn) == {"dieter"}

    def test_leaves_an_order_whose_plan_is_not_possible_any_more(
        self, till: Till, orders: list[uuid.UUID]
    ) -> None:
        """Dieter withdrew his taps: what he was asked for stays his to answer."""
        settle(till, reoptimizes=True, reoptimize_above_minor=0)
        till.session.execute(
            text("UPDATE offers_offers SET status = 'paused' WHERE seller_id = :dieter"),
            {"dieter": till.world.dieter.id},
        )

        with transaction(till.session):
            gain = ordering.apply_gain(till.session, order_ids=orders, now=till.now)

        assert gain is not None
        assert (gain.is_applied, gain.moved_ids, gain.saved_minor) == (False, (), 0)
        assert [sellers(till, each) for each in orders] == [{"dieter"}, {"dieter", "wanda"}]

    def test_touches_only_what_moves(self, till: Till, orders: list[uuid.UUID]) -> None:
        settle(till, reoptimizes=True, reoptimize_above_minor=0)
        third = till.place((till.world.variants[0], 3))
        parts = till.parts(third)
        assert parts.keys() == {"wanda"}

        with transaction(till.session):
            gain = ordering.apply_gain(till.session, order_ids=[*orders, third], now=till.now)

        assert gain is not None
        assert gain.is_applied
        assert set(gain.moved_ids) == set(orders)
        assert till.parts(third) == parts
        till.check()

    @pytest.mark.parametrize(("shop", "policy"), [(True, False), (False, True)])
    def test_goes_by_the_policy_before_the_storefront(
        self, till: Till, *, shop: bool, policy: bool
    ) -> None:
        settle(till, reoptimizes=shop)
        with transaction(till.session):
            scope = PolicyScope(storefront_id=till.world.storefront.id)
            hold(till.world, till.now, scope, reoptimize=policy)
        till.place((till.world.add_variant(), 1))

        found = ordering.neighbourhoods(till.session, now=till.now, all_shops=False)

        assert len(found) == policy

    def test_gives_scarce_stock_to_whom_it_saves_most(self, till: Till, orders) -> None:
        settle(till, reoptimizes=True, reoptimize_above_minor=0)
        assert [sellers(till, each) for each in orders] == [{"dieter"}, {"dieter", "wanda"}]

        with transaction(till.session):
            gain = ordering.apply_gain(till.session, order_ids=orders, now=till.now)

        assert gain is not None
        # 16.50 dearer for the first, 25.50 cheaper for the second.
        assert (gain.is_applied, gain.saved_minor) == (True, 900)
        assert [sellers(till, each) for each in orders] == [{"wanda"}, {"dieter"}]
        till.check()

    def test_leaves_orders_alone_that_somebody_has_accepted(self, till: Till) -> None:
        order_id = till.place((till.world.add_variant(), 1))
        till.accept(order_id)

        assert ordering.neighbourhoods(till.session, now=till.now, all_shops=True) == []
        with transaction(till.session):
            assert ordering.apply_gain(till.session, order_ids=[order_id], now=till.now) is None

    def test_leaves_orders_alone_of_which_something_is_still_to_come(self, till: Till) -> None:
        """What was promised of goods to come stays promised."""
        tap = till.world.add_variant(dieter=800, wanda=950, stock=(3, 0))
        allows_backorders(till.world, till.world.dieter, tap)
        announces(till.world, "dieter", tap, till.now.date() + timedelta(days=10), 10, till.now)
        waiting, other = till.place((tap, 5)), till.place((till.world.add_variant(), 1))
        parts = till.parts(waiting)

        assert ordering.neighbourhoods(till.session, now=till.now, all_shops=True) == [(other,)]
        with transaction(till.session):
            assert ordering.apply_gain(till.session, order_ids=[waiting], now=till.now) is None
        assert till.parts(waiting) == parts
        till.check()
