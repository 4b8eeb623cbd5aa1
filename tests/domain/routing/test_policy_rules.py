"""The hard rules that a policy switches, and what a buyer wishes: one story each."""

import uuid
from datetime import datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from app.catalog.models import Variant
from app.network.models import AgreementTerms
from app.ordering import operations as ordering
from app.ordering import queries as ordering_queries
from app.ordering.errors import NotFullyAvailable
from app.ordering.wishes import Wishes
from app.routing.errors import NothingCanBeServed, UnknownVariant
from app.routing.rules import REASONS
from tests.domain.routing.test_gathering import broken_by
from tests.domain.routing.test_policy_terms import decided, offer_of, who
from tests.factories import network as net
from tests.factories import policies
from tests.factories.world import World, build_world


@pytest.fixture
def world(session: Session, now: datetime) -> World:
    return build_world(session, now)


def served(world: World, now: datetime, *lines, **wishes) -> tuple[str, int]:
    decision = decided(world, now, *lines, **wishes)
    return who(world, decision), decision.units_served


class TestAMinimumOrderValue:
    def test_is_kept_unless_the_policy_says_otherwise(self, world: World, now: datetime) -> None:
        tap = world.add_variant(wanda=None)
        for terms in world.session.query(AgreementTerms):
            terms.minimum_order_minor = 5000
        world.session.flush()
        before = decided(world, now, (tap, 1))

        policies.hold(world, now, rules={"below_minimum_order": {"on": False}})

        assert broken_by(before, world.dieter.id) == {("below_minimum_order",)}
        assert served(world, now, (tap, 1)) == ("dieter", 1)


class TestADaysCapacity:
    def test_is_nobodys_matter_while_the_policy_does_not_ask(
        self, world: World, now: datetime
    ) -> None:
        tap = world.add_variant()
        policies.takes_a_day(world, world.dieter.id, orders_a_day=0)

        assert served(world, now, (tap, 1)) == ("dieter", 1)

    def test_in_orders_excludes_a_seller_that_is_full(self, world: World, now: datetime) -> None:
        tap = world.add_variant()
        policies.takes_a_day(world, world.dieter.id, orders_a_day=1)
        policies.hold_rules(world, now, over_capacity={})
        first = served(world, now, (tap, 1))
        world.place((tap, 1), now=now)

        after = decided(world, now, (tap, 1))

        assert (first[0], who(world, after)) == ("dieter", "wanda")
        assert broken_by(after, world.dieter.id) == {("over_capacity",)}

    def test_in_units_divides_what_is_more(self, world: World, now: datetime) -> None:
        tap = world.add_variant()
        policies.takes_a_day(world, world.dieter.id, units_a_day=3)
        policies.hold_rules(world, now, over_capacity={})

        decision = decided(world, now, (tap, 5))

        units = {item.candidate.seller_id: item.quantity for item in decision.assignments}
        assert decision.units_served == 5
        assert units[world.dieter.id] <= 3

    def test_is_there_again_when_an_order_is_cancelled(self, world: World, now: datetime) -> None:
        tap = world.add_variant()
        policies.takes_a_day(world, world.dieter.id, orders_a_day=1, units_a_day=3)
        policies.hold_rules(world, now, over_capacity={})
        order_id = world.place((tap, 2), now=now)
        full = served(world, now, (tap, 1))

        ordering.cancel_order(
            world.session, caller=world.caller(world.berta), order_id=order_id, now=now
        )

        assert (full[0], served(world, now, (tap, 1))[0]) == ("wanda", "dieter")

    def test_is_there_again_when_the_seller_refuses(self, world: World, now: datetime) -> None:
        tap = world.add_variant()
        policies.takes_a_day(world, world.dieter.id, units_a_day=3)
        policies.takes_a_day(world, world.wanda.id, units_a_day=2)
        policies.hold_rules(world, now, over_capacity={})
        order_id = world.place((tap, 3), now=now)
        [part] = ordering_queries.list_parts(world.session, order_id=order_id)
        [row] = ordering_queries.list_allocations(world.session, seller_order_ids=[part.id])

        ordering.answer_seller_order(
            world.session, caller=world.caller(world.dieter), seller_order_id=part.id,
            answers=[ordering.Answer(row.id, 0, "capacity")], now=now,
        )  # fmt: skip

        # Of three refused units Wanda takes what she takes in a day; Dieter has his day again.
        again = decided(world, now, (tap, 5))
        assert {item.candidate.seller_id: item.quantity for item in again.assignments} == {
            world.dieter.id: 3
        }

    def test_is_used_by_what_joins_an_order_of_an_earlier_day(
        self, world: World, now: datetime
    ) -> None:
        first = world.add_variant(dieter=800, wanda=1300)
        second = world.add_variant(dieter=None, wanda=1000)
        policies.takes_a_day(world, world.wanda.id, units_a_day=4)
        policies.hold_rules(world, now, over_capacity={})
        order_id = world.place((first, 4), (second, 4), now=now)
        part = next(
            part for part in ordering_queries.list_parts(world.session, order_id=order_id)
            if part.seller_id == world.dieter.id
        )  # fmt: skip
        [row] = ordering_queries.list_allocations(world.session, seller_order_ids=[part.id])
        later = now + timedelta(hours=20)

        ordering.answer_seller_order(
            world.session, caller=world.caller(world.dieter), seller_order_id=part.id,
            answers=[ordering.Answer(row.id, 0, "capacity")], now=later,
        )  # fmt: skip

        # They travel in yesterday's parcel, and are today's work.
        assert served(world, later, (second, 1))[1] == 0

    def test_is_there_again_the_next_day(self, world: World, now: datetime) -> None:
        tap = world.add_variant()
        policies.takes_a_day(world, world.dieter.id, units_a_day=1)
        policies.hold_rules(world, now, over_capacity={})
        world.place((tap, 1), now=now)

        assert served(world, now + timedelta(days=1), (tap, 1)) == ("dieter", 1)


