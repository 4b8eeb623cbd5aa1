"""Berta's cart keeps its stock while she decides; her order takes it over."""

import uuid
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.inventory import operations as inventory
from app.inventory import queries as inventory_queries
from app.inventory.models import Reservation, Stock
from app.ordering import operations as ordering
from app.ordering.errors import CartNotFound, KeptTooLong, NotFullyAvailable, TotalChanged
from app.ordering.models import Cart
from app.ordering.wishes import Wishes
from app.routing.errors import NothingCanBeServed
from tests.factories.later import allows_backorders, announces, receives
from tests.factories.world import World, build_world


@pytest.fixture
def world(session: Session, now: datetime) -> World:
    return build_world(session, now)


@pytest.fixture
def tap(world: World) -> uuid.UUID:
    return world.add_variant(wanda=None, stock=(10, 0))


def cart_of(world: World, now: datetime, *lines: tuple[uuid.UUID, int]) -> Cart:
    return ordering.create_cart(
        world.session,
        caller=world.caller(world.berta),
        storefront_id=world.storefront.id,
        buyer_id=world.berta.id,
        address_id=world.address.id,
        items=[ordering.CartItem(*line) for line in lines],
        now=now,
    )


def keep(world: World, cart: Cart, now: datetime, minutes: int | None = 15) -> Cart:
    return ordering.reserve_cart(
        world.session, caller=world.caller(world.berta), cart_id=cart.id, minutes=minutes, now=now
    )


def check_out(world: World, cart: Cart, now: datetime) -> uuid.UUID:
    return ordering.checkout(
        world.session, caller=world.caller(world.berta), cart_id=cart.id, reference=None,
        payment_method="on_account", accept_shortfall=False, expected_total_minor=None, now=now,
    )  # fmt: skip


def laws_hold(world: World) -> bool:
    world.session.flush()
    return all(proof.holds for proof in inventory_queries.verify(world.session))


class TestAKeptCart:
    def test_has_its_stock_while_others_do_not(
        self, world: World, tap: uuid.UUID, now: datetime
    ) -> None:
        cart = keep(world, cart_of(world, now, (tap, 7)), now)
        assert cart.reserved_until == now + timedelta(minutes=15)
        assert world.available("dieter", tap) == 3
        with pytest.raises(NotFullyAvailable):
            world.place((tap, 4), now=now)
        check_out(world, cart, now)
        assert world.available("dieter", tap) == 3
        assert cart.reserved_until is None
        assert laws_hold(world)

    def test_is_ordered_though_nothing_else_is_left(
        self, world: World, tap: uuid.UUID, now: datetime
    ) -> None:
        cart = keep(world, cart_of(world, now, (tap, 7)), now)
        world.place((tap, 3), now=now)
        check_out(world, cart, now)
        assert world.available("dieter", tap) == 0
        assert laws_hold(world)

    def test_keeps_all_of_it_or_nothing(self, world: World, tap: uuid.UUID, now: datetime) -> None:
        cart = cart_of(world, now, (tap, 11))
        with pytest.raises(NotFullyAvailable):
            keep(world, cart, now)
        assert world.available("dieter", tap) == 10

    def test_gives_back_when_its_lines_change_or_it_is_told_to(
        self, world: World, tap: uuid.UUID, now: datetime
    ) -> None:
        caller = world.caller(world.berta)
        cart = keep(world, cart_of(world, now, (tap, 7)), now)
        ordering.set_cart_lines(
            world.session, caller=caller, cart_id=cart.id,
            items=[ordering.CartItem(tap, 2)], version=cart.version,
        )  # fmt: skip
        assert world.available("dieter", tap) == 10
        keep(world, cart, now)
        assert world.available("dieter", tap) == 8
        ordering.release_cart(world.session, caller=caller, cart_id=cart.id)
        assert world.available("dieter", tap) == 10
        assert laws_hold(world)

    def test_that_ran_out_is_ordered_like_any_other(
        self, world: World, tap: uuid.UUID, now: datetime
    ) -> None:
        cart = keep(world, cart_of(world, now, (tap, 7)), now)
        later = now + timedelta(minutes=15)
        assert inventory.expire_holds(world.session, now=later, limit=10) == 1
        world.place((tap, 4), now=later)
        with pytest.raises(NotFullyAvailable):
            check_out(world, cart, later)
        assert laws_hold(world)

    def test_keeps_its_stock_when_its_order_is_refused(
        self, world: World, tap: uuid.UUID, now: datetime
    ) -> None:
        cart = keep(world, cart_of(world, now, (tap, 7)), now)
        with pytest.raises(TotalChanged), world.session.begin_nested():
            ordering.checkout(
                world.session, caller=world.caller(world.berta), cart_id=cart.id, reference=None,
                payment_method="on_account", accept_shortfall=False, expected_total_minor=1,
                now=now,
            )  # fmt: skip
        assert world.available("dieter", tap) == 3
        assert laws_hold(world)

    def test_is_its_buyer_s_alone(self, world: World, tap: uuid.UUID, now: datetime) -> None:
        cart = cart_of(world, now, (tap, 7))
        with pytest.raises(CartNotFound):
            ordering.reserve_cart(
                world.session, caller=world.caller(world.wanda), cart_id=cart.id, minutes=5, now=now
            )

    def test_of_nothing_that_can_be_served_is_refused(self, world: World, now: datetime) -> None:
        nothing = world.add_variant(dieter=None, wanda=None)
        with pytest.raises((NotFullyAvailable, NothingCanBeServed)):
            keep(world, cart_of(world, now, (nothing, 1)), now)


