"""The most units that sellers' minimums allow: as many as a plain programme finds, lawfully."""

import random

import highspy
import numpy as np
import pytest

from app.routing.exact.minimums import Goods, serve_most

PATIENT = 10_000


def drawn(seed):
    """Few of what many want, and minimums that not all can reach."""
    dice = random.Random(seed)
    sellers, lines = dice.randint(2, 6), dice.randint(1, 5)
    seller = [no for no in range(sellers) for _ in range(dice.randint(1, 2))]
    demand = [dice.randint(1, 9) for _ in range(lines)]
    held = [[dice.choice((0, 0, dice.randint(1, 9))) for _ in range(lines)] for _ in seller]
    worth = [[dice.randint(5, 30) for _ in range(lines)] for _ in seller]
    minimum = [dice.choice((0, dice.randint(20, 200))) for _ in range(sellers)]
    goods = [held, worth, demand, seller, minimum]
    return Goods(*(np.array(part, dtype=np.int64) for part in goods))


def most_by_programme(goods, weight):
    """The same asked of HiGHS by a plain model."""
    model = highspy.Highs()
    model.silent()
    model.setOptionValue("mip_rel_gap", 0.0)
    model.setOptionValue("threads", 1)
    kind = highspy.HighsVarType.kInteger
    ships = [model.addVariable(0, 1, type=kind) for _ in goods.minimum]
    taken = [
        [
            model.addVariable(0, int(most), obj=-float(weight[line]), type=kind)
            for line, most in enumerate(own)
        ]
        for own in goods.held
    ]
    for line, most in enumerate(goods.demand):
        model.addConstr(sum(own[line] for own in taken) <= int(most))
    for number, minimum in enumerate(goods.minimum):
        own = np.flatnonzero(goods.seller == number).tolist()
        worth = sum(
            taken[source][line] * int(goods.worth[source, line])
            for source in own
            for line in range(len(goods.demand))
        )
        model.addConstr(worth - int(minimum) * ships[number] >= 0)
        for source in own:
            for line, most in enumerate(goods.held[source]):
                model.addConstr(taken[source][line] - int(most) * ships[number] <= 0)
    model.run()
    return -model.getInfo().objective_function_value


def is_lawful(goods, taken):
    worth = np.bincount(goods.seller, (taken * goods.worth).sum(axis=1), len(goods.minimum))
    units = np.bincount(goods.seller, taken.sum(axis=1), len(goods.minimum))
    return (
        (taken >= 0).all()
        and (taken <= goods.held).all()
        and (taken.sum(axis=0) <= goods.demand).all()
        and (worth >= goods.minimum)[units > 0].all()
    )


class TestMostServed:
    @pytest.mark.parametrize("first", range(0, 150, 50))
    def test_is_what_a_plain_programme_finds(self, first):
        for seed in range(first, first + 50):
            goods = drawn(seed)
            weight = 1.0 - np.arange(len(goods.demand)) / 1000.0
            served = serve_most(goods, weight, PATIENT)
            assert is_lawful(goods, served.taken)
            most = most_by_programme(goods, weight)
            assert served.taken.sum(axis=0) @ weight == pytest.approx(most, abs=1e-6)
            assert served.bound == pytest.approx(most, abs=1e-6)

    def test_is_bounded_and_lawful_with_little_effort(self):
        for seed in range(60):
            goods = drawn(seed)
            weight = np.ones(len(goods.demand))
            served = serve_most(goods, weight, 1)
            assert is_lawful(goods, served.taken)
            assert served.bound >= most_by_programme(goods, weight) - 1e-6

    def test_deals_goods_out_by_whole_units(self):
        """Each of two sellers needs three of five alike units: one ships, and all it has."""
        goods = Goods(
            np.array([[5, 1, 0], [5, 0, 2]]),
            np.full((2, 3), 10),
            np.array([5, 1, 2]),
            np.array([0, 1]),
            np.array([45, 45]),
        )
        served = serve_most(goods, np.ones(3), PATIENT)
        assert served.taken.tolist() == [[0, 0, 0], [5, 0, 2]]
        assert served.bound == 7
