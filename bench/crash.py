"""Kill -9 everything in the middle of a replay, again and again: nothing lost, nothing doubled.

``python -m bench crash --data DIR --kills 10 --orders 300`` imports the network in DIR into
embedded servers of its own, runs web, Celery, RQ and the replay beside each other, kills all four
at random moments, proves the books after each kill, and lets the replay end at last.
"""

import csv
import gzip
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]
FLASK = (sys.executable, "-m", "flask", "--app", "wsgi:app")


def run(data: Path, *, kills: int, orders: int, seed: int) -> int:
    """Run the whole thing; the number of kills after which something was broken."""
    chance = random.Random(seed)
    with tempfile.TemporaryDirectory(prefix="distributary-crash-") as folder:
        environ = {**os.environ, "DISTRIBUTARY_VAR": folder, "LOG_LEVEL": "ERROR"}
        # Something must hold the servers while everybody else is being killed.
        holder = _start(environ, "-c", _HOLD)
        try:
            _await(holder)
            _flask(environ, "db", "upgrade")
            _flask(environ, "network", "import", str(data))
            return _rounds(environ, data, kills, orders, chance)
        finally:
            _kill(holder, signal.SIGTERM)


_HOLD = """
import os, signal, sys
from pathlib import Path
from app.infra import embedded
with embedded.session(var=Path(os.environ["DISTRIBUTARY_VAR"])):
    print("ready", flush=True)
    signal.sigwait({signal.SIGTERM, signal.SIGINT})
"""


def _rounds(
    environ: dict[str, str], data: Path, kills: int, orders: int, chance: random.Random
) -> int:
    replay = ("network", "replay", str(data), "--orders", str(orders))
    broken = placed = 0
    for number in range(1, kills + 1):
        programs = [
            _start(environ, "-m", "granian", "--interface=wsgi", "--host=127.0.0.1",
                   f"--port={20000 + os.getpid() % 20000}", "--workers=2", "--blocking-threads=2",
                   "--log-level=error", "wsgi:app"),
            _start(environ, "-m", "celery", "-A", "connectors.celery.worker:app", "worker",
                   "-B", f"--schedule={environ['DISTRIBUTARY_VAR']}/beat", "--concurrency=1",
                   "--loglevel=ERROR"),
            _start(environ, "-m", "connectors.rq.worker"),
            _start(environ, *FLASK[1:], *replay),
        ]  # fmt: skip
        _await_progress(environ, placed)
        time.sleep(chance.uniform(0.5, 5))
        for program in programs:
            _kill(program, signal.SIGKILL)
        holds = _flask(environ, "ledger", "verify", check=False) == 0
        broken += not holds
        verdict = "holds" if holds else "BROKEN"
        placed = _placed(environ)
        print(f"kill {number:>2}: {placed:>6} orders placed, ledger {verdict}", flush=True)
    _flask(environ, *replay)
    expected = _ordered(data, orders)
    placed = _placed(environ)
    whole = _flask(environ, "ledger", "verify", check=False) == 0
    verdict = "holds" if whole else "BROKEN"
    print(f"at the end: {placed} orders placed of {expected} ordered, ledger {verdict}")
    return broken + (not whole) + (placed > expected)


def _await_progress(environ: dict[str, str], before: int, timeout_s: float = 120) -> None:
    """Until the replay has placed something, so that the kill hits it at work."""
    give_up = time.monotonic() + timeout_s
    while _placed(environ) <= before and time.monotonic() < give_up:
        time.sleep(0.5)


def _start(environ: dict[str, str], *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, *arguments], cwd=PROJECT, env=environ, stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL, text=True, start_new_session=True,
    )  # fmt: skip


def _await(program: subprocess.Popen[str]) -> None:
    assert program.stdout is not None
    if program.stdout.readline().strip() != "ready":
        raise SystemExit("the embedded servers did not start")


def _kill(program: subprocess.Popen[str], number: signal.Signals) -> None:
    """Signal a program and everything that it started."""
    try:
        os.killpg(program.pid, number)
    except ProcessLookupError:
        return
    program.wait(timeout=30)


def _flask(environ: dict[str, str], *arguments: str, check: bool = True) -> int:
    done = subprocess.run(
        [*FLASK, *arguments], cwd=PROJECT, env=environ, check=False, capture_output=True, text=True
    )
    if check and done.returncode:
        raise SystemExit(f"flask {' '.join(arguments)}\n{done.stdout}\n{done.stderr}")
    return done.returncode


_COUNT = """
from app.wiring import create_app_from_environment
from app.infra.db import db
from sqlalchemy import text
with create_app_from_environment().app_context():
    print(db.session.execute(text(
        "SELECT count(*), count(DISTINCT reference) FROM ordering_orders"
    )).one())
"""


def _placed(environ: dict[str, str]) -> int:
    done = subprocess.run(
        [sys.executable, "-c", _COUNT], cwd=PROJECT, env=environ, check=True, capture_output=True,
        text=True,
    )  # fmt: skip
    orders, references = (int(word) for word in done.stdout.strip().strip("()").split(","))
    if orders != references:
        raise SystemExit(f"{orders} orders carry {references} references: an order was doubled")
    return orders


def _ordered(data: Path, orders: int) -> int:
    """How many orders there were to place: those in the files, of which some cannot be served."""
    with gzip.open(data / "orders.csv.gz", "rt", encoding="utf-8") as rows:
        return min(orders, sum(1 for _ in csv.DictReader(rows)))
