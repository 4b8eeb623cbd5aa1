import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.infra import embedded
from tests.infra import lives


@pytest.fixture(scope="session")
def data() -> Iterator[Path]:
    """The folder of a database that was used and stopped."""
    with tempfile.TemporaryDirectory(prefix="distributary-made-") as folder:
        var = Path(folder)
        with embedded.session(var=var, profile=embedded.TEST):
            lives.remember(var)
        yield var / "postgresql"


@pytest.fixture
def nothing() -> Iterator[Path]:
    """A ``var`` folder in which nothing was ever started."""
    with tempfile.TemporaryDirectory(prefix="distributary-var-") as folder:
        yield Path(folder)
        assert lives.soon(lambda: not lives.processes(Path(folder)))


@pytest.fixture
def var(nothing: Path, data: Path) -> Iterator[Path]:
    """A ``var`` folder with a database from an earlier life."""
    with lives.moved(data, nothing):
        yield nothing
