"""Child processes that cannot outlive their parent, and that need not run as root.

* ``PR_SET_PDEATHSIG``: the kernel signals the child when its parent dies, even by SIGKILL. The
  signal follows the *thread* that forked, so children are started from a main thread only.
* A signal that stops us waits until a process that is being started has started: its handler may
  raise, and what is raised in a hook of a fork is lost (``logging`` has such hooks), or leaves a
  child that nobody knows of.
* PostgreSQL refuses to run as root, or as a user without a name. There it runs in a user namespace
  that maps the caller to ``nobody``: no user is created, no mode changed, private folders stay
  private. Where namespaces are forbidden (many containers) root starts it as the real ``nobody``.
"""

import ctypes
import os
import pwd
import signal
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import BinaryIO

NOBODY = 65534
_CLONE_NEWUSER = 0x10000000
_PR_SET_PDEATHSIG = 1
_LONGEST_LOG = 10_000_000
_STOPS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Identity(Enum):
    """Who a child runs as."""

    CALLER = "caller"
    NAMESPACE = "namespace"
    NOBODY = "nobody"


@dataclass(frozen=True, slots=True)
class Child:
    """What to run; without a log it writes to our own standard output."""

    argv: Sequence[str | Path]
    environ: Mapping[str, str]
    log: Path | None
    death_signal: signal.Signals
    folder: Path
    identity: Identity = Identity.CALLER
    inherit: tuple[int, ...] = ()


def spawn(child: Child) -> subprocess.Popen[bytes]:
    """Start a child in a session of its own: Ctrl-C reaches the parent alone, who then decides."""
    user = NOBODY if child.identity is Identity.NOBODY else None
    with undisturbed(), open_output(child.log) as log:
        return subprocess.Popen(  # noqa: S603 - programs of our own, no shell
            child.argv,
            env=dict(child.environ),
            cwd=child.folder,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=None if log is None else subprocess.STDOUT,
            start_new_session=True,
            pass_fds=child.inherit,
            user=user,
            group=user,
            extra_groups=None if user is None else [],
            # Safe: the callers are single-threaded, and the function only makes system calls.
            preexec_fn=_preparation(child),  # noqa: PLW1509
        )


@contextmanager
def undisturbed() -> Iterator[None]:
    """Signals that stop us come when the block has ended."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _STOPS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextmanager
def open_output(log: Path | None) -> Iterator[BinaryIO | None]:
    """A log file opened for appending, or nothing; a long one makes room first."""
    if log is None:
        yield None
        return
    if log.exists() and log.stat().st_size > _LONGEST_LOG:
        log.replace(log.with_suffix(".log.1"))
    with log.open("ab") as file:
        yield file


def stop(process: subprocess.Popen[bytes], by: signal.Signals, *, timeout_s: float) -> int:
    """End a child and wait for it."""
    ask(process, by)
    return finish(process, timeout_s=timeout_s)


def ask(process: subprocess.Popen[bytes], by: signal.Signals) -> None:
    """Ask a child to end; only once, for workers take a second request as an order to hurry."""
    if process.poll() is None:
        process.send_signal(by)


def finish(process: subprocess.Popen[bytes], *, timeout_s: float) -> int:
    """Wait for a child that was asked to end; kill its whole group when it does not."""
    try:
        return process.wait(timeout_s)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
    return process.wait()


def sweep(process: subprocess.Popen[bytes]) -> None:
    """Kill what a child that has ended left in its group: it may hold a port or a queue."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


def choose_identity(folder: Path) -> Identity:
    """Who may own and serve a data folder: its owner when it exists, else the best there is."""
    if os.geteuid() != 0:
        # A user number without a name (usual in containers) is refused by initdb.
        return Identity.CALLER if _has_name() or not namespaces_work() else Identity.NAMESPACE
    if folder.exists() and folder.stat().st_uid == NOBODY:
        return Identity.NOBODY
    return Identity.NAMESPACE if namespaces_work() else Identity.NOBODY


def namespaces_work() -> bool:
    """Try it in a child: many containers forbid user namespaces."""
    with undisturbed():
        pid = os.fork()
        if pid == 0:
            try:
                _enter_namespace(ctypes.CDLL(None, use_errno=True))
            except OSError:
                os._exit(1)
            os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0


def may_enter(folder: Path, identity: Identity) -> bool:
    """Whether a child may reach a folder: root loses its power over others' private folders."""
    if os.geteuid() != 0:
        return os.access(folder, os.X_OK)
    owner = 0 if identity is Identity.NAMESPACE else NOBODY
    return all(_enterable(place, owner) for place in (folder, *folder.parents))


def _has_name() -> bool:
    try:
        pwd.getpwuid(os.geteuid())
    except KeyError:
        return False
    return True


def _enterable(place: Path, owner: int) -> bool:
    found = place.stat()
    bit = 0o100 if found.st_uid == owner else 0o001
    return bool(found.st_mode & bit)


def _preparation(child: Child) -> Callable[[], None]:
    """What runs in the child between fork and exec; everything it needs is loaded before."""
    libc = ctypes.CDLL(None, use_errno=True)
    parent = os.getpid()

    def prepare() -> None:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _STOPS)
        if child.identity is Identity.NAMESPACE:
            _enter_namespace(libc)
        libc.prctl(_PR_SET_PDEATHSIG, int(child.death_signal), 0, 0, 0)
        if os.getppid() != parent:  # it died before we asked to be told
            os._exit(1)

    return prepare


def _enter_namespace(libc: ctypes.CDLL) -> None:
    """Make this process ``nobody`` in a user namespace where nobody is, outside, ourselves."""
    uid, gid = os.geteuid(), os.getegid()
    if libc.unshare(_CLONE_NEWUSER) != 0:
        raise OSError(ctypes.get_errno(), "user namespaces are not allowed")
    _write("/proc/self/setgroups", "deny")
    _write("/proc/self/uid_map", f"{NOBODY} {uid} 1")
    _write("/proc/self/gid_map", f"{NOBODY} {gid} 1")


def _write(path: str, text: str) -> None:
    fd = os.open(path, os.O_WRONLY)
    try:
        os.write(fd, text.encode())
    finally:
        os.close(fd)
