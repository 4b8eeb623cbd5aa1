"""Pages: who signs in with a key sees its own orders, and only them."""

from datetime import datetime

import pytest
from flask.testing import FlaskClient
from sqlalchemy import update
from sqlalchemy.orm import Session

from app.identity.models import ApiKey
from app.infra.unit_of_work import transaction
from app.kernel.ids import public_id
from tests.factories import network as net
from tests.factories.world import World, build_world


@pytest.fixture
def world(session: Session, now: datetime) -> World:
    made = build_world(session, now)
    session.commit()
    return made


def sign_in(client: FlaskClient, world: World, who: str) -> None:
    header = net.headers_of(getattr(world, who))["Authorization"]
    world.session.commit()
    answer = client.post("/session", data={"key": header.removeprefix("Bearer ")})
    assert answer.status_code == 302


def order_page(world: World, now: datetime) -> str:
    """The address of the page of an order of four taps that Dieter delivers."""
    with transaction(world.session):
        order_id = world.place((world.add_variant(), 4), now=now)
    return f"/orders/{public_id('order', order_id)}"


class TestSigningIn:
    def test_with_an_unknown_key_is_refused_in_words(self, client: FlaskClient) -> None:
        answer = client.post("/session", data={"key": "dk_nonsense"})

        assert answer.status_code == 401
        assert "unknown, revoked or expired" in answer.get_data(as_text=True)

    def test_is_asked_for_before_any_order_is_shown(self, client: FlaskClient) -> None:
        assert client.get("/orders").status_code == 302

    def test_ends_when_the_key_is_revoked(
        self, client: FlaskClient, world: World, now: datetime
    ) -> None:
        sign_in(client, world, "berta")
        world.session.execute(update(ApiKey).values(revoked_at=now))
        world.session.commit()

        assert client.get("/orders").status_code == 302


class TestTheOrderPage:
    def test_tells_the_storefronts_owner_who_delivers_why_and_where_the_money_is(
        self, client: FlaskClient, world: World, now: datetime
    ) -> None:
        page = order_page(world, now)
        sign_in(client, world, "rosa")

        text = client.get(page).get_data(as_text=True)

        for told in ("R$57.00", "Dieter Distribution", "Why these sellers", "credit exposure"):
            assert told in text

    def test_tells_the_buyer_nothing_of_what_the_storefront_pays(
        self, client: FlaskClient, world: World, now: datetime
    ) -> None:
        page = order_page(world, now)
        sign_in(client, world, "berta")

        text = client.get(page).get_data(as_text=True)

        assert "R$57.00" in text
        assert "R$32.00" not in text
        assert "Why these sellers" not in text

    def test_is_not_there_for_a_stranger(
        self, client: FlaskClient, world: World, now: datetime
    ) -> None:
        page = order_page(world, now)
        sign_in(client, world, "wanda")

        assert client.get(page).status_code == 404

    def test_lists_orders_and_seller_orders(
        self, client: FlaskClient, world: World, now: datetime
    ) -> None:
        order_page(world, now)
        sign_in(client, world, "rosa")

        assert "R$57.00" in client.get("/orders").get_data(as_text=True)
        assert "resale" in client.get("/seller-orders").get_data(as_text=True)
        assert "Rosa Resells" in client.get("/").get_data(as_text=True)
