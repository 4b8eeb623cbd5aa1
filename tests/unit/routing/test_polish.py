"""Polishing and looking near a mix: lawful, never dearer, within reach, and the same every time."""

import numpy as np
import pytest

from app.routing.optimizer.chance import seed
from app.routing.optimizer.draft import Draft
from app.routing.optimizer.drafts import BEST, clear, put, set_reach
from app.routing.optimizer.generation import PLAN, root_prices
from app.routing.optimizer.knapsack import NEVER
from app.routing.optimizer.plans import look_nearby, look_widely
from app.routing.optimizer.polish import polish
from app.routing.optimizer.reinsert import reinsert
from app.routing.optimizer.table import SOURCE, taken_of
from tests.unit.routing.kernel_cases import begin
from tests.unit.routing.routing_cases import random_problem

CHANGES = 3_000


def orders():
    """Orders with minimums, packed, each with a first plan by ruin and recreate."""
    for number in range(700, 730):
        decision = begin(random_problem(number, lines=6, sources=8, quantity=14, minimum=20_000))
        table, drafts, work = decision.table, decision.drafts, decision.state.work
        clear(table, drafts)
        seed(work, number)
        cost = reinsert(table, decision.programme, drafts, 0, 5, work)
        if cost < NEVER:
            yield decision, cost, drafts.quantity[BEST].copy()


def polished(decision, cost, quantity, is_open=None):
    """Polish a plan; return the least cost and the quantities by entry that were kept."""
    table, drafts, work = decision.table, decision.drafts, decision.state.work
    drafts.is_open[:] = 1 if is_open is None else is_open
    set_reach(table, drafts)
    clear(table, drafts)
    for e in np.flatnonzero(quantity):
        put(table, drafts, e, quantity[e])
    drafts.quantity[BEST] = quantity
    seed(work, 1)
    return polish(table, drafts, cost, CHANGES, work), drafts.quantity[BEST].copy()


def used(decision, quantity):
    """Tell which sources give something."""
    flags = np.zeros(len(decision.drafts.is_open), dtype=np.int64)
    flags[decision.table.entry_of[SOURCE][quantity > 0]] = 1
    return flags


class TestPolishing:
    def test_keeps_plans_lawful_and_saves_on_many(self):
        saved = []
        for decision, cost, quantity in orders():
            better, found = polished(decision, cost, quantity)
            taken = taken_of(decision.table, found, decision.instance)
            plan = Draft.of(decision.instance, taken)
            assert (found == np.rint(found)).all()
            assert plan.lawful()
            assert (taken <= decision.instance.capacity).all()
            assert (taken.sum(axis=0) == decision.instance.demand).all()
            assert better == pytest.approx(plan.cost() / decision.scale)
            assert better <= cost + 1e-9
            saved.append(better < cost - 1e-6)
        assert len(saved) > 20
        assert sum(saved) > len(saved) / 3

    def test_uses_what_is_in_reach_alone(self):
        moved = 0
        for decision, cost, quantity in orders():
            reach = used(decision, quantity)
            _, found = polished(decision, cost, quantity, reach)
            assert (used(decision, found) <= reach).all()
            moved += (found != quantity).any()
        assert moved > 0

    def test_repeats_itself(self):
        for decision, cost, quantity in orders():
            one, other = (polished(decision, cost, quantity) for _ in range(2))
            assert one[0] == other[0]
            assert (one[1] == other[1]).all()


class TestLookingForPlans:
    def test_looks_widely_then_nearby_and_never_takes_over_a_dearer_plan(self):
        found = 0
        for number in range(730, 750):
            decision = begin(
                random_problem(number, lines=6, sources=8, quantity=14, minimum=20_000)
            )
            rest = (decision.table, decision.programme, decision.state, decision.drafts)
            decision._allow(1_000_000)
            root_prices(
                decision.table, decision.box, decision.items, decision.programme, decision.state
            )
            least = look_widely(
                decision.table, decision.box, decision.programme, *rest[2:], NEVER, 0.0
            )
            if least >= NEVER:
                continue
            found += 1
            assert cost_of(decision) == pytest.approx(least)
            nearby = look_nearby(*rest, least)
            assert nearby <= least
            assert cost_of(decision) == pytest.approx(nearby)
        assert found > 10


def cost_of(decision):
    """Price the plan that was taken over, which is lawful, in the table's units."""
    taken = taken_of(decision.table, decision.state.plan[PLAN], decision.instance)
    plan = Draft.of(decision.instance, taken)
    assert plan.lawful()
    assert (taken.sum(axis=0) == decision.instance.demand).all()
    return plan.cost() / decision.scale
