"""The simplex over bundles against a solver that shares nothing with it."""

import random

import highspy
import numpy as np
import pytest

from app.routing.optimizer.box import Box, is_forced_source
from app.routing.optimizer.options import EXACT
from app.routing.optimizer.programme import add_bundle, cost_of_part, drop_dear, enter_box
from app.routing.optimizer.simplex import (
    BASIC,
    COLUMN_COST,
    COLUMN_FIRST,
    COLUMNS,
    DUAL,
    LIMIT,
    is_infeasible,
    objective,
    solve,
)
from app.routing.optimizer.table import (
    COUNTS,
    DEMAND,
    KINDS,
    LEVELS,
    LINE,
    ROOM,
    STOCK,
    WEIGHT,
    level_of,
)
from tests.unit.routing.kernel_cases import begin, entries_of
from tests.unit.routing.routing_cases import random_problem

PATIENT = 10_000
INFINITY = highspy.kHighsInf


def covering(seed, bundles):
    """A programme over random bundles of a random order, and the order."""
    draw = random.Random(seed)
    decision = begin(random_problem(seed, lines=6, sources=8, quantity=9))
    for _ in range(bundles):
        _add_random(decision, draw)
    return decision, draw


def _add_random(decision, draw):
    table, bundle = decision.table, decision.state.bundle
    k = draw.randrange(table.seller.shape[1])
    bundle.level[:], bundle.quantity[:], bundle.part[:] = 0, 0.0, 0
    first, last = table.first_source[k], table.first_source[k + 1]
    for s in range(first, last):
        weight = 0.0
        for e in entries_of(table, s):
            line = table.entry_of[LINE, e]
            quantity = draw.choice((0, draw.randint(0, int(table.entry[STOCK, e]))))
            bundle.quantity[s - first, line] = quantity
            weight += quantity * table.line[WEIGHT, line]
        if bundle.quantity[s - first].any():
            bundle.level[s - first] = max(1, level_of(table, s, weight))
            bundle.part[s - first] = 1
    if bundle.quantity.any():
        cost = cost_of_part(table, k, bundle, 1)
        assert add_bundle(table, decision.programme, k, bundle, 1, cost, EXACT)


def shares(programme, table, columns):
    """What each bundle has of every line's demand, then its counts, told from what it ships."""
    lines = table.line.shape[1]
    share = np.zeros((lines + KINDS, columns))
    shipped = programme.quantity[:columns].sum(axis=1).T
    share[:lines] = shipped / table.line[DEMAND][:, None]
    for c in range(columns):
        for position, level in enumerate(programme.level[c]):
            if level > 0:
                source = programme.mark[COLUMN_FIRST, c] + position
                row = table.source_of[LEVELS, source] + level - 1
                share[lines:, c] += table.level[COUNTS : COUNTS + KINDS, row]
    return share


def least_cost(decision, box):
    """The programme's least cost; None when no mix serves every line within the limits."""
    programme, table = decision.programme, decision.table
    lines, sources = table.line.shape[1], len(table.rate)
    columns = programme.count[COLUMNS]
    solver = highspy.Highs()
    solver.silent()
    x = [
        solver.addVariable(0, INFINITY, obj=float(programme.column[COLUMN_COST, c]))
        for c in range(columns)
    ]
    share = shares(programme, table, columns)

    def total(row):
        return sum(float(share[row, c]) * x[c] for c in np.flatnonzero(share[row])) + 0 * x[0]

    for line in range(lines):
        solver.addConstr(total(line) >= 1)
    for s in range(sources):
        position = s - programme.mark[COLUMN_FIRST, :columns]
        mine = (position >= 0) & (position < programme.level.shape[1])
        rows = np.flatnonzero(mine)
        own = [c for c in rows if programme.level[c, position[c]] > 0]
        if own:
            total_of = sum(x[c] for c in own)
            solver.addConstr(total_of == 1 if is_forced_source(table, box, s) else total_of <= 1)
    for kind in range(KINDS):
        solver.addConstr(total(lines + kind) <= float(box.count[1, kind]))
        solver.addConstr(total(lines + kind) >= float(box.count[0, kind]))
    solver.run()
    if solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
        return None
    return solver.getInfo().objective_function_value


