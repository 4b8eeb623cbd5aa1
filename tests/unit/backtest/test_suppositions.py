"""What is supposed of one order, as plain facts."""

import pytest

from app.backtest.rules import Suppositions, bps_of
from app.kernel.money import UnitPrice
from app.routing.rules import Place, buyer_price, seller_price
from tests.unit.backtest.little import GOODS, SELLERS, SHELVES, offers_of

STOCK = {(0, 0): 5, (1, 0): 9}
KEY = SHELVES[0], GOODS[0]


def offers(**supposed):
    return Suppositions(**supposed).as_if(offers_of([(0, 4), (1, 2)], STOCK), [])


def left(found):
    return [(offer.line_no, SELLERS.index(offer.seller_id)) for offer in found]


class TestSuppositions:
    def test_of_nothing_change_nothing(self):
        assert offers() == offers_of([(0, 4), (1, 2)], STOCK)

    def test_leave_sellers_out_or_let_one_alone_deliver(self):
        assert left(offers(without_sellers=frozenset(SELLERS[:2]))) == [(0, 2), (1, 2)]
        assert left(offers(only_sellers=frozenset(SELLERS[:1]))) == [(0, 0), (1, 0)]
        assert left(offers(line_sellers={1: SELLERS[2]})) == [(0, 0), (0, 1), (0, 2), (1, 2)]

    @pytest.mark.parametrize(
        ("supposed", "units"),
        [({"stock": {KEY: 40}}, 40), ({"stock_changes": {KEY: -2}}, 3),
         ({"stock_changes": {KEY: -9}}, 0), ({"stock": {KEY: 4}, "stock_changes": {KEY: 3}}, 7)],
    )  # fmt: skip
    def test_change_the_stock_of_one_shelf_alone(self, supposed, units):
        found = offers(**supposed)
        assert [offer.lying[0][1] for offer in found] == [units, 9, 0, 0, 0, 0]

    def test_put_goods_where_none_lay_for_the_seller_whose_place_it_is(self):
        there = Place(7, SHELVES[2], 1.0, 2.0)
        supposed = Suppositions(stock={(SHELVES[2], GOODS[1]): 6})
        bare = [each._replace(lying=[]) for each in offers_of([(1, 2)], {})]
        found = supposed.as_if(bare, [(SELLERS[2], there)])
        assert [offer.lying for offer in found] == [[], [], [(there, 6)]]

    def test_change_prices_exactly(self):
        first = offers(prices_bps={SELLERS[0]: -525})[0]
        assert seller_price(first) == buyer_price(first) == UnitPrice(94_750, 10_000)
        assert seller_price(first).extend(400) == 3_790

    def test_leave_the_buyers_price_where_goods_are_resold(self):
        resold = [each._replace(selling_model="resale") for each in offers_of([(0, 1)], STOCK)]
        first = Suppositions(prices_bps={SELLERS[0]: 10_000}).as_if(resold, [])[0]
        assert seller_price(first).extend(1) == 20
        assert buyer_price(first).extend(1) == 10


class TestPercentages:
    @pytest.mark.parametrize(
        ("text", "bps"), [("-5", -500), (" 2,5 % ", 250), ("-100%", -10_000), ("0.01", 1)]
    )
    def test_are_read_as_people_write_them(self, text, bps):
        assert bps_of(text) == bps

    @pytest.mark.parametrize("text", ["", "x", "0.001", "-101", "901", "NaN", "inf"])
    def test_are_refused_if_they_are_none(self, text):
        with pytest.raises(ValueError, match="no percentage"):
            bps_of(text)
