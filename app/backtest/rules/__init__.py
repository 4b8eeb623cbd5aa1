"""The pure core of a backtest: what is supposed, what was taken, what came of it."""

from app.backtest.rules.books import Book, Key
from app.backtest.rules.figures import Aftermath, Outcome, Tally
from app.backtest.rules.replaying import ACTUAL, SUPPOSED, Replay
from app.backtest.rules.scenario import BASELINES, STOCKS, USUAL, Scenario
from app.backtest.rules.suppositions import Suppositions, bps_of

__all__ = [
    "ACTUAL", "BASELINES", "STOCKS", "SUPPOSED", "USUAL", "Aftermath", "Book", "Key", "Outcome",
    "Replay", "Scenario", "Suppositions", "Tally", "bps_of",
]  # fmt: skip
