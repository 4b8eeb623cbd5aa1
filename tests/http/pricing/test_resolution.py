"""To whom Dieter's lists apply; Berta, Rosa and he ask which price holds; Theo may not."""

from datetime import timedelta

import pytest
from flask.testing import FlaskClient

from app.kernel.ids import public_id
from tests.factories.catalog import VariantFactory
from tests.factories.network import (
    Network,
)
from tests.http.pricing.story import a_list, assign, put
from tests.support.api import Voice, made, refused
from tests.support.statements import count_statements


class TestAssignments:
    def test_name_whom_they_are_for(self, dieter: Voice, network: Network) -> None:
        price_list = a_list(dieter)
        shop = public_id("shop", network.storefront.id)
        buyer = public_id("org", network.berta.id)
        made(assign(dieter, price_list))
        made(assign(dieter, price_list, buyer_id=buyer, priority=3, stops=True))
        made(assign(dieter, price_list, buyer_id=buyer, storefront_id=shop))
        path = f"/price-lists/{price_list['id']}/assignments"
        with count_statements() as statements:
            found = made(dieter.get(path))["items"]
        assert [(each["buyer_id"], each["storefront_id"], each["priority"]) for each in found] == [
            (None, None, 0), (buyer, None, 3), (buyer, shop, 0),
        ]  # fmt: skip
        assert statements.about("pricing_") == 2

    def test_are_of_sale_lists(self, dieter: Voice) -> None:
        refused(
            assign(dieter, a_list(dieter, purpose="floor")),
            status=400,
            code="pricing.only_sale_lists_are_assigned",
        )

    def test_name_whom_the_owner_deals_with(self, dieter: Voice, network: Network) -> None:
        refused(
            assign(dieter, a_list(dieter), buyer_id=public_id("org", network.theo.id)),
            status=400,
            code="pricing.assignee_unknown",
        )

    def test_are_ended_by_their_owner_alone(self, dieter: Voice, theo: Voice, clerk: Voice) -> None:
        price_list = a_list(dieter)
        assignment = made(assign(dieter, price_list))
        path = f"/price-assignments/{assignment['id']}"
        refused(theo.delete(path), status=404, code="pricing.assignment_not_found")
        refused(clerk.delete(path), status=403, code="auth.forbidden")
        assert dieter.delete(path).status_code == 204
        found = made(dieter.get(f"/price-lists/{price_list['id']}/assignments"))
        assert found["items"] == []


