"""The process that owns the servers, for as long as anybody uses them.

``python -m app.infra.embedded.keeper VAR PROFILE`` is started by the first process that needs the
servers, detaches itself, starts both, says so on its standard output, and stays. Every user holds
a shared lock on one file; when the keeper can take that lock alone, nobody is left: it stops the
servers and ends. The kernel drops the lock of a user that is killed, so nothing is counted and
nothing leaks. A server that dies is started again. When the keeper itself is killed, the kernel
tells the servers, and they shut down.
"""

import json
import os
import signal
import sys
import time
from contextlib import suppress
from pathlib import Path
from types import FrameType
from typing import NoReturn

from app.infra.embedded.errors import EmbeddedServerError
from app.infra.embedded.layout import Layout, layout_of
from app.infra.embedded.locks import FileLock, Mode
from app.infra.embedded.postgres import PostgresServer
from app.infra.embedded.profiles import PROFILES
from app.infra.embedded.valkey import ValkeyServer

Server = PostgresServer | ValkeyServer

_TICK_S = 0.1
_LONGEST_PAUSE_S = 10.0


class Stopped(Exception):
    """Somebody asked the keeper to stop."""


def main(var: str, profile: str) -> None:
    """Detach, start the servers, keep them."""
    if os.fork():
        os._exit(0)
    os.setsid()
    layout = layout_of(Path(var))
    keeper = FileLock(layout.locks / "keeper.lock")
    servers = (
        PostgresServer(layout=layout, profile=PROFILES[profile]),
        ValkeyServer(layout=layout, profile=PROFILES[profile]),
    )
    try:
        keeper.acquire(Mode.EXCLUSIVE, timeout_s=60)
        _on_signal()
        _start(servers)
    except (EmbeddedServerError, OSError, Stopped) as error:
        _stop(servers)
        _report({"error": str(error)})
        return
    _report({"ready": os.getpid()})
    _keep(servers, layout)


def _start(servers: tuple[Server, ...]) -> None:
    for server in servers:
        server.start()


def _stop(servers: tuple[Server, ...]) -> None:
    for server in reversed(servers):
        server.stop()


def _report(message: dict[str, object]) -> None:
    """Tell the starter, once, and let go of its pipe."""
    # A starter that was killed in the meantime reads nothing; the users' lock decides then.
    with suppress(OSError):
        os.write(1, json.dumps(message).encode() + b"\n")
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 1)


def _keep(servers: tuple[Server, ...], layout: Layout) -> None:
    users = FileLock(layout.locks / "users.lock")
    pause_s = _TICK_S
    with suppress(Stopped):
        while not users.try_acquire(Mode.EXCLUSIVE):
            time.sleep(pause_s)
            pause_s = _revive(servers, pause_s)
    _stop(servers)


def _revive(servers: tuple[Server, ...], pause_s: float) -> float:
    """Start again what has died; a server that cannot start is tried at growing intervals."""
    dead = [server for server in servers if server.has_died()]
    try:
        for server in dead:
            server.start()
    except EmbeddedServerError as error:
        sys.stderr.write(f"{error}\n")
        sys.stderr.flush()
        return min(pause_s * 2, _LONGEST_PAUSE_S)
    return _TICK_S


def _on_signal() -> None:
    def stop(_number: int, _frame: FrameType | None) -> NoReturn:
        raise Stopped("The embedded servers were told to stop.")

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
