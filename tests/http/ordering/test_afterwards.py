"""Units that nobody can serve, over HTTP: who may choose, and what a seller may take back."""

from datetime import datetime
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from app.infra.unit_of_work import transaction
from app.kernel.ids import public_id
from app.ordering import operations as ordering
from app.ordering import queries
from tests.factories import network as net
from tests.factories.world import World, build_world
from tests.http.api import Api


@pytest.fixture
def world(session: Session, now: datetime) -> World:
    made = build_world(session, now)
    made.storefront.last_resort = "ask_buyer"
    session.commit()
    return made


@pytest.fixture
def part(world: World, now: datetime) -> str:
    """The address of Dieter's accepted part: ten taps that nobody else has."""
    with transaction(world.session):
        order_id = world.place((world.add_variant(wanda=None), 10), now=now)
    [found] = queries.list_parts(world.session, order_id=order_id)
    with transaction(world.session):
        ordering.accept_seller_order(
            world.session, caller=world.caller(world.dieter), seller_order_id=found.id, now=now
        )
    return f"/seller-orders/{public_id('sorder', found.id)}"


def short_pick(client: FlaskClient, world: World, part: str, units: int = 4) -> Any:
    """Dieter finds fewer than he thought."""
    dieter = Api(client, world.dieter)
    [row] = dieter.get(part).get_json()["allocations"]
    line = {"allocation_id": row["id"], "quantity": units, "reason": "out_of_stock"}
    return dieter.post(f"{part}/withdrawal", {"lines": [line]})


def choices(client: FlaskClient, world: World, part: str, who: Any) -> list[dict[str, Any]]:
    order = Api(client, world.dieter).get(part).get_json()["order_id"]
    return Api(client, who).get(f"/orders/{order}/choices").get_json()["items"]


class TestAShortPick:
    def test_asks_the_buyer(self, client: FlaskClient, world: World, part: str) -> None:
        assert short_pick(client, world, part).status_code == 200

        [choice] = choices(client, world, part, world.berta)

        # Four of ten at 12.00 each and of a freight of 9.00.
        assert (choice["status"], choice["quantity"], choice["amount_minor"]) == ("open", 4, 5160)
        assert choice["options"] == ["wait", "cancel", "substitute"]

    def test_of_more_than_is_there_is_refused(
        self, client: FlaskClient, world: World, part: str
    ) -> None:
        answer = short_pick(client, world, part, units=11)

        assert answer.status_code == 400
        assert answer.get_json()["code"] == "ordering.answer_does_not_fit"

    def test_is_the_sellers_alone_to_tell(
        self, client: FlaskClient, world: World, part: str
    ) -> None:
        line = {"allocation_id": public_id("alloc", world.berta.id), "quantity": 1,
                "reason": "lost"}  # fmt: skip
        body = {"lines": [line]}

        assert Api(client, world.wanda).post(f"{part}/withdrawal", body).status_code == 404
        reader = Api(client, world.dieter, "seller_orders.read")
        assert reader.post(f"{part}/withdrawal", body).status_code == 403

    def test_shows_the_seller_what_it_refused_and_nothing_that_waits(
        self, client: FlaskClient, world: World, part: str
    ) -> None:
        short_pick(client, world, part)

        rows = Api(client, world.dieter).get(part).get_json()["allocations"]

        assert sorted((row["status"], row["quantity"]) for row in rows) == [
            ("accepted", 6),
            ("rejected", 4),
        ]


class TestAChoice:
    @pytest.fixture
    def path(self, client: FlaskClient, world: World, part: str) -> str:
        short_pick(client, world, part)
        return f"/choices/{choices(client, world, part, world.berta)[0]['id']}/answer"

    def test_to_cancel_ends_it(self, client: FlaskClient, world: World, path: str) -> None:
        answer = Api(client, world.berta).post(path, {"answer": "cancel"})

        assert (answer.status_code, answer.get_json()["status"]) == (200, "cancelled")
        again = Api(client, world.berta).post(path, {"answer": "wait"})
        assert again.status_code == 409

    def test_to_wait_lasts_no_longer_than_the_storefront_lets(
        self, client: FlaskClient, world: World, path: str
    ) -> None:
        body = {"answer": "wait", "until": "2031-01-01T00:00:00Z"}

        told = Api(client, world.berta).post(path, body).get_json()

        assert (told["status"], told["expires_at"]) == ("waiting", "2026-04-01T09:00:00+00:00")

    def test_to_wait_until_an_instant_that_has_passed_changes_nothing(
        self, client: FlaskClient, world: World, path: str
    ) -> None:
        api = Api(client, world.berta)
        past = api.post(path, {"answer": "wait", "until": "2020-01-01T00:00:00Z"})

        assert (past.status_code, past.get_json()["code"]) == (400, "ordering.wait_is_over")
        assert api.post(path, {"answer": "cancel"}).get_json()["version"] == 2

    def test_for_something_else_must_say_what(
        self, client: FlaskClient, world: World, path: str
    ) -> None:
        answer = Api(client, world.berta).post(path, {"answer": "substitute"})

        assert answer.status_code == 422
        assert answer.get_json()["errors"][0]["pointer"] == "/variant_id"

    def test_for_something_that_somebody_has_is_served(
        self, client: FlaskClient, world: World, path: str
    ) -> None:
        other = public_id("var", world.add_variant(dieter=None, wanda=1000))

        answer = Api(client, world.berta).post(path, {"answer": "substitute", "variant_id": other})

        assert answer.get_json()["status"] == "substituted"
        [wandas] = Api(client, world.wanda).get("/seller-orders").get_json()["items"]
        task = Api(client, world.wanda).get(f"/seller-orders/{wandas['id']}").get_json()
        assert [row["variant_id"] for row in task["allocations"]] == [other]

    def test_is_not_a_strangers_nor_a_sellers(
        self, client: FlaskClient, world: World, path: str
    ) -> None:
        for other in (world.wanda, world.dieter, net.OrganizationFactory(buyer=True)):
            assert Api(client, other).post(path, {"answer": "cancel"}).status_code == 404

    def test_needs_the_permission_to_order(
        self, client: FlaskClient, world: World, path: str
    ) -> None:
        reader = Api(client, world.berta, "orders.read")

        assert reader.post(path, {"answer": "cancel"}).status_code == 403


class TestTheStorefrontsSettings:
    def test_for_the_time_after_the_plan_are_the_owners_to_change(
        self, client: FlaskClient, world: World
    ) -> None:
        path = f"/storefronts/{public_id('shop', world.storefront.id)}"
        rosa = Api(client, world.rosa)
        version = rosa.get(path).get_json()["version"]
        changes = {"price_difference": "refusing_seller", "last_resort": "wait", "wait_days": 7}

        told = rosa.patch(path, changes, version=version).get_json()

        assert {name: told[name] for name in changes} == changes
