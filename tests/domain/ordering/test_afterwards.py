"""After the plan: refusals move units, somebody pays the difference, and the buyer may choose.

Dieter sells to Rosa at 8.00, Wanda in her own name; Rosa's price is 12.00.
"""

import uuid
from datetime import datetime

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, text

from app.fulfilment import operations as fulfilment
from app.infra.unit_of_work import transaction
from app.kernel.states import TransitionNotAllowed
from app.ordering import operations as ordering
from app.ordering import queries
from app.ordering.errors import AnswerDoesNotFit, ChoiceNotFound, NothingInstead
from app.ordering.models import Allocation, Choice, Order, SellerOrder
from app.ordering.rules import Due, dues_of
from tests.support.till import Till

CLAWBACK, WAITING, RESERVED = 1400, 2205, 9200


@pytest.fixture
def till(session, now: datetime) -> Till:
    return Till(session, now)


def settle(till: Till, **choices: object) -> None:
    with transaction(till.session):
        for name, value in choices.items():
            setattr(till.world.storefront, name, value)


def withdraw(till: Till, order_id: uuid.UUID, seller: str, units: int, reason: str) -> None:
    part = till.parts(order_id)[seller]
    row = till.session.scalars(
        select(Allocation).where(
            Allocation.seller_order_id == part, Allocation.status == "accepted"
        )
    ).first()
    with transaction(till.session):
        ordering.withdraw_units(
            till.session,
            caller=till.operator,
            seller_order_id=part,
            lines=[ordering.Withdrawal(row.id, units, reason)],
            now=till.now,
        )


def order_of(till: Till, order_id: uuid.UUID) -> Order:
    return till.session.get_one(Order, order_id, populate_existing=True)


def choice_of(till: Till, order_id: uuid.UUID) -> Choice:
    return till.session.scalars(
        select(Choice).where(Choice.order_id == order_id).execution_options(populate_existing=True)
    ).one()


def promised(till: Till, order_id: uuid.UUID) -> int:
    return till.session.scalar(
        text("""
            SELECT COALESCE(sum(a.buyer_goods_minor + a.buyer_freight_minor), 0)
            FROM ordering_allocations a JOIN ordering_seller_orders s ON s.id = a.seller_order_id
            WHERE s.order_id = :id AND a.status IN ('offered', 'accepted', 'waiting')
        """),
        {"id": order_id},
    )


def restock(till: Till, name: str, variant: uuid.UUID, units: int) -> None:
    with transaction(till.session):
        till.session.execute(
            text("""
                UPDATE inventory_stock SET on_hand = on_hand + :units, updated_at = :now
                WHERE location_id = :place AND variant_id = :variant
            """),
            {
                "units": units,
                "now": till.now,
                "place": till.world.places[name],
                "variant": variant,
            },
        )


class TestTheDifference:
    def refused(self, till: Till, payer: str) -> uuid.UUID:
        settle(till, price_difference=payer)
        tap = till.world.add_variant(dieter=800, wanda=1400, rosa=1200)
        order_id = till.place((tap, 10))
        till.reject(order_id, "dieter")
        till.accept(order_id)
        till.ship(order_id, "wanda")
        return order_id

    @pytest.mark.parametrize(
        ("payer", "owing"),
        [("storefront", "Rosa"), ("operator", "Operator"), ("refusing_seller", "Dieter")],
    )
    def test_is_owed_by_whom_the_storefront_settled(
        self, till: Till, payer: str, owing: str
    ) -> None:
        self.refused(till, payer)

        books = till.check()

        assert {name for code, name in books if code == CLAWBACK} == {owing}

    def test_of_a_refusing_seller_is_what_the_goods_and_freight_cost_more(self, till: Till) -> None:
        self.refused(till, "refusing_seller")

        books = till.check()

        # 140.00 + 18.00 from Wanda instead of 80.00 + 9.00 from Dieter.
        assert books[CLAWBACK, "Dieter"] == -6_900
        # 129.00 - 158.00 + 69.00, and Wanda's commission of 5 %.
        assert books[WAITING, "Rosa"] == 4_000 + 700

    def test_is_netted_from_what_the_seller_earns_next(self, till: Till) -> None:
        self.refused(till, "refusing_seller")
        other = till.place((till.world.add_variant(dieter=800, wanda=None), 20))
        till.accept(other)
        shipment = till.ship(other, "dieter")
        till.deliver(shipment)
        till.pay(shipment)

        till.after(days=15).release()

        assert (CLAWBACK, "Dieter") not in till.check()

    def test_never_reaches_the_buyer(self, till: Till) -> None:
        order_id = self.refused(till, "refusing_seller")

        assert promised(till, order_id) == order_of(till, order_id).total_minor == 12_900


