"""One plan for each order out of several, together within the stock: a programme over plans.

Relaxed, the prices of its rows say what a unit of scarce stock is worth to whoever does not get
it; whole, it finds the cheapest lawful combination of the plans at hand.
"""

from collections.abc import Mapping, Sequence
from itertools import accumulate
from typing import NamedTuple

import numpy as np

from app.routing.integer import LARGEST, Floats, Model, as_highs, make_solver, minimize


class Choice(NamedTuple):
    """A plan that an order may get: what it costs, and the units that it takes by shelf."""

    cost: int
    taken: Mapping[int, int]


Choices = Sequence[Sequence[Choice]]


def scarcity_prices(choices: Choices, stock: Mapping[int, int]) -> dict[int, int]:
    """What another unit of each shelf would save if plans could be mixed; noughts left out."""
    model, costs = _programme(choices, stock, continuous=True)
    scale = _scale(costs)
    solver = make_solver(1)
    solver.passModel(as_highs(model, costs * scale))
    solver.run()
    duals = solver.getSolution().row_dual[len(choices) :]
    prices = zip(sorted(stock), (round(-dual / scale) for dual in duals), strict=True)
    return {shelf: price for shelf, price in prices if price > 0}


def choose(
    choices: Choices, stock: Mapping[int, int], *, start: Sequence[int], nodes: int
) -> list[int]:
    """The cheapest combination known after so many nodes; ``start`` is a lawful one."""
    model, costs = _programme(choices, stock, continuous=False)
    firsts = [0, *accumulate(len(own) for own in choices)][:-1]
    known = np.zeros(len(costs))
    known[[first + own for first, own in zip(firsts, start, strict=True)]] = 1.0
    values = minimize(model, costs, nodes, grain=1.0, start=known).values
    if values is None:
        return list(start)
    return [
        int(np.argmax(values[first : first + len(own)]))
        for first, own in zip(firsts, choices, strict=True)
    ]


def _scale(costs: Floats) -> float:
    return LARGEST / max(1.0, float(np.abs(costs).max(initial=0.0)))


def _programme(
    choices: Choices, stock: Mapping[int, int], *, continuous: bool
) -> tuple[Model, Floats]:
    """A row for each order, one plan; then a row for each shelf, in the order of their numbers."""
    model = Model()
    takers: dict[int, list[tuple[int, float]]] = {shelf: [] for shelf in sorted(stock)}
    for own in choices:
        columns = [model.column(0.0, 1.0, continuous=continuous) for _ in own]
        model.equal([(column, 1.0) for column in columns], 1.0)
        for column, choice in zip(columns, own, strict=True):
            for shelf in choice.taken.keys() & takers.keys():
                takers[shelf].append((column, float(choice.taken[shelf])))
    for shelf, terms in takers.items():
        model.at_most(terms, float(stock[shelf]))
    return model, np.array([float(choice.cost) for own in choices for choice in own])
