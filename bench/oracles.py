"""``python -m bench oracles``: the optimal strategy beside two oracles, on thousands of problems.

Tiny problems are tried in every way there is (three for each larger one), larger ones are given to
another model; all further terms are on. Any difference is printed with its seed; how often each
term occurred is told at the end. `--first` goes on where another run ended.
"""

import time
from collections import Counter

from app.routing.check import check
from app.routing.problem import Limits, Problem
from app.routing.strategies import OptimalStrategy
from tests.unit.routing.everything import best_by_enumeration, terms_of
from tests.unit.routing.wide_cases import textbook, tiny_problem, wide_problem

PATIENT = Limits(work=5_000_000)
TINY = 3


def run(*, orders: int, first: int = 0) -> int:
    """Compare so many problems with each oracle; returns 1 when any differs."""
    proofs: Counter[tuple[str, str]] = Counter()
    terms: Counter[str] = Counter()
    started, wrong = time.process_time(), 0
    for seed in range(TINY * first, TINY * (first + orders)):
        tiny = tiny_problem(seed)
        terms.update(terms_of(tiny))
        wrong += _differs(tiny, best_by_enumeration(tiny), f"tiny {seed}", proofs)
    for seed in range(first, first + orders):
        larger = wide_problem(seed, lines=4, sources=5, quantity=5)
        terms.update(terms_of(larger))
        wrong += _differs(larger, textbook(larger), f"larger {seed}", proofs)
    for name, count in terms.most_common():
        print(f"{name:<22}{count:>8,}")
    for (method, proof), count in sorted(proofs.items()):
        print(f"{method:<12}{proof:<10}{count:>8,}")
    print(f"{TINY * orders:,} tried in full, {orders:,} by another model, "
          f"{time.process_time() - started:.0f} s")  # fmt: skip
    print(f"{wrong} of {(TINY + 1) * orders:,} differ")
    return min(1, wrong)


def _differs(
    problem: Problem, best: tuple[int, ...], name: str, proofs: Counter[tuple[str, str]]
) -> bool:
    """Decide a problem; tell whether that is not the best there is."""
    plan = OptimalStrategy().plan(problem, PATIENT)
    proofs[plan.method, plan.proof] += 1
    mine = (-plan.units, *plan.levels, plan.cost)
    complaints = check(problem, plan)
    if mine != best or complaints:
        print(f"{name}: {mine} instead of {best} {complaints}")
    return mine != best or bool(complaints)
