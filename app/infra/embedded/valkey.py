"""One Valkey server: append-only file, Unix socket only, nothing evicted.

It keeps the same lease as PostgreSQL, so that two servers never write one append-only file.
"""

import signal
import socket
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from app.infra.embedded import binaries, process
from app.infra.embedded.errors import EmbeddedServerError
from app.infra.embedded.layout import Layout
from app.infra.embedded.locks import FileLock, Mode
from app.infra.embedded.postgres import tail
from app.infra.embedded.profiles import Profile

_READY_TIMEOUT_S = 120.0
_LEASE_TIMEOUT_S = 30.0
_STOP_TIMEOUT_S = 20.0


@dataclass(slots=True)
class ValkeyServer:
    """The embedded Valkey of one ``var`` folder."""

    layout: Layout
    profile: Profile
    child: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start on the existing data and return when the server answers."""
        self.layout.valkey_data.mkdir(mode=0o700, exist_ok=True)
        lease = FileLock(self.layout.locks / "valkey.lease")
        try:
            lease.acquire(Mode.EXCLUSIVE, timeout_s=_LEASE_TIMEOUT_S)
            self.child = process.spawn(self._server(lease))
        except TimeoutError as error:
            raise EmbeddedServerError(
                f"An earlier Valkey still works in {self.layout.valkey_data}. "
                "Wait until it has ended, or look for it with `ps`."
            ) from error
        finally:
            lease.release()
        self._await_ready(self.child)

    def has_died(self) -> bool:
        """Whether the server ended without being asked."""
        return self.child is not None and self.child.poll() is not None

    def stop(self) -> None:
        """Orderly shutdown: the append-only file is written out."""
        if self.child is not None:
            process.stop(self.child, signal.SIGTERM, timeout_s=_STOP_TIMEOUT_S)
            self.child = None

    @property
    def log(self) -> Path:
        return self.layout.logs / "valkey.log"

    def _server(self, lease: FileLock) -> process.Child:
        settings = {
            **self.profile.valkey,
            "unixsocket": str(self.layout.valkey_socket),
            "unixsocketperm": "700",
            "dir": str(self.layout.valkey_data),
        }
        options = [part for name, value in settings.items() for part in (f"--{name}", value)]
        return process.Child(
            argv=(binaries.valkey_server(), *options),
            environ={"LANG": "C", "TZ": "UTC"},
            log=self.log,
            death_signal=signal.SIGTERM,
            folder=self.layout.valkey_data,
            inherit=(lease.fd,),
        )

    def _await_ready(self, child: subprocess.Popen[bytes]) -> None:
        deadline = time.monotonic() + _READY_TIMEOUT_S
        while time.monotonic() < deadline:
            if child.poll() is not None:
                raise EmbeddedServerError(f"Valkey did not start:\n{tail(self.log)}")
            if answers(self.layout.valkey_socket):
                return
            time.sleep(0.01)
        raise EmbeddedServerError(f"Valkey is not ready after {_READY_TIMEOUT_S:g} s.")


def answers(path: Path) -> bool:
    """Whether a server behind a Unix socket answers PING (and not that it is still loading)."""
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(1)
        try:
            client.connect(str(path))
            client.sendall(b"PING\r\n")
            return client.recv(64).startswith(b"+PONG")
        except OSError:
            return False
