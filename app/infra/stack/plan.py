"""What the stack runs, as data: steps that end, then programs that stay."""

import signal
import sys
from dataclasses import dataclass

from app.config import Settings


@dataclass(frozen=True, slots=True)
class Step:
    """A command that must succeed before the programs start; it writes to the terminal."""

    title: str
    argv: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Program:
    """A command that stays; it writes to a log file of its name."""

    name: str
    argv: tuple[str, ...]
    stop_signal: signal.Signals = signal.SIGTERM
    stop_timeout_s: float = 20.0


@dataclass(frozen=True, slots=True)
class Link:
    """A page worth opening, shown when the stack is up."""

    label: str
    path: str


@dataclass(frozen=True, slots=True)
class Plan:
    """One run of the stack.

    Programs start in this order and stop in the opposite one. The last is the web server: the
    stack is up when its first link answers.
    """

    steps: tuple[Step, ...]
    programs: tuple[Program, ...]
    links: tuple[Link, ...]


def demo_plan(settings: Settings) -> Plan:
    """Migrate, load the demo network, tell its story; then workers, beat and web."""
    beat_state = settings.var / "run" / "beat"
    return Plan(
        steps=(
            Step("Bringing the database up to date", _flask("db", "upgrade")),
            Step("Loading the demo network", _flask("demo", "load")),
            Step("Following one order", _flask("demo", "story")),
        ),
        programs=(
            Program("celery", _celery("worker", f"--concurrency={settings.celery_concurrency}")),
            Program("beat", _celery("beat", f"--schedule={beat_state}", "--pidfile=")),
            Program("rq", _python("connectors.rq.worker")),
            Program("web", web_command(settings)),
        ),
        links=(Link("Pages", "/"), Link("API documentation", "/docs")),
    )


def web_command(settings: Settings) -> tuple[str, ...]:
    """The web server; its threads are set by hand, its default is far too many for Python."""
    return _python(
        "granian",
        "--interface=wsgi",
        f"--host={settings.host}",
        f"--port={settings.port}",
        f"--workers={settings.web_workers}",
        f"--blocking-threads={settings.web_threads}",
        # A worker that hangs at stop would otherwise hang the server with it.
        "--workers-kill-timeout=5",
        "--respawn-failed-workers",
        "wsgi:app",
    )


def _celery(command: str, *options: str) -> tuple[str, ...]:
    return _python("celery", "-A", "connectors.celery.worker:app", command, *options)


def _flask(*arguments: str) -> tuple[str, ...]:
    return _python("flask", "--app", "wsgi:app", *arguments)


def _python(module: str, *arguments: str) -> tuple[str, ...]:
    # Not the scripts in bin/: their first line names the folder the environment was made in.
    return (sys.executable, "-m", module, *arguments)