def assert_solved(decision, box):
    """The programme finds the same cost as the solver, or both say that there is no mix."""
    programme, table = decision.programme, decision.table
    enter_box(table, box, programme, 0)
    solve(table, programme, PATIENT)
    expected = least_cost(decision, box)
    assert is_infeasible(programme) == (expected is None)
    if expected is not None:
        assert objective(programme) == pytest.approx(expected, rel=1e-6)
        by_prices = float(programme.row[DUAL] @ programme.row[LIMIT])
        assert by_prices == pytest.approx(expected, rel=1e-6)
        assert (programme.row[BASIC] >= 0.0).all()
    return expected


def narrowed(decision, draw):
    """The whole box with other limits of counts."""
    count = decision.box.count.copy()
    kind = draw.randrange(KINDS)
    low = draw.randint(0, 4)
    count[0, kind], count[1, kind] = low, low + draw.randint(0, 3)
    return Box(decision.box.level, decision.box.quantity, count)


class TestProgramme:
    @pytest.mark.parametrize("seed", range(700, 715))
    def test_finds_the_least_cost_of_a_mix(self, seed):
        decision, _ = covering(seed, 60)
        assert_solved(decision, decision.box)

    def test_follows_limits_and_new_bundles(self):
        costs = []
        for seed in range(720, 735):
            decision, draw = covering(seed, 40)
            for _ in range(8):
                costs.append(assert_solved(decision, narrowed(decision, draw)))
                for _ in range(5):
                    _add_random(decision, draw)
            costs.append(assert_solved(decision, decision.box))
        possible = [cost for cost in costs if cost is not None]
        assert len(costs) / 4 < len(possible) < len(costs)

    @pytest.mark.parametrize("seed", range(740, 746))
    def test_stays_right_after_many_pivots(self, seed):
        decision, draw = covering(seed, 100)
        for _ in range(60):
            _add_random(decision, draw)
            enter_box(decision.table, narrowed(decision, draw), decision.programme, 0)
            solve(decision.table, decision.programme, PATIENT)
        assert_solved(decision, decision.box)

    @pytest.mark.parametrize("seed", range(750, 760))
    def test_costs_the_same_without_its_dearest_bundles(self, seed):
        decision, _ = covering(seed, 80)
        before = assert_solved(decision, decision.box)
        known = decision.programme.count[COLUMNS]
        drop_dear(decision.table, decision.programme, 0.0)
        assert decision.programme.count[COLUMNS] < known
        assert assert_solved(decision, decision.box) == (
            None if before is None else pytest.approx(before, rel=1e-6)
        )

    def test_without_bundles_serves_nothing(self):
        decision, _ = covering(760, 0)
        enter_box(decision.table, decision.box, decision.programme, 0)
        assert solve(decision.table, decision.programme, PATIENT) == 0
        assert is_infeasible(decision.programme)

    def test_takes_no_more_bundles_than_there_is_room_for(self):
        decision, _ = covering(761, 0)
        table, programme = decision.table, decision.programme
        room = programme.column.shape[1]
        bundle = decision.state.bundle
        taken = [add_bundle(table, programme, 0, bundle, 1, 1.0, EXACT) for _ in range(room + 1)]
        assert taken == [True] * room + [False]

    def test_carries_goods_in_levels_that_hold_them(self):
        decision, draw = covering(762, 0)
        table = decision.table
        for _ in range(50):
            s = draw.randrange(len(table.rate))
            rooms = table.level[ROOM, table.source_of[LEVELS, s] : table.source_of[LEVELS, s + 1]]
            weight = draw.uniform(1.0, float(rooms[-1]) if rooms[-1] < 1e9 else 1e5)
            level = level_of(table, s, weight)
            assert rooms[level - 1] >= weight
            assert level == 1 or rooms[level - 2] < weight
        assert (table.line[DEMAND] > 0).all()
