"""Mira's catalog, and who reads it."""

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from tests.factories.network import Network, make_network
from tests.support.api import Voice


@pytest.fixture
def network(session: Session) -> Network:
    return make_network()


@pytest.fixture
def mira(client: FlaskClient, network: Network) -> Voice:
    return Voice(client, network.mira)


@pytest.fixture
def clerk(client: FlaskClient, network: Network) -> Voice:
    """A colleague of Mira's who may only look."""
    return Voice(client, network.mira, ("catalog.read",))


@pytest.fixture
def dieter(client: FlaskClient, network: Network) -> Voice:
    return Voice(client, network.dieter)


@pytest.fixture
def theo(client: FlaskClient, network: Network) -> Voice:
    return Voice(client, network.theo)
