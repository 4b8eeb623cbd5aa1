import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.infra import embedded
from tests.infra import lives


@pytest.fixture(scope="session")
def initialised() -> Iterator[Path]:
    """A database made once, that remembers the number 1, and is not running."""
    with tempfile.TemporaryDirectory(prefix="distributary-made-") as folder:
        var = Path(folder)
        with embedded.session(var=var, profile=embedded.TEST):
            lives.remember(var, 1)
        yield var


@pytest.fixture
def nothing() -> Iterator[Path]:
    """A ``var`` folder in which nothing was ever started."""
    with tempfile.TemporaryDirectory(prefix="distributary-var-") as folder:
        yield Path(folder)
        assert lives.soon(lambda: not lives.processes(Path(folder)))


@pytest.fixture
def var(nothing: Path, initialised: Path) -> Path:
    """A ``var`` folder with a database from an earlier life."""
    return lives.copy_of(initialised, nothing)
