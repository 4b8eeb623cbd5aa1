"""What a past period would have been like, on a network whose answers are known by hand.

A tap costs 8.00 at Dieter's, who stands near and has three, and 10.00 at Wanda's, who stands far
and has many; it weighs 500 g. Up to 1000 g a parcel from Dieter costs 5.00, from Wanda 10.00. Berta
orders two, and two again: the second time Dieter has one left, and Wanda sends both (30.00, less
than 33.00 from both).
"""

import csv
import io
from datetime import date, timedelta

import pytest
from sqlalchemy import select, text

from app.backtest import documents, operations, queries, tasks
from app.backtest.errors import (
    BacktestNotFound,
    NothingToReplay,
    ScenarioInvalid,
    TooManyOrders,
)
from app.backtest.models import Backtest, BacktestOrder
from app.backtest.operations import Choice, starting
from app.backtest.rules.figures import ROW
from app.inventory.models import Stock
from app.network.models import Agreement
from app.ordering import operations as ordering
from app.ordering import queries as ordering_queries
from app.ordering.models import Order
from app.routing import operations as routing
from app.routing.rules.policies import PolicyScope
from app.storefronts.errors import StorefrontNotFound
from tests.domain.backtest.desk import backtested, figures, prepared, shares
from tests.factories import policies
from tests.factories.later import allows_backorders, announces, receives
from tests.factories.world import build_world
from tests.support.statements import count_statements

ACTUAL = (4, 3600, 1500, 2)


@pytest.fixture
def world(session, now):
    return build_world(session, now)


@pytest.fixture
def orders(world, now):
    tap = world.add_variant(stock=(3, 100))
    return [world.place((tap, 2), now=now + timedelta(hours=n)) for n in range(2)]


def later(now):
    return now + timedelta(days=30)


class TestWhatHappened:
    def test_is_counted_from_the_decisions_of_then(self, world, orders, now):
        report = backtested(world, later(now))

        assert figures(report, "actual") == ACTUAL
        assert shares(world, report, "actual") == {"wanda": 2, "dieter": 2}
        money = [money for _, _, money in report["contenders"]["actual"]["sellers"]]
        assert money == [3000, 2100]
        assert report["contenders"]["actual"]["optimal"] == 2

    def test_happens_again_when_nothing_is_supposed(self, world, orders, now):
        report = backtested(world, later(now))

        assert figures(report) == ACTUAL
        assert report["contenders"]["actual"]["changed"] == 0

    def test_happens_again_with_goods_that_came_in_between(self, world, orders, now):
        stock = world.session.get_one(Stock, (world.places["dieter"], world.variants[0]))
        stock.on_hand += 7
        world.session.flush()
        world.place((world.variants[0], 4), now=now + timedelta(hours=3))

        report = backtested(world, later(now))

        assert figures(report) == figures(report, "actual") == (8, 6800, 2400, 3)

    def test_is_not_decided_by_what_was_changed_since(self, world, orders, now):
        policies.hold(world, now + timedelta(days=1), strategy="greedy")

        assert figures(backtested(world, later(now))) == ACTUAL


class TestStock:
    def test_that_is_endless_serves_all_from_the_cheapest(self, world, orders, now):
        report = backtested(world, later(now), stock="unlimited")

        assert figures(report) == (4, 3200, 1000, 2)
        assert shares(world, report) == {"dieter": 4}
        assert report["contenders"]["actual"]["changed"] == 1

    def test_of_today_is_what_is_left_and_no_more(self, world, orders, now):
        # Dieter has one tap left, and it is taken once: two are never split at 33.00.
        report = backtested(world, later(now), stock="today")

        assert figures(report) == (4, 4000, 2000, 2)
        assert shares(world, report) == {"wanda": 4}

    def test_is_taken_by_the_replay_itself(self, world, orders, now):
        # Greedily Dieter's last one goes with the second order: the third finds none.
        world.place((world.variants[0], 1), now=now + timedelta(hours=3))

        report = backtested(world, later(now), baselines=("greedy",))

        assert shares(world, report, "actual") == {"dieter": 3, "wanda": 2}
        assert shares(world, report, "greedy") == {"dieter": 3, "wanda": 2}
        assert figures(report, "greedy") == (5, 4400, 3000, 4)


