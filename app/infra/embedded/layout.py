"""Where the embedded servers keep their things, as a function of the ``var`` folder alone.

Two processes that agree on ``var`` agree on every path and every URL without talking to each
other, so a second terminal finds the servers of the first one. Nothing here touches the disk but
``prepare``.

A Unix socket path may have at most 107 bytes. When ``var`` lies too deep, or its name holds
characters that need quoting in a URL or in PostgreSQL's settings, the sockets move to a private
folder under ``/tmp`` whose name is a hash of ``var``. ``TMPDIR`` is left out on purpose: it may
differ between two terminals, and both must find the same socket.
"""

import hashlib
import os
import re
import stat
from dataclasses import dataclass
from pathlib import Path

from app.infra.embedded.errors import EmbeddedServerError

DATABASE_NAME = "distributary"
SUPERUSER = "postgres"
POSTGRES_PORT = 5432
SOCKET_PATH_LIMIT = 107
SHARED_TEMP = Path("/tmp")  # noqa: S108 - the folder below it is private, see _private_folder
_PLAIN = re.compile(r"[A-Za-z0-9/._-]+")


@dataclass(frozen=True, slots=True)
class Endpoints:
    """The two addresses a process needs to reach the servers."""

    database_url: str
    redis_url: str


@dataclass(frozen=True, slots=True)
class Layout:
    """Every path below one ``var`` folder."""

    var: Path

    @property
    def data(self) -> Path:
        return self.var / "postgresql" / "data"

    @property
    def valkey_data(self) -> Path:
        return self.var / "valkey"

    @property
    def logs(self) -> Path:
        return self.var / "log"

    @property
    def locks(self) -> Path:
        return self.var / "run"

    @property
    def sockets(self) -> Path:
        """The folder of the sockets: below ``var`` when it fits, else a hashed one in /tmp."""
        near = self.var / "run" / "sockets"
        longest = near / f".s.PGSQL.{POSTGRES_PORT}"
        if len(os.fsencode(longest)) <= SOCKET_PATH_LIMIT and _PLAIN.fullmatch(str(near)):
            return near
        digest = hashlib.sha256(os.fsencode(self.var)).hexdigest()[:16]
        return SHARED_TEMP / f"distributary-{os.geteuid()}-{digest}"

    @property
    def postgres_socket(self) -> Path:
        return self.sockets / f".s.PGSQL.{POSTGRES_PORT}"

    @property
    def valkey_socket(self) -> Path:
        return self.sockets / "valkey.sock"

    @property
    def endpoints(self) -> Endpoints:
        return Endpoints(
            database_url=self.database_url(DATABASE_NAME),
            redis_url=f"unix://{self.valkey_socket}?db=0",
        )

    def database_url(self, name: str) -> str:
        """The address of one database of the server, as SQLAlchemy with psycopg reads it."""
        return f"postgresql+psycopg://{SUPERUSER}@/{name}?host={self.sockets}"

    def prepare(self) -> None:
        """Make the folders; the sockets' one is private. Refuse what belongs to somebody else."""
        try:
            for folder in (self.var, self.logs, self.locks):
                folder.mkdir(parents=True, exist_ok=True)
            # The server may run as another user, who passes through here to its sockets.
            self.locks.chmod(0o755)
        except OSError as error:
            raise EmbeddedServerError(_unwritable(self.var, error)) from error
        _private_folder(self.sockets)


def layout_of(var: Path) -> Layout:
    """The layout of a ``var`` folder, whichever way its path was spelled."""
    return Layout(var=var.resolve())


def _unwritable(var: Path, error: OSError) -> str:
    return (
        f"Cannot write to {var}: {error.strerror}. Run as the user who owns it, "
        "or set DISTRIBUTARY_VAR to a folder of your own."
    )


def _private_folder(folder: Path) -> None:
    """Make a 0700 folder that nobody else can have put there (the name in /tmp is guessable)."""
    folder.mkdir(mode=0o700, exist_ok=True)
    found = folder.lstat()
    # Root may find the folder owned by the unprivileged user the server runs as.
    ours = found.st_uid == os.geteuid() or os.geteuid() == 0
    if not ours or not stat.S_ISDIR(found.st_mode):
        raise EmbeddedServerError(
            f"{folder} exists and is not a folder of this user. Remove it, "
            "or set DISTRIBUTARY_VAR to a folder with a shorter path."
        )
    folder.chmod(0o700)
