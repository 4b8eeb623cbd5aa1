"""One placed order under what is supposed, on a network whose answers are known by hand.

A tap costs 8.00 at Dieter's, near, who has one; 10.00 at Wanda's, far, who has many. Berta ordered
two: both came from Wanda for 20.00 and a parcel of 10.00. From both it were 18.00 and 15.00.
"""

from datetime import date

import pytest
from sqlalchemy import text

from app.backtest import operations
from app.backtest.errors import ScenarioInvalid
from app.backtest.operations import Suppositions
from app.infra.db import Base
from app.ordering.errors import OrderNotFound
from app.routing.errors import PolicyInvalid
from app.routing.rules import TERMS
from tests.factories import catalog as make
from tests.factories.later import allows_backorders, announces
from tests.factories.world import build_world

ALL_TERMS = {
    "goods_percent": 90, "freight_percent": 110, "split_minor": 31, "lead_time_minor_per_day": 7,
    "priority_minor": 45, "rating_minor_per_star": 13, "margin_percent": 20,
    "distance_minor_per_km": 2, "load_balance": {"minor": 3, "counted": "units"},
    "carbon": {"g_per_tonne_km": 80, "minor_per_kg": 900},
}  # fmt: skip


@pytest.fixture
def world(session, now):
    made = build_world(session, now)
    made.add_variant(stock=(1, 100))
    return made


@pytest.fixture
def order_id(world, now):
    return world.place((world.variants[0], 2), now=now)


def asked(world, order_id, now, caller=None, **supposed):
    return operations.what_if_of_order(
        world.session, caller=caller or world.caller(world.rosa), order_id=order_id,
        suppositions=Suppositions(**supposed), now=now,
    )  # fmt: skip


def came_to(decided):
    """Goods, freight and consignments."""
    outcome = decided.outcome
    return outcome.goods_minor, outcome.freight_minor, outcome.consignments


class TestAnOrderAsItIs:
    def test_finds_again_what_it_took_itself(self, world, order_id, now):
        found = asked(world, order_id, now)
        assert came_to(found.now) == came_to(found.supposed) == (2000, 1000, 1)

    def test_is_told_to_the_shops_owner_and_the_operator(self, world, order_id, now):
        assert asked(world, order_id, now, caller=world.caller(world.operator))
        for stranger in (world.wanda, world.berta):
            with pytest.raises(OrderNotFound):
                asked(world, order_id, now, caller=world.caller(stranger))


class TestAnOrderThatWaits:
    def test_finds_again_what_it_was_promised_and_no_stock_that_never_lay_there(self, world, now):
        hose = world.add_variant(dieter=None, stock=(0, 2))
        allows_backorders(world, world.wanda, hose)
        announces(world, "wanda", hose, date(2026, 3, 9), 4, now)
        found = asked(world, world.place((hose, 6), now=now), now)
        parts = {(each.quantity, each.candidate.is_later) for each in found.now.assignments}
        assert parts == {(2, False), (4, True)}


class TestAPrice:
    def test_that_falls_wins_the_order(self, world, order_id, now):
        # Below 5.00 Dieter's one tap saves more than its own parcel costs.
        found = asked(world, order_id, now, prices_bps={world.dieter.id: -4000})
        assert came_to(found.supposed) == (1480, 1500, 2)

    def test_is_taken_exactly_before_it_is_rounded(self, world, order_id, now):
        found = asked(world, order_id, now, prices_bps={world.wanda.id: 125})
        assert came_to(found.supposed) == (2025, 1000, 1)


