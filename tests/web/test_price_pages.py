"""Rosa asks on a page why a price is what it is."""

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from tests.factories import network as net
from tests.factories.catalog import (
    PriceAssignmentFactory,
    PriceEntryFactory,
    PriceListFactory,
    VariantFactory,
)
from tests.factories.network import Network, make_network


@pytest.fixture
def network(session: Session) -> Network:
    return make_network()


def signed_in(client: FlaskClient, organization, permissions=()) -> FlaskClient:
    token = net.headers_of(organization, *permissions)["Authorization"].removeprefix("Bearer ")
    assert client.post("/session", data={"key": token}).status_code == 302
    return client


@pytest.fixture
def tap(network: Network) -> str:
    variant = VariantFactory(manufacturer_id=network.rosa.id, sku="TAP-1")
    for name, amount, scope in (
        ("Everybody", 1000, {}),
        ("Gold", 900, {"customer_group": "gold"}),
        ("Berta", 805, {"buyer_id": network.berta.id}),
        ("Shop", 950, {"storefront_id": network.storefront.id}),
    ):
        prices = PriceListFactory(owner_id=network.rosa.id, name=name, currency="BRL")
        PriceEntryFactory(price_list_id=prices.id, variant_id=variant.id, amount_minor=amount)
        PriceAssignmentFactory(price_list_id=prices.id, **scope)
    return variant.sku


class TestThePageOfPriceLists:
    def test_shows_the_seller_s_own(self, client: FlaskClient, network: Network, tap: str) -> None:
        page = signed_in(client, network.rosa).get("/prices").text
        assert all(name in page for name in ("Everybody", "Gold", "Berta"))
        assert "No price lists yet" in client.get("/prices?purpose=floor").text

    def test_is_for_who_is_signed_in(self, client: FlaskClient, network: Network) -> None:
        assert client.get("/prices").status_code == 302
        assert client.get("/prices/why?sku=TAP-1").status_code == 302

    def test_is_for_who_may_read_prices(self, client: FlaskClient, network: Network) -> None:
        packer = signed_in(client, network.rosa, ("stock.read",))
        assert packer.get("/prices").status_code == 403
        assert packer.get("/prices/why").status_code == 403


class TestThePageThatSaysWhy:
    def test_names_the_winner_and_every_loser_with_its_reason(
        self, client: FlaskClient, network: Network, tap: str
    ) -> None:
        query = f"sku={tap}&quantity=12&currency=brl&buyer={network.berta.code}"
        page = signed_in(client, network.rosa).get(f"/prices/why?{query}").text
        assert "R$8.05" in page
        assert "R$96.60" in page
        assert "A list that comes before has a price" in page
        assert "The list is not assigned to whoever asks" in page

    def test_asks_as_a_visitor_of_the_shop_that_is_chosen(
        self, client: FlaskClient, network: Network, tap: str
    ) -> None:
        page = signed_in(client, network.rosa)
        query = f"sku={tap}&quantity=1&currency=BRL"
        assert "R$10.00</dd>" in page.get(f"/prices/why?{query}&shop=").text
        shop = network.storefront.slug
        assert "R$9.50</dd>" in page.get(f"/prices/why?{query}&shop={shop}").text
        assert "do not sell in this shop" in page.get(f"/prices/why?{query}&shop=x").text

    def test_says_what_it_cannot_read(
        self, client: FlaskClient, network: Network, tap: str
    ) -> None:
        query = "sku=NONE&quantity=x&currency=R&buyer=nobody&at=yesterday"
        page = signed_in(client, network.rosa).get(f"/prices/why?{query}").text
        for problem in (
            "no variant with this SKU", "whole number", "Three letters", "no account with",
            "A date and time",
        ):  # fmt: skip
            assert problem in page
        assert page.count('aria-invalid="true"') == 5
