"""Several seller orders are acted on in one transaction, each by its seller and at its time."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from app.fulfilment import operations as fulfilment
from app.fulfilment.errors import AlreadyDelivered, NothingToShip
from app.infra.unit_of_work import publish
from app.kernel.states import TransitionNotAllowed
from app.ordering import operations as ordering
from app.ordering.errors import SellerOrderNotFound
from app.ordering.models import Order, SellerOrder
from tests.factories.world import World, build_world
from tests.support.statements import count_statements


@pytest.fixture
def world(session: Session, now: datetime) -> World:
    return build_world(session, now)


@pytest.fixture
def acts(world: World, now: datetime) -> list[ordering.Act]:
    """Three orders, each of Dieter and of Wanda, acted on by their sellers hour by hour."""
    for _ in range(3):
        world.place(
            (world.add_variant(wanda=None), 2), (world.add_variant(dieter=None), 3), now=now
        )
    publish(world.session)
    callers = {seller.id: world.caller(seller) for seller in (world.dieter, world.wanda)}
    parts = world.session.scalars(select(SellerOrder).order_by(SellerOrder.id)).all()
    return [
        ordering.Act(callers[part.seller_id], part.id, now + timedelta(hours=hour))
        for hour, part in enumerate(parts)
    ]


def states(world: World) -> set[tuple[str, str]]:
    """(order, part) states as they are in the database."""
    query = select(Order.status, SellerOrder.status).join(
        SellerOrder, SellerOrder.order_id == Order.id
    )
    return {tuple(row) for row in world.session.execute(query)}


def accepted(world: World, acts: Sequence[ordering.Act]) -> None:
    ordering.accept_seller_orders(world.session, acts=acts)
    publish(world.session)


def shipped(world: World, acts: Sequence[ordering.Act]) -> list[fulfilment.Arrival]:
    """What is under way, as its sellers will report its arrival."""
    accepted(world, acts)
    fulfilment.ship_seller_orders(world.session, acts=acts)
    publish(world.session)
    query = text("SELECT id FROM fulfilment_shipments WHERE seller_order_id = :id")
    return [(act, world.session.scalars(query, {"id": act.seller_order_id}).all()) for act in acts]


class TestSellerOrdersTogether:
    def test_are_accepted_each_at_its_time_by_its_seller(self, world, acts):
        accepted(world, acts)
        assert states(world) == {("accepted", "accepted")}
        parts = world.session.scalars(select(SellerOrder).order_by(SellerOrder.id))
        assert [part.accepted_at for part in parts] == [act.now for act in acts]
        trail = world.session.execute(
            text("""
                SELECT subject_id, organization_id, at FROM infra_audit_records
                WHERE action = 'seller_order.answered' ORDER BY at
            """)
        )
        assert [tuple(row) for row in trail] == [
            (act.seller_order_id, act.caller.organization_id, act.now) for act in acts
        ]

    def test_are_shipped_and_delivered_to_the_last_unit(self, world, acts):
        arrivals = shipped(world, acts)
        assert states(world) == {("shipped", "shipped")}
        billed = world.session.execute(
            text("SELECT seller_order_id, issued_at FROM payments_invoices ORDER BY number")
        )
        assert [tuple(row) for row in billed] == [(act.seller_order_id, act.now) for act in acts]
        fulfilment.deliver_shipments(world.session, arrivals=arrivals)
        assert states(world) == {("delivered", "delivered")}

    def test_stay_as_they_are_when_one_is_another_sellers(self, world, acts):
        stranger = ordering.Act(world.caller(world.rosa), acts[0].seller_order_id, acts[0].now)
        with pytest.raises(SellerOrderNotFound), world.session.begin_nested():
            ordering.accept_seller_orders(world.session, acts=[*acts[1:], stranger])
        assert states(world) == {("placed", "offered")}

    def test_stay_as_they_are_when_one_was_answered(self, world, acts):
        accepted(world, acts[:1])
        before = states(world)
        with pytest.raises(TransitionNotAllowed), world.session.begin_nested():
            ordering.accept_seller_orders(world.session, acts=acts)
        assert states(world) == before == {("placed", "accepted"), ("placed", "offered")}

    def test_stay_here_when_one_has_nothing_to_ship(self, world, acts):
        accepted(world, acts[1:])
        with pytest.raises(NothingToShip), world.session.begin_nested():
            fulfilment.ship_seller_orders(world.session, acts=acts)
        assert world.session.scalar(text("SELECT count(*) FROM fulfilment_shipments")) == 0

    def test_are_under_way_when_a_shipment_is_told_of_with_another_seller_order(self, world, acts):
        (first, shipments), (second, others), *rest = shipped(world, acts)
        swapped = [(first, others), (second, shipments), *rest]
        with pytest.raises(AlreadyDelivered), world.session.begin_nested():
            fulfilment.deliver_shipments(world.session, arrivals=swapped)
        assert states(world) == {("shipped", "shipped")}


class TestStatementsOfASet:
    @pytest.mark.parametrize("count", [1, 6])
    def test_are_as_many_as_of_one(self, world, acts, count):
        some = acts[:count]
        made = [
            statements_of(world, lambda: ordering.accept_seller_orders(world.session, acts=some)),
            statements_of(world, lambda: fulfilment.ship_seller_orders(world.session, acts=some)),
        ]
        query = text("SELECT id FROM fulfilment_shipments WHERE seller_order_id = :id")
        arrivals = [
            (act, list(world.session.scalars(query, {"id": act.seller_order_id}))) for act in some
        ]
        made.append(
            statements_of(
                world, lambda: fulfilment.deliver_shipments(world.session, arrivals=arrivals)
            )
        )
        assert made == [7, 15, 8]


def statements_of(world: World, act: Callable[[], object]) -> int:
    """How many statements an act needs, with its money and events."""
    with count_statements() as statements:
        act()
        publish(world.session)
    return len(statements)
