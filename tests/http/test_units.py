"""Berta draws her company's units; those who trade with her see them; Theo does not."""

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from app.kernel.ids import public_id
from tests.factories.network import Network, make_network
from tests.support.api import Voice, made, refused


@pytest.fixture
def network(session: Session) -> Network:
    return make_network()


@pytest.fixture
def berta(client: FlaskClient, network: Network) -> Voice:
    return Voice(client, network.berta)


class TestUnits:
    def test_form_a_tree(self, berta: Voice, network: Network) -> None:
        company = made(berta.post("/buyer-units", code="south", name="South"))
        branch = made(
            berta.post("/buyer-units", code="south-1", name="Shop one", parent_id=company["id"])
        )
        assert branch["path"] == [company["id"], branch["id"]]
        path = f"/organizations/{public_id('org', network.berta.id)}/buyer-units"
        assert [each["code"] for each in made(berta.get(path))["items"]] == ["south", "south-1"]
        renamed = made(berta.put(f"/buyer-units/{branch['id']}", name="Shop 1"))
        assert made(berta.get(f"/buyer-units/{branch['id']}")) == renamed

    def test_have_a_code_each_and_a_bounded_depth(self, berta: Voice) -> None:
        above = None
        for depth in range(10):
            unit = made(berta.post("/buyer-units", code=f"u{depth}", name="U", parent_id=above))
            above = unit["id"]
        refused(
            berta.post("/buyer-units", code="u10", name="U", parent_id=above),
            status=400,
            code="network.unit_too_deep",
        )
        refused(
            berta.post("/buyer-units", code="u1", name="U"),
            status=409,
            code="network.unit_code_taken",
        )

    def test_are_known_to_whom_the_buyer_trades_with(
        self, client: FlaskClient, network: Network, berta: Voice
    ) -> None:
        unit = made(berta.post("/buyer-units", code="south", name="South"))
        assert made(Voice(client, network.rosa).get(f"/buyer-units/{unit['id']}")) == unit
        for stranger in (network.theo, network.wanda):
            refused(
                Voice(client, stranger).get(f"/buyer-units/{unit['id']}"),
                status=404,
                code="network.unit_not_found",
            )
            path = f"/organizations/{public_id('org', network.berta.id)}/buyer-units"
            assert made(Voice(client, stranger).get(path))["items"] == []
        refused(
            Voice(client, network.rosa).put(f"/buyer-units/{unit['id']}", name="x"),
            status=404,
            code="network.unit_not_found",
        )
