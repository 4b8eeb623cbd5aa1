"""Dieter's goods over HTTP: what comes, leaves, waits and is told of; and who may see it."""

from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from app.kernel.ids import public_id
from tests.factories.catalog import LocationFactory, VariantFactory
from tests.factories.network import Network, make_network
from tests.factories.world import World, build_world
from tests.support.api import Voice, made, refused


@pytest.fixture
def network(session: Session) -> Network:
    return make_network()


@pytest.fixture
def dieter(client: FlaskClient, network: Network) -> Voice:
    return Voice(client, network.dieter)


@pytest.fixture
def counter(client: FlaskClient, network: Network) -> Voice:
    """A colleague of Dieter's who may only look at stock."""
    return Voice(client, network.dieter, ("stock.read",))


@pytest.fixture
def theo(client: FlaskClient, network: Network) -> Voice:
    return Voice(client, network.theo)


@pytest.fixture
def here(network: Network) -> str:
    return public_id("loc", LocationFactory(seller_id=network.dieter.id, code="HERE").id)


@pytest.fixture
def tap(network: Network) -> str:
    return public_id("var", VariantFactory(manufacturer_id=network.mira.id, sku="TAP-1").id)


def receive(voice: Voice, here: str, tap: str, units: int = 5, **more: object):
    line = {"variant_id": tap, "quantity": units, **more}
    return voice.post("/stock/receipts", location_id=here, reference="D-1", lines=[line])


class TestGoods:
    def test_come_and_leave_in_the_log(self, dieter: Voice, here: str, tap: str) -> None:
        assert made(receive(dieter, here, tap, lot="A", expires_on="2026-05-31")) == {"moved": 5}
        row = {"location_id": here, "variant_id": tap, "quantity": -2, "code": "damaged"}
        assert made(dieter.post("/stock/adjustments", rows=[row])) == {"moved": 1}
        items = made(dieter.get("/stock/movements", location_id=here))["items"]
        assert [(each["quantity"], each["reason"], each["code"]) for each in items] == [
            (-2, "loss", "damaged"),
            (5, "receipt", None),
        ]
        assert items[0]["lots"] == [{"code": "A", "quantity": -2}]
        assert items[1]["reference"] == "D-1"
        [lot] = made(dieter.get("/stock/lots", location_id=here))["items"]
        assert (lot["code"], lot["expires_on"], lot["on_hand"]) == ("A", "2026-05-31", 3)

    def test_are_listed_by_reason_and_page_by_page(
        self, dieter: Voice, here: str, tap: str
    ) -> None:
        for _ in range(3):
            made(receive(dieter, here, tap))
        first = made(dieter.get("/stock/movements", location_id=here, limit=2))
        rest = made(
            dieter.get("/stock/movements", location_id=here, limit=2, cursor=first["next_cursor"])
        )
        assert (len(first["items"]), len(rest["items"]), rest["next_cursor"]) == (2, 1, None)
        none = made(dieter.get("/stock/movements", location_id=here, reason="loss"))
        assert none["items"] == []

    def test_change_places(self, dieter: Voice, network: Network, here: str, tap: str) -> None:
        there = public_id("loc", LocationFactory(seller_id=network.dieter.id).id)
        made(receive(dieter, here, tap))
        line = {"variant_id": tap, "quantity": 3}
        body = {"from_id": here, "to_id": there, "lines": [line]}
        assert made(dieter.post("/stock/transfers", **body)) == {"moved": 3}
        answer = dieter.post("/stock/transfers", **body)
        problem = refused(answer, status=409, code="inventory.stock_below_reserved")
        assert problem["errors"][0]["pointer"] == "/lines/0/quantity"

    def test_are_announced_and_can_be_promised(self, dieter: Voice, here: str, tap: str) -> None:
        row = {
            "location_id": here, "variant_id": tap, "reference": "PO-1", "due_on": "2026-03-09",
            "quantity": 8,
        }  # fmt: skip
        assert made(dieter.put("/stock/incoming", rows=[row])) == {"written": 1}
        made(receive(dieter, here, tap, 3))
        [coming] = made(dieter.get("/stock/incoming", location_id=here))["items"]
        assert (coming["open"], coming["due_on"]) == (8, "2026-03-09")
        found = made(dieter.get("/stock/availability", location_id=here, variant_id=tap))
        assert found["promises"] == [
            {"on": "2026-03-02", "units": 3},
            {"on": "2026-03-09", "units": 11},
        ]

    def test_that_do_not_add_up_are_pointed_at(self, dieter: Voice, here: str, tap: str) -> None:
        for units in (0, -1, 1.5):
            body = refused(receive(dieter, here, tap, units), status=422, code="http.malformed")
            assert body["errors"][0]["pointer"] == "/lines/0/quantity"
        answer = receive(dieter, here, tap, 1, expires_on="2026-05-31")
        assert refused(answer, status=422, code="http.malformed")["errors"][0]["pointer"] == (
            "/lines/0/lot"
        )

    def test_are_the_seller_s_alone(
        self, dieter: Voice, counter: Voice, theo: Voice, here: str, tap: str
    ) -> None:
        made(receive(dieter, here, tap))
        refused(receive(counter, here, tap), status=403, code="auth.forbidden")
        foreign = refused(receive(theo, here, tap), status=400, code="inventory.stock_rows_unknown")
        assert foreign["errors"][0]["pointer"] == "/location_id"
        line = {"variant_id": tap, "quantity": 1}
        own = public_id("loc", LocationFactory(seller_id=theo.organization.id, code="OWN").id)
        taken = theo.post("/stock/transfers", from_id=here, to_id=own, lines=[line])
        body = refused(taken, status=400, code="inventory.stock_rows_unknown")
        assert body["errors"][0]["pointer"] == "/from_id"
        for path in ("/stock/movements", "/stock/incoming", "/stock/lots"):
            made(counter.get(path, location_id=here))
            refused(
                theo.get(path, location_id=here), status=404, code="inventory.location_not_found"
            )
        missing = theo.get("/stock/availability", location_id=here, variant_id=tap)
        refused(missing, status=404, code="inventory.location_not_found")