class TestTheStorefrontsLimit:
    def test_is_how_long_a_cart_keeps_stock_at_the_most(
        self, world: World, tap: uuid.UUID, now: datetime
    ) -> None:
        world.storefront.cart_minutes = 10
        cart = cart_of(world, now, (tap, 3))

        with pytest.raises(KeptTooLong) as refusal:
            keep(world, cart, now, minutes=11)

        assert refusal.value.details == {"asked_minutes": 11, "most_minutes": 10}
        assert keep(world, cart, now, minutes=None).reserved_until == now + timedelta(minutes=10)

    def test_of_nought_keeps_nothing(self, world: World, tap: uuid.UUID, now: datetime) -> None:
        world.storefront.cart_minutes = 0
        cart = cart_of(world, now, (tap, 3))

        with pytest.raises(KeptTooLong, match="keeps no stock"):
            keep(world, cart, now, minutes=None)


class TestACartsWishes:
    def test_hold_for_what_is_kept(self, world: World, now: datetime) -> None:
        first = world.add_variant(dieter=100, wanda=5000)
        second = world.add_variant(dieter=5000, wanda=100)
        cart = cart_of(world, now, (first, 1), (second, 1))
        cart.wishes = Wishes(one_delivery=True).document()

        keep(world, cart, now)

        kept = inventory_queries.list_holds(world.session, cart_id=cart.id)
        assert len({row.location_id for row in kept}) == 1


