"""Two worker processes under the web server that ``make demo`` uses, and what they cost."""

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Served:
    """A running server, by its port and process group."""

    port: int
    group: int

    def processor_seconds(self) -> float:
        """What the processes of the server used so far."""
        return sum(_used(each) for each in _processes() if _group(each) == self.group)


def database_seconds(socket_folder: str) -> float:
    """What the database's processes used so far."""
    parents = {
        each for each in _processes() if socket_folder in _read(each, "cmdline").replace("\0", " ")
    }
    return sum(_used(each) for each in _processes() if each in parents or _parent(each) in parents)


@contextmanager
def served(target: str, environ: Mapping[str, str], *, ready: str) -> Iterator[Served]:
    """Serve a WSGI application until the block ends; it begins when ``ready`` answers."""
    port = _free_port()
    process = subprocess.Popen(
        (
            sys.executable, "-m", "granian", "--interface=wsgi", "--host=127.0.0.1",
            f"--port={port}", "--workers=2", "--blocking-threads=2", "--workers-kill-timeout=5",
            "--log-level=error", target,
        ),
        cwd=PROJECT, env=dict(environ), start_new_session=True,
    )  # fmt: skip
    try:
        _await(port, ready)
        yield Served(port, process.pid)
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(timeout=30)


def _await(port: int, path: str, timeout_s: float = 120) -> None:
    give_up = time.monotonic() + timeout_s
    while time.monotonic() < give_up:
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
            connection.request("GET", path)
            if connection.getresponse().status < 500:
                return
        except OSError:
            time.sleep(0.2)
    raise SystemExit(f"nothing answered on port {port}")


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


def _processes() -> list[int]:
    return [int(each.name) for each in Path("/proc").iterdir() if each.name.isdigit()]


def _read(process: int, name: str) -> str:
    try:
        return Path(f"/proc/{process}/{name}").read_text()
    except OSError:
        return ""


def _fields(process: int) -> list[str]:
    return _read(process, "stat").rpartition(") ")[2].split()


def _used(process: int) -> float:
    fields = _fields(process)
    return (int(fields[11]) + int(fields[12])) / _TICKS if fields else 0.0


def _parent(process: int) -> int:
    fields = _fields(process)
    return int(fields[1]) if fields else 0


def _group(process: int) -> int:
    fields = _fields(process)
    return int(fields[2]) if fields else 0
