"""Orders that stock leaves short are promised what comes, day by day, and never more than comes."""

from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.fulfilment import operations as fulfilment
from app.fulfilment.errors import NothingToShip
from app.infra.unit_of_work import publish
from app.inventory import queries as inventory_queries
from app.inventory.models import Stock
from app.ordering import operations as ordering
from app.ordering.documents import order_document
from app.ordering.errors import NotFullyAvailable
from app.ordering.models import Allocation, Consignment, Order, OrderLine, SellerOrder
from app.ordering.wishes import Wishes
from app.routing import queries as routing_queries
from app.routing.errors import NothingCanBeServed
from app.routing.explain import sentences, story_of
from app.routing.models import RoutingDecision
from tests.factories import policies
from tests.factories.later import allows_backorders, announces, receives, works
from tests.factories.world import World, build_world
from tests.support.statements import count_statements

MONDAY = date(2026, 3, 2)
THURSDAY, FRIDAY = date(2026, 3, 12), date(2026, 3, 13)


@pytest.fixture
def world(session: Session, now: datetime) -> World:
    return build_world(session, now)


def short(world: World, now: datetime, *, here: int = 3, comes: int = 10) -> Any:
    """A tap of Dieter's alone, of which he has few and expects more on Thursday next week."""
    tap = world.add_variant(wanda=None, stock=(here, 0))
    allows_backorders(world, world.dieter, tap)
    announces(world, "dieter", tap, THURSDAY, comes, now)
    return tap


def rows_of(world: World, order_id: Any) -> list[Allocation]:
    return list(
        world.session.scalars(
            select(Allocation)
            .join(OrderLine, OrderLine.id == Allocation.order_line_id)
            .where(OrderLine.order_id == order_id)
            .order_by(OrderLine.position, Allocation.ships_on, Allocation.id)
            .execution_options(populate_existing=True)
        )
    )


def told(world: World, order_id: Any) -> list[tuple[str, int, date | None, bool]]:
    """Who sends how many when, and whether that is to come; what ended is left out."""
    names = {place: name for name, place in world.places.items()}
    return [
        (names[row.location_id], row.quantity, row.ships_on, row.is_later)
        for row in rows_of(world, order_id)
        if row.status in {"offered", "accepted"}
    ]


def promised(world: World, name: str, tap: Any) -> int:
    row = world.session.get(Stock, (world.places[name], tap), populate_existing=True)
    assert row is not None
    return row.promised


def simulated(world: World, now: datetime, *lines: tuple, **wishes: Any) -> Any:
    placement = world.placement(lines, wishes=Wishes(**wishes))
    caller = world.caller(world.berta)
    return ordering.simulate(world.session, caller=caller, placement=placement, now=now)


def is_proved(world: World) -> bool:
    return all(proof.holds for proof in inventory_queries.verify(world.session))


