"""How commands speak: rich at a terminal, plain lines in a file; progress in both."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
)

from app.demo.ports import Told

_PLAIN_EVERY_S = 5.0


def console() -> Console:
    """Where a command prints."""
    # Files and pipes have no width of their own.
    width = None if sys.stdout.isatty() else 110
    return Console(highlight=False, soft_wrap=False, width=width)


def errors() -> Console:
    """Where a command complains."""
    return Console(stderr=True, highlight=False)


@contextmanager
def progress() -> Iterator[Told]:
    """Show the progress of named tasks: bars at a terminal, now and then a line elsewhere."""
    if not sys.stderr.isatty():
        yield _plain()
        return
    bars = Progress(
        TextColumn("{task.description:<28}"), BarColumn(), MofNCompleteColumn(),
        TimeElapsedColumn(), console=errors(), transient=True,
    )  # fmt: skip
    tasks: dict[str, TaskID] = {}

    def told(task: str, done: int, total: int) -> None:
        if task not in tasks:
            tasks[task] = bars.add_task(task, total=total)
        bars.update(tasks[task], completed=done, total=total)

    with bars:
        yield told


@contextmanager
def waiting(task: str) -> Iterator[None]:
    """Show that something nobody can measure goes on; nothing in a file."""
    spinner = Progress(
        SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn(),
        console=errors(), transient=True, disable=not sys.stderr.isatty(),
    )  # fmt: skip
    spinner.add_task(task, total=None)
    with spinner:
        yield


@contextmanager
def following(task: str) -> Iterator[Callable[[str], None]]:
    """Show how far a long task is, in words: one line at a terminal, now and then one elsewhere."""
    if not sys.stderr.isatty():
        yield _now_and_then(task)
        return
    spinner = Progress(
        SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn(),
        console=errors(), transient=True,
    )  # fmt: skip
    shown = spinner.add_task(task, total=None)
    with spinner:
        yield lambda words: spinner.update(shown, description=f"{task}: {words}")


def _now_and_then(task: str) -> Callable[[str], None]:
    last = {"at": time.monotonic()}

    def tell(words: str) -> None:
        if time.monotonic() - last["at"] >= _PLAIN_EVERY_S:
            last["at"] = time.monotonic()
            sys.stderr.write(f"{task}: {words}\n")

    return tell


def _plain() -> Told:
    last = {"at": time.monotonic()}

    def told(task: str, done: int, total: int) -> None:
        if time.monotonic() - last["at"] >= _PLAIN_EVERY_S:
            last["at"] = time.monotonic()
            sys.stderr.write(f"{task}: {done:,} of {total:,}\n")

    return told
