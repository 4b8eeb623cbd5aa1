"""Real workers as child processes on the test's own database and broker databases."""

import os
import signal
import subprocess
import sys
import time

import pytest
from redis import Redis

from app.config import PROJECT, celery_url, next_database

CELERY = ("celery", "-A", "tests.connectors.standin:celery_app", "worker", "--concurrency=1")
BEAT = ("--beat", "--schedule")


class Crew:
    """Starts workers, waits for what they do, kills them as a crash would."""

    def __init__(self, environ, folder):
        self.environ = environ
        self.folder = folder
        self.redis_url = environ["REDIS_URL"]
        self.rq_url = next_database(self.redis_url)
        self.board = Redis.from_url(self.redis_url, decode_responses=True)
        self.children = []

    def rq(self):
        return self._start("tests.connectors.standin", "rq")

    def celery(self):
        return self._start(*CELERY)

    def beating_celery(self):
        return self._start(*CELERY, *BEAT, str(self.folder / f"beat-{len(self.children)}"))

    def celery_broker(self):
        return celery_url(self.redis_url)

    def kill(self, child):
        os.killpg(child.pid, signal.SIGKILL)
        child.wait()

    def stop(self):
        for child in self.children:
            if child.poll() is None:
                self.kill(child)
        self.board.close()

    def logs(self):
        return "\n".join(path.read_text()[-3000:] for path in self.folder.glob("*.log"))

    def eventually(self, ask, timeout_s=40):
        """What ``ask`` answers, as soon as it is truthy."""
        deadline = time.monotonic() + timeout_s
        while time.monotonic() < deadline:
            answer = ask()
            if answer:
                return answer
            if any(child.poll() not in {None, -signal.SIGKILL} for child in self.children):
                pytest.fail(f"a worker ended by itself\n{self.logs()}")
            time.sleep(0.05)
        pytest.fail(f"nothing happened within {timeout_s} s\n{self.logs()}")

    def _start(self, module, *arguments):
        with (self.folder / f"child-{len(self.children)}.log").open("wb") as log:
            child = subprocess.Popen(
                (sys.executable, "-m", module, *arguments),
                env=self.environ,
                cwd=PROJECT,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self.children.append(child)
        return child


@pytest.fixture
def crew(committed, tmp_path):
    settings = committed.extensions["settings"]
    number = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    redis_url = settings.redis_url.replace("db=0", f"db={2 + 2 * number}")
    for url in (redis_url, next_database(redis_url)):
        with Redis.from_url(url) as broker:
            broker.flushdb()
    crew = Crew(
        {
            "PATH": os.environ["PATH"],
            "DATABASE_URL": settings.database_url,
            "REDIS_URL": redis_url,
            "SECRET_KEY": settings.secret_key,
            "DISTRIBUTARY_MODE": "test",
            "DISTRIBUTARY_VAR": str(settings.var),
            "LOG_LEVEL": "WARNING",
            "C_FORCE_ROOT": "1",
            "PYTHONUNBUFFERED": "1",
        },
        tmp_path,
    )
    yield crew
    crew.stop()
