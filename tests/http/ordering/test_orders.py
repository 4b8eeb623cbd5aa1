"""Orders over HTTP: the owner, the colleague with fewer permissions, the stranger."""

from datetime import datetime
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from app.kernel.ids import public_id
from tests.factories import network as net
from tests.factories.world import World, build_world


@pytest.fixture
def world(session: Session, now: datetime) -> World:
    made = build_world(session, now)
    session.commit()
    return made


@pytest.fixture
def order(world: World) -> dict[str, Any]:
    """The payload of an order of four taps that Dieter would deliver."""
    tap = world.add_variant()
    world.session.commit()
    return {
        "storefront_id": public_id("shop", world.storefront.id),
        "address_id": public_id("addr", world.address.id),
        "lines": [{"variant_id": public_id("var", tap), "quantity": 4}],
    }


def headers(world: World, who: str, key: str | None = None, *permissions: str) -> dict[str, str]:
    made = net.headers_of(getattr(world, who), *permissions)
    world.session.commit()
    return made | ({"Idempotency-Key": key} if key else {})


class TestPlacingAnOrder:
    def test_answers_with_the_order_and_its_sellers(
        self, client: FlaskClient, world: World, order: dict[str, Any]
    ) -> None:
        answer = client.post("/v1/orders", json=order, headers=headers(world, "berta", "a"))

        body = answer.get_json()
        assert answer.status_code == 201, body
        assert (body["total_minor"], body["status"], body["currency"]) == (5700, "placed", "BRL")
        assert [part["seller_name"] for part in body["seller_orders"]] == ["Dieter Distribution"]

    def test_never_tells_the_buyer_what_the_storefront_pays(
        self, client: FlaskClient, world: World, order: dict[str, Any]
    ) -> None:
        answer = client.post("/v1/orders", json=order, headers=headers(world, "berta", "a"))

        assert "3200" not in answer.get_data(as_text=True)

    def test_twice_with_one_key_places_one_order(
        self, client: FlaskClient, world: World, order: dict[str, Any]
    ) -> None:
        berta = headers(world, "berta", "same-key")

        first = client.post("/v1/orders", json=order, headers=berta)
        second = client.post("/v1/orders", json=order, headers=berta)

        assert first.get_json() == second.get_json()
        assert second.headers["Idempotent-Replay"] == "true"
        listed = client.get("/v1/orders", headers=berta).get_json()
        assert len(listed["items"]) == 1

    def test_without_a_key_is_refused(
        self, client: FlaskClient, world: World, order: dict[str, Any]
    ) -> None:
        answer = client.post("/v1/orders", json=order, headers=headers(world, "berta"))

        assert answer.status_code == 422
        assert answer.get_json()["code"] == "http.idempotency_key_required"

    def test_with_bad_fields_names_each_of_them(
        self, client: FlaskClient, world: World, order: dict[str, Any]
    ) -> None:
        order["lines"] = [{"variant_id": "var_nonsense", "quantity": 0}]
        order["colour"] = "blue"

        answer = client.post("/v1/orders", json=order, headers=headers(world, "berta", "a"))

        pointers = {error["pointer"] for error in answer.get_json()["errors"]}
        assert pointers == {"/lines/0/variant_id", "/lines/0/quantity", "/colour"}
        assert answer.content_type == "application/problem+json"

    def test_needs_the_permission(
        self, client: FlaskClient, world: World, order: dict[str, Any]
    ) -> None:
        colleague = headers(world, "berta", "a", "orders.read")

        answer = client.post("/v1/orders", json=order, headers=colleague)

        assert (answer.status_code, answer.get_json()["permission"]) == (403, "orders.place")

    def test_is_refused_to_a_buyer_without_a_trading_account(
        self, client: FlaskClient, world: World, order: dict[str, Any]
    ) -> None:
        theo = net.OrganizationFactory(buyer=True)
        address = net.AddressFactory(organization_id=theo.id)
        made = net.headers_of(theo) | {"Idempotency-Key": "a"}
        world.session.commit()
        order["address_id"] = public_id("addr", address.id)

        answer = client.post("/v1/orders", json=order, headers=made)

        assert answer.status_code in {403, 404}

    def test_is_refused_to_a_stranger_who_names_the_buyer(
        self, client: FlaskClient, world: World, order: dict[str, Any]
    ) -> None:
        order["buyer_id"] = public_id("org", world.berta.id)

        answer = client.post("/v1/orders", json=order, headers=headers(world, "wanda", "a"))

        assert answer.status_code == 403


