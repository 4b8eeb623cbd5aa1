"""Published instances: both layouts are read, posed as orders, and decided to the optimum."""

import random
from dataclasses import replace

import numpy as np
import pytest

from app.routing import instances, published
from app.routing.check import check
from app.routing.exact import sites as located
from app.routing.exact.location import decide_location
from app.routing.exact.serving import serve
from app.routing.exact.tree import Tree
from app.routing.freight import FREE_FREIGHT
from app.routing.problem import Limits, Line, Problem, Seller, Source, Supply
from app.routing.strategies import OptimalStrategy
from tests.unit.routing.everything import best_by_enumeration
from tests.unit.routing.location_cases import by_customer, by_facility, draw, solve, write

PATIENT = Limits(work=60_000_000)
WRITERS = {"by customer": by_customer, "by facility": by_facility}


def decide(read, kind, limits=PATIENT):
    posed = instances.pose(read, kind)
    plan = OptimalStrategy().plan(posed.problem, limits)
    assert check(posed.problem, plan) == []
    return plan, instances.answer(read, posed, plan)


class TestInstances:
    @pytest.mark.parametrize("seed", range(3))
    def test_are_the_same_in_either_layout(self, tmp_path, seed):
        drawn = draw(seed, sites=5 + seed, lines=42)
        read = {
            layout: instances.read(write(tmp_path / layout, written(drawn)))
            for layout, written in WRITERS.items()
        }
        assert [each.layout for each in read.values()] == list(read)
        assert read["by customer"] == replace(read["by facility"], layout="by customer")

    @pytest.mark.parametrize("kind", instances.KINDS)
    @pytest.mark.parametrize("seed", range(3))
    def test_are_solved_to_the_optimum(self, tmp_path, kind, seed):
        drawn = draw(seed, sites=5 + seed, lines=42)
        layout = list(WRITERS)[seed % 2]
        read = instances.read(write(tmp_path / "made", WRITERS[layout](drawn)))
        plan, told = decide(read, kind)
        assert plan.proof == "optimal"
        assert float(told.objective) == pytest.approx(solve(drawn, kind=kind), rel=1e-6)
        assert told.gap == 0

    @pytest.mark.parametrize("kind", instances.KINDS)
    def test_are_bounded_when_the_work_does_not_suffice(self, tmp_path, kind):
        drawn = draw(2, sites=10, lines=30)
        read = instances.read(write(tmp_path / "made", by_facility(drawn)))
        optimum = solve(drawn, kind=kind)
        for work in (0, 10_000):
            _, told = decide(read, kind, Limits(work=work))
            assert told.bound <= optimum + 1e-6 <= told.objective + 2e-6

    @pytest.mark.parametrize("kind", ["split", "single-source"])
    def test_tell_whoever_watches_how_far_they_are(self, tmp_path, kind):
        """Bounds never fall below what was told of them, plans never become dearer."""
        drawn, seen = draw(2, sites=10, lines=30), []
        read = instances.read(write(tmp_path / "made", by_facility(drawn)))
        _, told = decide(read, kind, Limits(PATIENT.work, seen.append))
        scale = instances.pose(read, kind).scale
        costs = [at.cost for at in seen]
        assert costs == sorted(costs, reverse=True)
        assert all(at.bound <= float(told.objective) * scale + 1e-3 for at in seen)
        assert all(0.0 <= at.done <= 1.0 for at in seen)

    @pytest.mark.parametrize("zipped", [True, False])
    def test_are_read_zipped_filled_up_and_with_their_optimum(self, tmp_path, zipped):
        drawn = draw(1, sites=4, lines=12)
        content = by_facility(drawn, optimum=1234.5)
        path = write(tmp_path / "made", content, zipped=zipped, filled=True)
        read = instances.read(path)
        assert read.demand == tuple(drawn[2])
        assert [float(amount) for amount in read.cost[3]] == drawn[3][3]

    def test_may_leave_their_capacity_to_the_caller(self, tmp_path):
        capacity, *others = draw(2, sites=4, lines=12)
        content = by_customer((["capacity"] * len(capacity), *others))
        path = write(tmp_path / "made", content)
        assert instances.read(path, 900).capacity == (900,) * 4
        with pytest.raises(instances.UnreadableInstance, match="--capacity"):
            instances.read(path)
        with pytest.raises(instances.UnreadableInstance, match="--capacity"):
            published.capacities_of(path, [])
        named = write(tmp_path / "capb.txt", content)
        assert published.capacities_of(named, []) == [5000, 6000, 7000, 8000]

    @pytest.mark.parametrize(
        ("content", "why"),
        [
            (b"3", "how many"),
            (b"2 2 1 1", "it holds 4 numbers, 12 were expected .*8 are missing"),
            (b"what is this", "line 1 holds words"),
            (b"2 2\n9 7\n9 -1\n", "line 3: a number is negative"),
            (b"2 2\n3 7\n3 1\n4 5\n2 3\n4 8\n", "above all capacities"),
            (b"\x1f\x8b\x08nonsense", "damaged"),
        ],
    )
    def test_of_no_known_layout_are_refused(self, tmp_path, content, why):
        with pytest.raises(instances.UnreadableInstance, match=why):
            instances.read(write(tmp_path / "made", content))

    def test_with_costs_that_no_scale_makes_whole_are_told_what_rounding_may_add(self, tmp_path):
        capacity, fixed, demand, cost = draw(3, sites=5, lines=15)
        uneven = [[amount + 0.12345 for amount in row] for row in cost]
        drawn = (capacity, fixed, demand, uneven)
        read = instances.read(write(tmp_path / "made", by_customer(drawn)))
        assert not instances.pose(read, "split").is_exact
        _, told = decide(read, "split")
        assert float(told.objective) == pytest.approx(solve(drawn, kind="split"), rel=1e-6)
        assert 0 < told.gap < 1e-5