class TestAnOrderThatStockLeavesShort:
    def test_gets_the_rest_when_it_comes_in_a_parcel_of_its_own(self, world, now) -> None:
        tap = short(world, now)
        order_id = world.place((tap, 5), now=now)
        assert told(world, order_id) == [
            ("dieter", 3, MONDAY, False), ("dieter", 2, THURSDAY, True),
        ]  # fmt: skip
        assert (world.available("dieter", tap), promised(world, "dieter", tap)) == (0, 2)
        parcels = world.session.scalars(select(Consignment).order_by(Consignment.later_on)).all()
        assert [(each.later_on, each.weight_g) for each in parcels] == [
            (THURSDAY, 1000), (None, 1500),
        ]  # fmt: skip
        order = world.session.get_one(Order, order_id)
        assert order.freight_minor == sum(each.freight_minor for each in parcels) == 1400
        assert is_proved(world)

    def test_takes_all_that_is_in_stock_first_however_dear(self, world, now) -> None:
        tap = world.add_variant(dieter=100, wanda=1100, stock=(0, 2))
        allows_backorders(world, world.dieter, tap)
        announces(world, "dieter", tap, THURSDAY, 10, now)
        assert told(world, world.place((tap, 5), now=now)) == [
            ("wanda", 2, MONDAY, False), ("dieter", 3, THURSDAY, True),
        ]  # fmt: skip

    def test_takes_the_earliest_days_that_suffice_by_what_lead_time_costs(self, world, now) -> None:
        tap = short(world, now, here=0, comes=2)
        announces(world, "dieter", tap, FRIDAY, 9, now, reference="PO-2")
        policies.hold_terms(world, now + timedelta(minutes=1), lead_time_minor_per_day=1000)
        after = now + timedelta(minutes=2)
        assert told(world, world.place((tap, 3), now=after)) == [
            ("dieter", 2, THURSDAY, True), ("dieter", 1, FRIDAY, True),
        ]  # fmt: skip

    def test_is_ordered_beyond_all_announcements_where_the_offer_says_so(self, world, now) -> None:
        tap = world.add_variant(wanda=None, stock=(1, 0))
        more = {"backorder_limit": 4, "backorder_days": 5}
        allows_backorders(world, world.dieter, tap, "always", **more)
        assert told(world, world.place((tap, 3), now=now)) == [
            ("dieter", 1, MONDAY, False), ("dieter", 2, MONDAY + timedelta(days=7), True),
        ]  # fmt: skip
        world.place((tap, 2), now=now)
        with pytest.raises(NothingCanBeServed):
            world.place((tap, 1), now=now)

    def test_is_shown_the_same_days_before_and_after_it_is_placed(self, world, now) -> None:
        tap = short(world, now)
        foreseen = simulated(world, now, (tap, 5))
        assert [(c.ships_on, c.later_on) for c in foreseen.consignments] == [
            (MONDAY, None), (THURSDAY, THURSDAY),
        ]  # fmt: skip
        order_id = world.place((tap, 5), now=now)
        document = order_document(world.session, order=world.session.get_one(Order, order_id))
        [part] = document["seller_orders"]
        assert part["ships_on"] == THURSDAY
        days = [item.candidate.ships_on for item in foreseen.assignments]
        assert [row["ships_on"] for row in part["allocations"]] == days
        [decision] = routing_queries.list_decisions(world.session, order_id=order_id)
        said = sentences(story_of(decision), currency="BRL", names={})
        assert "to come, leaving on 12 Mar" in said[-1]

    def test_asks_once_more_and_only_then(self, world, now) -> None:
        tap = short(world, now)
        simulated(world, now, (tap, 5))
        with count_statements() as enough:
            simulated(world, now, (tap, 3))
        with count_statements() as too_few:
            simulated(world, now, (tap, 5))
        assert enough.about("inventory_incoming") == 0
        assert len(too_few) == len(enough) + 1


class TestWhoMayWait:
    @pytest.mark.parametrize("how", ["policy", "wish"])
    def test_is_the_policys_and_the_buyers_to_say(self, world, now, how) -> None:
        tap, wishes = short(world, now), Wishes(no_backorders=how == "wish")
        if how == "policy":
            policies.hold(world, now + timedelta(minutes=1), backorders="never")
        with pytest.raises(NotFullyAvailable):
            world.place((tap, 5), now=now + timedelta(minutes=2), wishes=wishes)

    def test_competes_by_its_terms_where_the_policy_says_any(self, world, now) -> None:
        tap = world.add_variant(dieter=100, wanda=1100, stock=(0, 9))
        allows_backorders(world, world.dieter, tap)
        announces(world, "dieter", tap, THURSDAY, 10, now)
        assert told(world, world.place((tap, 2), now=now))[0][0] == "wanda"
        policies.hold(world, now + timedelta(minutes=1), backorders="any")
        cheap = world.place((tap, 2), now=now + timedelta(minutes=2))
        assert told(world, cheap) == [("dieter", 2, THURSDAY, True)]
        policies.hold(
            world, now + timedelta(minutes=3), backorders="any",
            terms={"lead_time_minor_per_day": 200},
        )  # fmt: skip
        assert told(world, world.place((tap, 2), now=now + timedelta(minutes=4)))[0][0] == "wanda"

    def test_gets_nothing_that_leaves_after_the_day_it_wants(self, world, now) -> None:
        tap = short(world, now)
        late = simulated(world, now, (tap, 5), ship_by=THURSDAY - timedelta(days=1))
        assert late.units_served == 3
        codes = {code for each in late.judged for _, _, broken in each.verdicts for code in broken}
        assert codes == {"too_late"}
        assert simulated(world, now, (tap, 5), ship_by=THURSDAY).units_served == 5

    def test_may_want_all_of_it_or_nothing(self, world, now) -> None:
        tap = short(world, now)
        assert simulated(world, now, (tap, 13), ship_complete=True).units_served == 13
        assert simulated(world, now, (tap, 14), ship_complete=True).units_served == 0

    def test_may_want_one_delivery_which_is_then_the_later_one(self, world, now) -> None:
        tap = short(world, now)
        [item] = simulated(world, now, (tap, 5), one_delivery=True).assignments
        assert (item.quantity, item.candidate.ships_on) == (5, THURSDAY)
        [item] = simulated(world, now, (tap, 3), one_delivery=True).assignments
        assert (item.quantity, item.candidate.ships_on) == (3, MONDAY)


