"""Sellers answer; what they refuse finds other sellers at the buyer's unchanged price."""

import uuid
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.fulfilment import operations as fulfilment
from app.fulfilment.errors import LineDoesNotFit, NothingToShip
from app.kernel.states import TransitionNotAllowed
from app.ordering import operations as ordering
from app.ordering import queries
from app.ordering.errors import AlreadyShipped, DeadlinePassed, SellerOrderNotFound
from app.ordering.models import Allocation, Order, SellerOrder
from tests.factories.world import World, build_world


@pytest.fixture
def world(session: Session, now: datetime) -> World:
    return build_world(session, now)


def part_of(world: World, order_id: uuid.UUID, seller: str) -> SellerOrder:
    return world.session.scalars(
        select(SellerOrder).where(
            SellerOrder.order_id == order_id, SellerOrder.seller_id == getattr(world, seller).id
        )
    ).one()


def allocations_of(world: World, part: SellerOrder) -> list[Allocation]:
    return list(queries.list_allocations(world.session, seller_order_ids=[part.id]))


def order_of(world: World, order_id: uuid.UUID) -> Order:
    return world.session.get_one(Order, order_id, populate_existing=True)


def promised(world: World, order_id: uuid.UUID) -> int:
    """What the buyer still owes: the live allocations' amounts."""
    parts = queries.list_parts(world.session, order_id=order_id)
    rows = queries.list_allocations(world.session, seller_order_ids=[p.id for p in parts])
    live = [row for row in rows if row.status in queries.LIVE]
    return sum(row.buyer_goods_minor + row.buyer_freight_minor for row in live)


class TestAnswer:
    def test_in_full_makes_the_order_accepted(self, world: World, now: datetime) -> None:
        order_id = world.place((world.add_variant(), 4), now=now)
        part = part_of(world, order_id, "dieter")

        ordering.accept_seller_order(
            world.session, caller=world.caller(world.dieter), seller_order_id=part.id, now=now
        )

        assert (part.status, order_of(world, order_id).status) == ("accepted", "accepted")

    def test_with_a_refusal_moves_the_units_to_another_seller_at_the_same_price(
        self, world: World, now: datetime
    ) -> None:
        tap = world.add_variant(dieter=800, wanda=1100, rosa=1200)
        order_id = world.place((tap, 5), now=now)
        before = order_of(world, order_id).total_minor
        part = part_of(world, order_id, "dieter")
        [offered] = allocations_of(world, part)

        ordering.answer_seller_order(
            world.session,
            caller=world.caller(world.dieter),
            seller_order_id=part.id,
            answers=[ordering.Answer(offered.id, 2, "damaged")],
            now=now,
        )

        [moved] = allocations_of(world, part_of(world, order_id, "wanda"))
        assert (moved.quantity, moved.status, moved.seller_goods_minor) == (3, "offered", 3300)
        assert order_of(world, order_id).total_minor == before == promised(world, order_id)
        # Damaged goods are gone from Dieter's stock; two stay reserved.
        assert (world.available("dieter", tap), world.available("wanda", tap)) == (95, 97)

    def test_with_a_refusal_that_nobody_else_can_serve_lowers_what_the_buyer_owes(
        self, world: World, now: datetime
    ) -> None:
        tap = world.add_variant(dieter=800, wanda=None, rosa=1200)
        order_id = world.place((tap, 5), now=now)
        part = part_of(world, order_id, "dieter")
        [offered] = allocations_of(world, part)

        ordering.answer_seller_order(
            world.session,
            caller=world.caller(world.dieter),
            seller_order_id=part.id,
            answers=[ordering.Answer(offered.id, 2, "capacity")],
            now=now,
        )

        [line] = queries.list_lines(world.session, order_id=order_id)
        world.session.refresh(line)
        assert line.cancelled_quantity == 3
        # 2 of 5 units: 2 x 12.00 and two fifths of the freight of 9.00.
        assert promised(world, order_id) == 2400 + 360
        assert world.available("dieter", tap) == 98

    def test_after_the_deadline_is_refused(self, world: World, now: datetime) -> None:
        order_id = world.place((world.add_variant(), 1), now=now)
        part = part_of(world, order_id, "dieter")

        with pytest.raises(DeadlinePassed):
            ordering.accept_seller_order(
                world.session,
                caller=world.caller(world.dieter),
                seller_order_id=part.id,
                now=part.accept_by + timedelta(seconds=1),
            )

    def test_twice_is_refused(self, world: World, now: datetime) -> None:
        order_id = world.place((world.add_variant(), 1), now=now)
        part = part_of(world, order_id, "dieter")
        dieter = world.caller(world.dieter)
        ordering.accept_seller_order(world.session, caller=dieter, seller_order_id=part.id, now=now)

        with pytest.raises(TransitionNotAllowed):
            ordering.accept_seller_order(
                world.session, caller=dieter, seller_order_id=part.id, now=now
            )

    def test_is_for_the_seller_alone(self, world: World, now: datetime) -> None:
        order_id = world.place((world.add_variant(), 1), now=now)
        part = part_of(world, order_id, "dieter")

        for stranger in (world.wanda, world.rosa, world.berta):
            with pytest.raises(SellerOrderNotFound):
                ordering.accept_seller_order(
                    world.session, caller=world.caller(stranger), seller_order_id=part.id, now=now
                )


