"""What every strategy owes, as tests that anybody may run against theirs.

Subclass it in a test module; pytest finds the rest:

    from app.routing.strategies.contract import StrategyContract

    class TestNearest(StrategyContract):
        strategy = NearestStrategy()

A strategy may be as simple as it likes and serve less than could be served; but a plan breaks no
term of its problem, tells its own cost and levels, claims no more than is true, and is the same for
the same problem. Problems are small, drawn by a fixed seed, and cover every term.
"""

import random
from collections.abc import Callable, Iterator
from dataclasses import replace

from app.routing.check import check
from app.routing.freight import FREE_FREIGHT, Tariff
from app.routing.problem import (
    Allocation,
    Level,
    Limits,
    Line,
    Plan,
    Problem,
    Seller,
    Source,
    Strategy,
    Supply,
)
from app.routing.strategies.optimal import OptimalStrategy

PROBLEMS = 40
_TARIFFS = (FREE_FREIGHT, Tariff(((1_000, 5_000), (10_000, 20_000))), Tariff(((2_500, 9_000),)))


class StrategyContract:
    """The contract; `strategy` is the one that is tested."""

    strategy: Strategy
    limits = Limits(work=20_000)

    def test_keeps_every_term_and_tells_the_truth(self) -> None:
        """No plan breaks a term of its problem or claims what is not so."""
        for problem in contract_problems():
            assert check(problem, self._plan(problem)) == []

    def test_repeats_itself(self) -> None:
        """The same problem gets the same plan."""
        for problem in contract_problems():
            assert self._plan(problem) == self._plan(problem)

    def test_bounds_what_others_find(self) -> None:
        """A bound lies above no plan that serves as much at no worse levels."""
        for problem in contract_problems():
            mine, other = self._plan(problem), OptimalStrategy().plan(problem, self.limits)
            if (other.units, other.levels) == (mine.units, mine.levels):
                assert mine.bound <= other.cost
            if mine.units_proved:
                assert mine.units >= other.units

    def test_leaves_an_order_that_nobody_can_serve(self) -> None:
        """Nothing in stock is an empty plan, and no error."""
        plan = self._plan(Problem([Line(3, 100)], [Seller()], [Source(0, FREE_FREIGHT)], []))
        assert (plan.allocations, plan.units, plan.cost) == ((), 0, 0)

    def _plan(self, problem: Problem) -> Plan:
        return self.strategy.plan(problem, self.limits)


def contract_problems() -> Iterator[Problem]:
    """Small problems: plain ones, and with every further term."""
    for seed in range(PROBLEMS):
        draw = random.Random(seed)  # noqa: S311 - test data
        problem = _plain_problem(draw)
        if seed % 2:
            problem = _with_terms(problem, draw)
        yield replace(problem, given=_some_of(problem))


def _plain_problem(draw: random.Random) -> Problem:
    lines = [Line(draw.randint(1, 5), draw.choice((0, 400, 1_300))) for _ in range(4)]
    sources = [Source(no % 3, draw.choice(_TARIFFS), draw.choice((0, 700))) for no in range(5)]
    supplies = [
        Supply(line, source, draw.randint(1, 6), draw.randint(900, 1_500), 1_000)
        for line in range(len(lines))
        for source in range(len(sources))
        if draw.random() < 0.7  # noqa: PLR2004 - a share
    ]
    sellers = [Seller(draw.choice((0, 2_500)), draw.choice((0, 300)), rank=no) for no in range(3)]
    return Problem(lines, sellers, sources, supplies)


def _with_terms(problem: Problem, draw: random.Random) -> Problem:
    """Turn on two of the further terms."""
    whole = [row._replace(is_whole=True) for row in problem.lines]
    in_pairs = [Supply(row[0], row[1], row[2], row[3], row[4], 2) for row in problem.supplies]
    small_sellers = [row._replace(capacity=6) for row in problem.sellers]
    small_sources = [row._replace(capacity=4) for row in problem.sources]
    fewest = Level(sources=[1] * len(problem.sources))
    terms: list[Callable[[Problem], Problem]] = [
        lambda it: replace(it, lines=whole),
        lambda it: replace(it, supplies=in_pairs),
        lambda it: replace(it, sellers=small_sellers),
        lambda it: replace(it, sources=small_sources),
        lambda it: replace(it, most_sellers=1),
        lambda it: replace(it, most_sources=2),
        lambda it: replace(it, together=((0, 1),)),
        lambda it: replace(it, complete=((1, 2),)),
        lambda it: replace(it, must_serve_all=True),
        lambda it: replace(it, levels=(fewest,)),
    ]
    for term in draw.sample(terms, 2):
        problem = term(problem)
    return problem


def _some_of(problem: Problem) -> tuple[Allocation, ...]:
    """What a person might decide: nothing, or what one supply can give if that is allowed."""
    for row in problem.supplies:
        quantity = min(row[2], problem.lines[row[0]].quantity)
        part = (Allocation(row[0], row[1], quantity),)
        bare = Plan(part, quantity, 0, 0, "bounded", "given")
        complaints = check(replace(problem, levels=()), bare)
        if all(complaint.startswith("the plan claims") for complaint in complaints):
            return part
    return ()
