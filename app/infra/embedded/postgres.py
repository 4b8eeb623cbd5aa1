"""One PostgreSQL server in a data folder: make it, start it, know when it is ready, stop it.

Laws:

* a data folder is complete or does not exist under its name: ``initdb`` works in a neighbour that
  is renamed when it is done;
* ``initdb``, the server and all its backends hold a lock file open (the lease), so the next starter
  waits until the last of them is gone and then knows that any pid file is stale;
* no process is ever signalled because of a number read from a file.
"""

import contextlib
import os
import shutil
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

import psycopg

from app.infra.embedded import binaries, process
from app.infra.embedded.errors import EmbeddedServerError
from app.infra.embedded.layout import DATABASE_NAME, SUPERUSER, Layout
from app.infra.embedded.locks import FileLock, Mode
from app.infra.embedded.profiles import Profile

MAJOR_VERSION = "18"
# Crash recovery after a long outage may replay a lot: as long as the server lives, we wait.
_READY_TIMEOUT_S = 600.0
_LEASE_TIMEOUT_S = 60.0
_STOP_TIMEOUT_S = 60.0


@dataclass(slots=True)
class PostgresServer:
    """The embedded PostgreSQL of one ``var`` folder."""

    layout: Layout
    profile: Profile
    identity: process.Identity = process.Identity.CALLER
    child: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start on the existing data, or on new data when there is none; return when ready."""
        self.identity = process.choose_identity(self.layout.data)
        self._make_folders()
        lease = self._take_lease()
        try:
            self._ensure_data(lease)
            self._clear_stale_pid_files()
            self.child = process.spawn(self._server(lease))
        finally:
            lease.release()
        self._await_ready(self.child)

    def has_died(self) -> bool:
        """Whether the server ended without being asked."""
        return self.child is not None and self.child.poll() is not None

    def stop(self) -> None:
        """Fast shutdown: sessions are ended, nothing committed is lost."""
        if self.child is not None:
            process.stop(self.child, signal.SIGINT, timeout_s=_STOP_TIMEOUT_S)
            self.child = None

    @property
    def log(self) -> Path:
        return self.layout.logs / "postgresql.log"

    def _make_folders(self) -> None:
        data = self.layout.data
        data.parent.mkdir(exist_ok=True)
        if self.identity is process.Identity.NOBODY:
            # Our own folder may be passed through; the private ones below stay private.
            self.layout.var.chmod(self.layout.var.stat().st_mode | 0o011)
        if not process.may_enter(data.parent, self.identity):
            raise EmbeddedServerError(
                f"PostgreSQL does not run as root, and the user it runs as may not enter "
                f"{data.parent}. Set DISTRIBUTARY_VAR to a folder that everybody may enter, "
                "such as /var/lib/distributary, or run as the owner of that folder."
            )
        if self.identity is process.Identity.NOBODY:
            for folder in (data.parent, self.layout.sockets):
                os.chown(folder, process.NOBODY, process.NOBODY)
            if data.exists():
                _give_away(data)

    def _take_lease(self) -> FileLock:
        lease = FileLock(self.layout.locks / "postgresql.lease")
        try:
            lease.acquire(Mode.EXCLUSIVE, timeout_s=_LEASE_TIMEOUT_S)
        except TimeoutError as error:
            raise EmbeddedServerError(
                f"An earlier PostgreSQL still works in {self.layout.data}. Wait until it has "
                "ended, or look for it with `ps`."
            ) from error
        return lease

    def _ensure_data(self, lease: FileLock) -> None:
        data = self.layout.data
        # What an interrupted initdb left behind never was a database: nothing can be lost.
        for leftover in data.parent.glob("data.unfinished*"):
            shutil.rmtree(leftover)
        if data.exists() and not any(data.iterdir()):
            data.rmdir()
        if not data.exists():
            self._initialise(data.with_name("data.unfinished"), lease)
        _require_complete(data)

    def _initialise(self, folder: Path, lease: FileLock) -> None:
        self._run_initdb(folder, lease)
        folder.rename(self.layout.data)
        parent = os.open(self.layout.data.parent, os.O_RDONLY)
        try:
            os.fsync(parent)
        finally:
            os.close(parent)

    def _run_initdb(self, folder: Path, lease: FileLock) -> None:
        log = self.layout.logs / "initdb.log"
        options = (
            "--auth=trust",
            f"--username={SUPERUSER}",
            "--encoding=UTF8",
            "--locale-provider=builtin",
            "--builtin-locale=C.UTF-8",
            "--locale=C",
            *self.profile.initdb,
        )
        argv: list[str | Path] = [self._program("initdb"), "-D", folder, *options]
        if process.spawn(self._child(argv, log, lease)).wait() != 0:
            raise EmbeddedServerError(f"PostgreSQL could not be set up:\n{tail(log)}")

    def _clear_stale_pid_files(self) -> None:
        """Remove the pid files of an earlier life; the lease says that it has ended.

        PostgreSQL would look at the number only and refuse to start when some other process
        carries it now. A server that somebody started by hand holds no lease: it is known by its
        working folder.
        """
        pid_file = self.layout.data / "postmaster.pid"
        pid = _first_number(pid_file)
        if pid is not None and _works_in(pid, self.layout.data):
            raise EmbeddedServerError(
                f"PostgreSQL (process {pid}) was started by hand in {self.layout.data}. "
                "Stop it first, or set DATABASE_URL to its address."
            )
        pid_file.unlink(missing_ok=True)
        socket_file = self.layout.postgres_socket
        for stale in (socket_file, socket_file.with_name(f"{socket_file.name}.lock")):
            stale.unlink(missing_ok=True)

    def _server(self, lease: FileLock) -> process.Child:
        settings = {**self.profile.postgres, "unix_socket_directories": str(self.layout.sockets)}
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        argv: list[str | Path] = [self._program("postgres"), "-D", self.layout.data, *options]
        return self._child(argv, self.log, lease)

    def _child(self, argv: list[str | Path], log: Path, lease: FileLock) -> process.Child:
        return process.Child(
            argv=argv,
            # A clean environment: PGDATA, PGHOST and their like must not leak in.
            environ={"LANG": "C", "LC_ALL": "C", "TZ": "UTC", "PATH": os.defpath},
            log=log,
            death_signal=signal.SIGINT,
            folder=self.layout.data.parent,
            identity=self.identity,
            inherit=(lease.fd,),
        )

    def _program(self, name: str) -> Path:
        copies = self.layout.var / "postgresql" / "programs"
        return binaries.postgres_bin_for(self._may_enter, copies) / name

    def _may_enter(self, folder: Path) -> bool:
        return process.may_enter(folder, self.identity)

    def _await_ready(self, child: subprocess.Popen[bytes]) -> None:
        deadline = time.monotonic() + _READY_TIMEOUT_S
        while time.monotonic() < deadline:
            if child.poll() is not None:
                raise EmbeddedServerError(f"PostgreSQL did not start:\n{tail(self.log)}")
            with contextlib.suppress(psycopg.OperationalError):
                _ensure_database(self.layout.sockets)
                return
            time.sleep(0.02)
        raise EmbeddedServerError(f"PostgreSQL is not ready after {_READY_TIMEOUT_S:g} s.")


def tail(log: Path, *, lines: int = 12) -> str:
    """The end of a log file, for a message."""
    if not log.exists():
        return ""
    return "\n".join(log.read_text(errors="replace").splitlines()[-lines:])


def accepts_sessions(sockets: Path) -> bool:
    """Whether the server behind a socket folder lets a session in (and is not recovering)."""
    try:
        with psycopg.connect(
            host=str(sockets), user=SUPERUSER, dbname=DATABASE_NAME, connect_timeout=5
        ):
            return True
    except psycopg.OperationalError:
        return False


def _ensure_database(sockets: Path) -> None:
    with psycopg.connect(
        host=str(sockets), user=SUPERUSER, dbname="postgres", autocommit=True, connect_timeout=5
    ) as connection:
        known = connection.execute(
            "select 1 from pg_database where datname = %s", (DATABASE_NAME,)
        ).fetchone()
        if known is None:
            connection.execute(f"create database {DATABASE_NAME}")


def _require_complete(data: Path) -> None:
    version_file = data / "PG_VERSION"
    if not version_file.is_file() or not (data / "global" / "pg_control").is_file():
        raise EmbeddedServerError(
            f"{data} is not a complete PostgreSQL data folder (PG_VERSION or global/pg_control "
            "is missing). If it holds nothing you need, delete it and start again; otherwise "
            "put a backup in its place."
        )
    version = version_file.read_text().strip()
    if version != MAJOR_VERSION:
        raise EmbeddedServerError(
            f"{data} was made by PostgreSQL {version}; this is PostgreSQL {MAJOR_VERSION}. "
            "Move the data with pg_dump and pg_restore, or set DISTRIBUTARY_VAR elsewhere."
        )


def _first_number(pid_file: Path) -> int | None:
    try:
        first = pid_file.read_text().split("\n", 1)[0]
    except OSError:
        return None
    return int(first) if first.isdigit() else None


def _works_in(pid: int, folder: Path) -> bool:
    """Whether a live process has the folder as its working folder, as a postmaster does.

    A zombie has no working folder any more, and of a stranger's process we may not know it.
    """
    try:
        return Path(f"/proc/{pid}/cwd").resolve(strict=True) == folder.resolve()
    except OSError:
        return False


def _give_away(data: Path) -> None:
    for folder, _, files in os.walk(data):
        for path in (Path(folder), *(Path(folder) / name for name in files)):
            os.chown(path, process.NOBODY, process.NOBODY, follow_symlinks=False)
