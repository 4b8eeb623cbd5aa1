"""Helpers to watch the embedded servers live and die."""

import itertools
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import redis

from app.infra import embedded

PROJECT = Path(__file__).resolve().parents[2]
_NUMBERS = itertools.count(1)
USER = """
import sys, time
from pathlib import Path
from app.infra import embedded
with embedded.session(var=Path(sys.argv[1]), profile=embedded.TEST):
    print("using", flush=True)
    time.sleep(600)
"""


def connect(var: Path) -> psycopg.Connection:
    sockets = embedded.layout_of(var).sockets
    return psycopg.connect(
        host=str(sockets), user="postgres", dbname="distributary", autocommit=True
    )


@contextmanager
def broker(var: Path) -> Iterator[redis.Redis]:
    client = redis.Redis.from_url(embedded.endpoints(var=var).redis_url)
    try:
        yield client
    finally:
        client.close()


def remember(var: Path) -> int:
    """Commit a number that was never there before."""
    number = next(_NUMBERS)
    with connect(var) as session:
        session.execute("create table if not exists memory (number int)")
        session.execute("insert into memory values (%s)", (number,))
    return number


def remembers(var: Path, *numbers: int) -> bool:
    with connect(var) as session:
        known = {row[0] for row in session.execute("select number from memory")}
    return known >= set(numbers)


def started_at(var: Path) -> object:
    with connect(var) as session:
        return session.execute("select pg_postmaster_start_time()").fetchone()


def postmaster(var: Path) -> int:
    pid_file = embedded.layout_of(var).data / "postmaster.pid"
    return int(pid_file.read_text().split("\n", 1)[0])


def processes(var: Path, word: str = "") -> list[int]:
    """Live processes whose command line names the folder (a zombie has none)."""
    found = []
    for place in Path("/proc").glob("[0-9]*"):
        try:
            line = (place / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        if str(var) in line and word in line and int(place.name) != os.getpid():
            found.append(int(place.name))
    return found


def soon(happens: Callable[[], object], *, within_s: float = 20) -> bool:
    """Whether something becomes true before long; a refused connection is only "not yet"."""
    deadline = time.monotonic() + within_s
    while time.monotonic() < deadline:
        try:
            if happens():
                return True
        except (psycopg.OperationalError, redis.ConnectionError):
            pass
        time.sleep(0.05)
    return False


def kill(pid: int) -> None:
    os.kill(pid, signal.SIGKILL)


@contextmanager
def another_user(var: Path) -> Iterator[subprocess.Popen]:
    """Another process that uses the servers until it is killed."""
    argv = (sys.executable, "-c", USER, str(var))
    with subprocess.Popen(
        argv, cwd=PROJECT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def wait_until_using(process: subprocess.Popen) -> None:
    assert process.stdout.readline() == b"using\n"


@contextmanager
def moved(data: Path, var: Path) -> Iterator[None]:
    """Lend a database from an earlier life to a ``var`` folder; initdb takes its time."""
    place = var / "postgresql"
    data.rename(place)
    try:
        yield
    finally:
        assert soon(lambda: not processes(var))
        place.rename(data)
