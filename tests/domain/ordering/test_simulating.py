"""Who may ask what an order would get, and that the answer follows every change at once."""

from dataclasses import replace
from datetime import datetime

import pytest
from psycopg import _queries
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.infra.auth import Caller
from app.kernel.errors import Forbidden
from app.kernel.ids import new_id
from app.network.errors import AddressNotFound, UnitNotFound
from app.ordering import operations as ordering
from app.ordering.errors import EmptyOrder, NoTradingAccount
from app.storefronts.errors import StorefrontNotFound
from tests.factories import network as net
from tests.factories.world import World, build_world


@pytest.fixture
def world(session: Session, now: datetime) -> World:
    return build_world(session, now)


def asked(world: World, now: datetime, *, caller: Caller | None = None, **choices: object):
    """What two units of a tap would get, but for these choices."""
    placement = world.placement([(world.add_variant(), 2)])
    return ordering.simulate(
        world.session,
        caller=caller or world.caller(world.berta),
        placement=replace(placement, **choices),
        now=now,
    )


class TestASimulation:
    def test_is_for_the_buyer_and_the_storefronts_owner(self, world: World, now: datetime) -> None:
        assert asked(world, now).units_served == 2
        assert asked(world, now, caller=world.caller(world.rosa)).units_served == 2
        with pytest.raises(Forbidden):
            asked(world, now, caller=world.caller(world.dieter))

    def test_needs_a_shop_and_an_address_and_a_unit_of_the_buyers(
        self, world: World, now: datetime
    ) -> None:
        anothers = net.AddressFactory(organization_id=world.dieter.id)
        with pytest.raises(StorefrontNotFound):
            asked(world, now, storefront_id=new_id())
        with pytest.raises(AddressNotFound):
            asked(world, now, address_id=anothers.id)
        with pytest.raises(UnitNotFound):
            asked(world, now, unit_id=new_id())
        with pytest.raises(EmptyOrder):
            asked(world, now, lines=[])

    def test_needs_an_account_that_is_active(self, world: World, now: datetime) -> None:
        world.session.execute(text("UPDATE network_trading_accounts SET status = 'suspended'"))
        with pytest.raises(NoTradingAccount):
            asked(world, now)

    def test_does_not_outlive_what_it_was_told_before(self, world: World, now: datetime) -> None:
        tap = world.add_variant(wanda=None)
        placement = world.placement([(tap, 2)])
        caller = world.caller(world.berta)

        def codes() -> set[str]:
            made = ordering.simulate(world.session, caller=caller, placement=placement, now=now)
            return {
                code for each in made.judged for _, _, broken in each.verdicts for code in broken
            }

        before = codes()
        for change, code in (
            ("UPDATE network_organizations SET status = 'suspended'", "seller_suspended"),
            ("DELETE FROM storefronts_pool_sellers", "not_in_pool"),
            ("UPDATE network_agreements SET status = 'suspended'", "agreement_inactive"),
            ("DELETE FROM pricing_assignments", "no_price"),
            ("UPDATE offers_offers SET status = 'paused'", "offer_inactive"),
        ):
            assert code not in before
            with world.session.begin_nested() as undone:
                world.session.execute(text(change))
                assert code in codes()
                undone.rollback()
            assert codes() == before

    def test_has_its_statements_read_by_the_driver_once(self, world: World, now: datetime) -> None:
        asked(world, now)
        before = _queries._query2pg.cache_info()
        asked(world, now)
        after = _queries._query2pg.cache_info()
        long = after.hits - before.hits
        assert long >= 5
        assert after.misses == before.misses
