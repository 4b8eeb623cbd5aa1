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
    """One run of the stack: steps, then the web server, and workers once it answers.

    The stack is up when the first link answers. Workers come last because they compete with the
    web server for a small machine's processors; they stop last because it gives them work.
    """

    steps: tuple[Step, ...]
    web: Program
    workers: tuple[Program, ...]
    links: tuple[Link, ...]


def demo_ahead() -> tuple[Program, ...]:
    """What needs no server and takes long on a new machine; the steps wait for it themselves."""
    return (Program("compile", _python("app.routing.compiling")),)


def demo_plan(settings: Settings) -> Plan:
    """Migrate, load the demo network, tell its story; then web, beat and both workers."""
    beat_state = settings.var / "run" / "beat"
    return Plan(
        steps=(
            Step(
                "Preparing the demo",
                _python(
                    "app.infra.stack.commands",
                    "wsgi:app",
                    *("Bringing the database up to date", "db upgrade"),
                    *("Loading the demo network", "demo load"),
                    *("Loading the optimizer", "routing compile"),
                    *("Following one order", "demo story"),
                ),
            ),
        ),
        web=Program("web", web_command(settings)),
        workers=(
            Program("celery", _celery("worker", f"--concurrency={settings.celery_concurrency}")),
            Program("beat", _celery("beat", f"--schedule={beat_state}", "--pidfile=")),
            Program("rq", _python("connectors.rq.worker")),
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


def _python(module: str, *arguments: str) -> tuple[str, ...]:
    # Not the scripts in bin/: their first line names the folder the environment was made in.
    return (sys.executable, "-m", module, *arguments)
