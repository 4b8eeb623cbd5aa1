"""How a process comes to use the embedded servers: ``start``, ``session`` and ``completed``.

The first user starts the keeper, later ones join; all hold a shared lock, and the keeper stays
until the last of them is gone (see ``keeper``). So a short command may start the servers, a long
``make demo`` may join them, and the end of the command takes nothing from the demo.
"""

import atexit
import json
import os
import secrets
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from app import config
from app.infra.embedded.errors import EmbeddedServerError
from app.infra.embedded.layout import Endpoints, Layout, layout_of
from app.infra.embedded.locks import FileLock, Mode, exclusively, is_held
from app.infra.embedded.postgres import accepts_sessions
from app.infra.embedded.profiles import DEMO, Profile
from app.infra.embedded.valkey import answers

PROJECT = Path(__file__).resolve().parents[3]
_START_TIMEOUT_S = 900.0
_ANSWER_TIMEOUT_S = 120.0
_STOP_TIMEOUT_S = 60.0


@dataclass(slots=True)
class Session:
    """This process's use of the servers; they live at least as long as it."""

    layout: Layout
    users: FileLock

    @property
    def endpoints(self) -> Endpoints:
        return self.layout.endpoints

    def stop(self) -> None:
        """Stop using the servers; when nobody else does, wait until they have stopped."""
        self.users.release()
        deadline = time.monotonic() + _STOP_TIMEOUT_S
        keeper = self.layout.locks / "keeper.lock"
        while is_held(keeper) and not _others_use(self.layout):
            if time.monotonic() > deadline:
                raise EmbeddedServerError(
                    f"The embedded servers did not stop; see {self.layout.logs}."
                )
            time.sleep(0.02)


def start(*, var: Path, profile: Profile = DEMO) -> Session:
    """Start the servers of a ``var`` folder, or join them; return when both answer."""
    layout = layout_of(var)
    layout.prepare()
    users = FileLock(layout.locks / "users.lock")
    with exclusively(layout.locks / "start.lock", timeout_s=_START_TIMEOUT_S):
        # Waits while a keeper that found nobody is still stopping.
        users.acquire(Mode.SHARED, timeout_s=_STOP_TIMEOUT_S)
        try:
            _ensure_running(layout, profile)
        except BaseException:
            users.release()
            raise
    return Session(layout=layout, users=users)


@contextmanager
def session(*, var: Path, profile: Profile = DEMO) -> Iterator[Endpoints]:
    """Use the servers for the length of a block."""
    started = start(var=var, profile=profile)
    try:
        yield started.endpoints
    finally:
        started.stop()


def endpoints(*, var: Path) -> Endpoints:
    """Where the servers of a ``var`` folder answer, whether or not they run."""
    return layout_of(var).endpoints


def completed(environ: Mapping[str, str], *, var: Path) -> dict[str, str]:
    """The environment with what is missing filled in from the embedded servers.

    Starts or joins them when DATABASE_URL or REDIS_URL is not set, for the rest of this process's
    life. A complete environment comes back as it is, and nothing is started. In production a gap
    stays a gap: a forgotten address must not become a new, empty database.
    """
    if config.mode_from(environ) is config.Mode.PRODUCTION:
        return dict(environ)
    missing = {"DATABASE_URL", "REDIS_URL"} - {name for name, value in environ.items() if value}
    filled = dict(environ)
    if missing:
        joined = start(var=var)
        atexit.register(joined.stop)
        found = joined.endpoints
        urls = {"DATABASE_URL": found.database_url, "REDIS_URL": found.redis_url}
        filled |= {name: urls[name] for name in missing}
        filled["DISTRIBUTARY_MODE"] = config.mode_from(environ).value
    if missing and not environ.get("SECRET_KEY"):
        filled["SECRET_KEY"] = _kept_secret(var)
    return filled


def _ensure_running(layout: Layout, profile: Profile) -> None:
    """Start a keeper, or wait for the one there is: its starter may have been killed half-way."""
    deadline = time.monotonic() + _ANSWER_TIMEOUT_S
    while is_held(layout.locks / "keeper.lock"):
        if servers_answer(layout):
            return
        if time.monotonic() > deadline:
            raise EmbeddedServerError(f"The embedded servers do not answer; see {layout.logs}.")
        time.sleep(0.02)
    _start_keeper(layout, profile)


def _start_keeper(layout: Layout, profile: Profile) -> None:
    log = layout.logs / "keeper.log"
    with log.open("ab") as errors:
        keeper = subprocess.Popen(  # noqa: S603 - our own interpreter and module
            (sys.executable, "-m", "app.infra.embedded.keeper", str(layout.var), profile.name),
            cwd=PROJECT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=errors,
        )
    with keeper:
        assert keeper.stdout is not None
        answer = keeper.stdout.readline()
    message = json.loads(answer or "{}")
    if "ready" not in message:
        raise EmbeddedServerError(
            message.get("error", f"The embedded servers did not start; see {log}.")
        )


def servers_answer(layout: Layout) -> bool:
    """Whether both servers of a layout take requests now."""
    return answers(layout.valkey_socket) and accepts_sessions(layout.sockets)


def _others_use(layout: Layout) -> bool:
    """Whether another user holds the shared lock (the stopping keeper holds it alone)."""
    lock = FileLock(layout.locks / "users.lock")
    shared_now = lock.try_acquire(Mode.SHARED)
    alone = shared_now and lock.try_acquire(Mode.EXCLUSIVE)
    lock.release()
    return shared_now and not alone


def _kept_secret(var: Path) -> str:
    """The signing key of this ``var`` folder, made on first use, whole or not at all."""
    path = var / "secret_key"
    if not path.exists():
        with tempfile.NamedTemporaryFile("w", dir=var) as draft:  # mode 0600
            draft.write(secrets.token_urlsafe(48))
            draft.flush()
            with suppress(FileExistsError):  # somebody else was first: theirs is the key
                os.link(draft.name, path)
    return path.read_text().strip()
