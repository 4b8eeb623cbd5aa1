"""Choosing sites that together hold an order: bounds that no choice of whole sites is below."""

import random
from itertools import product

import numpy as np
import pytest

from app.routing.exact.choosing import Terms, choose_sites, terms_of


def lawful_choices(capacity, needed, fewest, most):
    """Every choice of whole sites that keeps the terms."""
    chosen = np.array(list(product((0, 1), repeat=len(capacity))), dtype=float)
    count = chosen.sum(axis=1)
    keeps = (chosen @ capacity >= needed) & (count >= fewest) & (count <= most)
    return chosen[keeps]


def drawn(seed):
    dice = random.Random(seed)
    sites = dice.randint(1, 8)
    alike = seed % 3 == 0
    capacity = [40.0 if alike else float(dice.randint(5, 80)) for _ in range(sites)]
    value = [float(dice.randint(-60, 90)) for _ in range(sites)]
    needed = float(dice.randint(0, int(sum(capacity))))
    fewest, most = sorted((dice.randint(0, sites), dice.randint(1, sites)))
    return np.array(value), np.array(capacity), needed, fewest, most


class TestChosenSites:
    @pytest.mark.parametrize("first", range(0, 400, 100))
    def test_bound_every_choice_and_every_change_of_one(self, first):
        """A site that is chosen, or left out, costs at least what its change says."""
        for seed in range(first, first + 100):
            value, capacity, needed, fewest, most = drawn(seed)
            chosen = choose_sites(value, capacity, terms_of(capacity, needed, fewest, most))
            for choice in lawful_choices(capacity, needed, fewest, most):
                least = value @ choice + 1e-6
                assert chosen.bound <= least
                assert chosen.bound + chosen.change[choice > 0].max(initial=0.0) <= least
                assert chosen.bound - chosen.change[choice == 0].min(initial=0.0) <= least

    def test_are_whole_in_number_where_sites_are_alike(self):
        """Three and a bit of them hold the order: four are paid for."""
        value, capacity = np.array([10.0, 12.0, 14.0, 16.0, 18.0]), np.full(5, 30.0)
        chosen = choose_sites(value, capacity, terms_of(capacity, 92.0))
        assert chosen.bound == 52.0
        assert chosen.share.tolist() == [1, 1, 1, 1, 0]
        assert chosen.change.tolist() == [-8.0, -6.0, -4.0, -2.0, 2.0]

    def test_together_have_the_room_that_is_needed_on_the_mean(self):
        value, capacity = np.array([1.0, 30.0, 50.0]), np.array([10.0, 40.0, 80.0])
        chosen = choose_sites(value, capacity, Terms(60.0, 0, 3))
        assert chosen.share @ np.minimum(capacity, 60.0) == pytest.approx(60.0)
        assert chosen.bound == pytest.approx(1.0 + 30.0 + 50.0 / 6.0)

    @pytest.mark.parametrize("terms", [Terms(90.0, 0, 1), Terms(10.0, 3, 2)])
    def test_are_none_where_no_choice_keeps_the_terms(self, terms):
        assert choose_sites(np.zeros(3), np.full(3, 40.0), terms).bound == np.inf
