"""Scheduled work: short, idempotent, safe side by side, in batches of one transaction each.

Due times live in tables; a sweep looks for what is due. ``SWEEPS`` in wiring says what is swept
how often. A sweep goes on while it finds full batches, but not longer than its budget: then the
next tick continues.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Protocol

from app.infra.db import DbSession
from app.infra.unit_of_work import transaction
from app.kernel.clock import Clock

BUDGET_S = 5.0


class SweepFunction(Protocol):
    """Works off at most ``limit`` due things in the session's transaction; how many it found."""

    def __call__(self, session: DbSession, *, now: object, limit: int) -> int:
        """Work off a batch."""
        ...


@dataclass(frozen=True, slots=True)
class Sweep:
    """A name, the function as ``module:name``, its period and the size of a batch."""

    name: str
    run: str
    every_s: float
    limit: int = 200

    def function(self) -> SweepFunction:
        """The function, imported when it is needed."""
        module, _, name = self.run.partition(":")
        found: SweepFunction = getattr(import_module(module), name)
        return found


def sweep(
    session: DbSession,
    *,
    work: SweepFunction,
    limit: int,
    clock: Clock,
    watch: Callable[[], float] = time.monotonic,
) -> int:
    """Sweep until a batch is not full or the budget is spent; how much was worked off."""
    done, began = 0, watch()
    while True:
        with transaction(session):
            found = work(session, now=clock.now(), limit=limit)
        done += found
        if found < limit or watch() - began > BUDGET_S:
            return done
