"""Rosa replays her orders on a page: the form, the report with its plots, the file."""

from datetime import timedelta

import pytest

from app.backtest import tasks
from app.infra.db import db
from app.kernel.ids import parse_id, public_id
from tests.factories.world import build_world
from tests.web.test_price_pages import signed_in


@pytest.fixture
def world(client, session, now):
    made = build_world(session, now)
    tap = made.add_variant(stock=(3, 100))
    for n in range(2):
        made.place((tap, 2), now=now - timedelta(days=2 - n))
    session.commit()
    return made


def begun(client, world, **more):
    form = {"storefront": public_id("shop", world.storefront.id), "stock": "unlimited", **more}
    return client.post("/backtests", data=form)


class TestThePages:
    def test_lead_from_the_form_to_a_report_that_says_in_tables_what_it_plots(
        self, client, world, now
    ):
        rosa = signed_in(client, world.rosa)
        assert "No backtests yet" in rosa.get("/backtests").text
        answer = begun(rosa, world, name="More stock", baseline=["greedy"])
        assert answer.status_code == 302
        waiting = rosa.get(answer.location).text
        assert "Waiting for a worker" in waiting
        backtest_id = parse_id("bt", answer.location.rsplit("/", 1)[1])
        tasks.work(db.session, backtest_id=backtest_id, told=lambda **_: None, now=now)

        page = rosa.get(answer.location).text

        assert "More stock" in page
        assert page.count("<svg") == 5
        assert page.count('role="img"') == 5
        assert "R$42.00" in page
        assert "R$51.00" in page
        assert "1.2143" in page  # what happened cost so much more than what is supposed
        assert "More stock" in rosa.get("/backtests").text
        file = rosa.get(f"{answer.location}/orders.csv").text
        assert file.startswith("order,number,placed_at,changed")

    def test_say_what_is_wrong_and_keep_what_was_typed(self, client, world):
        rosa = signed_in(client, world.rosa)
        answer = begun(rosa, world, name="Odd", without="agr_x")
        assert answer.status_code == 400
        assert "agr_x is not an id" in answer.text
        assert 'value="Odd"' in answer.text

    def test_stop_one(self, client, world):
        rosa = signed_in(client, world.rosa)
        location = begun(rosa, world).location
        assert rosa.post(f"{location}/cancel").status_code == 302
        assert "cancelled" in rosa.get(location).text

    def test_are_closed_to_others(self, client, world):
        location = begun(signed_in(client, world.rosa), world).location
        assert signed_in(client, world.wanda).get(location).status_code == 404
        looker = signed_in(client, world.rosa, ("routing.read",))
        assert "Replay the orders" not in looker.get("/backtests").text
        assert begun(looker, world).status_code == 403
        assert signed_in(client, world.berta).get("/backtests").status_code == 403
