"""Many orders want what a seller takes in a day: together they never get more of it.

Every buyer wants another tap, so nobody waits for another's stock: what they share is Dieter's day.
"""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import text

from app.infra.db import db
from app.infra.unit_of_work import transaction
from app.ordering import operations as ordering
from app.ordering.operations import Placement, PlacementLine
from tests.factories import network as net
from tests.factories import policies
from tests.support.till import Till

BUYERS, EACH = 6, 3
GIVEN = text("""
SELECT COALESCE(sum(a.quantity), 0)::integer, count(DISTINCT p.order_id)
FROM ordering_allocations a JOIN ordering_seller_orders p ON p.id = a.seller_order_id
WHERE p.seller_id = :seller AND a.status IN ('offered', 'accepted')
""")
WAITING = text("""
SELECT count(*) FROM pg_stat_activity
WHERE datname = current_database() AND wait_event_type = 'Lock'
""")


@pytest.fixture
def till(committed, now):
    return Till(db.session(), now)


@pytest.fixture
def orders(till):
    """Of each buyer what it orders; Dieter is the cheapest for all, Wanda has enough for all."""
    made = []
    for _ in range(BUYERS):
        buyer = net.OrganizationFactory(buyer=True)
        net.TradingAccountFactory(seller_id=till.world.rosa.id, buyer_id=buyer.id)
        address = net.AddressFactory(organization_id=buyer.id)
        line = PlacementLine(till.world.add_variant(), EACH)
        made.append(
            (net.caller_of(buyer), Placement(
                storefront_id=till.world.storefront.id, buyer_id=buyer.id, address_id=address.id,
                lines=[line],
            ))
        )  # fmt: skip
    policies.hold_rules(till.world, till.now, over_capacity={})
    return made


def place(session, till, order):
    caller, placement = order
    ordering.place_order(session, caller=caller, placement=placement, now=till.now)


def given(till, seller):
    till.session.commit()
    return tuple(till.session.execute(GIVEN, {"seller": seller.id}).one())


class TestADaysCapacity:
    def test_in_orders_is_not_exceeded_by_who_decides_before_another_commits(
        self, till, sessions, orders
    ):
        policies.takes_a_day(till.world, till.world.dieter.id, orders_a_day=1)
        till.session.commit()

        def second():
            with sessions() as session, transaction(session):
                place(session, till, orders[1])

        with sessions() as session, ThreadPoolExecutor(1) as pool:
            with transaction(session):
                place(session, till, orders[0])
                later = pool.submit(second)
                self.wait_until_somebody_waits(till)
            later.result()

        assert given(till, till.world.dieter) == (EACH, 1)
        assert given(till, till.world.wanda) == (EACH, 1)
        till.check()

    def test_in_units_is_shared_out_to_the_last_one(self, till, sessions, orders):
        policies.takes_a_day(till.world, till.world.dieter.id, units_a_day=7)
        till.session.commit()

        def one(order):
            with sessions() as session, transaction(session):
                place(session, till, order)

        with ThreadPoolExecutor(BUYERS) as pool:
            list(pool.map(one, orders))

        units, _ = given(till, till.world.dieter)
        assert 2 * EACH <= units <= 7
        assert units + given(till, till.world.wanda)[0] == BUYERS * EACH
        till.check()

    def wait_until_somebody_waits(self, till):
        for _ in range(1000):
            till.session.commit()
            if till.session.scalar(WAITING):
                return
            time.sleep(0.01)
        pytest.fail("nobody waited: both took the same place")
