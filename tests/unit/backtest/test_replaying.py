"""A replay in memory, on little worlds that are worked out by hand, and its laws."""

import json
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from app.backtest.rules import ACTUAL, SUPPOSED, Book, Replay
from app.backtest.rules.books import endless, loaded, stocked
from app.routing.rules import Extras
from app.routing.rules.extras import Load
from app.routing.rules.policies import LoadBalance
from tests.unit.backtest.little import (
    DAY,
    GOODS,
    SELLERS,
    SHELVES,
    figures,
    finally_,
    history,
    offers_of,
    outcome_of,
    replayed,
    step,
)

TWICE = [[(0, 4)], [(0, 4)]]
STOCK = {(0, 0): 5, (1, 0): 9}
BY_TWO = (("supposed", "greedy"), ("cheapest_single", "cheapest_single"))

shelves = st.tuples(st.integers(0, 2), st.integers(0, 2))
stocks = st.dictionaries(shelves, st.integers(0, 9), max_size=9)
orders = st.lists(
    st.lists(st.tuples(st.integers(0, 2), st.integers(1, 6)), min_size=1, max_size=3,
             unique_by=lambda line: line[0]),
    max_size=5,
)  # fmt: skip
quick = settings(max_examples=60, deadline=None)


class TestALittlePeriod:
    def test_is_counted_by_hand(self):
        # Shelf 0 asks 10 and has five: four go, then one; three of shelf 1 at 11 in a parcel more.
        told = history(TWICE, STOCK)
        replay = replayed(told, strategies=BY_TWO)
        assert figures(replay) == (8, 5 * 10 + 3 * 11, 3 * 300, 3)
        assert figures(replay, "supposed") == figures(replay)
        # One seller for all: the second order goes to shelf 1 alone.
        assert figures(replay, "cheapest_single") == (8, 4 * 10 + 4 * 11, 2 * 300, 2)

    def test_sets_costs_against_each_other_where_as_much_is_served(self):
        told = history([[(0, 4)], [(0, 20)]], STOCK)
        short = outcome_of(told[1][0], [(0, 1, 2)])
        told[1] = (told[1][0], short, told[1][2])
        actual = replayed(told).tallies[ACTUAL]
        assert (actual.orders, actual.like_orders) == (2, 1)
        assert actual.like_minor == actual.like_supposed_minor == 340

    def test_tells_shares_and_splits_that_add_up(self):
        tally = replayed(history(TWICE, STOCK)).tallies[SUPPOSED]
        assert tally.units_by_seller == {SELLERS[0]: 5, SELLERS[1]: 3}
        assert sum(tally.money_by_seller.values()) == tally.goods_minor + tally.freight_minor
        assert tally.splits == {1: 1, 2: 1}
        assert tally.unit_days == 5 * 1 + 3 * 2

    def test_of_an_order_that_cannot_be_decided_still_takes_its_goods(self):
        told = history(TWICE, STOCK)
        replay = Replay.of(())
        replay.leave_out("gone", DAY, told[0][1])
        step(replay, *told[1], {}, {"supposed": "greedy"})
        assert figures(replay, SUPPOSED) == figures(replay, ACTUAL)
        assert replay.report()["skipped"] == {"gone": 1}


class TestRefusals:
    def test_of_then_befall_an_order_that_is_decided_as_then(self):
        (wanted, outcome, left), *_ = history([[(0, 4)]], STOCK)
        came = outcome_of(wanted, [(0, 1, 3)], after=None)
        told = [(wanted, outcome_of(wanted, [(0, 0, 4)], finally_(came, refused=4)), left)]
        replay = replayed(told)
        for name in (ACTUAL, SUPPOSED):
            tally = replay.tallies[name]
            assert (tally.served, tally.refused, tally.final_served) == (4, 4, 3)
            assert tally.final_goods_minor == 33
            assert tally.final_like_orders == 1
        # What left the stock is what went in the end.
        assert replay.books[SUPPOSED].units == {(SHELVES[1], GOODS[0]): 3}
        assert outcome.after is None

    def test_leave_the_others_costs_apart_where_less_is_served(self):
        (wanted, _, left), *_ = history([[(0, 4)]], STOCK)
        actual = outcome_of(wanted, [(0, 1, 4)], finally_(outcome_of(wanted, [(0, 1, 1)])))
        replay = replayed([(wanted, actual, left)])
        assert replay.tallies[SUPPOSED].final_served == 4
        assert replay.tallies[ACTUAL].final_served == 1
        assert replay.tallies[ACTUAL].final_like_orders == 0
        assert replay.tallies[ACTUAL].like_orders == 1