class TestDues:
    def test_stay_with_the_first_refuser_and_the_next_pays_only_what_is_more(self) -> None:
        first, second = uuid.UUID(int=1), uuid.UUID(int=2)
        once = dues_of(landed_minor=120, replaced_minor=100, dues=(), payer_id=first)

        twice = dues_of(landed_minor=130, replaced_minor=120, dues=once, payer_id=second)

        assert (once, twice) == ([Due(first, 20)], [Due(first, 20), Due(second, 10)])

    def test_shrink_when_a_cheaper_replacement_is_found(self) -> None:
        due = Due(uuid.UUID(int=1), 20)

        found = dues_of(landed_minor=105, replaced_minor=120, dues=[due], payer_id=None)

        assert found == [Due(due.payer_id, 5)]

    @given(
        st.lists(st.tuples(st.integers(0, 500), st.booleans()), min_size=1, max_size=6),
        st.integers(0, 500),
    )
    def test_keep_the_storefronts_cost_at_what_it_bargained_for(self, steps, bargained) -> None:
        landed, dues = bargained, []
        for number, (next_landed, _) in enumerate(steps):
            dues = dues_of(
                landed_minor=next_landed,
                replaced_minor=landed,
                dues=dues,
                payer_id=uuid.UUID(int=number),
            )
            landed = next_landed
            assert all(due.amount_minor > 0 for due in dues)
            assert landed - sum(due.amount_minor for due in dues) <= bargained


class TestWithdrawal:
    def test_of_accepted_units_moves_them_to_another_seller(self, till: Till) -> None:
        tap = till.world.add_variant(dieter=800, wanda=1000)
        order_id = till.place((tap, 10))
        till.accept(order_id)

        withdraw(till, order_id, "dieter", 4, "damaged")

        till.check()
        assert set(till.parts(order_id)) == {"dieter", "wanda"}
        assert promised(till, order_id) == order_of(till, order_id).total_minor
        # Damaged goods are gone; six stay reserved.
        assert till.world.available("dieter", tap) == 90

    def test_of_everything_ends_the_part(self, till: Till) -> None:
        order_id = till.place((till.world.add_variant(), 10))
        till.accept(order_id)

        withdraw(till, order_id, "dieter", 10, "capacity")

        till.check()
        assert set(till.parts(order_id)) == {"wanda"}

    def test_of_what_has_left_is_refused(self, till: Till) -> None:
        order_id = till.place((till.world.add_variant(), 10))
        till.accept(order_id)
        till.ship(order_id, "dieter", 7)

        with pytest.raises(AnswerDoesNotFit):
            withdraw(till, order_id, "dieter", 4, "lost")

    def test_of_the_rest_leaves_what_has_been_shipped(self, till: Till) -> None:
        order_id = till.place((till.world.add_variant(wanda=None), 10))
        till.accept(order_id)
        till.ship(order_id, "dieter", 7)

        withdraw(till, order_id, "dieter", 3, "lost")

        till.check()
        assert order_of(till, order_id).status == "shipped"