class TestReadingAnOrder:
    @pytest.mark.parametrize(
        ("who", "status"), [("berta", 200), ("rosa", 200), ("operator", 200), ("wanda", 404)]
    )
    def test_is_for_its_parties(
        self, client: FlaskClient, world: World, order: dict[str, Any], who: str, status: int
    ) -> None:
        placed = client.post("/v1/orders", json=order, headers=headers(world, "berta", "a"))
        url = f"/v1/orders/{placed.get_json()['id']}"

        assert client.get(url, headers=headers(world, who)).status_code == status

    def test_without_a_key_asks_who_is_there(self, client: FlaskClient, world: World) -> None:
        answer = client.get("/v1/orders")

        assert (answer.status_code, answer.get_json()["code"]) == (401, "auth.unauthenticated")


class TestTheWholeWay:
    def test_from_cart_to_delivery(
        self, client: FlaskClient, world: World, order: dict[str, Any]
    ) -> None:
        cart = client.post("/v1/carts", json=order, headers=headers(world, "berta", "1")).get_json()
        assert cart["simulation"]["total_minor"] == 5700
        placed = client.post(
            f"/v1/carts/{cart['id']}/checkout",
            json={"expected_total_minor": 5700, "reference": "PO-7"},
            headers=headers(world, "berta", "2"),
        ).get_json()
        part_url = f"/v1/seller-orders/{placed['seller_orders'][0]['id']}"
        dieter = headers(world, "dieter")

        accepted = client.post(
            f"{part_url}/answer", json={}, headers=dieter | {"Idempotency-Key": "3"}
        ).get_json()
        task = accepted["allocations"][0]
        shipment = client.post(
            f"{part_url}/shipments",
            json={
                "location_id": task["location_id"],
                "lines": [{"allocation_id": task["id"], "quantity": 4}],
            },
            headers=dieter | {"Idempotency-Key": "4"},
        ).get_json()
        client.post(
            f"/v1/shipments/{shipment['id']}/delivery", headers=dieter | {"Idempotency-Key": "5"}
        )

        seen = client.get(f"/v1/orders/{placed['id']}", headers=headers(world, "berta")).get_json()
        assert (accepted["goods_minor"], seen["status"]) == (3200, "delivered")

    def test_explains_the_decision_to_the_storefronts_owner_alone(
        self, client: FlaskClient, world: World, order: dict[str, Any]
    ) -> None:
        placed = client.post("/v1/orders", json=order, headers=headers(world, "berta", "a"))
        url = f"/v1/orders/{placed.get_json()['id']}/routing"

        told = client.get(url, headers=headers(world, "rosa")).get_json()["items"][0]

        assert (told["proof"], told["funnel"]["eligible"]) == ("optimal", 2)
        assert told["sentences"][-1].startswith("Line 1: 4 from Dieter Distribution (Campinas)")
        permission = client.get(url, headers=headers(world, "dieter", None, "routing.read"))
        assert permission.status_code == 404


class TestOddPayloads:
    def test_with_a_nul_character_are_refused_as_malformed(
        self, client: FlaskClient, world: World, order: dict[str, Any]
    ) -> None:
        order["reference"] = "a\x00b"

        answer = client.post("/v1/orders", json=order, headers=headers(world, "berta", "a"))

        assert (answer.status_code, answer.get_json()["code"]) == (422, "http.malformed")

    def test_that_are_no_json_are_refused(self, client: FlaskClient, world: World) -> None:
        made = headers(world, "berta", "a") | {"Content-Type": "application/json"}

        answer = client.post("/v1/orders", data="{", headers=made)

        assert answer.status_code in {400, 422}
        assert answer.content_type == "application/problem+json"
