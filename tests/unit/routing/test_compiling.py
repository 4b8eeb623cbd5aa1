"""The optimizer's machine code: all of it there before the first order, and made by one process."""

import subprocess
import sys
import time

import pytest
from numba.core.dispatcher import Dispatcher

from app.config import PROJECT
from app.infra.embedded.locks import FileLock, Mode
from app.routing import compiling
from app.routing.optimizer import (
    box,
    branching,
    bundles,
    chance,
    cutting,
    drafts,
    dual,
    generation,
    knapsack,
    options,
    plans,
    polish,
    programme,
    reinsert,
    simplex,
    table,
)
from app.routing.optimizer.branch_and_price import branch_and_price
from app.routing.problem import Limits
from tests.unit.routing.routing_cases import random_problem

MODULES = (
    table,
    box,
    knapsack,
    options,
    bundles,
    simplex,
    programme,
    drafts,
    dual,
    reinsert,
    polish,
    generation,
    cutting,
    chance,
    plans,
    branching,
)


def kernels():
    return {
        f"{module.__name__.rpartition('.')[2]}.{name}": value
        for module in MODULES
        for name, value in vars(module).items()
        if isinstance(value, Dispatcher)
        and value.py_func.__module__ == module.__name__
        # What is written into its callers has no code of its own.
        and value.targetoptions.get("inline") != "always"
    }


@pytest.fixture(scope="module")
def made():
    return compiling.ready()


class TestMachineCode:
    def test_of_every_kernel_is_kept(self, made):
        kept = {path.name.rpartition("-")[0] for path in made.folder.glob("*.nbi")}
        assert len(kernels()) > 50
        assert set(kernels()) - kept == set()
        assert compiling.is_compiled()

    @pytest.mark.parametrize("sources", [1, 2, 5, 9])
    @pytest.mark.parametrize("minimum", [0, 15_000, 60_000])
    def test_fits_every_order(self, made, sources, minimum):
        before = {name: len(kernel.signatures) for name, kernel in kernels().items()}
        for seed in range(12):
            problem = random_problem(seed, lines=3, sources=sources, quantity=4, minimum=minimum)
            branch_and_price(problem, Limits(work=5_000))
        after = {name: len(kernel.signatures) for name, kernel in kernels().items()}
        assert after == before

    def test_is_loaded_by_the_next_process(self, made):
        told = subprocess.run(
            (sys.executable, "-m", "app.routing.compiling"),
            cwd=PROJECT,
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        assert (
            told == f"The optimizer was compiled already; its machine code lies in {made.folder}\n"
        )

    def test_is_waited_for_while_another_process_makes_it(self, made):
        lock = FileLock(made.folder / "compiling.lock")
        assert lock.try_acquire(Mode.EXCLUSIVE)
        with subprocess.Popen(
            (sys.executable, "-m", "app.routing.compiling"), cwd=PROJECT
        ) as child:
            time.sleep(4)
            assert child.poll() is None
            lock.release()
            assert child.wait(timeout=30) == 0