class TestAnotherPolicy:
    def test_decides_all_orders_even_as_a_draft(self, world, orders, now):
        draft = routing.draft_policy(
            world.session, caller=world.caller(world.rosa), now=now,
            scope=PolicyScope(storefront_id=world.storefront.id), document={"strategy": "greedy"},
        )  # fmt: skip

        report = backtested(world, later(now), policy_id=draft.id, baselines=("in_force",))

        assert figures(report) == (4, 3400, 2000, 3)
        assert figures(report, "in_force") == ACTUAL
        assert report["contenders"]["in_force"]["like_minor"] == 5100
        assert report["contenders"]["in_force"]["like_supposed_minor"] == 5400

    def test_of_a_strategy_alone_leaves_the_rest_of_the_policy(self, world, orders, now):
        assert figures(backtested(world, later(now), strategy="greedy")) == (4, 3400, 2000, 3)

    def test_counts_a_days_capacity_as_the_replay_fills_it(self, world, orders, now):
        policies.takes_a_day(world, world.dieter.id, units_a_day=2)
        draft = routing.draft_policy(
            world.session, caller=world.caller(world.rosa), now=now,
            scope=PolicyScope(storefront_id=world.storefront.id),
            document={"rules": {"over_capacity": {"on": True}}},
        )  # fmt: skip

        report = backtested(world, later(now), policy_id=draft.id, stock="unlimited")

        assert shares(world, report) == {"dieter": 2, "wanda": 2}


class TestOtherAgreements:
    def test_may_lack_one_and_all_that_rest_on_it(self, world, orders, now):
        own = select(Agreement).where(
            Agreement.grantee_id == world.dieter.id, Agreement.parent_id.is_(None)
        )
        agreement = world.session.scalars(own).one()

        report = backtested(
            world, later(now), without_agreements=(agreement.id,),
            caller=world.caller(world.operator),
        )  # fmt: skip

        assert figures(report) == (4, 4000, 2000, 2)
        assert shares(world, report) == {"wanda": 4}
        world.session.refresh(agreement)
        assert agreement.status == "active"

    def test_may_be_those_of_another_date(self, world, orders, now):
        # Before the world began nobody had any.
        report = backtested(
            world, later(now), agreements_as_of=now - timedelta(days=20_000), baselines=()
        )

        assert figures(report) == (0, 0, 0, 0)


class TestBaselines:
    def test_are_set_against_what_is_supposed_where_they_serve_as_much(self, world, orders, now):
        report = backtested(world, later(now))

        greedy = report["contenders"]["greedy"]
        assert (greedy["like_orders"], greedy["like_minor"]) == (2, 5400)
        assert greedy["like_supposed_minor"] == 5100
        assert greedy["splits"] == [[1, 1], [2, 1]]
        assert set(report["contenders"]) == {
            "supposed", "actual", "greedy", "cheapest_single", "fewest_sellers", "fewest_parcels",
        }  # fmt: skip


class TestTheOrders:
    def test_are_those_of_a_period_or_of_a_list(self, world, orders, now):
        first = Choice(placed_from=now, placed_to=now + timedelta(minutes=1))

        assert figures(backtested(world, later(now), choice=first))[0] == 2
        assert figures(backtested(world, later(now), choice=Choice(order_ids=orders[1:])))[0] == 2

    def test_keep_what_came_of_each(self, world, orders, now):
        backtest_id = prepared(world, later(now), stock="unlimited")
        operations.run_backtest(
            world.session, backtest_id=backtest_id, told=lambda **_: None, now=now
        )

        kept = list(queries.outcomes_of(world.session, backtest_id=backtest_id))

        assert [row.outcome["changed"] for row in kept] == [False, True]
        assert kept[1].outcome["rows"]["supposed"][:3] == [2, 1600, 500]

    def test_that_cannot_be_decided_any_more_are_left_out_and_said(self, world, orders, now):
        order = world.session.get_one(Order, orders[0])
        order.placed_at = now - timedelta(days=30_000)
        world.session.flush()

        report = backtested(world, later(now))

        assert report["skipped"] == {"routing.no_policy": 1}
        assert report["contenders"]["supposed"]["orders"] == 1

    def test_are_read_by_pages_and_gathered_by_few_statements(self, world, orders, now):
        backtest_id = prepared(world, later(now))
        with count_statements() as seen:
            operations.run_backtest(
                world.session, backtest_id=backtest_id, told=lambda **_: None, now=now
            )
        assert seen.about("backtest_orders") == 3  # a page, its outcomes, and no further page
        assert seen.about("routing_policies") == seen.about("inventory_stock") == len(orders)


def refuse(world, order_id, now, seller="dieter", keep=0):
    """A seller refuses what it was asked for, but for some units."""
    parts = ordering_queries.list_parts(world.session, order_id=order_id)
    [part] = [each.id for each in parts if each.seller_id == getattr(world, seller).id]
    [row] = ordering_queries.list_allocations(world.session, seller_order_ids=[part])
    ordering.answer_seller_order(
        world.session, caller=world.caller(world.operator), seller_order_id=part, now=now,
        answers=[ordering.Answer(row.id, keep, "capacity")],
    )  # fmt: skip


