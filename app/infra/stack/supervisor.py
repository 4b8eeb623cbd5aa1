"""Runs a plan in the foreground until told to stop.

Laws:

* nothing outlives the supervisor: the kernel tells each program when it is killed, and the
  embedded servers stop when their last user is gone;
* a program that ends is started again, at growing intervals while it keeps ending;
* the web server stops first, so that nobody gives work to workers that go; the servers stop last.
"""

import signal
import subprocess
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from app.infra.embedded import process
from app.infra.embedded.postgres import tail
from app.infra.stack.errors import StackError, Stopped
from app.infra.stack.plan import Plan, Program, Step

_TICK_S = 0.1
_FIRST_PAUSE_S = 1.0
_LONGEST_PAUSE_S = 30.0
_HEALTHY_AFTER_S = 60.0
_READY_TIMEOUT_S = 120.0


@dataclass(slots=True)
class Running:
    """One program and its recent fortune."""

    program: Program
    child: subprocess.Popen[bytes]
    started_at_s: float
    pause_s: float = _FIRST_PAUSE_S
    restart_at_s: float | None = None


@dataclass(frozen=True, slots=True)
class Supervisor:
    """Takes the steps, then keeps the programs."""

    environ: Mapping[str, str]
    folder: Path
    logs: Path
    say: Callable[[str], None]

    def run(self, plan: Plan, *, is_ready: Callable[[], bool], welcome: str) -> None:
        """Run until ``Stopped`` is raised (by a signal); whatever ends it, all is stopped."""
        running: list[Running] = []
        try:
            for step in plan.steps:
                self._take(step)
            self._start(plan.web, running)
            self._await_ready(running[0], is_ready)
            self.say(welcome)
            for program in plan.workers:
                self._start(program, running)
            self._keep(running)
        finally:
            self._stop(running)

    def log_of(self, program: Program) -> Path:
        return self.logs / f"{program.name}.log"

    def _take(self, step: Step) -> None:
        self.say(f"{step.title} ...")
        child = None
        try:
            with process.undisturbed():
                child = self._spawn(step.argv, None, signal.SIGTERM)
            code = child.wait()
        except Stopped:
            if child:
                process.stop(child, signal.SIGTERM, timeout_s=10)
            raise
        if code != 0:
            raise StackError(f"{step.title} failed (exit code {code}); the reason stands above.")

    def _start(self, program: Program, running: list[Running]) -> None:
        with process.undisturbed():  # no child is without somebody who stops it
            child = self._spawned(program)
            running.append(Running(program, child, time.monotonic()))

    def _spawned(self, program: Program) -> subprocess.Popen[bytes]:
        return self._spawn(program.argv, self.log_of(program), program.stop_signal)

    def _spawn(
        self, argv: tuple[str, ...], log: Path | None, death_signal: signal.Signals
    ) -> subprocess.Popen[bytes]:
        return process.spawn(
            process.Child(
                argv=argv,
                environ=self.environ,
                log=log,
                death_signal=death_signal,
                folder=self.folder,
            )
        )

    def _await_ready(self, web: Running, is_ready: Callable[[], bool]) -> None:
        deadline = time.monotonic() + _READY_TIMEOUT_S
        while not is_ready():
            if web.child.poll() is not None or time.monotonic() > deadline:
                log = self.log_of(web.program)
                raise StackError(f"{web.program.name} did not start. {log} ends with:\n{tail(log)}")
            time.sleep(_TICK_S)

    def _keep(self, running: list[Running]) -> None:
        while True:
            for each in running:
                self._look_after(each, time.monotonic())
            time.sleep(_TICK_S)

    def _look_after(self, each: Running, now_s: float) -> None:
        if each.restart_at_s is None:
            if each.child.poll() is not None:
                self._plan_restart(each, now_s)
        elif now_s >= each.restart_at_s:
            with process.undisturbed():
                each.child = self._spawned(each.program)
            each.started_at_s, each.restart_at_s = now_s, None

    def _plan_restart(self, each: Running, now_s: float) -> None:
        process.sweep(each.child)
        if now_s - each.started_at_s > _HEALTHY_AFTER_S:
            each.pause_s = _FIRST_PAUSE_S
        each.restart_at_s = now_s + each.pause_s
        self.say(
            f"{each.program.name} ended with {each.child.returncode}; starting it again in "
            f"{each.pause_s:g} s (see {self.log_of(each.program)})."
        )
        each.pause_s = min(each.pause_s * 2, _LONGEST_PAUSE_S)

    def _stop(self, running: list[Running]) -> None:
        # All are asked first, in order, and then waited for: their last seconds overlap.
        for each in running:
            process.ask(each.child, each.program.stop_signal)
        for each in running:
            process.finish(each.child, timeout_s=each.program.stop_timeout_s)
            process.sweep(each.child)