class TestJoiningAnOpenPart:
    def placed(self, till: Till) -> uuid.UUID:
        """Dieter delivers the first line, Wanda the second; both could deliver the first."""
        first = till.world.add_variant(dieter=800, wanda=1300)
        second = till.world.add_variant(dieter=None, wanda=1000)
        return till.place((first, 4), (second, 4))

    def wandas(self, till: Till, order_id: uuid.UUID) -> list[str]:
        return [
            part.status
            for part in queries.list_parts(till.session, order_id=order_id)
            if part.seller_id == till.world.wanda.id
        ]

    def test_that_is_still_offered_makes_it_larger(self, till: Till) -> None:
        order_id = self.placed(till)

        till.reject(order_id, "dieter")

        till.check()
        assert self.wandas(till, order_id) == ["offered"]
        rows = queries.list_allocations(
            till.session, seller_order_ids=[till.parts(order_id)["wanda"]]
        )
        assert sum(row.quantity for row in rows) == 8

    def test_that_was_accepted_waits_for_the_sellers_consent_and_is_one_parcel_then(
        self, till: Till
    ) -> None:
        order_id = self.placed(till)
        with transaction(till.session):
            ordering.accept_seller_order(
                till.session,
                caller=till.operator,
                seller_order_id=till.parts(order_id)["wanda"],
                now=till.now,
            )
        till.reject(order_id, "dieter")
        assert self.wandas(till, order_id) == ["accepted", "offered"]

        till.accept(order_id)

        till.check()
        assert self.wandas(till, order_id) == ["accepted", "merged"]
        till.session.expire_all()
        part = queries.list_parts(till.session, order_id=order_id)
        wanda = next(each for each in part if each.status == "accepted")
        with transaction(till.session):
            shipments = fulfilment.ship_everything(
                till.session, caller=till.operator, seller_order_id=wanda.id, now=till.now
            )
        assert len(shipments) == 1
        till.check()

    def test_pays_only_what_more_goods_add_to_its_freight(self, till: Till) -> None:
        order_id = self.placed(till)

        till.reject(order_id, "dieter")

        part = till.session.get_one(
            SellerOrder, till.parts(order_id)["wanda"], populate_existing=True
        )
        # Four taps of 500 g travel at 18.00 up to 5 kg, and so do eight.
        assert part.freight_minor == 1_800


class TestUnitsThatNobodyCanServe:
    @pytest.fixture
    def order_id(self, till: Till) -> uuid.UUID:
        settle(till, last_resort="ask_buyer")
        self.tap = till.world.add_variant(dieter=800, wanda=None, rosa=1200, stock=(10, 0))
        made = till.place((self.tap, 10))
        part = till.parts(made)["dieter"]
        [row] = queries.list_allocations(till.session, seller_order_ids=[part])
        with transaction(till.session):
            ordering.answer_seller_order(
                till.session,
                caller=till.operator,
                seller_order_id=part,
                answers=[ordering.Answer(row.id, 0, "out_of_stock")],
                now=till.now,
            )
        return made

    def choose(self, till: Till, order_id: uuid.UUID, answer: str, **more: object) -> None:
        with transaction(till.session):
            ordering.answer_choice(
                till.session,
                caller=till.world.caller(till.world.berta),
                choice_id=choice_of(till, order_id).id,
                answer=answer,
                now=till.now,
                **more,
            )

    def test_wait_for_the_buyers_choice_at_the_promised_price(self, till: Till, order_id) -> None:
        books = till.check()

        assert order_of(till, order_id).status == "waiting"
        assert choice_of(till, order_id).status == "open"
        assert books[RESERVED, "Berta"] == -12_900
        assert promised(till, order_id) == 12_900

    def test_are_given_up_when_the_buyer_cancels(self, till: Till, order_id) -> None:
        self.choose(till, order_id, "cancel")

        assert till.check() == {}
        assert (order_of(till, order_id).status, promised(till, order_id)) == ("cancelled", 0)

    def test_find_a_seller_when_stock_arrives_and_the_buyer_waits(
        self, till: Till, order_id
    ) -> None:
        self.choose(till, order_id, "wait")
        till.after(hours=2)
        restock(till, "dieter", self.tap, 6)

        with transaction(till.session):
            assert ordering.retry_waiting(till.session, now=till.now, limit=10) == 1

        till.check()
        assert till.world.available("dieter", self.tap) == 0
        assert promised(till, order_id) == 12_900
        assert choice_of(till, order_id).status == "waiting"
        till.after(hours=1)
        restock(till, "dieter", self.tap, 4)
        with transaction(till.session):
            ordering.retry_waiting(till.session, now=till.now, limit=1000)
        assert choice_of(till, order_id).status == "served"
        assert promised(till, order_id) == 12_900
        till.check()

    def test_are_not_tried_again_before_something_changed(self, till: Till, order_id) -> None:
        self.choose(till, order_id, "wait")
        till.after(hours=2)

        assert ordering.retry_waiting(till.session, now=till.now, limit=10) == 0

    def test_are_replaced_by_another_variant_at_no_more_than_was_promised(
        self, till: Till, order_id
    ) -> None:
        other = till.world.add_variant(dieter=None, wanda=1500)

        self.choose(till, order_id, "substitute", variant_id=other)

        till.check()
        assert choice_of(till, order_id).status == "substituted"
        assert promised(till, order_id) == 12_900

    def test_cost_the_buyer_less_when_the_substitute_does(self, till: Till, order_id) -> None:
        other = till.world.add_variant(dieter=None, wanda=900)

        self.choose(till, order_id, "substitute", variant_id=other)

        till.check()
        assert promised(till, order_id) == 9_000 + 900

    def test_are_not_replaced_by_what_nobody_has(self, till: Till, order_id) -> None:
        nothing = till.world.add_variant(stock=(0, 0))

        with pytest.raises(NothingInstead):
            self.choose(till, order_id, "substitute", variant_id=nothing)

        assert choice_of(till, order_id).status == "open"

    def test_are_cancelled_when_the_buyer_does_not_choose_in_time(
        self, till: Till, order_id
    ) -> None:
        till.after(days=4)

        with transaction(till.session):
            assert ordering.expire_choices(till.session, now=till.now, limit=10) == 1

        assert till.check() == {}
        assert choice_of(till, order_id).status == "expired"

    def test_cannot_be_chosen_about_twice(self, till: Till, order_id) -> None:
        self.choose(till, order_id, "cancel")

        with pytest.raises(TransitionNotAllowed):
            self.choose(till, order_id, "wait")

    def test_are_nobody_elses_to_choose_about(self, till: Till, order_id) -> None:
        with pytest.raises(ChoiceNotFound):
            ordering.answer_choice(
                till.session,
                caller=till.world.caller(till.world.wanda),
                choice_id=choice_of(till, order_id).id,
                answer="cancel",
                now=till.now,
            )

    def test_end_with_the_order(self, till: Till, order_id) -> None:
        till.cancel(order_id)

        assert till.check() == {}
        assert choice_of(till, order_id).status == "cancelled"

    def test_are_not_sought_for_ever(self, till: Till) -> None:
        settle(till, most_attempts=1)
        made = till.place((till.world.add_variant(), 3))

        till.reject(made, "dieter")

        till.check()
        assert till.parts(made) == {}