def finals(report, name="supposed"):
    """Refused, and served, goods, freight and consignments after that."""
    tally = report["contenders"][name]
    return tally["refused"], *(
        tally[f"final_{each}"]
        for each in ("served", "goods_minor", "freight_minor", "consignments")
    )


class TestRefusals:
    @pytest.fixture
    def order_id(self, world, now):
        # Two from each (51.00); three from Dieter were 53.00, all from Wanda 58.00.
        tap = world.add_variant(stock=(3, 100))
        return world.place((tap, 4), now=now)

    def test_of_then_are_told_beside_what_was_planned(self, world, order_id, now):
        refuse(world, order_id, now)

        report = backtested(world, later(now))

        for name in ("actual", "supposed"):
            assert figures(report, name) == (4, 3600, 1500, 2)
            assert finals(report, name) == (2, 4, 4000, 1800, 1)

    def test_befall_whoever_asks_the_same_seller_now(self, world, order_id, now):
        refuse(world, order_id, now)

        report = backtested(world, later(now), stock="unlimited")

        assert figures(report) == (4, 3200, 900, 1)
        assert finals(report) == (4, 4, 4000, 1800, 1)

    def test_leave_what_was_delivered_after_all(self, world, order_id, now):
        refuse(world, order_id, now, keep=1)

        report = backtested(world, later(now), stock="unlimited")

        # One stays with Dieter in a parcel of 5.00, three come from Wanda in one of 18.00.
        assert finals(report) == (3, 4, 3800, 2300, 2)

    def test_do_not_befall_who_asks_another(self, world, order_id, now):
        refuse(world, order_id, now)

        report = backtested(world, later(now), strategy="cheapest_single", baselines=())

        assert finals(report) == (0, 4, 4000, 1800, 1)
        assert report["contenders"]["actual"]["final_like_minor"] == 5800

    @pytest.mark.parametrize(("attempts", "refused"), [(1, 4), (2, 8), (9, 8)])
    def test_become_known_one_by_one_as_often_as_an_order_may_be_routed(
        self, world, order_id, now, attempts, refused
    ):
        refuse(world, order_id, now)
        for part in ordering_queries.list_parts(world.session, order_id=order_id):
            rows = ordering_queries.list_offered(world.session, seller_order_id=part.id)
            answers = [ordering.Answer(row.id, 0, "capacity") for row in rows]
            if part.status == "offered":
                ordering.answer_seller_order(
                    world.session, caller=world.caller(world.operator), seller_order_id=part.id,
                    now=now, answers=answers,
                )  # fmt: skip
        world.storefront.most_attempts = attempts

        report = backtested(world, later(now), stock="unlimited")

        assert finals(report) == (refused, 0, 0, 0, 0)

    def test_leave_units_unserved_where_nobody_else_has_them(self, world, now):
        rare = world.add_variant(stock=(3, 0))
        refuse(world, world.place((rare, 2), now=now), now)

        report = backtested(world, later(now))

        assert finals(report) == finals(report, "actual") == (2, 0, 0, 0, 0)


class TestWhatWasToCome:
    """Dieter has two and is promised ten on Monday; Wanda has many, and is dearer."""

    @pytest.fixture
    def hose(self, world, now):
        hose = world.add_variant(dieter=800, wanda=None, stock=(2, 0))
        allows_backorders(world, world.dieter, hose)
        announces(world, "dieter", hose, date(2026, 3, 9), 10, now)
        return hose

    def test_is_replayed_as_each_decision_saw_it(self, world, hose, now):
        for units in (5, 4):
            world.place((hose, units), now=now)
        report = backtested(world, later(now))
        assert figures(report) == figures(report, "actual")
        assert figures(report)[0] == 9
        assert report["contenders"]["supposed"]["changed"] == 0

    def test_is_stock_once_it_has_come(self, world, hose, now):
        world.place((hose, 5), now=now)
        receives(world, "dieter", hose, 10, now)
        world.place((hose, 6), now=now + timedelta(days=8))
        report = backtested(world, later(now) + timedelta(days=9))
        assert figures(report) == figures(report, "actual")
        assert figures(report)[0] == 11
        assert report["contenders"]["supposed"]["changed"] == 0

    def test_counts_for_nothing_under_a_policy_that_says_so(self, world, hose, now):
        world.place((hose, 5), now=now)
        draft = routing.draft_policy(
            world.session, caller=world.caller(world.operator), scope=routing.PolicyScope(),
            document={"backorders": "never"}, note="", now=now,
        )  # fmt: skip
        world.session.flush()
        report = backtested(
            world, later(now), policy_id=draft.id, caller=world.caller(world.operator)
        )
        assert figures(report)[0] == 2

    def test_that_did_not_come_was_refused_by_nobody(self, world, hose, now):
        world.place((hose, 5), now=now)
        announces(world, "dieter", hose, date(2026, 3, 16), 10, now)
        assert ordering.reroute_broken_promises(world.session, now=now) == 1
        report = backtested(world, later(now))
        assert finals(report) == finals(report, "actual")
        assert finals(report)[:2] == (0, 5)