class TestABlackout:
    def test_excludes_the_seller_on_its_days(self, world: World, now: datetime) -> None:
        tap = world.add_variant()
        today = now.date()
        policies.is_closed(world, world.dieter.id, today, today + timedelta(days=1))
        policies.hold_rules(world, now, seller_closed={})

        decision = decided(world, now, (tap, 1))

        assert broken_by(decision, world.dieter.id) == {("seller_closed",)}
        assert served(world, now + timedelta(days=2), (tap, 1)) == ("dieter", 1)


class TestHazardousGoods:
    def test_leave_only_where_they_are_handled(self, world: World, now: datetime) -> None:
        tap = world.add_variant()
        world.session.get_one(Variant, tap).attributes = {"dangerous": True}
        policies.handles(world, "wanda", hazardous=True)
        policies.hold_rules(world, now, hazardous_unfit={"attribute": "dangerous"})

        decision = decided(world, now, (tap, 1))

        assert who(world, decision) == "wanda"
        assert broken_by(decision, world.dieter.id) == {("hazardous_unfit",)}

    def test_are_what_the_attribute_says(self, world: World, now: datetime) -> None:
        tap = world.add_variant()
        world.session.get_one(Variant, tap).attributes = {"hazardous": False}
        policies.hold_rules(world, now, hazardous_unfit={})

        assert served(world, now, (tap, 1)) == ("dieter", 1)


class TestOversizeGoods:
    @pytest.mark.parametrize(("longest", "chosen"), [(1199, "dieter"), (1200, "wanda")])
    def test_leave_only_where_they_are_handled(
        self, world: World, now: datetime, longest: int, chosen: str
    ) -> None:
        tap = world.add_variant()
        world.session.get_one(Variant, tap).width_mm = longest
        policies.handles(world, "wanda", oversize=True)
        policies.hold_rules(world, now, oversize_unfit={})

        assert served(world, now, (tap, 1)) == (chosen, 1)