class TestDaysOfShipment:
    def test_are_the_locations_own(self, world, now) -> None:
        near = world.add_variant(wanda=None)
        works(
            world.session, world.places["dieter"], time_zone="Pacific/Kiritimati",
            cutoffs=[time(17)] * 4 + [None] * 3,
        )  # fmt: skip
        # Fourteen hours ahead of UTC it is eleven at night there: too late for today.
        assert told(world, world.place((near, 1), now=now)) == [
            ("dieter", 1, MONDAY + timedelta(days=1), False)
        ]
        on_wednesday_night = now + timedelta(days=2)
        [(_, _, day, _)] = told(world, world.place((near, 1), now=on_wednesday_night))
        assert day == date(2026, 3, 5)
        on_thursday_night = now + timedelta(days=3)
        [(_, _, day, _)] = told(world, world.place((near, 1), now=on_thursday_night))
        assert day == date(2026, 3, 9)

    def test_decide_by_what_a_day_costs(self, world, now) -> None:
        tap = world.add_variant(dieter=900, wanda=900)
        assert told(world, world.place((tap, 1), now=now))[0][0] == "dieter"
        works(world.session, world.places["dieter"], cutoffs=[None] * 6 + [time(17)])
        policies.hold_terms(world, now + timedelta(minutes=1), lead_time_minor_per_day=200)
        assert told(world, world.place((tap, 1), now=now + timedelta(minutes=2))) == [
            ("wanda", 1, MONDAY, False)
        ]


class TestALaterPart:
    def accepted(self, world: World, now: datetime, tap: Any, units: int) -> SellerOrder:
        order_id = world.place((tap, units), now=now)
        publish(world.session)
        part = world.session.scalars(
            select(SellerOrder).where(SellerOrder.order_id == order_id)
        ).one()
        ordering.accept_seller_order(
            world.session, caller=world.caller(world.dieter), seller_order_id=part.id, now=now
        )
        publish(world.session)
        return part

    def ship(self, world: World, part: SellerOrder, now: datetime) -> str:
        fulfilment.ship_everything(
            world.session, caller=world.caller(world.dieter), seller_order_id=part.id, now=now
        )
        publish(world.session)
        world.session.refresh(part)
        return part.status

    def test_leaves_when_it_has_come(self, world, now) -> None:
        tap = short(world, now)
        part = self.accepted(world, now, tap, 5)
        assert self.ship(world, part, now) == "partly_shipped"
        with pytest.raises(NothingToShip):
            self.ship(world, part, now)
        receives(world, "dieter", tap, 10, now)
        assert world.available("dieter", tap) == 8
        assert self.ship(world, part, now) == "shipped"
        assert is_proved(world)

    def test_is_given_back_when_the_order_is_cancelled(self, world, now) -> None:
        tap = short(world, now)
        order_id = world.place((tap, 5), now=now)
        publish(world.session)
        buyer = world.caller(world.berta)
        ordering.cancel_order(world.session, caller=buyer, order_id=order_id, now=now)
        assert (world.available("dieter", tap), promised(world, "dieter", tap)) == (3, 0)
        assert is_proved(world)


