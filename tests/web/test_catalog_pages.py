"""The catalog's pages: Mira looks, publishes and goes back; others find no way in."""

import pytest
from flask.testing import FlaskClient

from app.kernel.ids import parse_id
from tests.factories.catalog import OfferFactory
from tests.factories.network import Network, headers_of, make_network
from tests.http.catalog.story import a_live_variant, a_product, a_variant, change, publish, read
from tests.support.api import Voice, made


@pytest.fixture
def network(session) -> Network:
    return make_network()


@pytest.fixture
def mira(client: FlaskClient, network: Network) -> Voice:
    return Voice(client, network.mira)


def sign_in(client: FlaskClient, organization, *permissions: str) -> None:
    key = headers_of(organization, *permissions)["Authorization"].removeprefix("Bearer ")
    assert client.post("/session", data={"key": key}).status_code == 302


class TestTheProducts:
    def test_are_listed_and_searched(self, client, mira, network) -> None:
        a_live_variant(mira, "D-1")
        a_live_variant(mira, "D-2")
        sign_in(client, network.mira)

        def found(**query: str) -> tuple[bool, bool]:
            page = client.get("/catalog", query_string=query).get_data(as_text=True)
            return "p-d-1" in page, "p-d-2" in page

        assert found() == (True, True)
        assert found(q="D-2") == (False, True)
        assert found(q="hammer") == (True, True)
        assert found(status="draft") == (False, False)

    def test_show_variants_texts_media_and_versions(self, client, mira, network) -> None:
        variant = a_live_variant(
            mira, customs_code="84672110", translations={"de": {"name": "Bohrer"}},
            packs=[{"unit_code": "XBX", "quantity": 12}], attributes={"power": 900},
        )  # fmt: skip
        change(mira, "products", {"id": variant["product_id"]}, brand="Mira")
        publish(mira)
        sign_in(client, network.mira)
        page = client.get(f"/catalog/products/{variant['product_id']}?locale=de")

        text = page.get_data(as_text=True)
        for told in ("Bohrer", "box of 12", "84672110", "Version 2", "changed (brand)"):
            assert told in text, told

    def test_are_no_stranger_s(self, client, mira, network) -> None:
        variant = a_live_variant(mira)
        sign_in(client, network.theo)
        assert client.get(f"/catalog/products/{variant['product_id']}").status_code == 404
        assert "p-d-1" not in client.get("/catalog").get_data(as_text=True)


class TestTheChanges:
    def test_show_the_difference_and_for_whom(self, client, mira, network) -> None:
        variant = a_live_variant(mira)
        OfferFactory(seller_id=network.dieter.id, variant_id=parse_id("var", variant["id"]))
        change(mira, "variants", variant, pack_quantity=6, translations={"de": {"name": "Neu"}})
        sign_in(client, network.mira)

        text = client.get("/catalog/changes").get_data(as_text=True)

        for told in (
            "1 change waits",
            "pack quantity",
            "translations / de / name",
            "<ins>Neu</ins>",
            "Dieter Distribution",
            "packs changed",
        ):
            assert told in text, told

    def test_are_published(self, client, mira, network) -> None:
        variant = a_live_variant(mira)
        change(mira, "variants", variant, weight_g=1)
        sign_in(client, network.mira)
        answer = client.post("/catalog/changes/publish", data={"note": "Lighter"})

        page = client.get(answer.headers["Location"]).get_data(as_text=True)
        assert "Lighter" in page
        assert "<ins>1</ins>" in page
        assert read(mira, variant)["weight_g"] == 1

    def test_stay_when_something_is_wrong(self, client, mira, network) -> None:
        product = a_product(mira)
        change(mira, "products", product, status="draft")
        a_variant(mira, product, "D-1")
        sign_in(client, network.mira)
        answer = client.post("/catalog/changes/publish")

        assert answer.status_code == 422
        assert "neither published nor about to be" in answer.get_data(as_text=True)

    def test_are_discarded(self, client, mira, network) -> None:
        variant = a_live_variant(mira)
        for chosen in ({"id": variant["id"]}, {}):
            change(mira, "variants", variant, weight_g=1)
            sign_in(client, network.mira)
            assert client.post("/catalog/changes/discard", data=chosen).status_code == 302
            assert read(mira, variant)["draft"] == {}

    def test_are_published_by_who_may_only(self, client, mira, network) -> None:
        a_product(mira)
        sign_in(client, network.mira, "catalog.read", "catalog.write")
        assert "not publish them" in client.get("/catalog/changes").get_data(as_text=True)
        assert client.post("/catalog/changes/publish").status_code == 403
        sign_in(client, network.dieter)
        assert client.get("/catalog/changes").status_code == 403


class TestTheVersions:
    def test_lead_back_after_a_question(self, client, mira, network) -> None:
        variant = a_live_variant(mira)
        (_, first) = made(mira.get("/catalog/publications"))["items"]
        change(mira, "variants", variant, weight_g=1)
        publish(mira, "Wrong")
        sign_in(client, network.mira)
        assert "Wrong" in client.get("/catalog/publications").get_data(as_text=True)
        question = f"/catalog/publications/{first['id']}/rollback"
        assert "Go back to version 1?" in client.get(question).get_data(as_text=True)
        assert read(mira, variant)["weight_g"] == 1

        answer = client.post(question, data={"note": "Sorry"})

        assert "back to 1" in client.get(answer.headers["Location"]).get_data(as_text=True)
        assert read(mira, variant)["weight_g"] == 900