class TestTheFile:
    def test_adds_up_to_the_report_and_to_what_the_orders_took(self, world, orders, now):
        refuse(world, orders[0], now)
        backtest_id = prepared(world, later(now), stock="unlimited")
        found = tasks.work(world.session, backtest_id=backtest_id, told=lambda **_: None, now=now)
        rows = queries.outcomes_of(world.session, backtest_id=backtest_id)
        lines = "".join(documents.order_file(rows, list(found.report["contenders"])))
        file = list(csv.DictReader(io.StringIO(lines)))

        for name, tally in found.report["contenders"].items():
            for figure in ROW:
                assert sum(int(row[f"{name}_{figure}"]) for row in file) == tally[figure]
            assert sum(units for _, units, _ in tally["sellers"]) == tally["served"]
            money = tally["goods_minor"] + tally["freight_minor"]
            assert sum(part for _, _, part in tally["sellers"]) == money
        first = world.session.execute(
            text("SELECT sum(units_served), sum(goods_minor), sum(freight_minor)"
                 " FROM routing_decisions WHERE attempt = 1")
        ).one()  # fmt: skip
        assert tuple(first) == figures(found.report, "actual")[:3]
        live = world.session.execute(
            text("SELECT sum(quantity), sum(seller_goods_minor), sum(seller_freight_minor)"
                 " FROM ordering_allocations WHERE status IN ('offered', 'accepted')")
        ).one()  # fmt: skip
        assert tuple(live) == finals(found.report, "actual")[1:4]


class TestWhatIsRefused:
    def test_is_a_shop_of_somebody_else(self, world, orders, now):
        with pytest.raises(StorefrontNotFound):
            prepared(world, now, caller=world.caller(world.wanda))

    def test_are_orders_of_somebody_else(self, world, orders, now):
        with pytest.raises(NothingToReplay):
            prepared(world, now, caller=world.caller(world.wanda), choice=Choice(order_ids=orders))

    def test_is_what_the_caller_may_not_know_of(self, world, orders, now):
        with pytest.raises(ScenarioInvalid) as refused:
            prepared(
                world, now, policy_id=orders[0], without_agreements=(orders[0],),
                stock="much", strategy="best", baselines=("greedy", "greedy"),
            )  # fmt: skip
        pointers = {each["pointer"] for each in refused.value.details["errors"]}
        assert pointers == {
            "/scenario/policy_id", "/scenario/without_agreements/0", "/scenario/stock",
            "/scenario/strategy", "/scenario/baselines/1",
        }  # fmt: skip

    def test_are_more_orders_than_may_be(self, world, orders, now, monkeypatch):
        monkeypatch.setattr(starting, "MOST_ORDERS", 1)
        with pytest.raises(TooManyOrders):
            prepared(world, now)

    def test_is_a_look_by_strangers(self, world, orders, now):
        backtest_id = prepared(world, now)
        with pytest.raises(BacktestNotFound):
            queries.get_backtest(
                world.session, caller=world.caller(world.wanda), backtest_id=backtest_id
            )


class TestAWorkersDeath:
    def test_is_survived_without_repeating_a_page(self, world, orders, now, monkeypatch):
        monkeypatch.setattr(operations.running, "PAGE", 1)
        backtest_id = prepared(world, later(now), baselines=("greedy",))

        def die(*, done, total=None):
            if done == 1:
                raise ConnectionError

        with pytest.raises(ConnectionError):
            operations.run_backtest(world.session, backtest_id=backtest_id, told=die, now=now)
        world.session.rollback()
        half = world.session.get_one(Backtest, backtest_id, populate_existing=True)
        assert (half.status, half.done) == ("running", 1)

        seen = []
        whole = operations.run_backtest(
            world.session, backtest_id=backtest_id, now=now,
            told=lambda **told: seen.append(told["done"]),
        )  # fmt: skip

        assert seen == [1, 2]
        assert whole.state is None
        assert figures(whole.report) == figures(whole.report, "actual") == ACTUAL
        assert figures(whole.report, "greedy") == (4, 3400, 2000, 3)
        outcomes = world.session.scalars(select(BacktestOrder.outcome)).all()
        assert all(outcomes)
