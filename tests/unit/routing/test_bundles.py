"""Pricing a seller: a bound on its bundles always, the best bundle itself when it says exact."""

import random
from dataclasses import replace

import numpy as np
import pytest

from app.routing.optimizer.bundles import price_seller
from app.routing.optimizer.knapsack import make_items
from app.routing.optimizer.options import EXACT, LOOSE, NONE
from app.routing.optimizer.programme import cost_of_part
from app.routing.optimizer.table import (
    DEMAND,
    LEVELS,
    LINE,
    MINIMUM,
    ROOM,
    VALUE,
    WEIGHT,
)
from tests.unit.routing.kernel_cases import (
    NEVER,
    begin,
    draw_box,
    draw_prices,
    entries_of,
    least_reduced_cost,
    one_seller,
)

RELAXED, PATIENT = 0, 100_000


class Pricing:
    """One seller at drawn prices in a drawn box, and what trying everything finds."""

    def __init__(self, seed, problem, *, open_box=False, in_parts=False):
        draw = random.Random(seed)
        self.decision = begin(problem)
        if in_parts:
            self.decision.table.is_joint[:] = 0
        self.box = self.decision.box if open_box else draw_box(self.decision, draw)
        self.prices, self.charges = draw_prices(self.decision, draw)
        self.least = least_reduced_cost(self.decision, self.box, self.prices, self.charges)

    def price(self, limit, budget, items=None):
        return price_seller(
            self.decision.table,
            self.box,
            items or self.decision.items,
            self.prices,
            self.charges,
            0,
            limit,
            budget,
            self.decision.state.bundle,
        )

    def assert_bounded(self, limit, budget, items=None):
        """What is found bounds the best; finding nothing says that there is nothing to find."""
        value, proof = self.price(limit, budget, items)
        if proof == NONE:
            assert self.least >= limit - 1e-6
        else:
            assert value <= self.least + 1e-6
        return value, proof

    def reduced_cost(self):
        """The reduced cost of the bundle written down, which must be lawful."""
        table, bundle = self.decision.table, self.decision.state.bundle
        cost = sum(cost_of_part(table, 0, bundle, part) for part in set(bundle.part) - {0})
        value, served = 0.0, np.zeros(table.line.shape[1])
        for s, level in enumerate(bundle.level):
            row = table.source_of[LEVELS, s] + level - 1
            cost += self.charges[row] - table.level[1, row] if level else 0.0
            weight = 0.0
            for e in entries_of(table, s):
                quantity = bundle.quantity[s, table.entry_of[LINE, e]]
                assert self.box.quantity[0, e] <= quantity <= self.box.quantity[1, e]
                value += quantity * table.entry[VALUE, e]
                weight += quantity * table.line[WEIGHT, table.entry_of[LINE, e]]
            assert self.box.level[0, s] <= level <= self.box.level[1, s]
            assert weight <= (table.level[ROOM, row] + 1e-6 if level else 0.0)
            served += bundle.quantity[s]
        assert (served <= table.line[DEMAND]).all()
        assert value >= table.seller[MINIMUM, 0] - 1e-9 or not bundle.part.any()
        return cost - float(served @ self.prices[: len(served)])


def without_fixed_cost(problem):
    """The same order, its sellers used for nothing."""
    return replace(problem, sellers=[each._replace(fixed_cost=0) for each in problem.sellers])


class TestASeller:
    @pytest.mark.parametrize("sources", [1, 2, 3])
    @pytest.mark.parametrize("first", range(0, 40, 10))
    def test_with_listed_locations_is_priced_exactly(self, first, sources):
        for seed in range(first, first + 10):
            problem = one_seller(
                seed,
                lines=4 - sources,
                sources=sources,
                stock=3 if sources < 3 else 2,
                weightless=seed % 2 == 0,
            )
            pricing = Pricing(seed, problem, open_box=seed % 5 == 0)
            value, proof = pricing.assert_bounded(NEVER, PATIENT)
            if proof != NONE:
                assert proof == EXACT
                assert value == pytest.approx(pricing.least, abs=1e-6)
                assert pricing.reduced_cost() == pytest.approx(pricing.least, abs=1e-6)

    @pytest.mark.parametrize("sources", [1, 2, 3, 4, 5])
    @pytest.mark.parametrize("budget", [RELAXED, 5, PATIENT])
    def test_is_never_bounded_above_its_best(self, sources, budget):
        for seed in range(8):
            problem = one_seller(
                seed,
                lines=2,
                sources=sources,
                stock=2 if sources < 4 else 1,
                alike=seed % 2 == 0,
            )
            pricing = Pricing(seed, problem)
            pricing.assert_bounded(NEVER, budget)
            pricing.assert_bounded(0.0, budget)
            pricing.assert_bounded(pricing.least + 0.5, budget)

    @pytest.mark.parametrize("sources", [2, 3])
    @pytest.mark.parametrize("first", range(0, 60, 10))
    def test_in_parts_ships_nothing_or_the_best_that_they_can_beside_each_other(
        self, first, sources
    ):
        exact = 0
        for seed in range(first, first + 10):
            problem = one_seller(seed, lines=4 - sources, sources=sources, stock=2)
            problem = without_fixed_cost(problem)
            pricing = Pricing(seed, problem, in_parts=True)
            box = pricing.box
            if not (box.level[0].any() or box.quantity[0].any()):
                pricing.least = min(0.0, pricing.least)
            value, proof = pricing.assert_bounded(NEVER, PATIENT)
            if proof == EXACT:
                exact += 1
                assert value == pytest.approx(pricing.least, abs=1e-6)
                assert pricing.reduced_cost() == pytest.approx(pricing.least, abs=1e-6)
        assert exact

    @pytest.mark.parametrize("sources", [2, 3, 4, 5])
    @pytest.mark.parametrize("budget", [RELAXED, 5, PATIENT])
    def test_in_parts_is_never_bounded_above_its_best(self, sources, budget):
        for seed in range(12):
            problem = one_seller(
                seed, lines=2, sources=sources, stock=2 if sources < 4 else 1, alike=seed % 2 == 0
            )
            pricing = Pricing(seed, without_fixed_cost(problem), in_parts=True)
            pricing.assert_bounded(NEVER, budget)
            pricing.assert_bounded(0.0, budget)

    @pytest.mark.parametrize("seed", range(8))
    def test_with_more_choices_of_levels_than_there_is_room_for_is_bounded(self, seed):
        problem = one_seller(seed, lines=2, sources=2, stock=3)
        pricing = Pricing(seed, problem, open_box=True)
        levels = int(np.diff(pricing.decision.table.source_of[LEVELS]).max()) + 1
        for options in (1, 2, 5):
            cramped = make_items(2, 2, levels, options)
            pricing.assert_bounded(NEVER, PATIENT, cramped)
            pricing.assert_bounded(pricing.least + 0.5, RELAXED, cramped)

    @pytest.mark.parametrize("sources", [4, 5])
    def test_with_many_locations_is_only_bounded_where_all_are_needed(self, sources):
        problem = one_seller(3, lines=1, sources=sources, stock=1)
        problem = problem.__class__(
            [problem.lines[0]._replace(quantity=sources)],
            problem.sellers,
            problem.sources,
            problem.supplies,
        )
        pricing = Pricing(3, problem, open_box=True)
        pricing.box.quantity[0, :] = pricing.box.quantity[1, :]
        pricing.least = least_reduced_cost(
            pricing.decision, pricing.box, pricing.prices, pricing.charges
        )
        assert pricing.least < NEVER
        _, proof = pricing.assert_bounded(NEVER, PATIENT)
        assert proof == LOOSE
