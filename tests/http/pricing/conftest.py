"""Dieter, who sets prices, and who else asks about them."""

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from app.kernel.ids import public_id
from tests.factories.catalog import VariantFactory
from tests.factories.network import Network, make_network
from tests.support.api import Voice


@pytest.fixture
def network(session: Session) -> Network:
    return make_network()


@pytest.fixture
def dieter(client: FlaskClient, network: Network) -> Voice:
    return Voice(client, network.dieter)


@pytest.fixture
def clerk(client: FlaskClient, network: Network) -> Voice:
    """A colleague of Dieter's who may only look at prices."""
    return Voice(client, network.dieter, ("prices.read",))


@pytest.fixture
def berta(client: FlaskClient, network: Network) -> Voice:
    return Voice(client, network.berta)


@pytest.fixture
def theo(client: FlaskClient, network: Network) -> Voice:
    return Voice(client, network.theo)


@pytest.fixture
def drill(network: Network) -> str:
    return public_id("var", VariantFactory(manufacturer_id=network.mira.id).id)
