"""Local search: whatever it does to a lawful plan, it stays lawful and never gets dearer."""

import numpy as np
import pytest

from app.routing.strategies.construct import from_knapsacks
from app.routing.strategies.exchange import exchange, polish
from app.routing.strategies.instance import build_instance
from app.routing.strategies.reinsert import reinsert
from tests.unit.routing.routing_cases import random_problem

ROUNDS = 60


def first_plans():
    """Lawful first plans of orders with minimums, with every source as a candidate."""
    for seed in range(600, 630):
        problem = random_problem(seed, lines=5, sources=7, quantity=12, minimum=20_000)
        instance = build_instance(problem)
        draft = from_knapsacks(instance, np.zeros(instance.shape), np.zeros(instance.shape[0]))
        if draft is not None:
            yield draft, np.arange(instance.shape[0])


class TestLocalSearch:
    @pytest.mark.parametrize(
        "search",
        [polish, lambda draft, candidates: reinsert(draft, candidates, ROUNDS)],
        ids=["polish", "reinsert"],
    )
    def test_keeps_plans_lawful_and_saves_on_most(self, search):
        before, after = [], []
        for draft, candidates in first_plans():
            before.append(draft.cost())
            better = search(draft.copy(), candidates)
            assert better.lawful()
            after.append(better.cost())
        assert all(late <= early for early, late in zip(before, after, strict=True))
        assert (
            sum(late < early for early, late in zip(before, after, strict=True)) > len(before) / 2
        )

    def test_repeats_itself(self):
        for draft, candidates in first_plans():
            one, other = (reinsert(draft.copy(), candidates, ROUNDS) for _ in range(2))
            assert (one.taken == other.taken).all()

    def test_an_exchange_saves_or_is_none(self):
        found = [
            (draft.cost(), better)
            for draft, candidates in first_plans()
            if (better := exchange(draft, candidates)) is not None
        ]
        assert found
        assert all(better.lawful() and better.cost() < cost for cost, better in found)