class TestABrokenPromise:
    def placed(self, world: World, now: datetime) -> tuple[Any, Any]:
        tap = world.add_variant(dieter=800, wanda=1000, stock=(3, 0))
        allows_backorders(world, world.dieter, tap)
        announces(world, "dieter", tap, THURSDAY, 10, now)
        order_id = world.place((tap, 5), now=now)
        publish(world.session)
        return tap, order_id

    def reroute(self, world: World, now: datetime) -> int:
        done = ordering.reroute_broken_promises(world.session, now=now, limit=5)
        publish(world.session)
        return done

    def test_is_none_while_the_delivery_is_expected(self, world, now) -> None:
        self.placed(world, now)
        assert self.reroute(world, now) == 0
        assert self.reroute(world, now + timedelta(days=17)) == 0

    def test_uses_up_no_attempt_of_the_policy(self, world, now) -> None:
        world.storefront.most_attempts = 2
        tap, order_id = self.placed(world, now)
        for days in (2, 4, 6):
            announces(world, "dieter", tap, THURSDAY + timedelta(days=days), 10, now)
            assert self.reroute(world, now) == 1
        live = [row for row in rows_of(world, order_id) if row.status == "offered"]
        assert sum(row.quantity for row in live) == 5
        decided = select(RoutingDecision.trigger).where(RoutingDecision.order_id == order_id)
        assert sorted(world.session.scalars(decided)) == ["late", "late", "late", "placed"]

    def test_finds_another_seller_when_the_delivery_is_called_off(self, world, now) -> None:
        tap, order_id = self.placed(world, now)
        paid = [(row.buyer_goods_minor, row.quantity) for row in rows_of(world, order_id)]
        world.session.get_one(Stock, (world.places["wanda"], tap)).on_hand = 7
        announces(world, "dieter", tap, THURSDAY, 1, now)
        assert self.reroute(world, now) == 1
        assert told(world, order_id) == [
            ("dieter", 3, MONDAY, False), ("wanda", 1, MONDAY, False),
            ("dieter", 1, THURSDAY, True),
        ]  # fmt: skip
        ended = [row for row in rows_of(world, order_id) if row.status == "rejected"]
        assert [(row.quantity, row.reason) for row in ended] == [(1, "not_coming")]
        live = [row for row in rows_of(world, order_id) if row.status == "offered"]
        assert sum(row.buyer_goods_minor for row in live) == sum(goods for goods, _ in paid)
        decisions = routing_queries.list_decisions(world.session, order_id=order_id)
        assert [each.trigger for each in decisions] == ["placed", "not_coming"]
        assert self.reroute(world, now) == 0
        assert is_proved(world)

    def test_is_made_anew_for_the_day_on_which_a_late_delivery_comes(self, world, now) -> None:
        tap, order_id = self.placed(world, now)
        announces(world, "dieter", tap, FRIDAY, 10, now)
        assert self.reroute(world, now) == 1
        assert told(world, order_id)[-1] == ("dieter", 2, FRIDAY, True)
        assert promised(world, "dieter", tap) == 2
        assert self.reroute(world, now) == 0
        assert is_proved(world)

    def test_is_no_sellers_whose_delivery_is_overdue_for_more_than_a_week(self, world, now) -> None:
        tap, order_id = self.placed(world, now)
        much_later = now + timedelta(days=18)
        assert self.reroute(world, much_later) == 1
        assert told(world, order_id) == [("dieter", 3, MONDAY, False)]
        assert promised(world, "dieter", tap) == 0
        assert is_proved(world)


class TestASellersDay:
    """Nine in the morning of a Monday in UTC is still Sunday where Dieter's clocks are."""

    SUNDAY = MONDAY - timedelta(days=1)

    @pytest.fixture
    def behind(self, world, now) -> Any:
        works(world.session, world.places["dieter"], time_zone="Pacific/Pago_Pago")
        return world.add_variant(wanda=None)

    @pytest.mark.parametrize(("day", "served"), [(SUNDAY, 0), (MONDAY, 1)])
    def test_of_closure_is_its_own(self, world, now, behind, day, served) -> None:
        policies.is_closed(world, world.dieter.id, day, day)
        policies.hold_rules(world, now + timedelta(minutes=1), seller_closed={})
        assert simulated(world, now + timedelta(minutes=2), (behind, 1)).units_served == served

    def test_of_capacity_begins_at_its_own_midnight(self, world, now, behind) -> None:
        policies.takes_a_day(world, world.dieter.id, orders_a_day=1)
        policies.hold_rules(world, now - timedelta(hours=10), over_capacity={})
        world.place((behind, 1), now=now - timedelta(hours=9, minutes=30))
        assert simulated(world, now, (behind, 1)).units_served == 0
        midnight = now + timedelta(hours=2)
        assert simulated(world, midnight, (behind, 1)).units_served == 1
