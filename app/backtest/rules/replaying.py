"""A period's orders one after the other: each contender by its own book; pure.

Orders in, figures out. What happened is a contender like any other, whose outcomes are given. A
replay can be written down between two orders and gone on with: it is its books and its tallies.
"""

import uuid
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from app.backtest.rules.books import Book
from app.backtest.rules.figures import Outcome, Tally

SUPPOSED = "supposed"
ACTUAL = "actual"

Deciding = Callable[[str, Book, Book], Outcome]
"""Decides an order: for a contender by name, with what really was taken and its own book."""


@dataclass(slots=True)
class Replay:
    """Contenders with their books and tallies, and why orders were left out."""

    books: dict[str, Book]
    tallies: dict[str, Tally]
    skipped: Counter[str] = field(default_factory=Counter)

    @classmethod
    def of(cls, baselines: Sequence[str]) -> "Replay":
        """A replay that has seen no order yet."""
        names = (SUPPOSED, ACTUAL, *baselines)
        return cls({name: Book() for name in names}, {name: Tally() for name in names})

    def step(self, day: date, actual: Outcome, decide: Deciding) -> dict[str, Outcome]:
        """Decide another order by every contender, and enter what each took in the end.

        What is decided as it was then fares as it fared then.
        """
        really = self.books[ACTUAL]
        outcomes = {
            name: actual if name == ACTUAL else _as_then(decide(name, really, book), actual)
            for name, book in self.books.items()
        }
        for name, outcome in outcomes.items():
            by_seller = {seller: units for seller, (units, _) in outcome.sellers.items()}
            self.books[name].enter(day, outcome.final_taken, by_seller)
            self.tallies[name].add(outcome, outcomes[SUPPOSED])
        return outcomes

    def leave_out(self, code: str, day: date, actual: Outcome) -> None:
        """Pass over an order that cannot be decided any more; what it took is gone all the same."""
        self.skipped[code] += 1
        by_seller: dict[uuid.UUID, int] = {
            seller: units for seller, (units, _) in actual.sellers.items()
        }
        for book in self.books.values():
            book.enter(day, actual.final_taken, by_seller)

    def report(self) -> dict[str, Any]:
        """The figures of every contender."""
        return {
            "contenders": {name: tally.document() for name, tally in self.tallies.items()},
            "skipped": dict(self.skipped),
        }

    def document(self) -> dict[str, Any]:
        """The replay as it is kept between pages of orders."""
        return self.report() | {"books": {name: b.document() for name, b in self.books.items()}}

    @classmethod
    def read(cls, document: Mapping[str, Any]) -> "Replay":
        """Read what was kept."""
        return cls(
            {name: Book.read(each) for name, each in document["books"].items()},
            {name: Tally.read(each) for name, each in document["contenders"].items()},
            Counter(document["skipped"]),
        )


def _as_then(outcome: Outcome, actual: Outcome) -> Outcome:
    if dict(outcome.taken) != dict(actual.taken):
        return outcome
    return replace(outcome, after=actual.after)
