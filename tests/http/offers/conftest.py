"""Dieter, who offers Mira's drill, and who else looks."""

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from app.catalog.models import Variant
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
    """A colleague of Dieter's who may only look at offers."""
    return Voice(client, network.dieter, ("offers.read",))


@pytest.fixture
def theo(client: FlaskClient, network: Network) -> Voice:
    return Voice(client, network.theo)


@pytest.fixture
def drill(network: Network) -> Variant:
    return VariantFactory(manufacturer_id=network.mira.id)


@pytest.fixture
def drill_id(drill: Variant) -> str:
    return public_id("var", drill.id)