def made_sites(seed, *, sites=6, lines=12, whole=False):
    capacity, fixed, demand, cost = (np.array(part, dtype=float) for part in draw(
        seed, sites=sites, lines=lines, slack=1.6
    ))  # fmt: skip
    return located.Sites(fixed, cost, demand, np.ones_like(cost), capacity, whole)


class TestPrices:
    @pytest.mark.parametrize("whole", [True, False])
    @pytest.mark.parametrize("seed", range(6))
    def test_bound_every_set_of_open_sites(self, seed, whole):
        """For every way to open sites: none is cheaper than the bound that holds for it, nor than
        what a change of one site must cost."""
        sites = made_sites(seed, whole=whole)
        free = np.zeros(6, dtype=np.int8)
        first = located.begin(sites, located.first_prices(sites), free)
        prices = located.improve(sites, first, free, float(sites.cost.sum()), 60)
        for chosen in range(1, 64):
            opened = np.array([chosen >> no & 1 for no in range(6)], dtype=bool)
            cost = serve(sites, opened, float("inf"), 10_000).cost
            assert prices.bound <= cost + 1e-6
            change = prices.relaxed.change
            assert prices.bound + change[opened & (change > 0)].max(initial=0.0) <= cost + 1e-6
            assert prices.bound - change[~opened & (change < 0)].min(initial=0.0) <= cost + 1e-6
            state = np.where(opened, located.OPEN, located.SHUT).astype(np.int8)
            if cost < float("inf"):
                assert located.begin(sites, prices.price, state).bound <= cost + 1e-6

    def test_repeat_themselves(self):
        trees = [Tree(made_sites(7), 0.5, 5_000, 1_000) for _ in range(2)]
        for tree in trees:
            tree.search()
        assert trees[0].least == trees[1].least < trees[0].bound + 0.5
        assert trees[0].made == trees[1].made


