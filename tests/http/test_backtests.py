"""Backtests over HTTP: started, worked on, read by the owner, a colleague, a stranger."""

import csv
import io
from datetime import timedelta

import pytest

from app.backtest import tasks
from app.infra.db import db
from app.kernel.ids import parse_id, public_id
from tests.factories.world import build_world
from tests.http.api import Api


@pytest.fixture
def world(client, session, now):
    made = build_world(session, now)
    tap = made.add_variant(stock=(3, 100))
    for n in range(2):
        made.place((tap, 2), now=now - timedelta(days=2 - n))
    return made


@pytest.fixture
def api(client, world):
    def of(name, *permissions):
        return Api(client, getattr(world, name), *permissions)

    return of


def started(api, world, **more):
    shop = public_id("shop", world.storefront.id)
    answer = api.post("/backtests", {"storefront_id": shop, **more})
    assert answer.status_code == 202, answer.json
    return answer.json


def work(backtest_id, now):
    """What a worker does."""
    found = parse_id("bt", backtest_id)
    tasks.work(db.session, backtest_id=found, told=lambda **_: None, now=now)


class TestABacktest:
    def test_is_queued_worked_on_and_reports(self, api, world, now):
        rosa = api("rosa")
        begun = started(rosa, world, scenario={"stock": "unlimited", "baselines": ["greedy"]})
        assert (begun["status"], begun["orders"], begun["contenders"]) == ("queued", 2, [])
        work(begun["id"], now)

        shown = rosa.get(f"/backtests/{begun['id']}").json

        assert (shown["status"], shown["done"]) == ("done", 2)
        supposed, actual, greedy = shown["contenders"]
        assert (supposed["name"], supposed["cost_minor"]) == ("supposed", 4200)
        assert (actual["name"], actual["cost_minor"]) == ("actual", 5100)
        assert actual["orders_otherwise"] == 1
        assert greedy["name"] == "greedy"
        assert supposed["sellers"] == [
            {
                "seller_id": public_id("org", world.dieter.id), "name": world.dieter.name,
                "units": 4, "money_minor": 4200,
            }
        ]  # fmt: skip
        assert [each["id"] for each in rosa.get("/backtests").json["items"]] == [begun["id"]]

    def test_hands_out_every_order_as_a_file(self, api, world, now):
        rosa = api("rosa")
        begun = started(rosa, world, scenario={"stock": "unlimited", "baselines": []})
        work(begun["id"], now)

        file = rosa.get(f"/backtests/{begun['id']}/orders.csv").get_data(as_text=True)

        rows = list(csv.DictReader(io.StringIO(file)))
        assert [row["changed"] for row in rows] == ["no", "yes"]
        assert [row["supposed_goods_minor"] for row in rows] == ["1600", "1600"]
        assert [row["actual_freight_minor"] for row in rows] == ["500", "1000"]

    def test_is_cancelled_while_it_waits(self, api, world):
        rosa = api("rosa")
        begun = started(rosa, world)

        cancelled = rosa.post(f"/backtests/{begun['id']}/cancel")

        assert (cancelled.status_code, cancelled.json["status"]) == (202, "cancelled")
        again = rosa.post(f"/backtests/{begun['id']}/cancel")
        assert again.status_code == 409

    def test_is_for_colleagues_who_may_and_nobody_else(self, api, world):
        path = f"/backtests/{started(api('rosa'), world)['id']}"
        looker = api("rosa", "routing.read")
        assert looker.get(path).status_code == 200
        assert looker.post("/backtests", {}).status_code == 403
        assert looker.post(f"{path}/cancel").status_code == 403
        assert api("rosa", "orders.read").get(path).status_code == 403
        for stranger in ("wanda", "dieter"):
            assert api(stranger).get(path).status_code == 404
            assert api(stranger).get(f"{path}/orders.csv").status_code == 404
            assert api(stranger).post(f"{path}/cancel").status_code == 404
        assert api("berta").get(path).status_code == 403
        assert api("operator").get(path).status_code == 200

    def test_of_anothers_shop_is_refused(self, api, world):
        shop = public_id("shop", world.storefront.id)
        refused = api("wanda").post("/backtests", {"storefront_id": shop})
        assert refused.json["code"] == "storefronts.storefront_not_found"

    def test_points_at_what_cannot_be_supposed(self, api, world):
        gone = public_id("policy", world.rosa.id)
        refused = api("rosa").post("/backtests", {"scenario": {"policy_id": gone}})
        assert refused.json["code"] == "backtest.scenario_invalid"
        assert [each["pointer"] for each in refused.json["errors"]] == ["/scenario/policy_id"]
