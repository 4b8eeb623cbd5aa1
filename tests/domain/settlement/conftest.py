import pytest

from tests.support.till import Till


@pytest.fixture
def till(session, now):
    return Till(session, now)