def location_problem(seed):
    """A tiny order of the shape, with capacities, fixed costs and gaps in what sources have."""
    dice = random.Random(seed)
    lines, sources = dice.randint(2, 4), dice.randint(2, 4)
    is_whole = seed % 2 == 0
    wanted = [
        Line(dice.randint(1, 2), 0, is_whole, dice.randint(1, 5) if is_whole else 1)
        for _ in range(lines)
    ]
    places = [
        Source(no, FREE_FREIGHT, dice.randint(0, 300), dice.choice((None, 3, 6, 9)))
        for no in range(sources)
    ]
    supplies = [
        Supply(line, no, 2, dice.randint(1, 200), 1)
        for line in range(lines)
        for no in range(sources)
        if dice.random() < 0.8
    ]
    return Problem(wanted, [Seller()] * sources, places, supplies)


class TestSmallLocations:
    @pytest.mark.parametrize("work", [300, 400_000], ids=["hasty", "patient"])
    def test_are_decided_to_the_best_plan_there_is(self, work):
        decided, proved = 0, 0
        for seed in range(80):
            problem = location_problem(seed)
            plan = decide_location(problem, Limits(work))
            if plan is not None:
                best = best_by_enumeration(problem)
                assert check(problem, plan) == []
                assert -plan.units == best[0], seed
                assert plan.bound <= best[1] <= plan.cost, seed
                assert plan.proof == "bounded" or plan.cost == best[1], seed
                decided, proved = decided + 1, proved + (plan.proof == "optimal")
        assert decided >= 30
        assert work == 300 or proved == decided


class TestLayouts:
    @pytest.mark.parametrize(
        ("text", "layout"),
        [
            ("2 3\r\n\r\n30\t7\r\n40 9\r\n10 20\r\n5\r\n2 5 4\r\n\t3 1 4\r\n99", "by facility"),
            ("2 3\n10 20 5\n30 40\n7 9\n.2 .25 .8\n.3 .05 .8\n", "by unit"),
            ("2 3\n30 7\n40 9\n10\n2 3\n20\n5 1\n5\n4 4\n", "by customer"),
            ("FILE: made.txt\n2 3 0\n1 7 2 5 4\n2 9 3 1 4\n", "simple"),
        ],
    )
    def test_say_the_same_in_other_words(self, tmp_path, text, layout):
        read = instances.read(write(tmp_path / "made", text.encode()))
        assert read.layout == layout
        assert read.fixed == (7, 9)
        assert read.cost == ((2, 5, 4), (3, 1, 4))
        if layout != "simple":
            assert (read.capacity, read.demand) == ((30, 40), (10, 20, 5))

    def test_may_begin_with_the_costs_of_each_customer(self, tmp_path):
        text = "4 3\n2 3 9\n5 1 9\n4 4 9\n8 8 9\n10 20 5 1\n7 9 6\n30 40 50\n"
        read = instances.read(write(tmp_path / "made", text.encode()))
        assert (read.layout, read.demand, read.fixed) == ("costs first", (10, 20, 5, 1), (7, 9, 6))
        assert read.capacity == (30, 40, 50)
        assert read.cost == ((2, 5, 4, 8), (3, 1, 4, 8), (9, 9, 9, 9))

    @pytest.mark.parametrize(
        ("content", "why"),
        [
            (b"1 1\n5 x\n", "line 2 holds words"),
            (b"1 1\n5 -1\n1\n1\n", "line 2: a number is negative"),
            (b"1 1\n5 nan\n1\n1\n", "line 2: a number is negative or not finite"),
            (b"\x1f\x8bnot really", "damaged"),
            (b"FILE: x\n1 2 0\n1 5 2\n", "5 numbers|6 numbers"),
        ],
    )
    def test_are_refused_with_the_place(self, tmp_path, content, why):
        with pytest.raises(instances.UnreadableInstance, match=why):
            instances.read(write(tmp_path / "made", content))