class TestCreditWithASeller:
    @pytest.mark.parametrize(("limit", "units"), [(1999, 0), (2000, 2)])
    def test_covers_all_that_it_could_deliver(
        self, world: World, now: datetime, limit: int, units: int
    ) -> None:
        tap = world.add_variant(dieter=None)
        net.TradingAccountFactory(
            seller_id=world.wanda.id, buyer_id=world.berta.id, currency="BRL",
            credit_limit_minor=limit,
        )  # fmt: skip
        policies.hold_rules(world, now, beyond_credit={})

        assert decided(world, now, (tap, 2)).units_served == units

    def test_is_not_asked_of_sellers_without_an_account(self, world: World, now: datetime) -> None:
        tap = world.add_variant(dieter=None)
        policies.hold_rules(world, now, beyond_credit={})

        assert served(world, now, (tap, 2)) == ("wanda", 2)


class TestWholePacks:
    def test_are_not_broken_to_divide_a_line(self, world: World, now: datetime) -> None:
        tap = world.add_variant(stock=(7, 100))
        for seller in (world.dieter, world.wanda):
            offer_of(world, seller, tap).pack_quantity = 4
        world.session.flush()
        world.session.expire_all()
        loose = decided(world, now, (tap, 12))
        policies.hold_rules(world, now, breaks_pack={})

        packed = decided(world, now, (tap, 12))

        assert sorted(item.quantity for item in loose.assignments) in ([5, 7], [12])
        assert all(item.quantity % 4 == 0 for item in packed.assignments)
        assert packed.units_served == 12


class TestAShipCompleteWish:
    def test_is_all_or_nothing(self, world: World, now: datetime) -> None:
        tap = world.add_variant(stock=(3, 3))

        assert decided(world, now, (tap, 7)).units_served == 6
        assert decided(world, now, (tap, 7), wishes=Wishes(ship_complete=True)).units_served == 0
        assert decided(world, now, (tap, 6), wishes=Wishes(ship_complete=True)).units_served == 6

    def test_refuses_the_order_rather_than_shorten_it(self, world: World, now: datetime) -> None:
        tap = world.add_variant(stock=(3, 3))

        with pytest.raises(NothingCanBeServed):
            world.place((tap, 7), now=now, accept_shortfall=True, wishes=Wishes(ship_complete=True))


class TestAOneDeliveryWish:
    def test_takes_all_from_one_place(self, world: World, now: datetime) -> None:
        first = world.add_variant(dieter=100, wanda=5000)
        second = world.add_variant(dieter=5000, wanda=100)

        plain = decided(world, now, (first, 1), (second, 1))
        one = decided(world, now, (first, 1), (second, 1), wishes=Wishes(one_delivery=True))

        assert (len(plain.consignments), len(one.consignments)) == (2, 1)

    def test_is_kept_with_the_order_and_holds_when_it_is_rerouted(
        self, world: World, now: datetime
    ) -> None:
        tap = world.add_variant(stock=(100, 1))
        order_id = world.place((tap, 2), now=now, wishes=Wishes(one_delivery=True))

        order = ordering_queries.find_order(world.session, order_id=order_id)

        assert order.wishes == {"one_delivery": True}


class TestAKit:
    def test_ships_from_one_place_or_not_at_all(self, world: World, now: datetime) -> None:
        body = world.add_variant(dieter=800, wanda=None)
        handle = world.add_variant(dieter=None, wanda=900)
        wishes = Wishes(kits=((body, handle),))

        assert decided(world, now, (body, 1), (handle, 1)).units_served == 2
        assert decided(world, now, (body, 1), (handle, 1), wishes=wishes).units_served == 0

    def test_may_ship_apart_where_the_policy_says_so(self, world: World, now: datetime) -> None:
        body = world.add_variant(dieter=800, wanda=None)
        handle = world.add_variant(dieter=None, wanda=900, stock=(0, 1))
        wishes = Wishes(kits=((body, handle),))
        policies.hold(world, now, kits="apart")

        assert decided(world, now, (body, 1), (handle, 1), wishes=wishes).units_served == 2
        assert decided(world, now, (body, 1), (handle, 2), wishes=wishes).units_served == 0