class TestAnySequenceOfRefusals:
    @settings(
        max_examples=8,
        phases=(Phase.explicit, Phase.reuse, Phase.generate),
        deadline=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture],
    )
    @given(
        st.sampled_from(["storefront", "operator", "refusing_seller"]),
        st.sampled_from(["cancel", "ask_buyer", "wait"]),
        st.lists(
            st.tuples(
                st.sampled_from(["reject", "withdraw", "accept", "expire", "retry", "ship"]),
                st.sampled_from(["dieter", "wanda"]),
                st.integers(1, 4),
            ),
            max_size=6,
        ),
    )
    def test_never_raises_what_the_buyer_pays_and_loses_no_cent(
        self, till: Till, payer: str, resort: str, steps: list
    ) -> None:
        settle(till, price_difference=payer, last_resort=resort)
        world = till.world
        order_id = till.place(
            (world.add_variant(dieter=800, wanda=1400, stock=(5, 100)), 7),
            (world.add_variant(dieter=900, wanda=1000), 4),
        )
        most = order_of(till, order_id).total_minor
        for step, seller, units in steps:
            self.take(till, order_id, step, seller, units)
            till.check()
            now_promised = promised(till, order_id)
            assert now_promised <= most
            most = now_promised

    def take(self, till: Till, order_id: uuid.UUID, step: str, seller: str, units: int) -> None:
        parts = till.parts(order_id)
        status = {
            key: till.session.get_one(SellerOrder, part, populate_existing=True).status
            for key, part in parts.items()
        }
        if step == "accept":
            till.accept(order_id)
        elif step in {"expire", "retry"}:
            # Offers do not outlive two days, so they end before anything is tried again.
            till.after(days=2)
            with transaction(till.session):
                ordering.expire_seller_orders(till.session, now=till.now, limit=1000)
            if step == "retry":
                with transaction(till.session):
                    ordering.retry_waiting(till.session, now=till.now, limit=1000)
        elif step == "reject" and status.get(seller) == "offered":
            till.reject(order_id, seller)
        elif step == "withdraw" and status.get(seller) == "accepted":
            row = till.session.scalars(
                select(Allocation).where(
                    Allocation.seller_order_id == parts[seller], Allocation.status == "accepted"
                )
            ).first()
            withdraw(till, order_id, seller, min(units, row.quantity), "capacity")
        elif step == "ship" and status.get(seller) == "accepted":
            with transaction(till.session):
                fulfilment.ship_everything(
                    till.session, caller=till.operator, seller_order_id=parts[seller], now=till.now
                )
