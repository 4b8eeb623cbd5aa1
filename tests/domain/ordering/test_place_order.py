"""An order is routed, reserved and frozen in one transaction."""

from datetime import datetime

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.ordering import queries
from app.ordering.errors import NotFullyAvailable, OrderAlreadyPlaced, TotalChanged
from app.ordering.models import Allocation, Order, SellerOrder
from app.routing.errors import NothingCanBeServed
from app.routing.models import RoutingDecision
from tests.factories.world import World, build_world


@pytest.fixture
def world(session: Session, now: datetime) -> World:
    return build_world(session, now)


def the_order(world: World) -> Order:
    return world.session.scalars(select(Order)).one()


class TestPlaceOrder:
    def test_buys_at_the_storefronts_price_what_a_distributor_transfers(
        self, world: World, now: datetime
    ) -> None:
        tap = world.add_variant(dieter=800, wanda=None, rosa=1200)

        world.place((tap, 4), now=now)

        order = the_order(world)
        # 4 x 12.00; 2 kg from Campinas to São Paulo is one parcel of the 5 kg band.
        assert (order.goods_minor, order.freight_minor, order.total_minor) == (4800, 900, 5700)
        allocation = world.session.scalars(select(Allocation)).one()
        assert (allocation.seller_goods_minor, allocation.seller_freight_minor) == (3200, 900)
        assert [hop["amount_minor"] for hop in allocation.hops] == [3200]
        assert world.available("dieter", tap) == 96

    def test_asks_the_cheapest_seller_of_record_in_agency(
        self, world: World, now: datetime
    ) -> None:
        tap = world.add_variant(dieter=None, wanda=1000)

        world.place((tap, 2), now=now)

        part = world.session.scalars(select(SellerOrder)).one()
        assert (part.seller_id, part.selling_model, part.status) == (
            world.wanda.id, "agency", "offered",
        )  # fmt: skip
        assert the_order(world).goods_minor == 2000

    def test_splits_a_line_when_one_seller_has_not_enough(
        self, world: World, now: datetime
    ) -> None:
        tap = world.add_variant(dieter=800, wanda=1000, stock=(3, 10))

        world.place((tap, 5), now=now)

        taken = world.session.scalars(select(Allocation.quantity)).all()
        assert sorted(taken) == [2, 3]

    def test_refuses_a_shortfall_that_the_buyer_did_not_accept(
        self, world: World, now: datetime
    ) -> None:
        tap = world.add_variant(stock=(3, 1))

        with pytest.raises(NotFullyAvailable) as refusal:
            world.place((tap, 5), now=now)

        assert refusal.value.details["lines"][0]["available"] == 4

    def test_orders_what_there_is_when_the_buyer_accepts_a_shortfall(
        self, world: World, now: datetime
    ) -> None:
        tap = world.add_variant(stock=(3, 1))

        world.place((tap, 5), now=now, accept_shortfall=True)

        line = queries.list_lines(world.session, order_id=the_order(world).id)[0]
        assert (line.quantity, line.served_quantity) == (5, 4)

    def test_says_for_each_line_why_nobody_can_serve_it(self, world: World, now: datetime) -> None:
        tap = world.add_variant(stock=(0, 0))

        with pytest.raises(NothingCanBeServed) as refusal:
            world.place((tap, 5), now=now)

        assert refusal.value.details["lines"][0]["reasons"] == {"no_stock": 2}

    def test_knows_a_buyers_reference_again(self, world: World, now: datetime) -> None:
        tap = world.add_variant()
        world.place((tap, 1), now=now, reference="PO-1")

        with pytest.raises(OrderAlreadyPlaced):
            world.place((tap, 1), now=now, reference="PO-1")

    def test_refuses_another_total_than_the_buyer_saw(self, world: World, now: datetime) -> None:
        tap = world.add_variant()

        with pytest.raises(TotalChanged):
            world.place((tap, 1), now=now, expected_total_minor=1)

        assert world.available("dieter", tap) == 100

    def test_keeps_every_candidate_with_its_reasons(self, world: World, now: datetime) -> None:
        tap = world.add_variant(stock=(5, 0))

        order_id = world.place((tap, 1), now=now)

        decision = world.session.scalars(
            select(RoutingDecision).where(RoutingDecision.order_id == order_id)
        ).one()
        assert decision.proof == "optimal"
        kept = decision.candidates
        places = [place for offer in kept["offers"] for place in offer[-1]]
        assert sorted(kept["rules"][rules] for _, _, rules in places) == [
            [],
            ["no_stock"],
        ]
