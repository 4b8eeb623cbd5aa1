"""Ruin and recreate: whatever it does to a plan, it stays lawful and never gets dearer."""

import numpy as np
import pytest

from app.routing.optimizer.chance import RANDOM
from app.routing.optimizer.draft import Draft
from app.routing.optimizer.drafts import BEST, clear, put
from app.routing.optimizer.knapsack import NEVER
from app.routing.optimizer.reinsert import reinsert
from app.routing.optimizer.table import quantities_of, taken_of
from tests.unit.routing.kernel_cases import begin
from tests.unit.routing.routing_cases import random_problem

ROUNDS = 100


def orders(minimum=20_000):
    """Orders with minimums, packed."""
    for seed in range(600, 630):
        yield begin(random_problem(seed, lines=5, sources=7, quantity=12, minimum=minimum))


def search(decision, start, rounds):
    """Search from quantities by source and line; return the cost and the quantities found."""
    table, drafts, work = decision.table, decision.drafts, decision.state.work
    clear(table, drafts)
    for e, quantity in enumerate(quantities_of(table, start, decision.instance)):
        if quantity > 0:
            put(table, drafts, e, quantity)
    work[RANDOM] = 104_729
    cost = reinsert(table, decision.programme, drafts, 0, rounds, work)
    found = drafts.quantity[BEST]
    assert (found == np.rint(found)).all()
    return cost, taken_of(table, found, decision.instance)


def nothing(decision):
    return np.zeros(decision.instance.shape, dtype=np.int64)


def searched():
    """Orders for which a first plan was found, with the plan and its cost."""
    for decision in orders():
        cost, taken = search(decision, nothing(decision), 0)
        if cost < NEVER:
            yield decision, cost, taken


class TestReinsertion:
    def test_keeps_plans_lawful_and_saves_on_many(self):
        before, after = [], []
        for decision, cost, taken in searched():
            better, found = search(decision, taken, ROUNDS)
            plan = Draft.of(decision.instance, found)
            assert plan.lawful()
            assert (found <= decision.instance.capacity).all()
            assert better == pytest.approx(plan.cost() / decision.scale)
            before.append(cost)
            after.append(better)
        assert len(before) > 20
        assert all(late <= early + 1e-9 for early, late in zip(before, after, strict=True))
        assert (
            sum(late < early - 1e-6 for early, late in zip(before, after, strict=True))
            > len(before) / 3
        )

    def test_repeats_itself(self):
        for decision, _, taken in searched():
            one, other = (search(decision, taken, ROUNDS) for _ in range(2))
            assert one[0] == other[0]
            assert (one[1] == other[1]).all()

    def test_takes_units_of_every_weight(self):
        for seed in range(640, 660):
            problem = random_problem(seed, lines=4, sources=5, quantity=9)
            decision = begin(
                problem.__class__(
                    [line._replace(unit_weight_g=0) for line in problem.lines],
                    problem.sellers,
                    problem.sources,
                    problem.supplies,
                )
            )
            cost, found = search(decision, nothing(decision), ROUNDS)
            plan = Draft.of(decision.instance, found)
            assert plan.lawful()
            assert cost == pytest.approx(plan.cost() / decision.scale)
