"""``python -m bench oracles``: the optimal strategy beside two oracles, on thousands of problems.

Small problems are tried in every way there is, larger ones are given to another model; all further
terms are on. Any difference is printed with its seed.
"""

from collections import Counter

from app.routing.check import check
from app.routing.problem import Limits, Problem
from app.routing.strategies import OptimalStrategy
from tests.unit.routing.wide_cases import best_of_all, textbook, wide_problem

PATIENT = Limits(work=5_000_000)


def run(*, orders: int) -> int:
    """Compare so many problems with each oracle; returns 1 when any differs."""
    proofs: Counter[tuple[str, str]] = Counter()
    wrong = 0
    for seed in range(orders):
        small = wide_problem(seed, lines=2 + seed % 2, sources=3, quantity=3 - seed % 2)
        larger = wide_problem(seed, lines=4, sources=5, quantity=5)
        wrong += _differs(small, best_of_all(small), f"small {seed}", proofs)
        wrong += _differs(larger, textbook(larger), f"larger {seed}", proofs)
    for (method, proof), count in sorted(proofs.items()):
        print(f"{method:<12}{proof:<10}{count:>8,}")
    print(f"{wrong} of {2 * orders:,} differ")
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