class TestWhatIsStillToCome:
    """Of Wanda, who has two and expects ten on Monday, ten more a week later."""

    @pytest.fixture
    def hose(self, world: World, now: datetime) -> uuid.UUID:
        hose = world.add_variant(dieter=None, stock=(0, 2))
        allows_backorders(world, world.wanda, hose)
        announces(world, "wanda", hose, FIRST, 10, now)
        announces(world, "wanda", hose, SECOND, 10, now, reference="PO-2")
        return hose

    def test_is_kept_with_what_is_there(self, world: World, hose: uuid.UUID, now: datetime) -> None:
        cart = keep(world, cart_of(world, now, (hose, 8)), now)
        assert (world.available("wanda", hose), promised(world, hose)) == (0, 6)
        assert days_of(world, world.place((hose, 4), now=now)) == {FIRST: 4}
        assert days_of(world, world.place((hose, 6), now=now)) == {SECOND: 6}
        assert laws_hold(world)
        order = check_out(world, cart, now)
        assert days_of(world, order) == {FIRST: 6}
        assert promised(world, hose) == 16
        assert laws_hold(world)

    def test_keeps_its_day_when_it_is_kept_again_or_wants_less(
        self, world: World, hose: uuid.UUID, now: datetime
    ) -> None:
        cart = keep(world, cart_of(world, now, (hose, 12)), now)
        world.place((hose, 10), now=now)
        keep(world, cart, now + timedelta(minutes=10))
        assert inventory.expire_holds(world.session, now=now + timedelta(minutes=15), limit=9) == 0
        assert days_of(world, check_out(world, cart, now)) == {FIRST: 10}
        assert laws_hold(world)

    def test_is_never_more_than_comes(self, world: World, hose: uuid.UUID, now: datetime) -> None:
        keep(world, cart_of(world, now, (hose, 20)), now)
        with pytest.raises(NotFullyAvailable):
            keep(world, cart_of(world, now, (hose, 3)), now)
        with pytest.raises(NotFullyAvailable):
            world.place((hose, 3), now=now)
        assert promised(world, hose) == 18

    def test_is_free_again_when_time_is_up_or_it_is_let_go(
        self, world: World, hose: uuid.UUID, now: datetime
    ) -> None:
        first, second = (keep(world, cart_of(world, now, (hose, 9)), now) for _ in range(2))
        ordering.release_cart(world.session, caller=world.caller(world.berta), cart_id=first.id)
        assert (world.available("wanda", hose), promised(world, hose)) == (2, 9)
        later = now + timedelta(minutes=15)
        assert inventory.expire_holds(world.session, now=later, limit=9) == 1
        assert promised(world, hose) == 0
        with pytest.raises(NotFullyAvailable):
            check_out(world, cart_of(world, now, (hose, 23)), later)
        assert second.reserved_until is not None
        assert laws_hold(world)

    def test_is_the_carts_when_it_comes_meanwhile(
        self, world: World, hose: uuid.UUID, now: datetime
    ) -> None:
        cart = keep(world, cart_of(world, now, (hose, 8)), now)
        receives(world, "wanda", hose, 10, now)
        assert (world.available("wanda", hose), promised(world, hose)) == (4, 0)
        world.place((hose, 4), now=now)
        assert days_of(world, check_out(world, cart, now)) == {}
        assert world.available("wanda", hose) == 0
        assert laws_hold(world)

    def test_is_let_go_with_the_lines_of_the_cart(
        self, world: World, hose: uuid.UUID, now: datetime
    ) -> None:
        cart = keep(world, cart_of(world, now, (hose, 8)), now)
        ordering.set_cart_lines(
            world.session, caller=world.caller(world.berta), cart_id=cart.id,
            items=[ordering.CartItem(hose, 1)], version=cart.version,
        )  # fmt: skip
        assert (world.available("wanda", hose), promised(world, hose)) == (2, 0)

    def test_called_off_is_not_ordered_for_that_day(
        self, world: World, hose: uuid.UUID, now: datetime
    ) -> None:
        cart = keep(world, cart_of(world, now, (hose, 8)), now)
        announces(world, "wanda", hose, FIRST, 0, now)
        assert ordering.reroute_broken_promises(world.session, now=now) == 0
        assert days_of(world, check_out(world, cart, now)) == {SECOND: 6}
        assert laws_hold(world)


FIRST, SECOND = date(2026, 3, 9), date(2026, 3, 16)


def promised(world: World, variant: uuid.UUID) -> int:
    world.session.flush()
    found = world.session.get(Stock, (world.places["wanda"], variant), populate_existing=True)
    assert found is not None
    return found.promised


def days_of(world: World, order_id: uuid.UUID) -> dict[date, int]:
    """By day how many units an order was promised that are not there."""
    rows = world.session.scalars(
        select(Reservation).where(Reservation.order_id == order_id, Reservation.promised > 0)
    )
    assert all(each.expires_at is None for each in rows.all())
    found = world.session.execute(
        select(Reservation.due_on, func.sum(Reservation.promised))
        .where(Reservation.order_id == order_id, Reservation.promised > 0)
        .group_by(Reservation.due_on)
    )
    return {day: int(units) for day, units in found}
