"""What fits a consignment: relaxed never below what is possible, whole exactly that."""

import random
from itertools import product

import numpy as np
import pytest

from app.routing.optimizer.knapsack import (
    FOUND,
    GAIN,
    GIVEN,
    HELD,
    NEVER,
    OF_LINE,
    WORTH,
    relaxed,
    whole,
)
from app.routing.optimizer.options import gather
from app.routing.optimizer.table import DEMAND, WEIGHT
from tests.unit.routing.kernel_cases import begin, draw_prices, one_seller

PATIENT = 100_000


def packed_items(seed, sources):
    """Items of one seller's sources at drawn prices, with rooms, a needed value and the decision.

    Sources are few and alike, so that an item's gain is the same wherever it comes from.
    """
    draw = random.Random(seed)
    problem = one_seller(seed, lines=4, sources=sources, stock=3, weightless=seed % 3 == 0)
    decision = begin(problem)
    prices, _ = draw_prices(decision, draw)
    chosen = np.arange(3)
    items = decision.items
    assert gather(decision.table, decision.box, items, prices, chosen, sources)
    rooms = [_draw_room(decision, draw) for _ in range(sources)]
    return decision, rooms, draw


def _draw_room(decision, draw):
    line = decision.table.line
    return draw.uniform(0.0, 1.0) * float((line[WEIGHT] * line[DEMAND]).sum())


def everything(decision, rooms):
    """All choices of whole quantities within rooms: pairs of value and gain."""
    items, line = decision.items, decision.table.line
    count, sources = items.count[0], len(rooms)
    held = items.amount[HELD : HELD + sources, :count].astype(int)
    weight = line[WEIGHT][items.number[OF_LINE, :count]]
    for flat in product(*(range(stock + 1) for stock in held.ravel())):
        quantity = np.array(flat).reshape(sources, count)
        if (quantity @ weight > np.array(rooms)).any():
            continue
        total = quantity.sum(axis=0)
        if (total <= items.amount[GIVEN, :count]).all():
            yield (
                float(total @ items.amount[WORTH, :count]),
                float(total @ items.amount[GAIN, :count]),
            )


def most_gain(choices, need):
    return max((gain for value, gain in choices if value >= need - 1e-9), default=-NEVER)


def needs(choices, draw):
    """No need, what some choice just reaches, something between, and what none reaches."""
    reached = draw.choice(choices)[0]
    most = max(value for value, _ in choices)
    return (0.0, reached, draw.uniform(0.0, most), most, most + 0.1)


CASES = [(seed, sources) for sources in (1, 2) for seed in range(12)]


class TestARoom:
    @pytest.mark.parametrize(("seed", "sources"), CASES)
    def test_holds_no_more_than_relaxed_says_and_what_whole_finds(self, seed, sources):
        decision, rooms, draw = packed_items(seed, sources)
        choices = list(everything(decision, rooms))
        for need in needs(choices, draw):
            expected = most_gain(choices, need)
            bound, multiplier = relaxed(decision.table, decision.items, sum(rooms), need, -NEVER)
            assert bound >= expected - 1e-6
            decision.items.room[:sources] = rooms
            got, proved = whole(
                decision.table, decision.items, sources, need, multiplier, -NEVER, PATIENT
            )
            assert proved == 1
            assert got == pytest.approx(expected, abs=1e-6)
            if expected > -NEVER:
                self._assert_lawful(decision, rooms, need, got)

    @staticmethod
    def _assert_lawful(decision, rooms, need, gain):
        items, line = decision.items, decision.table.line
        count, sources = items.count[0], len(rooms)
        found = items.amount[FOUND : FOUND + sources, :count]
        weight = line[WEIGHT][items.number[OF_LINE, :count]]
        assert (found == np.rint(found)).all()
        assert (found >= 0).all()
        assert (found <= items.amount[HELD : HELD + sources, :count]).all()
        assert (found @ weight <= np.array(rooms) + 1e-6).all()
        assert (found.sum(axis=0) <= items.amount[GIVEN, :count]).all()
        assert found.sum(axis=0) @ items.amount[WORTH, :count] >= need - 1e-9
        assert found.sum(axis=0) @ items.amount[GAIN, :count] == pytest.approx(gain)

    @pytest.mark.parametrize("seed", range(12))
    def test_is_relaxed_exactly_without_need_in_one_source(self, seed):
        decision, rooms, _ = packed_items(seed, 1)
        items = decision.items
        count = items.count[0]
        bound, multiplier = relaxed(decision.table, items, rooms[0], 0.0, -NEVER)
        weight = decision.table.line[WEIGHT][items.number[OF_LINE, :count]]
        gain, room = 0.0, rooms[0]
        for i in sorted(range(count), key=lambda i: -items.amount[GAIN, i] / weight[i]):
            quantity = min(items.amount[GIVEN, i], room / weight[i])
            gain += max(0.0, quantity * items.amount[GAIN, i])
            room -= quantity * weight[i]
        assert multiplier == 0.0
        assert bound == pytest.approx(gain)

    def test_of_goods_that_cost_far_more_than_they_are_worth_still_reaches_its_need(self):
        decision, _, _ = packed_items(1, 1)
        items = decision.items
        items.amount[WORTH] *= 1e-5
        items.amount[GAIN] = -np.abs(items.amount[GAIN]) - 1.0
        choices = list(everything(decision, [1e6]))
        need = max(value for value, _ in choices)
        bound, multiplier = relaxed(decision.table, items, 1e6, need, -NEVER)
        assert bound >= most_gain(choices, need) - 1e-6
        items.room[0] = 1e6
        got, _ = whole(decision.table, items, 1, need, multiplier, -NEVER, PATIENT)
        assert got == pytest.approx(most_gain(choices, need))

    def test_is_not_searched_beyond_its_budget(self):
        decision, rooms, _ = packed_items(4, 2)
        decision.items.room[:2] = rooms
        _, proved = whole(decision.table, decision.items, 2, 0.0, 0.0, -NEVER, 2)
        assert proved == 0