class TestACalendar:
    def test_says_when_a_parcel_leaves(self, dieter: Voice, counter: Voice, here: str) -> None:
        path = f"/locations/{here}"
        week = ["12:00", *["17:00"] * 4, None, None]
        told = made(dieter.patch(path, version=1, time_zone="Asia/Tokyo", cutoffs=week))
        assert (told["time_zone"], told["cutoffs"]) == ("Asia/Tokyo", week)
        assert made(counter.get(f"{path}/ship-day"))["ship_on"] == "2026-03-03"
        closure = made(
            dieter.post(
                f"{path}/closures", first_on="2026-03-03", last_on="2026-03-04", reason="Move"
            )
        )
        assert made(counter.get(f"{path}/ship-day"))["ship_on"] == "2026-03-05"
        assert made(counter.get(f"{path}/ship-day", lead_time_days=2))["ship_on"] == "2026-03-09"
        assert made(counter.get(f"{path}/closures"))["items"] == [closure]
        assert dieter.delete(f"{path}/closures/{closure['id']}").status_code == 204
        again = dieter.delete(f"{path}/closures/{closure['id']}")
        refused(again, status=404, code="inventory.closure_not_found")

    def test_is_sound(self, dieter: Voice, here: str) -> None:
        path = f"/locations/{here}"
        for wrong in (
            {"time_zone": "Atlantis/Capital"},
            {"time_zone": "localtime"},
            {"cutoffs": ["17:00"] * 6},
            {"cutoffs": ["25:00", *[None] * 6]},
            {"low_at": -1},
        ):
            refused(dieter.patch(path, version=1, **wrong), status=422, code="http.malformed")
        wrong_way = dieter.post(
            f"{path}/closures", first_on="2026-03-04", last_on="2026-03-03", reason="?"
        )
        refused(wrong_way, status=422, code="http.malformed")

    def test_is_kept_by_its_seller(self, counter: Voice, theo: Voice, here: str) -> None:
        path = f"/locations/{here}/closures"
        days = {"first_on": "2026-03-03", "last_on": "2026-03-04", "reason": "Move"}
        refused(counter.post(path, **days), status=403, code="auth.forbidden")
        missing = "inventory.location_not_found"
        refused(theo.post(path, **days), status=404, code=missing)
        refused(theo.get(path), status=404, code=missing)
        refused(theo.get(f"/locations/{here}/ship-day"), status=404, code=missing)


