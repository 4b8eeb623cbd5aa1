"""A shelf for every test of stock."""

from datetime import datetime

import pytest
from sqlalchemy.orm import Session

from tests.domain.inventory.shelf import Shelf


@pytest.fixture
def shelf(session: Session, now: datetime) -> Shelf:
    return Shelf(session, now)
