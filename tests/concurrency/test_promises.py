"""Two orders at once want what one delivery brings: together they never get more than comes."""

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import pytest
from sqlalchemy import text

from app.infra.db import db
from app.infra.unit_of_work import transaction
from app.inventory import queries as inventory_queries
from app.ordering import operations as ordering
from app.ordering.operations import Placement, PlacementLine
from tests.factories import network as net
from tests.factories.later import allows_backorders, announces
from tests.support.till import Till

COMES, EACH, HERE = 10, 6, 1
SOON = date(2026, 3, 12)
PROMISED = text("""
SELECT s.promised, s.reserved, (
    SELECT array_agg(r.quantity ORDER BY r.quantity) FROM inventory_reservations r
    WHERE r.variant_id = s.variant_id AND r.promised > 0)
FROM inventory_stock s WHERE s.location_id = :location AND s.variant_id = :variant
""")
WAITING = text("""
SELECT count(*) FROM pg_stat_activity
WHERE datname = current_database() AND wait_event_type = 'Lock'
""")


@pytest.fixture
def till(committed, now):
    return Till(db.session(), now)


@pytest.fixture
def tap(till):
    """One unit in stock, ten to come in two deliveries, and a buyer more than there is for."""
    world = till.world
    tap = world.add_variant(wanda=None, stock=(HERE, 0))
    allows_backorders(world, world.dieter, tap)
    announces(world, "dieter", tap, SOON, COMES - 3, till.now)
    announces(world, "dieter", tap, SOON + timedelta(days=7), 3, till.now, reference="PO-2")
    till.session.commit()
    return tap


def buyer_of(till, tap):
    buyer = net.OrganizationFactory(buyer=True)
    net.TradingAccountFactory(seller_id=till.world.rosa.id, buyer_id=buyer.id)
    address = net.AddressFactory(organization_id=buyer.id)
    till.session.commit()
    return net.caller_of(buyer), Placement(
        storefront_id=till.world.storefront.id, buyer_id=buyer.id, address_id=address.id,
        lines=[PlacementLine(tap, EACH)], accept_shortfall=True,
    )  # fmt: skip


def place(session, till, order):
    caller, placement = order
    ordering.place_order(session, caller=caller, placement=placement, now=till.now)


class TestWhatComes:
    def test_is_promised_once_though_both_had_seen_all_of_it(self, till, sessions, tap):
        orders = [buyer_of(till, tap) for _ in range(2)]

        def second():
            with sessions() as session, transaction(session):
                place(session, till, orders[1])

        with sessions() as session, ThreadPoolExecutor(1) as pool:
            with transaction(session):
                place(session, till, orders[0])
                later = pool.submit(second)
                self.wait_until_somebody_waits(till)
            later.result()

        where = {"location": till.world.places["dieter"], "variant": tap}
        till.session.commit()
        promised, reserved, each = till.session.execute(PROMISED, where).one()
        # The first got the unit in stock and five of the first delivery; the second two and three.
        assert (promised, reserved, each) == (COMES, HERE, [2, 3, 5])
        assert inventory_queries.list_broken_promises(till.session, now=till.now, limit=9) == []
        till.check()

    def test_is_kept_for_a_cart_or_promised_to_an_order_and_never_both(self, till, sessions, tap):
        caller, wanted = buyer_of(till, tap)
        order = buyer_of(till, tap)
        cart = ordering.create_cart(
            till.session, caller=caller, storefront_id=wanted.storefront_id,
            buyer_id=wanted.buyer_id, address_id=wanted.address_id,
            items=[ordering.CartItem(tap, EACH)], now=till.now,
        ).id  # fmt: skip
        till.session.commit()

        def second():
            with sessions() as session, transaction(session):
                place(session, till, order)

        with sessions() as session, ThreadPoolExecutor(1) as pool:
            with transaction(session):
                ordering.reserve_cart(
                    session, caller=caller, cart_id=cart, minutes=15, now=till.now
                )
                later = pool.submit(second)
                self.wait_until_somebody_waits(till)
            later.result()
        with sessions() as session, transaction(session):
            ordering.checkout(
                session, caller=caller, cart_id=cart, reference=None,
                payment_method="on_account", accept_shortfall=False, expected_total_minor=None,
                now=till.now,
            )  # fmt: skip

        where = {"location": till.world.places["dieter"], "variant": tap}
        till.session.commit()
        promised, reserved, each = till.session.execute(PROMISED, where).one()
        assert (promised, reserved, each) == (COMES, HERE, [2, 3, 5])
        till.check()

    def wait_until_somebody_waits(self, till):
        for _ in range(1000):
            till.session.commit()
            if till.session.scalar(WAITING):
                return
            time.sleep(0.01)
        pytest.fail("nobody waited: both took the same place")