class TestAFeed:
    def test_tells_of_stock_in_numbered_messages(self, dieter: Voice, here: str, tap: str) -> None:
        line = {"location_code": "HERE", "variant_id": tap, "quantity": 7, "safety": 2}
        first = made(dieter.put("/stock-feeds/wms", sequence=1, kind="absolute", lines=[line]))
        assert (first["status"], first["applied"], first["duplicate"]) == ("applied", 1, False)
        change = {"location_id": here, "variant_id": tap, "quantity": -1}
        early = made(dieter.put("/stock-feeds/wms", sequence=3, kind="delta", lines=[change]))
        assert (early["status"], early["waits_for"]) == ("held", [2])
        again = made(dieter.put("/stock-feeds/wms", sequence=1, kind="absolute", lines=[line]))
        assert again == {**first, "duplicate": True}
        [row] = made(dieter.get("/stock", location_id=here))["items"]
        assert (row["on_hand"], row["available"]) == (7, 5)
        state = made(dieter.get("/stock-feeds/wms"))
        assert [(each["sequence"], each["status"]) for each in state["messages"]] == [
            (3, "held"),
            (1, "applied"),
        ]
        [feed] = made(dieter.get("/stock-feeds"))["items"]
        assert (feed["code"], feed["applied"]) == ("wms", 1)

    def test_is_pointed_at_where_it_is_wrong(self, dieter: Voice, here: str, tap: str) -> None:
        good = {"location_id": here, "variant_id": tap, "quantity": 1}
        for wrong, pointer in (
            ({**good, "seller_sku": "X"}, "/lines/1/variant_id"),
            ({"variant_id": tap, "quantity": 1}, "/lines/1/location_id"),
            ({**good, "quantity": -1}, "/lines/1/quantity"),
        ):
            answer = dieter.put(
                "/stock-feeds/wms", sequence=1, kind="absolute", lines=[good, wrong]
            )
            body = refused(answer, status=422, code="http.malformed")
            assert body["errors"][0]["pointer"] == pointer
        named = dieter.put("/stock-feeds/a%20b", sequence=1, kind="absolute", lines=[good])
        refused(named, status=400, code="inventory.feed_code_malformed")

    def test_is_its_seller_s(
        self, dieter: Voice, counter: Voice, theo: Voice, here: str, tap: str
    ) -> None:
        body = {
            "sequence": 1,
            "kind": "delta",
            "lines": [{"location_id": here, "variant_id": tap, "quantity": 1}],
        }
        refused(counter.put("/stock-feeds/wms", **body), status=403, code="auth.forbidden")
        refused(
            theo.put("/stock-feeds/wms", **body), status=400, code="inventory.stock_rows_unknown"
        )
        made(dieter.put("/stock-feeds/wms", **body))
        made(counter.get("/stock-feeds/wms"))
        refused(theo.get("/stock-feeds/wms"), status=404, code="inventory.feed_not_found")


class TestAThreshold:
    def test_is_set_by_who_may(
        self, dieter: Voice, counter: Voice, theo: Voice, here: str, tap: str
    ) -> None:
        row = {"location_id": here, "variant_id": tap, "low_at": 4}
        assert made(dieter.put("/stock/thresholds", rows=[row])) == {"written": 1}
        refused(counter.put("/stock/thresholds", rows=[row]), status=403, code="auth.forbidden")
        refused(
            theo.put("/stock/thresholds", rows=[row]),
            status=400,
            code="inventory.stock_rows_unknown",
        )
        [stock] = made(counter.get("/stock", location_id=here))["items"]
        assert (stock["low_at"], stock["on_hand"]) == (4, 0)


class TestBackOrders:
    def test_are_allowed_by_an_offer(self, dieter: Voice, tap: str) -> None:
        offer = made(dieter.post("/offers", variant_id=tap, backorder="incoming"))
        assert (offer["backorder"], offer["backorder_limit"]) == ("incoming", None)
        path = f"/offers/{offer['id']}"
        answer = dieter.patch(path, version=1, backorder="always", backorder_limit=5)
        refused(answer, status=400, code="offers.backorder_incomplete")
        told = made(
            dieter.patch(path, version=1, backorder="always", backorder_limit=5, backorder_days=9)
        )
        assert told["backorder_days"] == 9


class TestACart:
    @pytest.fixture
    def world(self, session: Session, now) -> World:
        return build_world(session, now)

    @pytest.fixture
    def berta(self, client: FlaskClient, world: World) -> Voice:
        return Voice(client, world.berta)

    @pytest.fixture
    def cart(self, berta: Voice, world: World) -> dict:
        tap = world.add_variant(wanda=None, stock=(10, 0))
        return made(
            berta.post(
                "/carts",
                storefront_id=public_id("shop", world.storefront.id),
                address_id=public_id("addr", world.address.id),
                lines=[{"variant_id": public_id("var", tap), "quantity": 7}],
            )
        )

    def test_keeps_its_stock_until_it_is_ordered(
        self, berta: Voice, world: World, cart: dict, now
    ) -> None:
        path = f"/carts/{cart['id']}"
        assert cart["reserved_until"] is None
        kept = made(berta.post(f"{path}/reservation", minutes=30))
        assert kept["reserved_until"] == (now + timedelta(minutes=30)).isoformat()
        assert kept["simulation"]["total_minor"] == cart["simulation"]["total_minor"]
        assert world.available("dieter", world.variants[0]) == 3
        order = made(berta.post(f"{path}/checkout"))
        assert order["status"] == "placed"
        assert world.available("dieter", world.variants[0]) == 3

    def test_gives_it_back(self, berta: Voice, world: World, cart: dict) -> None:
        path = f"/carts/{cart['id']}/reservation"
        made(berta.post(path))
        assert made(berta.delete(path))["reserved_until"] is None
        assert world.available("dieter", world.variants[0]) == 10
        refused(berta.post(path, minutes=0), status=422, code="http.malformed")

    def test_is_its_buyer_s(self, client: FlaskClient, world: World, cart: dict) -> None:
        path = f"/carts/{cart['id']}/reservation"
        reader = Voice(client, world.berta, ("orders.read",))
        refused(reader.post(path), status=403, code="auth.forbidden")
        stranger = Voice(client, world.wanda)
        refused(stranger.post(path), status=404, code="ordering.cart_not_found")
        refused(stranger.delete(path), status=404, code="ordering.cart_not_found")
