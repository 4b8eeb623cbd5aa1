"""The real web server over a test database, and a crowd of clients that start together."""

import http.client
import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import Any

from flask import Flask

from app.config import PROJECT, Settings


@dataclass(frozen=True)
class Answer:
    """What one client got."""

    status: int
    body: dict[str, Any]
    took_s: float


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def serving(app: Flask, *, workers: int = 2) -> Iterator[int]:
    """Granian with the application's settings on a free loopback port."""
    settings: Settings = app.extensions["settings"]
    port = free_port()
    environ = {
        **os.environ,
        "DATABASE_URL": settings.database_url,
        "REDIS_URL": settings.redis_url,
        "SECRET_KEY": settings.secret_key,
        "DISTRIBUTARY_MODE": "test",
        "LOG_LEVEL": "ERROR",
    }
    server = subprocess.Popen(
        [
            sys.executable, "-m", "granian", "--interface=wsgi", "--host=127.0.0.1",
            f"--port={port}", f"--workers={workers}", "--blocking-threads=4",
            "--workers-kill-timeout=5", "--log-level=error", "--backlog=1024", "wsgi:app",
        ],
        cwd=PROJECT,
        env=environ,
    )  # fmt: skip
    try:
        _await(port, server)
        yield port
    finally:
        server.terminate()
        try:
            server.wait(timeout=20)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


def _await(port: int, server: subprocess.Popen[bytes], timeout_s: float = 60) -> None:
    give_up = time.monotonic() + timeout_s
    while time.monotonic() < give_up:
        assert server.poll() is None, "the server ended while it was starting"
        try:
            with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=5)) as connection:
                connection.request("GET", "/healthz")
                if connection.getresponse().status == 200:
                    return
        except OSError:
            time.sleep(0.1)
    raise AssertionError("the server did not answer in time")


def post(port: int, path: str, body: object, headers: dict[str, str]) -> Answer:
    started = time.monotonic()
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=120)) as connection:
        connection.request(
            "POST", path, json.dumps(body), {"Content-Type": "application/json", **headers}
        )
        response = connection.getresponse()
        answer = json.loads(response.read())
    return Answer(response.status, answer, time.monotonic() - started)


def all_at_once(calls: Sequence[Callable[[], Answer]]) -> list[Answer]:
    """Every call in a thread of its own, released together."""
    answers: list[Answer | None] = [None] * len(calls)
    gate = threading.Barrier(len(calls))

    def run(index: int) -> None:
        gate.wait()
        answers[index] = calls[index]()

    threads = [threading.Thread(target=run, args=(index,)) for index in range(len(calls))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return [answer for answer in answers if answer is not None]