class TestExpiry:
    def test_moves_everything_to_other_sellers(self, world: World, now: datetime) -> None:
        tap = world.add_variant()
        order_id = world.place((tap, 4), now=now)
        late = now + timedelta(days=2)

        assert ordering.expire_seller_orders(world.session, now=late, limit=10) == 1

        assert part_of(world, order_id, "dieter").status == "expired"
        assert [row.quantity for row in allocations_of(world, part_of(world, order_id, "wanda"))]
        assert (world.available("dieter", tap), world.available("wanda", tap)) == (100, 96)

    def test_twice_leaves_the_buyer_with_nothing_to_pay(self, world: World, now: datetime) -> None:
        order_id = world.place((world.add_variant(), 4), now=now)

        for days in (2, 4, 6):
            ordering.expire_seller_orders(world.session, now=now + timedelta(days=days), limit=10)

        assert order_of(world, order_id).status == "cancelled"
        assert promised(world, order_id) == 0


class TestShipping:
    def accepted(self, world: World, now: datetime, units: int) -> tuple[uuid.UUID, SellerOrder]:
        order_id = world.place((world.add_variant(), units), now=now)
        part = part_of(world, order_id, "dieter")
        ordering.accept_seller_order(
            world.session, caller=world.caller(world.dieter), seller_order_id=part.id, now=now
        )
        return order_id, part

    def test_in_two_parts_and_their_arrival_complete_the_order(
        self, world: World, now: datetime
    ) -> None:
        order_id, part = self.accepted(world, now, units=5)
        dieter = world.caller(world.dieter)
        [row] = allocations_of(world, part)
        first = fulfilment.ship(
            world.session, caller=dieter, seller_order_id=part.id, location_id=row.location_id,
            lines=[(row.id, 2)], carrier="Correios", tracking_number="BR1", now=now,
        )  # fmt: skip
        assert order_of(world, order_id).status == "partly_shipped"

        rest = fulfilment.ship_everything(
            world.session, caller=dieter, seller_order_id=part.id, now=now
        )

        for shipment_id in (first, *rest):
            fulfilment.deliver(world.session, caller=dieter, shipment_id=shipment_id, now=now)
        assert order_of(world, order_id).status == "delivered"
        assert part.status == "delivered"

    def test_refuses_more_than_was_accepted(self, world: World, now: datetime) -> None:
        _, part = self.accepted(world, now, units=5)
        [row] = allocations_of(world, part)

        with pytest.raises(LineDoesNotFit):
            fulfilment.ship(
                world.session, caller=world.caller(world.dieter), seller_order_id=part.id,
                location_id=row.location_id, lines=[(row.id, 6)], carrier=None,
                tracking_number=None, now=now,
            )  # fmt: skip

    def test_refuses_what_was_not_accepted_yet(self, world: World, now: datetime) -> None:
        order_id = world.place((world.add_variant(), 5), now=now)
        part = part_of(world, order_id, "dieter")

        with pytest.raises(NothingToShip):
            fulfilment.ship_everything(
                world.session, caller=world.caller(world.dieter), seller_order_id=part.id, now=now
            )


class TestCancellation:
    def test_gives_back_what_has_not_left(self, world: World, now: datetime) -> None:
        tap = world.add_variant()
        order_id = world.place((tap, 5), now=now)

        units = ordering.cancel_order(
            world.session, caller=world.caller(world.berta), order_id=order_id, now=now
        )

        assert units == 5
        assert world.available("dieter", tap) == 100
        assert order_of(world, order_id).status == "cancelled"

    def test_leaves_what_has_been_shipped(self, world: World, now: datetime) -> None:
        order_id, part = TestShipping().accepted(world, now, units=5)
        [row] = allocations_of(world, part)
        fulfilment.ship(
            world.session, caller=world.caller(world.dieter), seller_order_id=part.id,
            location_id=row.location_id, lines=[(row.id, 2)], carrier=None, tracking_number=None,
            now=now,
        )  # fmt: skip
        berta = world.caller(world.berta)

        assert ordering.cancel_order(world.session, caller=berta, order_id=order_id, now=now) == 3

        assert order_of(world, order_id).status == "shipped"
        with pytest.raises(AlreadyShipped):
            ordering.cancel_order(world.session, caller=berta, order_id=order_id, now=now)
