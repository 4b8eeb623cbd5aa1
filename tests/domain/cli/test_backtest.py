"""``flask routing backtest``: a table at the terminal, a row an order, a page to keep."""

from datetime import timedelta

import pytest

from app.cli.backtest import backtest
from app.kernel.ids import public_id
from tests.factories.world import build_world


@pytest.fixture
def world(session, now):
    made = build_world(session, now)
    tap = made.add_variant(stock=(3, 100))
    made.order_ids = [made.place((tap, 2), now=now - timedelta(days=2 - n)) for n in range(2)]
    session.commit()
    return made


@pytest.fixture
def run(app, world):
    def invoke(*arguments):
        return app.test_cli_runner().invoke(backtest, [str(each) for each in arguments])

    return invoke


class TestABacktest:
    def test_prints_its_figures_and_writes_its_files(self, run, world, tmp_path):
        done = run(
            "--storefront", public_id("shop", world.storefront.id), "--stock", "unlimited",
            "--csv", tmp_path / "o.csv", "--html", tmp_path / "r.html",
        )  # fmt: skip
        assert done.exit_code == 0, done.output
        assert "42.00" in done.output
        assert "51.00" in done.output
        assert len((tmp_path / "o.csv").read_text().splitlines()) == 3
        page = (tmp_path / "r.html").read_text()
        assert page.count("<svg") == 5
        assert ":root" in page  # its style comes with it

    def test_is_of_a_list(self, run, world, tmp_path):
        (tmp_path / "orders").write_text(public_id("order", world.order_ids[1]) + "\n")
        done = run("--orders", tmp_path / "orders", "--baseline", "in_force")
        assert done.exit_code == 0, done.output
        assert "Policies of then" in done.output
        assert "30.00" in done.output

    def test_tells_what_it_refuses(self, run, world):
        done = run("--from", "2001-01-01", "--to", "2001-01-02")
        assert done.exit_code == 1
        assert "There are no such orders" in done.output
