"""Pages after the plan: why these sellers, and the buyer's buttons."""

import re
from datetime import date, datetime

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from app.infra.unit_of_work import transaction
from app.kernel.ids import public_id
from app.ordering import operations as ordering
from app.ordering import queries
from tests.factories.later import allows_backorders, announces
from tests.factories.world import World, build_world
from tests.web.test_pages import order_page, sign_in


@pytest.fixture
def world(session: Session, now: datetime) -> World:
    made = build_world(session, now)
    session.commit()
    return made


class TestThePageOfReasons:
    def test_is_a_table_of_lines_and_sellers(
        self, client: FlaskClient, world: World, now: datetime
    ) -> None:
        path = order_page(world, now)
        sign_in(client, world, "rosa")

        page = client.get(f"{path}/why").get_data(as_text=True)

        assert "chosen 4" in page
        assert '<th scope="col">Wanda Wholesale</th>' in page
        assert "Without Dieter Distribution the best plan costs" in page

    def test_leads_to_the_reasons_of_one_seller_in_the_readers_language(
        self, client: FlaskClient, world: World, now: datetime
    ) -> None:
        path = order_page(world, now)
        sign_in(client, world, "rosa")
        seller = public_id("org", world.wanda.id)

        page = client.get(f"{path}/why?line=1&seller={seller}&lang=de").get_data(as_text=True)

        assert "Mit 4 Stück der Position 1 von Wanda Wholesale" in page
        assert "Was sich ändern müsste" in page

    def test_shows_the_buyer_nobody_but_the_chosen(
        self, client: FlaskClient, world: World, now: datetime
    ) -> None:
        path = order_page(world, now)
        sign_in(client, world, "berta")

        page = client.get(f"{path}/why").get_data(as_text=True)

        assert "Dieter" in page
        assert "Wanda" not in page

    def test_is_linked_from_the_orders_page(
        self, client: FlaskClient, world: World, now: datetime
    ) -> None:
        path = order_page(world, now)
        sign_in(client, world, "berta")

        assert f'href="{path}/why"' in client.get(path).get_data(as_text=True)


class TestTheButtons:
    @pytest.fixture
    def path(self, world: World, now: datetime) -> str:
        """An order of which nobody can deliver anything any more."""
        with transaction(world.session):
            world.storefront.last_resort = "ask_buyer"
            order_id = world.place((world.add_variant(wanda=None), 4), now=now)
        [part] = queries.list_parts(world.session, order_id=order_id)
        [row] = queries.list_allocations(world.session, seller_order_ids=[part.id])
        with transaction(world.session):
            ordering.answer_seller_order(
                world.session, caller=world.caller(world.dieter), seller_order_id=part.id,
                answers=[ordering.Answer(row.id, 0, "capacity")], now=now,
            )  # fmt: skip
        return f"/orders/{public_id('order', order_id)}"

    def test_let_the_buyer_cancel(self, client: FlaskClient, world: World, path: str) -> None:
        sign_in(client, world, "berta")
        page = client.get(path).get_data(as_text=True)
        assert "Please choose until" in page
        [action, *_] = re.findall(r'action="(/choices/[^"]+)"', page)

        answer = client.post(action, data={"answer": "cancel"})

        assert answer.status_code == 302
        assert "cancelled" in client.get(path).get_data(as_text=True)

    def test_let_the_buyer_wait(self, client: FlaskClient, world: World, path: str) -> None:
        sign_in(client, world, "berta")
        page = client.get(path).get_data(as_text=True)
        [action, *_] = re.findall(r'action="(/choices/[^"]+)"', page)

        client.post(action, data={"answer": "wait", "until": "2026-03-10"})

        assert "We try again when stock arrives" in client.get(path).get_data(as_text=True)


class TestTheOrdersPage:
    def test_says_when_each_part_leaves_and_what_is_still_to_come(
        self, client: FlaskClient, world: World, now: datetime
    ) -> None:
        tap = world.add_variant(wanda=None, stock=(3, 0))
        allows_backorders(world, world.dieter, tap)
        announces(world, "dieter", tap, date(2026, 3, 12), 10, now)
        with transaction(world.session):
            order_id = world.place((tap, 5), now=now)
        sign_in(client, world, "berta")

        page = client.get(f"/orders/{public_id('order', order_id)}").get_data(as_text=True)

        assert '<time datetime="2026-03-02">2 Mar 2026</time>' in page
        assert '<time datetime="2026-03-12">12 Mar 2026</time> <small>not in stock yet' in page