class TestStock:
    def test_may_be_more_by_some_or_just_so_many(self, world, order_id, now):
        key = world.places["dieter"], world.variants[0]
        for supposed in ({"stock_changes": {key: 1}}, {"stock": {key: 2}}):
            assert came_to(asked(world, order_id, now, **supposed).supposed) == (1600, 500, 1)

    def test_less_than_none_is_none(self, world, order_id, now):
        key = world.places["wanda"], world.variants[0]
        found = asked(world, order_id, now, stock_changes={key: -500})
        assert found.supposed.outcome.served == 1

    def test_may_lie_where_it_never_lay(self, world, order_id, now):
        cellar = make.LocationFactory(
            seller_id=world.dieter.id, name="Cellar", latitude=-22.9, longitude=-47.06
        ).id
        world.session.flush()
        found = asked(world, order_id, now, stock={(cellar, world.variants[0]): 9})
        assert [each.location_id for each in found.supposed.consignments] == [cellar]
        assert came_to(found.supposed) == (1600, 500, 1)

    def test_of_what_nobody_offers_there_is_refused(self, world, order_id, now):
        unknown = world.variants[0], world.variants[0]
        other = world.places["dieter"], order_id
        with pytest.raises(ScenarioInvalid) as refused:
            asked(world, order_id, now, stock={unknown: 1, other: 1})
        pointers = [each["pointer"] for each in refused.value.details["errors"]]
        assert pointers == ["/suppose/stock/0/location_id", "/suppose/stock/1"]


class TestSellers:
    def test_may_be_forbidden_alone_or_forced_for_a_line(self, world, order_id, now):
        without = asked(world, order_id, now, without_sellers=frozenset({world.wanda.id}))
        forced = asked(world, order_id, now, line_sellers={0: world.dieter.id})
        assert came_to(without.supposed) == came_to(forced.supposed) == (800, 500, 1)


class TestAPolicyNobodyHasKept:
    def test_decides_and_every_term_is_told(self, world, order_id, now):
        found = asked(world, order_id, now, document={"terms": ALL_TERMS})
        assert set(found.supposed.terms) == set(TERMS)
        assert found.supposed.terms["goods"] == 1800
        assert found.supposed.terms["freight"] == 1100
        assert found.supposed.terms["split"] == 31
        assert found.supposed.terms["priority"] == 45
        assert found.supposed.terms["carbon"] > 0
        assert found.supposed.terms["distance"] > 0

    def test_that_cannot_decide_is_refused(self, world, order_id, now):
        with pytest.raises(PolicyInvalid):
            asked(world, order_id, now, document={"strategy": "best"})


class TestTerms:
    @pytest.mark.parametrize("counted", ["units", "orders"])
    def test_sum_to_the_objective_whatever_is_on(self, world, order_id, now, counted):
        terms = ALL_TERMS | {"load_balance": {"minor": 3, "counted": counted}}
        others = [world.add_variant(stock=(3, 4), weight_g=700) for _ in range(3)]
        longer = world.place(*((each, 4) for each in others), now=now)
        for document in ({"terms": terms}, {"terms": terms, "strategy": "greedy"}, {}):
            for order in (order_id, longer):
                side = asked(world, order, now, document=document).supposed
                assert sum(side.terms.values()) == side.outcome.objective_minor


def rows(session):
    """A sum over each table, whatever is in it."""
    names = sorted(Base.metadata.tables)
    return {
        name: session.execute(
            text(f"SELECT count(*), sum(hashtext(t::text)::bigint) FROM {name} t")  # noqa: S608 - own names
        ).one()
        for name in names
    }


class TestAsking:
    def test_changes_no_row_of_any_table(self, world, order_id, now):
        world.session.flush()
        before = rows(world.session)
        key = world.places["dieter"], world.variants[0]
        asked(
            world, order_id, now, document={"terms": ALL_TERMS}, stock={key: 5},
            prices_bps={world.wanda.id: -500}, without_sellers=frozenset({world.rosa.id}),
        )  # fmt: skip
        placement = world.placement([(world.variants[0], 3)])
        operations.what_if(
            world.session, caller=world.caller(world.rosa), placement=placement,
            suppositions=Suppositions(strategy="fewest_sellers"), now=now,
        )  # fmt: skip
        world.session.flush()
        assert not world.session.new
        assert not world.session.dirty
        assert rows(world.session) == before
