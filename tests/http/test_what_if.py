"""One order under what is supposed of it: by another policy, stock, sellers; for whom."""

import pytest

from app.kernel.ids import public_id
from app.ordering.models import Order
from tests.factories.world import build_world
from tests.http.api import Api


@pytest.fixture
def world(client, session, now):
    made = build_world(session, now)
    made.add_variant(stock=(1, 100))
    return made


@pytest.fixture
def api(client, world):
    def of(name, *permissions):
        return Api(client, getattr(world, name), *permissions)

    return of


def asked(api, world, **suppose):
    order = {
        "storefront_id": public_id("shop", world.storefront.id),
        "buyer_id": public_id("org", world.berta.id),
        "address_id": public_id("addr", world.address.id),
        "lines": [{"variant_id": public_id("var", world.variants[0]), "quantity": 2}],
    }
    return api.post("/routing/what-if", {**order, "suppose": suppose})


class TestWhatIf:
    def test_nothing_is_supposed_nothing_differs(self, api, world):
        answer = asked(api("rosa"), world).json
        assert answer["now"] == answer["supposed"]
        assert set(answer["difference"].values()) == {0}
        assert (answer["now"]["goods_minor"], answer["now"]["freight_minor"]) == (2000, 1000)

    def test_there_were_more_in_stock(self, api, world, session):
        row = {
            "location_id": public_id("loc", world.places["dieter"]),
            "variant_id": public_id("var", world.variants[0]), "available": 2,
        }  # fmt: skip
        answer = asked(api("rosa"), world, stock=[row]).json
        assert answer["difference"]["goods_minor"] == -400
        assert answer["difference"]["freight_minor"] == -500
        assert [each["units"] for each in answer["supposed"]["sellers"]] == [2]
        assert session.query(Order).count() == 0

    def test_a_seller_were_gone_or_alone(self, api, world):
        wanda = public_id("org", world.wanda.id)
        gone = asked(api("rosa"), world, without_sellers=[wanda]).json
        assert (gone["supposed"]["units_served"], gone["difference"]["units_served"]) == (1, -1)
        alone = asked(api("rosa"), world, only_sellers=[wanda]).json
        assert alone["supposed"]["sellers"] == alone["now"]["sellers"]

    def test_another_policy_or_strategy_decided(self, api, world):
        rosa = api("rosa")
        shop = public_id("shop", world.storefront.id)
        draft = rosa.post(
            "/routing-policies", {"storefront_id": shop, "document": {"terms": {"split_minor": 7}}}
        ).json
        by_draft = asked(rosa, world, policy_id=draft["id"]).json
        assert by_draft["supposed"]["weights_minor"] in {0, 7}
        assert by_draft["difference"]["objective_minor"] == by_draft["difference"]["weights_minor"]
        greedy = asked(rosa, world, strategy="greedy").json
        assert greedy["difference"]["consignments"] == 1
        assert greedy["difference"]["goods_minor"] == -200

    def test_is_asked_by_the_shops_owner_and_the_operator_alone(self, api, world):
        assert asked(api("operator"), world).status_code == 200
        assert asked(api("rosa", "routing.read"), world).status_code == 200
        assert asked(api("rosa", "orders.read"), world).status_code == 403
        assert asked(api("wanda"), world).status_code == 403
        assert asked(api("berta"), world).status_code == 403

    def test_a_price_were_lower_and_each_term_says_what_it_adds(self, api, world):
        price = {"seller_id": public_id("org", world.wanda.id), "change_bps": -1000}
        answer = asked(api("rosa"), world, prices=[price]).json
        assert answer["difference"]["goods_minor"] == -200
        goods, freight, *others = answer["terms"]
        assert (goods["term"], goods["difference_minor"]) == ("goods", -200)
        assert (freight["now_minor"], freight["supposed_minor"]) == (1000, 1000)
        assert not any(each["supposed_minor"] for each in others)
        (line,) = answer["supposed"]["lines"]
        assert (line["line"], line["served"]) == (1, 2)
        assert [part["seller_name"] for part in line["parts"]] == [world.wanda.name]
        assert len(answer["supposed"]["parcels"]) == 1

    def test_a_line_that_nobody_asked_for_is_pointed_at(self, api, world):
        row = {"line": 2, "seller_id": public_id("org", world.wanda.id)}
        refused = asked(api("rosa"), world, lines=[row])
        assert refused.status_code == 422
        assert refused.json["code"] == "backtest.scenario_invalid"
        assert [fault["pointer"] for fault in refused.json["errors"]] == ["/suppose/lines/0/line"]
        first = asked(api("rosa"), world, lines=[row | {"line": 1}])
        assert first.status_code == 200

    def test_is_asked_of_a_placed_order_too(self, api, world, now):
        order = public_id("order", world.place((world.variants[0], 2), now=now))
        path = f"/orders/{order}/routing/what-if"
        tap, shelf = world.variants[0], world.places["dieter"]
        more = {
            "location_id": public_id("loc", shelf), "variant_id": public_id("var", tap), "change": 1
        }  # fmt: skip
        answer = api("rosa").post(path, {"suppose": {"stock": [more]}}).json
        assert answer["now"]["objective_minor"] == 3000
        assert answer["supposed"]["objective_minor"] == 2100
        draft = {"terms": {"split_minor": 7}}
        answer = api("operator").post(path, {"suppose": {"document": draft}}).json
        assert answer["supposed"]["policy_number"] == 0
        assert answer["supposed"]["objective_minor"] == 3007
        for stranger in ("wanda", "berta"):
            assert api(stranger).post(path, {"suppose": {}}).status_code in {403, 404}
        both = more | {"available": 2}
        refused = api("rosa").post(path, {"suppose": {"stock": [both]}})
        assert refused.status_code == 422

    def test_is_asked_of_a_cart_too(self, api, world):
        tap = public_id("var", world.variants[0])
        cart = (
            api("berta")
            .post(
                "/carts",
                {
                    "storefront_id": public_id("shop", world.storefront.id),
                    "address_id": public_id("addr", world.address.id),
                    "lines": [{"variant_id": tap, "quantity": 2}],
                },
            )
            .json["id"]
        )
        path = f"/carts/{cart}/routing/what-if"
        asked_ = {"suppose": {"without_sellers": [public_id("org", world.wanda.id)]}}
        answer = api("rosa").post(path, asked_).json
        assert (answer["now"]["units_served"], answer["supposed"]["units_served"]) == (2, 1)
        assert api("rosa", "routing.read").post(path, {"suppose": {}}).status_code == 200
        for stranger in ("wanda", "berta"):
            assert api(stranger).post(path, {"suppose": {}}).status_code in {403, 404}

    def test_refuses_what_there_is_not(self, api, world):
        unknown = public_id("policy", world.rosa.id)
        assert asked(api("rosa"), world, policy_id=unknown).status_code == 404
        refused = asked(api("rosa"), world, strategy="best").json
        assert refused["errors"][0]["pointer"] == "/suppose/strategy"
        refused = asked(api("rosa"), world, document={"strategy": "best"}).json
        assert refused["errors"][0]["pointer"] == "/suppose/document/strategy"