class TestASuccessor:
    def test_stands_for_what_nobody_has(self, world: World, now: datetime) -> None:
        old, new = self._pair(world)

        without = decided(world, now, (old, 2))
        decision = decided(world, now, (old, 2), wishes=Wishes(takes_successor=frozenset({old})))

        assert without.units_served == 0
        assert {item.candidate.variant_id for item in decision.assignments} == {new}
        assert (decision.units_served, decision.served_of(0)) == (2, 2)

    def test_is_ordered_reserved_and_told(self, world: World, now: datetime) -> None:
        old, new = self._pair(world)
        order_id = world.place((old, 2), now=now, wishes=Wishes(takes_successor=frozenset({old})))

        [part] = ordering_queries.list_parts(world.session, order_id=order_id)

        assert part.goods_minor == 1600
        assert world.available("dieter", new) == 98

    def test_is_not_taken_when_it_would_cost_the_buyer_more(
        self, world: World, now: datetime
    ) -> None:
        old, _ = self._pair(world, rosa=1201)
        wishes = Wishes(takes_successor=frozenset({old}))

        decision = decided(world, now, (old, 2), wishes=wishes)
        policies.hold(world, now, rules={"substitute_dearer": {"on": False}})

        assert ("substitute_dearer",) in broken_by(decision, world.dieter.id)
        assert decided(world, now, (old, 2), wishes=wishes).units_served == 2

    def test_is_no_matter_where_the_policy_knows_no_substitutes(
        self, world: World, now: datetime
    ) -> None:
        old, _ = self._pair(world)
        policies.hold(world, now, substitutes="never")
        wishes = Wishes(takes_successor=frozenset({old}))

        assert decided(world, now, (old, 2), wishes=wishes).units_served == 0

    def _pair(self, world: World, rosa: int = 1200) -> tuple[uuid.UUID, uuid.UUID]:
        old, new = world.add_variant(stock=(0, 0)), world.add_variant(rosa=rosa)
        variant = world.session.get_one(Variant, old)
        variant.status, variant.successor_id = "phase_out", new
        world.session.flush()
        return old, new


class TestANamedSubstitute:
    def test_stands_for_a_line_where_policy_and_buyer_allow_it(
        self, world: World, now: datetime
    ) -> None:
        wanted, other = world.add_variant(stock=(1, 0)), world.add_variant()
        wishes = Wishes(substitutes={wanted: (other,)})
        policies.hold(world, now, substitutes="named")

        decision = decided(world, now, (wanted, 3), wishes=wishes)

        assert decision.units_served == 3
        assert {item.candidate.variant_id for item in decision.assignments} == {other}

    def test_gives_way_to_the_wanted_where_there_is_enough(
        self, world: World, now: datetime
    ) -> None:
        wanted, other = world.add_variant(), world.add_variant(dieter=100, wanda=100)
        policies.hold(world, now, substitutes="named")
        wishes = Wishes(substitutes={wanted: (other,)})

        decision = decided(world, now, (wanted, 3), wishes=wishes)

        assert {item.candidate.variant_id for item in decision.assignments} == {wanted}

    def test_must_exist(self, world: World, now: datetime) -> None:
        tap = world.add_variant()
        wishes = Wishes(substitutes={tap: (uuid.UUID(int=5),)})

        with pytest.raises(UnknownVariant):
            decided(world, now, (tap, 1), wishes=wishes)


class TestEveryRule:
    def test_has_a_text(self) -> None:
        codes = {
            "over_capacity", "seller_closed", "hazardous_unfit", "oversize_unfit",
            "beyond_credit", "substitute_dearer", "below_minimum_order",
        }  # fmt: skip

        assert codes <= set(REASONS)

    def test_that_shortens_an_order_says_so(self, world: World, now: datetime) -> None:
        tap = world.add_variant(wanda=None)
        policies.takes_a_day(world, world.dieter.id, orders_a_day=0)
        policies.hold_rules(world, now, over_capacity={})

        with pytest.raises((NothingCanBeServed, NotFullyAvailable)) as refusal:
            world.place((tap, 1), now=now)

        assert refusal.value.details["lines"][0]["reasons"] == {"over_capacity": 1}
