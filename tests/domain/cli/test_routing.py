"""``flask routing``: strategies and published instances at a terminal."""

import pytest

from app.cli.routing import routing
from tests.unit.routing.location_cases import by_customer, by_facility, draw, solve, write


def run(app, *arguments):
    return app.test_cli_runner().invoke(routing, [str(each) for each in arguments])


class TestSolveInstance:
    @pytest.mark.parametrize(
        ("content", "kind"), [(by_customer, "split"), (by_facility, "single-source")]
    )
    def test_tells_objective_bound_gap_proof_and_time(self, app, tmp_path, content, kind):
        drawn = draw(1, sites=5, lines=15)
        done = run(app, "solve-instance", write(tmp_path / "made.gz", content(drawn), zipped=True))
        assert done.exit_code == 0, done.output
        optimum = f"{solve(drawn, kind=kind):.4f}"
        for told in (f"problem    {kind}", f"objective  {optimum}", f"bound      {optimum}",
                     "gap        0.0000 %", "proof      optimal", "time "):  # fmt: skip
            assert told in done.output

    def test_solves_what_is_asked_for_with_whom_is_asked(self, app, tmp_path):
        file = write(tmp_path / "made", by_customer(draw(1, sites=5, lines=15)))
        done = run(app, "solve-instance", file, "--problem", "uncapacitated", "--limit", 1,
                   "--strategy", "cheapest_single")  # fmt: skip
        assert "(cheapest_single)" in done.output
        assert "problem    uncapacitated" in done.output

    @pytest.mark.parametrize(
        ("content", "options", "why"),
        [
            (b"no numbers", (), "words beside numbers"),
            (b"1 1 5 1 1 1", ("--strategy", "none"), "There is no strategy 'none'"),
        ],
    )
    def test_refuses_in_words(self, app, tmp_path, content, options, why):
        done = run(app, "solve-instance", write(tmp_path / "made", content), *options)
        assert done.exit_code == 2
        assert why in done.output.replace("\n", " ")


class TestStrategies:
    def test_are_listed(self, app):
        done = run(app, "strategies")
        assert done.output.split("\n")[:2] == ["optimal (default)", "greedy"]