class TestTheLaws:
    @quick
    @given(orders, stocks)
    def test_the_same_again_is_the_same(self, wanted, stock):
        replay = replayed(history(wanted, stock))
        actual, supposed = replay.tallies[ACTUAL], replay.tallies[SUPPOSED]
        assert supposed == actual
        assert replay.books[SUPPOSED] == replay.books[ACTUAL]
        assert (actual.changed, actual.like_orders) == (0, len(wanted))

    @quick
    @given(orders, stocks, stocks)
    def test_more_stock_never_serves_fewer(self, wanted, stock, more):
        told = history(wanted, stock | {key: stock.get(key, 0) for key in more})
        before, after = (
            replayed(told, strategies=BY_TWO),
            replayed(told, more=more, strategies=BY_TWO),
        )
        for name in (SUPPOSED, "cheapest_single"):
            assert after.tallies[name].served >= before.tallies[name].served

    @quick
    @given(orders, stocks, stocks)
    def test_sums_are_sums_of_orders(self, wanted, stock, more):
        told = history(wanted, stock | {key: stock.get(key, 0) for key in more})
        replay = Replay.of(())
        rows = [step(replay, *each, more, {"supposed": "greedy"})[SUPPOSED] for each in told]
        tally = replay.tallies[SUPPOSED]
        for name in ("served", "goods_minor", "freight_minor", "consignments", "unit_days"):
            assert getattr(tally, name) == sum(getattr(row, name) for row in rows)
        assert sum(tally.splits.values()) == tally.orders == len(wanted)
        assert tally.served == sum(replay.books[SUPPOSED].units.values())

    @quick
    @given(orders, stocks, st.integers(0, 5))
    def test_written_down_between_two_orders_it_goes_on_as_if_nothing_were(
        self, wanted, stock, cut
    ):
        told = history(wanted, stock)
        whole, kept = replayed(told), replayed(told[:cut])
        again = Replay.read(json.loads(json.dumps(kept.document())))
        for each in told[cut:]:
            step(again, *each, {}, {"supposed": "greedy"})
        assert again.report() == whole.report()
        assert again.books == whole.books


class TestWhatIsFound:
    def test_is_what_was_recorded_and_really_taken_less_what_was_taken_here(self):
        really, own = Book(), Book()
        really.enter(DAY, {(SHELVES[0], GOODS[0]): 4}, {})
        own.enter(DAY, {(SHELVES[0], GOODS[0]): 3, (SHELVES[1], GOODS[0]): 7}, {})
        recorded = {(SHELVES[0], GOODS[0]): 1}
        offers = offers_of([(0, 9)], {(0, 0): 50, (1, 0): 6, (2, 0): 5})
        found = stocked(offers, recorded=recorded, really=really, own=own, day=DAY)
        # No decision saw the second shelf: it is as it lies, less what is taken, never below none.
        assert [units for offer in found for _, units in offer.lying] == [1 + 4 - 3, 0, 5]
        lying = stocked(offers, recorded=None, really=really, own=own, day=DAY)
        assert [units for offer in lying for _, units in offer.lying] == [50 - 3, 0, 5]

    def test_is_endless_where_goods_are_kept_at_all(self):
        nowhere = offers_of([(0, 1)], {})[0]._replace(lying=[])
        found = endless([*offers_of([(0, 1)], {(0, 0): 2}), nowhere])
        assert [len(offer.lying) for offer in found] == [1, 1, 1, 0]
        assert all(units > 10**6 for offer in found for _, units in offer.lying)


class TestWhatSellersDoInADay:
    def test_is_what_it_was_less_what_is_replayed_plus_what_the_replay_gave(self):
        really, own = Book(), Book()
        really.enter(DAY, {}, {SELLERS[0]: 6})
        own.enter(DAY, {}, {SELLERS[0]: 2})
        own.enter(DAY - timedelta(days=1), {}, {SELLERS[0]: 40, SELLERS[1]: 5})
        extras = Extras(loads={SELLERS[0]: Load(9, 50, 3, 10)}, taken={SELLERS[0]: 100})
        balance = LoadBalance(5, days=2)
        found = loaded(extras, balance, day=DAY, really=really, own=own)
        assert found.loads[SELLERS[0]] == Load(9, 50, 3, 10 - 6 + 2)
        assert found.taken == {SELLERS[0]: 100 - 6 + 42, SELLERS[1]: 5}
        assert loaded(extras, None, day=DAY, really=really, own=own).taken == extras.taken
