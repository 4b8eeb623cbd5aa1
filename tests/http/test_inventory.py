"""Dieter keeps his warehouses and their stock; nobody else sees how much there is."""

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from app.inventory import operations
from app.inventory.operations import Wanted
from app.kernel.ids import new_id, parse_id, public_id
from tests.factories.catalog import LocationFactory, StockFactory, VariantFactory
from tests.factories.network import Network, make_network
from tests.support.api import Voice, made, refused
from tests.support.statements import count_statements

PLACE = {
    "code": "HAJ-1",
    "name": "Hannover 1",
    "city": "Hannover",
    "subdivision": "DE-NI",
    "postal_code": "30159",
    "country": "DE",
    "latitude": 52.37,
    "longitude": 9.73,
}


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
def variant_id(network: Network) -> str:
    return public_id("var", VariantFactory(manufacturer_id=network.mira.id).id)


def set_rows(voice: Voice, *rows: tuple[str, str, int, int]):
    names = ("location_id", "variant_id", "on_hand", "safety")
    return voice.put("/stock", rows=[dict(zip(names, row, strict=True)) for row in rows])


def reserve(session: Session, now, location: str, variant: str, quantity: int) -> None:
    wanted = Wanted(
        allocation_id=new_id(),
        location_id=parse_id("loc", location),
        variant_id=parse_id("var", variant),
        quantity=quantity,
    )
    operations.reserve(session, order_id=new_id(), wanted=[wanted], now=now)


class TestLocations:
    def test_are_opened_and_changed(self, dieter: Voice) -> None:
        location = made(dieter.post("/locations", **PLACE))
        assert {name: location[name] for name in PLACE} == PLACE
        assert location["is_active"] is True
        path = f"/locations/{location['id']}"
        assert made(dieter.patch(path, version=1, is_active=False))["is_active"] is False
        refused(
            dieter.patch(path, version=1, name="late"), status=412, code="http.precondition_failed"
        )

    def test_have_codes_of_their_own(self, dieter: Voice, theo: Voice) -> None:
        made(dieter.post("/locations", **PLACE))
        refused(
            dieter.post("/locations", **PLACE), status=409, code="inventory.location_code_taken"
        )
        made(theo.post("/locations", **PLACE))

    def test_say_where_they_are(self, dieter: Voice) -> None:
        body = refused(
            dieter.post("/locations", **{**PLACE, "subdivision": "Lower Saxony"}),
            status=422,
            code="http.malformed",
        )
        assert body["errors"][0]["pointer"] == "/subdivision"

    def test_belong_to_sellers(self, client: FlaskClient, network: Network) -> None:
        buyer = Voice(client, network.berta, ("stock.read",))
        refused(buyer.post("/locations", **PLACE), status=403, code="auth.forbidden")

    def test_are_nobody_else_s_business(
        self, client: FlaskClient, network: Network, dieter: Voice, theo: Voice, counter: Voice
    ) -> None:
        location = made(dieter.post("/locations", **PLACE))
        path = f"/locations/{location['id']}"
        assert made(counter.get(path)) == location
        refused(counter.patch(path, version=1, name="X"), status=403, code="auth.forbidden")
        missing = "inventory.location_not_found"
        for other in (theo, Voice(client, network.wanda), Voice(client, network.rosa)):
            refused(other.get(path), status=404, code=missing)
            refused(other.patch(path, version=1, name="X"), status=404, code=missing)
            assert made(other.get("/locations"))["items"] == []
        assert made(Voice(client, network.operator).get(path)) == location


