"""File locks that the kernel releases when their holder dies, however it dies.

They carry all the coordination between processes: who may start servers, who uses them, and
whether a server of an earlier life still holds its data folder. No pid is ever trusted: a pid in a
file may belong to somebody else by now, a lock may not.
"""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from enum import IntEnum
from pathlib import Path


class Mode(IntEnum):
    """How a lock is held."""

    SHARED = fcntl.LOCK_SH
    EXCLUSIVE = fcntl.LOCK_EX


class FileLock:
    """One open file description and the lock it may hold."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._fd: int | None = None

    def try_acquire(self, mode: Mode) -> bool:
        """Take the lock now, or say that somebody holds it."""
        fd = self._fd if self._fd is not None else os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600)
        self._fd = fd
        try:
            fcntl.flock(fd, mode | fcntl.LOCK_NB)
        except BlockingIOError:
            self.release()
            return False
        return True

    def acquire(self, mode: Mode, *, timeout_s: float) -> None:
        """Take the lock, waiting for it; TimeoutError when it stays held."""
        deadline = time.monotonic() + timeout_s
        while not self.try_acquire(mode):
            if time.monotonic() > deadline:
                raise TimeoutError(f"{self.path} is still held after {timeout_s:g} s")
            time.sleep(0.02)

    @property
    def fd(self) -> int:
        """The descriptor, to hand the lock over to a child process."""
        assert self._fd is not None
        return self._fd

    def release(self) -> None:
        """Let go; a child that inherited the descriptor keeps the lock."""
        if self._fd is not None:
            os.close(self._fd)
            self._fd = None


def is_held(path: Path) -> bool:
    """Whether any process holds the lock exclusively."""
    lock = FileLock(path)
    held = not lock.try_acquire(Mode.SHARED)
    lock.release()
    return held


@contextmanager
def exclusively(path: Path, *, timeout_s: float) -> Iterator[None]:
    """Hold the lock alone for the length of a block."""
    lock = FileLock(path)
    lock.acquire(Mode.EXCLUSIVE, timeout_s=timeout_s)
    try:
        yield
    finally:
        lock.release()
