"""The hot paths need the same number of statements however many lines an order has."""

from datetime import datetime

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.fulfilment import operations as fulfilment
from app.infra.unit_of_work import publish
from app.ordering import operations as ordering
from app.ordering.models import SellerOrder
from tests.factories import policies
from tests.factories.world import World, build_world
from tests.support.statements import count_statements


@pytest.fixture
def world(session: Session, now: datetime) -> World:
    return build_world(session, now)


def lines_of(world: World, count: int) -> list[tuple]:
    return [(world.add_variant(wanda=None), 2) for _ in range(count)]


class TestStatements:
    @pytest.mark.parametrize("lines", [1, 8])
    def test_of_a_simulation_are_five_once_the_freight_is_compiled(
        self, world: World, now: datetime, lines: int
    ) -> None:
        placement = world.placement(lines_of(world, lines))
        caller = world.caller(world.berta)
        ordering.simulate(world.session, caller=caller, placement=placement, now=now)

        with count_statements() as statements:
            ordering.simulate(world.session, caller=caller, placement=placement, now=now)

        assert len(statements) <= 5, statements.texts

    @pytest.mark.parametrize("lines", [1, 8])
    def test_of_a_placement_with_its_money_and_events_are_few(
        self, world: World, now: datetime, lines: int
    ) -> None:
        wanted = lines_of(world, lines)

        with count_statements() as statements:
            world.place(*wanted, now=now)
            publish(world.session)

        assert len(statements) <= 17, statements.texts

    @pytest.mark.parametrize("lines", [1, 8])
    def test_of_a_placement_with_sellers_that_take_so_much_a_day_are_five_more(
        self, world: World, now: datetime, lines: int
    ) -> None:
        wanted = lines_of(world, lines)
        policies.takes_a_day(world, world.dieter.id, orders_a_day=5, units_a_day=500)
        policies.hold_rules(world, now, over_capacity={})

        with count_statements() as statements:
            world.place(*wanted, now=now)
            publish(world.session)

        # What was taken is read to decide, by sellers' own days; then the seller's row is locked,
        # and both are read again.
        assert len(statements) <= 22, statements.texts
        assert statements.about("routing_seller_capacities") == 2

    @pytest.mark.parametrize("lines", [1, 8])
    def test_of_a_shipment_with_its_invoice_and_splits_are_few(
        self, world: World, now: datetime, lines: int
    ) -> None:
        world.place(*lines_of(world, lines), now=now)
        publish(world.session)
        part_id = world.session.scalars(select(SellerOrder.id)).one()
        dieter = world.caller(world.dieter)
        ordering.accept_seller_order(world.session, caller=dieter, seller_order_id=part_id, now=now)
        publish(world.session)

        with count_statements() as statements:
            fulfilment.ship_everything(
                world.session, caller=dieter, seller_order_id=part_id, now=now
            )
            publish(world.session)

        assert len(statements) <= 15, statements.texts