class TestStock:
    def test_is_set_in_absolute_quantities(
        self, dieter: Voice, variant_id: str, session: Session, now
    ) -> None:
        location = made(dieter.post("/locations", **PLACE))["id"]
        assert made(set_rows(dieter, (location, variant_id, 50, 5))) == {"written": 1}
        reserve(session, now, location, variant_id, 10)
        made(set_rows(dieter, (location, variant_id, 40, 2)))
        [row] = made(dieter.get("/stock", location_id=location))["items"]
        assert row == {
            "location_id": location,
            "variant_id": variant_id,
            "on_hand": 40,
            "reserved": 10,
            "safety": 2,
            "available": 28,
            "promised": 0,
            "low_at": None,
            "updated_at": "2026-03-02T09:00:00+00:00",
        }

    def test_never_falls_below_what_orders_hold(
        self, dieter: Voice, network: Network, variant_id: str, session: Session, now
    ) -> None:
        location = made(dieter.post("/locations", **PLACE))["id"]
        other = public_id("var", VariantFactory(manufacturer_id=network.mira.id).id)
        made(set_rows(dieter, (location, variant_id, 50, 0)))
        reserve(session, now, location, variant_id, 10)
        answer = set_rows(dieter, (location, other, 7, 0), (location, variant_id, 9, 0))
        body = refused(answer, status=409, code="inventory.stock_below_reserved")
        assert [(each["pointer"], each["message"]) for each in body["errors"]] == [
            ("/rows/1/on_hand", "10 are reserved")
        ]
        [row] = made(dieter.get("/stock", location_id=location))["items"]
        assert (row["variant_id"], row["on_hand"]) == (variant_id, 50)

    def test_is_only_set_where_and_of_what_the_seller_has(
        self, dieter: Voice, theo: Voice, network: Network, variant_id: str
    ) -> None:
        mine = made(dieter.post("/locations", **PLACE))["id"]
        his = made(theo.post("/locations", **PLACE))["id"]
        strange = public_id("var", VariantFactory(manufacturer_id=network.theo.id).id)
        answer = set_rows(
            dieter, (mine, variant_id, 1, 0), (his, variant_id, 1, 0), (mine, strange, 1, 0)
        )
        body = refused(answer, status=400, code="inventory.stock_rows_unknown")
        assert [each["pointer"] for each in body["errors"]] == [
            "/rows/1/location_id",
            "/rows/2/variant_id",
        ]
        assert made(dieter.get("/stock", location_id=mine))["items"] == []

    @pytest.mark.parametrize("quantity", [-1, 1.5, "3", 10_000_001])
    def test_is_a_whole_number_of_units(
        self, dieter: Voice, variant_id: str, quantity: object
    ) -> None:
        location = made(dieter.post("/locations", **PLACE))["id"]
        body = refused(
            set_rows(dieter, (location, variant_id, quantity, 0)),
            status=422,
            code="http.malformed",
        )
        assert body["errors"][0]["pointer"] == "/rows/0/on_hand"

    def test_names_a_row_once(self, dieter: Voice, variant_id: str) -> None:
        location = made(dieter.post("/locations", **PLACE))["id"]
        row = (location, variant_id, 1, 0)
        body = refused(set_rows(dieter, row, row), status=422, code="http.malformed")
        assert body["errors"][0]["pointer"] == "/rows/1"

    def test_is_listed_at_a_location_or_of_a_variant(
        self, dieter: Voice, network: Network, variant_id: str
    ) -> None:
        refused(dieter.get("/stock"), status=400, code="inventory.stock_query_too_wide")
        here, there = (LocationFactory(seller_id=network.dieter.id).id for _ in range(2))
        elsewhere = LocationFactory(seller_id=network.wanda.id).id
        for location_id in (here, there, elsewhere):
            StockFactory(location_id=location_id, variant_id=parse_id("var", variant_id))
        for _ in range(3):
            more = VariantFactory(manufacturer_id=network.mira.id).id
            StockFactory(location_id=here, variant_id=more)
        found = made(dieter.get("/stock", variant_id=variant_id))["items"]
        assert [each["location_id"] for each in found] == [
            public_id("loc", each) for each in (here, there)
        ]
        place = public_id("loc", here)
        first = made(dieter.get("/stock", location_id=place, limit=3))
        with count_statements() as statements:
            rest = made(
                dieter.get("/stock", location_id=place, limit=3, cursor=first["next_cursor"])
            )
        assert statements.about("inventory_") == 2  # the location is the caller's; its stock
        assert (len(first["items"]), len(rest["items"])) == (3, 1)

    def test_is_set_by_whom_may_and_seen_by_nobody_else(
        self, dieter: Voice, counter: Voice, theo: Voice, variant_id: str
    ) -> None:
        location = made(dieter.post("/locations", **PLACE))["id"]
        row = (location, variant_id, 1, 0)
        refused(set_rows(counter, row), status=403, code="auth.forbidden")
        made(set_rows(dieter, row))
        assert len(made(counter.get("/stock", location_id=location))["items"]) == 1
        refused(
            theo.get("/stock", location_id=location),
            status=404,
            code="inventory.location_not_found",
        )
        assert made(theo.get("/stock", variant_id=variant_id))["items"] == []
        refused(set_rows(theo, row), status=400, code="inventory.stock_rows_unknown")

    def test_of_a_thousand_rows_takes_as_many_statements_as_one(
        self, dieter: Voice, network: Network
    ) -> None:
        location = made(dieter.post("/locations", **PLACE))["id"]
        variants = [VariantFactory(manufacturer_id=network.mira.id).id for _ in range(20)]
        rows = [(location, public_id("var", each), 5, 0) for each in variants]
        with count_statements() as few:
            made(set_rows(dieter, rows[0]))
        with count_statements() as many:
            assert made(set_rows(dieter, *rows)) == {"written": 20}
        assert len(many) == len(few)
