"""A stack of tiny programs, run by the real supervisor.

``python standin_stack.py VAR STEP WEB``; an empty argument stands for one that works. With
``STOP_AT_FORK`` it is told to stop while it starts its n-th process.
"""

import itertools
import os
import signal
import sys
from pathlib import Path

from app import config
from app.config import Settings
from app.infra.stack.plan import Link, Plan, Program, Step
from app.infra.stack.run import run

STEP = """
import os, psycopg
url = os.environ["DATABASE_URL"].replace("+psycopg", "")
with psycopg.connect(url) as session:
    session.execute("create table if not exists steps (at timestamptz default now())")
    session.execute("insert into steps default values")
"""
WORKER = "import os, time; print('worker', os.getpid(), flush=True); time.sleep(600)"
AHEAD_CODE = "import os, sys, time; open(sys.argv[1], 'w').close(); time.sleep(600)"


def python(code: str, *arguments: str) -> tuple[str, ...]:
    # The folder is an argument of each, so that a test can find what is left.
    return (sys.executable, "-c", code, *arguments)


def plan_for(settings: Settings) -> Plan:
    var = str(settings.var)
    address = ("--bind", settings.host, "--directory", var, str(settings.port))
    web = (sys.executable, "-m", "http.server", *address)
    return Plan(
        steps=(Step("Taking the step", python(sys.argv[2] or STEP, var)),),
        web=Program("web", python(sys.argv[3], var) if sys.argv[3] else web),
        workers=(Program("worker", python(WORKER, var)),),
        links=(Link("Pages", "/"),),
    )


AHEAD = (Program("ahead", python(AHEAD_CODE, str(Path(sys.argv[1]) / "ahead-began"))),)


def stop_at_fork(number: int) -> None:
    """Send the signal at the worst moment: what a hook of a fork raises, nobody catches."""
    forks = itertools.count(1)

    def told() -> None:
        if next(forks) == number:
            os.kill(os.getpid(), signal.SIGTERM)

    os.register_at_fork(after_in_parent=told)


if __name__ == "__main__":
    stop_at_fork(int(os.environ.get("STOP_AT_FORK", "0")))
    environ = {**config.environment(), "DISTRIBUTARY_VAR": str(Path(sys.argv[1]))}
    sys.exit(run(environ, ahead=AHEAD, plan_for=plan_for))
