"""Storefront pages: plain links and forms, in the buyer's language, for its eyes only."""

import re
from datetime import datetime

import pytest
from flask.testing import FlaskClient
from sqlalchemy import update
from sqlalchemy.orm import Session

from app.catalog.models import Product, Variant
from app.kernel.ids import public_id
from app.web.texts import LANGUAGES, TEXTS
from tests.factories import network as net
from tests.factories.world import World, build_world


@pytest.fixture
def world(session: Session, now: datetime) -> World:
    made = build_world(session, now)
    for number, brand in enumerate(["Rivo", "Rivo", "Nilo"]):
        variant = made.add_variant(wanda=100_000, rosa=1200 + number)
        product = session.get(Variant, variant).product_id
        session.execute(update(Variant).where(Variant.id == variant).values(name=f"Tap {number}"))
        session.execute(update(Product).where(Product.id == product).values(brand=brand))
    session.commit()
    return made


def sign_in(client: FlaskClient, world: World, who: str) -> None:
    header = net.headers_of(getattr(world, who))["Authorization"]
    world.session.commit()
    client.post("/session", data={"key": header.removeprefix("Bearer ")})


def page(client: FlaskClient, url: str) -> str:
    answer = client.get(url)
    assert answer.status_code == 200, answer.text
    return answer.text


def found(text: str) -> list[str]:
    return re.findall(r"<h3><a [^>]+>([^<]+)</a></h3>", text)


class TestAShop:
    def test_is_searched_filtered_sorted_and_paged_without_a_script(
        self, client: FlaskClient, world: World
    ) -> None:
        sign_in(client, world, "berta")
        url = f"/shop/{world.storefront.slug}"

        assert found(page(client, url)) == ["Tap 0", "Tap 1", "Tap 2"]
        assert found(page(client, f"{url}?facet=brand%3DNilo")) == ["Tap 2"]
        assert found(page(client, f"{url}?q=taps&sort=-price"))[0] == "Tap 2"
        assert found(page(client, f"{url}?price_to=12,00")) == ["Tap 0"]
        assert found(page(client, f"{url}?price_from=12.03")) == []
        assert found(page(client, f"{url}?available=on&q=tap+1")) == ["Tap 1"]

    @pytest.mark.parametrize(
        "nonsense",
        ["sort=colour", "price_from=abc", "facet=x", "facet=category%3D1", "cursor=xx", "lang=tlh"],
    )
    def test_takes_nonsense_in_its_address_for_nothing(
        self, client: FlaskClient, world: World, nonsense: str
    ) -> None:
        sign_in(client, world, "berta")
        assert len(found(page(client, f"/shop/{world.storefront.slug}?{nonsense}"))) == 3

    def test_speaks_the_buyers_language_and_writes_money_in_it(
        self, client: FlaskClient, world: World
    ) -> None:
        sign_in(client, world, "berta")
        url = f"/shop/{world.storefront.slug}"
        text = page(client, f"{url}?lang=de")
        assert 'lang="de"' in text
        assert "12,00\xa0R$" in text
        assert "Sortieren nach" in page(client, url)  # it remembers

    def test_is_not_there_for_strangers_and_visitors(
        self, client: FlaskClient, world: World
    ) -> None:
        url = f"/shop/{world.storefront.slug}"
        assert client.get(url).status_code == 404
        assert client.get(f"{url}/suggest?q=tap").status_code == 404
        world.storefront.access = "open"
        world.session.commit()
        assert len(found(page(client, url))) == 3
        assert world.storefront.name in page(client, "/shops")

    def test_lets_its_owner_see_with_a_buyers_eyes(self, client: FlaskClient, world: World) -> None:
        sign_in(client, world, "rosa")
        url = f"/shop/{world.storefront.slug}"
        text = page(client, url)
        assert found(text) == []
        assert "Berta Buys" in text
        buyer = public_id("org", world.berta.id)
        text = page(client, f"{url}?buyer={buyer}")
        assert len(found(text)) == 3
        assert f"buyer={buyer}" in text  # every link keeps the eyes

    def test_suggests_with_links(self, client: FlaskClient, world: World) -> None:
        sign_in(client, world, "berta")
        url = f"/shop/{world.storefront.slug}"
        items = client.get(f"{url}/suggest?q=tap").json["items"]
        assert len(items) == 3
        assert "Tap" in page(client, items[0]["href"])


class TestAProductPage:
    def test_tells_sellers_prices_and_why(self, client: FlaskClient, world: World) -> None:
        sign_in(client, world, "berta")
        url = f"/shop/{world.storefront.slug}/product/{public_id('var', world.variants[0])}"
        text = page(client, url)
        for told in ("Tap 0", "R$12.00", "R$1,000.00", "Wanda Wholesale", "Why this price?"):
            assert told in text
        assert "Dieter" not in text

    def test_is_not_there_for_what_is_not_on_show(self, client: FlaskClient, world: World) -> None:
        sign_in(client, world, "berta")
        url = f"/shop/{world.storefront.slug}/product"
        for wrong in ("tap", "var_x", public_id("var", world.berta.id)):
            assert client.get(f"{url}/{wrong}").status_code == 404


class TestTheWords:
    @pytest.mark.parametrize("language", LANGUAGES)
    def test_are_all_there(self, language: str) -> None:
        assert set(TEXTS[language]) == set(TEXTS["en"])
        assert all(TEXTS[language].values())