class TestResolution:
    """A catalogue price for everybody, a better one for Berta, a lower one from ten on."""

    @pytest.fixture
    def lists(self, dieter: Voice, network: Network, drill: str) -> dict[str, dict]:
        everybody, contract = a_list(dieter, name="All"), a_list(dieter, name="Berta")
        ten = {"variant_id": drill, "from_quantity": 10, "amount_minor": 900}
        made(put(dieter, everybody, {"variant_id": drill, "amount_minor": 1000}, ten))
        made(assign(dieter, everybody))
        made(put(dieter, contract, {"variant_id": drill, "amount_minor": 2850, "per_quantity": 3}))
        made(assign(dieter, contract, buyer_id=public_id("org", network.berta.id)))
        return {"everybody": everybody, "contract": contract}

    def ask(self, voice: Voice, network: Network, drill: str, quantity: int = 5, **more):
        line = {
            "owner_id": public_id("org", network.dieter.id),
            "variant_id": drill,
            "quantity": quantity,
        }
        body = {
            "currency": "BRL",
            "storefront_id": public_id("shop", network.storefront.id),
            "buyer_id": public_id("org", network.berta.id),
            "lines": [line],
        }
        return voice.post("/prices/resolve", **{**body, **more})

    def test_gives_the_buyer_its_contract_price(
        self, berta: Voice, network: Network, drill: str, lists: dict
    ) -> None:
        [item] = made(self.ask(berta, network, drill))["items"]
        assert item["price_list_id"] == lists["contract"]["id"]
        assert (item["amount_minor"], item["per_quantity"]) == (2850, 3)
        assert item["goods_minor"] == 4750
        assert item["currency"] == "BRL"

    def test_gives_everybody_else_the_catalogue_price_by_quantity(
        self, dieter: Voice, network: Network, drill: str, lists: dict
    ) -> None:
        for quantity, goods in ((9, 9000), (10, 9000), (11, 9900)):
            answer = self.ask(dieter, network, drill, quantity, buyer_id=None)
            assert made(answer)["items"][0]["goods_minor"] == goods

    def test_says_that_there_is_no_price(self, berta: Voice, network: Network, lists: dict) -> None:
        other = public_id("var", VariantFactory(manufacturer_id=network.mira.id).id)
        [item] = made(self.ask(berta, network, other))["items"]
        assert (item["amount_minor"], item["goods_minor"]) == (None, None)

    def test_says_why(
        self, dieter: Voice, berta: Voice, network: Network, drill: str, lists: dict
    ) -> None:
        euro = a_list(dieter, currency="EUR")
        [item] = made(self.ask(dieter, network, drill, explain=True))["items"]
        assert item["goods_minor"] == 4750
        assert {(each["price_list_id"], each["reason"]) for each in item["why"]} == {
            (lists["contract"]["id"], "holds"),
            (lists["everybody"]["id"], "outranked"),
            (euro["id"], "other_currency"),
        }
        [hers] = made(self.ask(berta, network, drill, explain=True))["items"]
        assert euro["id"] not in {each["price_list_id"] for each in hers["why"]}
        assert "steps" not in hers
        assert {**hers, "why": None, "steps": []} == {**item, "why": None}

    def test_is_not_for_strangers(
        self, theo: Voice, network: Network, drill: str, lists: dict
    ) -> None:
        body = refused(self.ask(theo, network, drill), status=404, code="pricing.prices_not_yours")
        assert body["errors"][0]["pointer"] == "/lines/0"
        for buyer_id in (None, public_id("org", network.theo.id)):
            refused(
                self.ask(theo, network, drill, buyer_id=buyer_id),
                status=404,
                code="pricing.prices_not_yours",
            )

    def test_is_not_for_a_buyer_whose_account_is_suspended(
        self, berta: Voice, network: Network, drill: str, lists: dict
    ) -> None:
        network.account.status = "suspended"
        refused(self.ask(berta, network, drill), status=404, code="pricing.prices_not_yours")

    def test_of_a_rival_s_prices_is_refused(
        self, client: FlaskClient, network: Network, drill: str, lists: dict
    ) -> None:
        refused(
            self.ask(Voice(client, network.wanda), network, drill),
            status=404,
            code="pricing.prices_not_yours",
        )

    def test_for_the_storefront_s_owner_and_the_operator_is_open(
        self, client: FlaskClient, network: Network, drill: str, lists: dict
    ) -> None:
        for voice in (Voice(client, network.rosa), Voice(client, network.operator)):
            [item] = made(self.ask(voice, network, drill))["items"]
            assert item["goods_minor"] == 4750

    def test_follows_the_clock(
        self, dieter: Voice, network: Network, drill: str, lists: dict, now
    ) -> None:
        path = f"/price-lists/{lists['contract']['id']}"
        made(dieter.patch(path, version=1, valid_to=now.isoformat()))
        [item] = made(self.ask(dieter, network, drill))["items"]
        assert item["price_list_id"] == lists["everybody"]["id"]
        path = f"/price-lists/{lists['everybody']['id']}"
        made(dieter.patch(path, version=1, valid_from=(now + timedelta(seconds=1)).isoformat()))
        [item] = made(self.ask(dieter, network, drill))["items"]
        assert item["price_list_id"] is None

    def test_of_five_hundred_lines_is_one_statement(
        self, dieter: Voice, network: Network, drill: str, lists: dict
    ) -> None:
        line = {"owner_id": public_id("org", network.dieter.id), "variant_id": drill}
        lines = [{**line, "quantity": number + 1} for number in range(500)]
        with count_statements() as statements:
            items = made(self.ask(dieter, network, drill, lines=lines))["items"]
        assert len(items) == 500
        assert items[499]["goods_minor"] == 475_000
        assert statements.about("pricing_entries") == 1
        refused(
            self.ask(dieter, network, drill, lines=[*lines, lines[0]]),
            status=422,
            code="http.malformed",
        )
