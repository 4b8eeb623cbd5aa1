"""One run of the stack from an environment to an exit code.

Every expected trouble (a taken port, a second copy, a broken data folder, a wrong variable) is one
clear message and exit code 1, never a traceback.
"""

import http.client
import os
import signal
import socket
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from types import FrameType
from typing import NoReturn

from app import config
from app.config import Settings, SettingsError
from app.infra import embedded, startup
from app.infra.embedded import process
from app.infra.embedded.locks import FileLock, Mode
from app.infra.stack.errors import StackError, Stopped
from app.infra.stack.plan import Plan, Program
from app.infra.stack.supervisor import Supervisor


def run(
    environ: Mapping[str, str], *, ahead: Sequence[Program], plan_for: Callable[[Settings], Plan]
) -> int:
    """Run a plan in the foreground until Ctrl-C; the exit code.

    Programs of ``ahead`` begin before the servers and end by themselves.
    """
    _stop_on_signal()
    try:
        _run(environ, ahead, plan_for)
    except Stopped:
        return 0
    except (StackError, SettingsError, embedded.EmbeddedServerError) as error:
        sys.stderr.write(f"\n{error}\n")
        return 1
    return 0


def _run(
    environ: Mapping[str, str], ahead: Sequence[Program], plan_for: Callable[[Settings], Plan]
) -> None:
    host, port = config.address_from(environ)
    layout = embedded.layout_of(config.var_folder(environ))
    layout.prepare()
    _claim(layout)
    _require_free(host, port)
    with ExitStack() as begun:
        for program in ahead:
            with process.undisturbed():
                begun.enter_context(_begun(program, environ, layout))
        _say("Starting the servers ...")
        _serve(environ, layout, plan_for)


def _serve(
    environ: Mapping[str, str], layout: embedded.Layout, plan_for: Callable[[Settings], Plan]
) -> None:
    complete = _for_children(embedded.completed(environ, var=layout.var), layout)
    settings = config.settings_from(complete)
    startup.require_servers(settings)
    plan = plan_for(settings)
    supervisor = Supervisor(environ=complete, folder=config.PROJECT, logs=layout.logs, say=_say)
    supervisor.run(
        plan,
        is_ready=partial(_answers, settings, plan.links[0].path),
        welcome=_welcome(settings, plan, layout),
    )


@contextmanager
def _begun(program: Program, environ: Mapping[str, str], layout: embedded.Layout) -> Iterator[None]:
    """A program that runs beside the steps; one that is not done in the end is not missed."""
    child = process.spawn(
        process.Child(
            argv=program.argv,
            environ=environ,
            log=layout.logs / f"{program.name}.log",
            death_signal=program.stop_signal,
            folder=config.PROJECT,
        )
    )
    try:
        yield
    finally:
        process.stop(child, program.stop_signal, timeout_s=program.stop_timeout_s)


def _claim(layout: embedded.Layout) -> None:
    """One stack for one folder, until this process ends: two beats would do all work twice."""
    if not FileLock(layout.locks / "stack.lock").try_acquire(Mode.EXCLUSIVE):
        raise StackError(
            f"Distributary already runs on {layout.var}. Stop it in its terminal (Ctrl-C), or set "
            "DISTRIBUTARY_VAR and PORT to run a second one."
        )


def _require_free(host: str, port: int) -> None:
    try:
        with socket.create_server((host, port)):
            return
    except OSError as error:
        raise StackError(
            f"Port {port} on {host} cannot be used: {os.strerror(error.errno or 0)}. "
            f"Choose another one: make demo PORT={port + 1}"
        ) from error


def _for_children(environ: Mapping[str, str], layout: embedded.Layout) -> dict[str, str]:
    complete = {**environ, "DISTRIBUTARY_VAR": str(layout.var), "PYTHONUNBUFFERED": "1"}
    if os.geteuid() == 0:
        complete["C_FORCE_ROOT"] = "1"  # Celery's objection is to pickle, which is not used
    return complete


def _answers(settings: Settings, path: str) -> bool:
    connection = http.client.HTTPConnection(settings.host, settings.port, timeout=5)
    try:
        connection.request("GET", path)
        return connection.getresponse().status < http.client.INTERNAL_SERVER_ERROR
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _welcome(settings: Settings, plan: Plan, layout: embedded.Layout) -> str:
    links = [f"  {link.label:<20}{settings.public_url}{link.path}" for link in plan.links]
    rest = [f"  {'Logs':<20}{layout.logs}", f"  {'Stop':<20}Ctrl-C"]
    return "\n".join(["", "Distributary is up.", *links, *rest, ""])


def _stop_on_signal() -> None:
    def stop(_number: int, _frame: FrameType | None) -> NoReturn:
        # The orderly stop must not be interrupted by a second Ctrl-C half-way.
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        # Not by the buffered stream: the signal may have come in the middle of a line to it.
        os.write(sys.stdout.fileno(), b"\nStopping ...\n")
        raise Stopped

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, stop)


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()
