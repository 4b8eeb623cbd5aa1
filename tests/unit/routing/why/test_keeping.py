"""A kept problem is the very problem: read back it is decided alike."""

import uuid

import orjson
import pytest

from app.routing.keeping import document_of, problem_of
from app.routing.problem import Limits, Supply
from app.routing.strategies import OptimalStrategy
from tests.unit.routing.wide_cases import wide_problem


def written(problem):
    places = [
        (uuid.UUID(int=source.seller), uuid.UUID(int=100 + number))
        for number, source in enumerate(problem.sources)
    ]
    return orjson.loads(orjson.dumps(document_of(problem, places=places, limits=Limits(777))))


class TestAKeptProblem:
    @pytest.mark.parametrize("seed", range(60))
    def test_comes_back_as_it_was(self, seed):
        problem = wide_problem(seed)

        kept = problem_of(written(problem))

        assert kept.problem.lines == list(problem.lines)
        assert kept.problem.sellers == list(problem.sellers)
        assert kept.problem.sources == list(problem.sources)
        assert kept.problem.supplies == [Supply(*row) for row in problem.supplies]
        assert kept.problem.must_serve_all == problem.must_serve_all
        assert (kept.problem.most_sellers, kept.problem.most_sources) == (
            problem.most_sellers,
            problem.most_sources,
        )
        assert kept.limits == Limits(777)

    @pytest.mark.parametrize("seed", range(60, 90))
    def test_is_decided_alike(self, seed):
        problem = wide_problem(seed)
        strategy = OptimalStrategy()

        assert strategy.plan(problem_of(written(problem)).problem, Limits()) == strategy.plan(
            problem, Limits()
        )

    def test_knows_its_sellers_and_sources_by_their_ids(self):
        problem = wide_problem(4)

        kept = problem_of(written(problem))

        for number, source in enumerate(problem.sources):
            assert kept.sources[uuid.UUID(int=100 + number)] == number
            assert kept.sellers[uuid.UUID(int=source.seller)] == source.seller
